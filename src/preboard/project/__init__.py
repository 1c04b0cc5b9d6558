"""One project: the object that users hold."""
