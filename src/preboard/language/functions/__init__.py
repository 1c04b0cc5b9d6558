"""The functions of the language, one module a group; `registry` finds them by name."""
