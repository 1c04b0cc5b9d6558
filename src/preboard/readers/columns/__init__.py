"""Parquet files and data frames, which hold columns, to records."""
