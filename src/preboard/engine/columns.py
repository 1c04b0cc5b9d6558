"""Columns that functions add to each line: where header names point before a line has got them.

append() and insert() put a header in once, and a value into every line they work on. Until they
have worked on a line, what stands right of the new column is still one place further left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class AddedColumns:
    """The added columns of one run: where each stands, and on which line it was put in last."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._lines: dict[str, int] = {}

    def put(self, headers: list[str], name: str, index: int | None, line: int) -> list[str]:
        """Return the headers with the column in, which `line` has from now on."""
        if name in self._places:
            self._lines[name] = line
            return headers
        if index is None:
            if name in headers:
                return headers
            index = len(headers)
        for other, place in self._places.items():
            if place >= index:
                self._places[other] = place + 1
        self._places[name] = index
        self._lines[name] = line
        return [*headers[:index], name, *headers[index:]]

    def forget(self) -> None:
        """Take the headers as they are: new ones came into force."""
        self._places.clear()
        self._lines.clear()

    def headers_of(self, headers: list[str], line: int) -> list[str]:
        """Return the headers that stand above the cells of `line` as it is now."""
        missing = {place for name, place in self._places.items() if self._lines[name] != line}
        return _without(headers, missing) if missing else headers


def _without(headers: Sequence[str], places: set[int]) -> list[str]:
    return [name for index, name in enumerate(headers) if index not in places]
