"""What a server knows beyond its projects: keys, jobs, deliveries, hooks, schedules, workers."""
