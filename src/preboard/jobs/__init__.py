"""Durable work: accepted in a transaction, done by workers, each job in a process of its own."""
