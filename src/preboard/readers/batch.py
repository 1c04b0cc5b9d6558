"""What readers give: batches of records, and how many records there are.

In: rows in the order of the file. Out: `Batch`, which knows where its rows stand in the text, and
`RecordCount`.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from sys import maxsize
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from preboard.readers.delimited.records import Row

_BATCH_ROWS = 512  # larger ones leave the cache before they are used


@dataclass(slots=True)
class Batch:
    """Some rows in the order of the file.

    `first_line` is the 0-based record number of the first row (blank records count),
    `first_text_line` the 1-based line of the text where it begins. `shifts` holds (index, lines)
    where quoted line ends move the rows from `index` on `lines` further down. `headers` are the
    names that each of the rows brings with it, None where the rows bring none.
    """

    rows: list[list[Any]]
    first_line: int
    first_text_line: int = 1
    shifts: Sequence[tuple[int, int]] = ()
    headers: list[str] | None = None

    def text_line(self, index: int) -> int:
        r"""Return the 1-based line of the text, as an editor counts, where `rows[index]` begins.

        >>> Batch([["a"], ["b\nc"], ["d"]], 0, shifts=[(2, 1)]).text_line(2)
        4
        """
        known = known_shifts(self.shifts, index)
        return self.first_text_line + index + (self.shifts[known - 1][1] if known else 0)


def known_shifts(shifts: Sequence[tuple[int, int]], index: int) -> int:
    """Return how many of `shifts` hold for row `index`."""
    return bisect_right(shifts, (index, maxsize))


class RecordCount(NamedTuple):
    """Records, those with at least one field, and the 0-based number of the last of these or -1."""

    records: int = 0
    data_records: int = 0
    last_data_line: int = -1

    def plus(self, records: int, blank: int, blank_at_end: int) -> RecordCount:
        """Return the count after `records` more, of which so many are blank, and so many last."""
        total = self.records + records
        last = total - 1 - blank_at_end if records > blank else self.last_data_line
        return RecordCount(total, self.data_records + records - blank, last)

    def plus_rows(self, rows: Sequence[Row]) -> RecordCount:
        """Return the count after `rows`."""
        at_end = next((at for at, row in enumerate(reversed(rows)) if row), len(rows))
        return self.plus(len(rows), sum(not row for row in rows), at_end)


def even_parts(count: int) -> Iterator[tuple[int, int]]:
    """Cut `count` rows into as few batches as may be, of nearly the same size.

    >>> list(even_parts(1000))
    [(0, 500), (500, 1000)]
    """
    parts = -(-count // _BATCH_ROWS)
    for part in range(parts):
        yield count * part // parts, count * (part + 1) // parts
