"""Preboard over HTTP."""
