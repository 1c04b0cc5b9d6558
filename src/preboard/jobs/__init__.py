"""Durable work: accepted in a transaction, done by workers, each job alone in a process."""
