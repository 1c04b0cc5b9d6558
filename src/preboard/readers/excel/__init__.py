"""Workbooks to records."""
