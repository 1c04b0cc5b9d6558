"""Rows of words below their titles, as the lists of a project are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from preboard.cli.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_GAP = "  "


def write_columns(out: TextIO, titles: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    r"""Write rows, each column as wide as its widest word; nothing when there is no row.

    >>> import sys
    >>> write_columns(sys.stdout, ["name", "versions"], [["orders", 12], ["eu\norders", 1]])
    NAME        VERSIONS
    orders      12
    eu\norders  1
    """
    shown = [[visible(str(word)) for word in row] for row in rows]
    if not shown:
        return
    lines = [[title.upper() for title in titles], *shown]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        padded = (word.ljust(width) for word, width in zip(line, widths, strict=True))
        out.write(_GAP.join(padded).rstrip() + "\n")


def moment(iso: str) -> str:
    """Return a moment in UTC, in short.

    >>> moment("2026-11-21T13:20:50.885639+00:00")
    '2026-11-21 13:20:50'
    """
    return iso[:19].replace("T", " ")
