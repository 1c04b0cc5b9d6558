r"""Where lines end: at \n, \r or \r\n, whatever str.splitlines takes for one more."""

from __future__ import annotations

import io
from typing import Final

# Line ends that str.splitlines knows besides those of a file.
_FOREIGN_LINE_ENDS: Final = ("\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029")


def end_of_lines(text: str, *, ended: bool) -> int:
    r"""Return where the last complete line of `text` ends.

    A final \r may be the first half of \r\n, unless the text has `ended`.
    """
    cut = text.rfind("\n") + 1
    lone = text.rfind("\r", cut, len(text) if ended else max(0, len(text) - 1))
    return lone + 1 or cut


def after_line_end(text: str, at: int) -> int:
    """Return the place behind the line end at `at`, or `at` where there is none."""
    if text.startswith("\r\n", at):
        return at + 2
    return at + text.startswith(("\r", "\n"), at)


def count_line_ends(text: str) -> int:
    r"""Return how many lines end in `text`: at \n, \r or \r\n."""
    ends = text.count("\n")
    return ends + text.count("\r") - text.count("\r\n") if "\r" in text else ends


def split_lines(text: str) -> list[str]:
    """Return the lines of a text that ends with a line end, without their ends."""
    if "\r" in text:
        if not _has_foreign_line_ends(text):
            return text.splitlines()
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    lines.pop()
    return lines


def split_raw_lines(text: str) -> list[str]:
    """Return the lines of `text` with their ends as they are."""
    if _has_foreign_line_ends(text):
        return list(io.StringIO(text, newline=""))
    return text.splitlines(keepends=True)


def _has_foreign_line_ends(text: str) -> bool:
    return any(end in text for end in _FOREIGN_LINE_ENDS)


def has_long_line(text: str, chars: int) -> bool:
    """Return whether a line of `text` may be longer than `chars`; never false when one is.

    A line that long covers one of the windows of half its length.
    """
    window = max(1, chars // 2)
    if len(text) <= chars:
        return False
    return any(text.find("\n", at, at + window) < 0 for at in range(0, len(text), window))
