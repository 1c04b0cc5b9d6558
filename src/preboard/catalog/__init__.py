"""What exists: tables, queries, transactions. A commit here decides; files on disk are its view."""
