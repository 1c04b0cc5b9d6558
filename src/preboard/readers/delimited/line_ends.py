r"""How the records of a text end: with \n, \r\n or \r, and whether always alike.

In: the texts of whole records and what they were cut into. Out: a `Finding` where they end in
different ways, each of which ends a record: a carriage return inside a cell breaks it in two, and
nothing else would tell. Line ends inside quotes are text and do not count.
"""

from __future__ import annotations

import csv
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from preboard.diagnostics import Finding
from preboard.readers.lines import split_raw_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from preboard.readers.delimited.records import Parsed
    from preboard.readers.dialect import Dialect

_NAMES: Final = ("LF", "CRLF", "CR")
_ENDS: Final = ("\n", "\r\n", "\r")
_LONGEST_FIRST: Final = ("\r\n", "\n", "\r")


class LineEnds:
    """Counts the ends of records; where all of them are LF that costs nearly nothing."""

    def __init__(self, dialect: Dialect) -> None:
        self._csv = csv.reader((), delimiter=dialect.delimiter, quotechar=dialect.quotechar).dialect
        self._counts = [0, 0, 0]  # in the order of `_NAMES`
        self._change: int | None = None

    def add_lines(self, text: str, lines: Sequence[str], first: int) -> None:
        """Count the ends of a text of which each line is a record, the `first` of them."""
        if "\r" not in text:
            self._add((len(lines), 0, 0), text, first)
            return
        # What the lines leave of the text are their ends: two characters each if all are CRLF.
        if len(text) - sum(map(len, lines)) == 2 * len(lines):
            self._add((0, len(lines), 0), text, first)
        else:
            self._add(_counted(text), text, first)

    def add_records(self, text: str, found: Parsed, first: int) -> None:
        """Count the ends of the records that were found in a text."""
        if "\r" not in text:
            self._add((len(found.rows), 0, 0), text, first)
            return
        if found.is_crlf:
            self._add((0, len(found.rows), 0), text, first)
            return
        text = text[: found.rest]
        lf, crlf, cr = _counted(text)
        for index, _ in found.shifts:  # each stands behind a record of several lines
            for cell in found.rows[index - 1]:
                inside = _counted(cell)
                lf, crlf, cr = lf - inside[0], crlf - inside[1], cr - inside[2]
        self._add((lf, crlf, cr), text, first)

    def finding(self) -> Finding | None:
        """Return what is to be said, None if all ends were alike."""
        seen = [(count, name) for count, name in zip(self._counts, _NAMES, strict=True) if count]
        if len(seen) < 2:  # noqa: PLR2004 - one kind, or none
            return None
        told = ", ".join(f"{count:,} with {name}" for count, name in seen)
        where = "" if self._change is None else f"; the first change is at line {self._change:,}"
        hint = "each of them ends a record: was a cell broken in two, or a file put together?"
        lf, crlf, cr = self._counts
        if not lf and abs(crlf - cr) <= 1:
            hint = "each line seems to end with CR CR LF: was the file converted twice?"
        others = sum(self._counts) - max(self._counts)
        return Finding(
            "mixed-line-ends",
            f"records end in different ways, {told}{where}",
            hint=hint,
            line=self._change,
            count=others,
        )

    def _add(self, counts: tuple[int, int, int], text: str, first: int) -> None:
        before = [kind for kind, count in enumerate(self._counts) if count]
        for kind, count in enumerate(counts):
            self._counts[kind] += count
        if len(before) < 2 and sum(map(bool, self._counts)) > 1:  # noqa: PLR2004
            self._change = self._first_change(text, first, _ENDS[before[0]] if before else None)

    def _first_change(self, text: str, first: int, before: str | None) -> int | None:
        """Return the number of the first record that ends in another way than those `before`."""
        lines = split_raw_lines(text)
        records = csv.reader(lines, self._csv)
        with suppress(csv.Error):  # a cell beyond the field_size_limit of this process
            for place, _ in enumerate(records, first):
                line = lines[records.line_num - 1]
                end = next((end for end in _LONGEST_FIRST if line.endswith(end)), None)
                if before not in (None, end):
                    return place
                before = end
        return None


def _counted(text: str) -> tuple[int, int, int]:
    """Return how many line ends of each kind there are, in the order of `_NAMES`."""
    crlf = text.count("\r\n")
    return text.count("\n") - crlf, crlf, text.count("\r") - crlf
