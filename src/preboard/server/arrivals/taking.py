"""Which announced files are no files yet, or never will be (spec/server.md 14.1, 15).

A partner decides what its files are called, so a name that can't be is left and its event answered
as any other: one such name keeps nothing else of the same body out.
"""

from __future__ import annotations

import re

LONGEST_PATH = 4_096
MOST_PARTS = 256

_UNFINISHED = (
    ".part", ".filepart", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".upload",
    ".uploading", ".inprogress", ".swp", ".lock", "~",
)  # fmt: skip
"""What clients put behind the name of a file while they write it."""

_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_SEPARATORS = re.compile(r"[/\\]")


def reason_to_leave(path: str, size: int | None) -> str | None:
    """Return why a file is not taken, None if nothing speaks against it.

    >>> reason_to_leave("/orders/a.csv.part", 5)
    'still being written: its name ends in .part'
    >>> reason_to_leave("/orders/a.csv", 5) is None
    True
    """
    if size == 0:
        return "the file is empty"
    if path.endswith(("/", "\\")) or not path:
        return "no file: the path is a directory's"
    if len(path) > LONGEST_PATH:
        return f"its path has more than {LONGEST_PATH:,} characters"
    if _UNFIT.search(path):
        return "its path holds control characters, or is no Unicode"
    parts = _SEPARATORS.split(path)
    if len(parts) > MOST_PARTS:
        return f"its path has more than {MOST_PARTS} parts"
    if ".." in parts:
        return "its path goes up with '..'"
    if any(part.startswith(".") for part in parts):
        return "hidden: a part of its path begins with a dot"
    return _unfinished(parts[-1].casefold())


def _unfinished(name: str) -> str | None:
    if name.startswith("~$"):
        return "the lock of an open document"
    for end in _UNFINISHED:
        if name.endswith(end):
            return f"still being written: its name ends in {end}"
    return None


def goes_astray(text: str) -> bool:
    """Say whether a text may not stand as one part of a path: empty, up, or with a separator.

    >>> goes_astray("acme"), goes_astray("../etc"), goes_astray("..")
    (False, True, True)
    """
    return text in ("", ".", "..") or bool(_SEPARATORS.search(text) or _UNFIT.search(text))
