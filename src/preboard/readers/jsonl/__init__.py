"""JSON, a record on each line or one document, to records."""
