"""Several statements in one text, between lines `---- CSVPATH ----`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SEPARATOR = "---- CSVPATH ----"


def split(whole: str) -> Iterator[tuple[int, str]]:
    r"""Yield where each piece between separators begins, and its text.

    >>> list(split("$[*][]\n ---- CSVPATH ---- \n$[1][]"))
    [(0, '$[*][]\n'), (27, '$[1][]')]
    """
    begin = at = 0
    for line in whole.split("\n"):
        if line.strip() == SEPARATOR:
            yield begin, whole[begin:at]
            begin = at + len(line) + 1
        at += len(line) + 1
    yield begin, whole[begin:]
