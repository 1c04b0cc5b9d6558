"""What the command line takes from the environment; nothing else of Preboard reads it."""

from __future__ import annotations

import os

_VARIABLES = os.environ  # noqa: TID251 - the one place that reads it, as style.md part 3 allows


def no_colour_wanted() -> bool:
    """Say whether NO_COLOR is set (https://no-color.org: to anything but the empty text)."""
    return bool(_VARIABLES.get("NO_COLOR"))


def traceback_wanted() -> bool:
    """Say whether PREBOARD_DEBUG asks for the traceback of an internal error."""
    return _VARIABLES.get("PREBOARD_DEBUG", "") not in ("", "0")
