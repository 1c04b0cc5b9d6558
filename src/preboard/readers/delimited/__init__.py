"""Delimited text, such as CSV, to records."""
