"""Where bytes live: files that are whole or absent, paths that stay inside their root."""
