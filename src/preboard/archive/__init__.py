"""The third data space: results of runs, immutable once they are published."""
