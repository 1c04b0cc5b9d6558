"""Find things: `$name.files.…`, `$group.csvpaths.…`, `$group.results.…`."""
