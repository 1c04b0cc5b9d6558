"""A slow, obvious second implementation of the language, to compare the compiled one with."""
