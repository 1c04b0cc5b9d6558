"""Pages for a browser: what there is, what arrived, what came of it. No script, no other host."""
