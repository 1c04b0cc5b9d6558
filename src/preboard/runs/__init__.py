"""A group over a source: planned, run, published."""
