"""Bytes of a data file to lines: how a file is written, and fast exact readers of it."""
