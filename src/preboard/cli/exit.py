"""The exit codes."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes are part of the interface; scripts branch on them."""

    VALID = 0
    INVALID = 1
    """The check was made and the data failed it."""
    USAGE = 2
    """The command line is wrong; typer's own code for that."""
    FAILED = 3
    """The check could not be made."""
    INTERRUPTED = 130
    """Ctrl-C: what shells make of SIGINT."""
