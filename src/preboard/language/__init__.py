"""From the text of a statement to what it means: parse, check, format, and the functions."""
