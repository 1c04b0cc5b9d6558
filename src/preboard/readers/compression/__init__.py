"""Compressed bytes to plain bytes."""
