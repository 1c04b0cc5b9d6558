"""What the command line takes from the environment."""

from __future__ import annotations

from preboard.config.environment import environment

_VARIABLES = environment()


def value_of(name: str) -> str | None:
    """Return the value of a variable that --env names, None if it is not set."""
    return _VARIABLES.get(name)


def no_colour_wanted() -> bool:
    """Say whether NO_COLOR is set (https://no-color.org: to anything but the empty text)."""
    return bool(_VARIABLES.get("NO_COLOR"))


def traceback_wanted() -> bool:
    """Say whether PREBOARD_DEBUG asks for the traceback of an internal error."""
    return _VARIABLES.get("PREBOARD_DEBUG", "") not in ("", "0")


def widen_for_completion() -> None:
    """Let nothing wrap the help of a word that a shell is offered: each line would be a word."""
    if "_PREBOARD_COMPLETE" in _VARIABLES:
        _VARIABLES["COLUMNS"] = "10000"
