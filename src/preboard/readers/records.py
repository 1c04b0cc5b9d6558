"""Text that ends with a line end to records, exactly as the csv module cuts it.

In: text that begins where a record begins. Out: `Parsed`: the rows, and where the record begins
that a quote still holds open. Three ways give the same rows: between rare quotes lines are split
and only lines with a quote go through the csv module; where quotes are dense all lines do; and
`read_record`, plain Python, reads what is too long for either and judges the limits. The csv
module's field_size_limit is global to the process: we neither depend on it nor set it, a cell
beyond it is read by `read_record`.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from preboard.errors import InputError

if TYPE_CHECKING:
    from preboard.readers.dialect import Dialect

Row = list[str]
"""The cells of a record; a blank line has none."""

_SPARSE: Final = 4  # fewer quotes than lines / _SPARSE: most lines are worth splitting without csv


@dataclass(frozen=True, slots=True)
class Limits:
    """How large one record may be: characters of its text, characters of a cell, and cells.

    A file beyond them is most often no delimited file, or has a quote that is never closed.
    """

    record_chars: int = 16 << 20
    cell_chars: int = 1 << 20
    cells: int = 16384


DEFAULT_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text begins: the 0-based number of its first record, the 1-based line of text."""

    record: int
    text_line: int


@dataclass(slots=True)
class Parsed:
    """The records of a text.

    `shifts` holds (index, lines) where rows from `index` on begin `lines` further down the text
    than one line a row would have it. `rest` is where the record begins that did not end, else the
    length of the text. `error` is what is wrong with the record after the last row.
    """

    rows: list[Row] = field(default_factory=list)
    shifts: list[tuple[int, int]] = field(default_factory=list)
    rest: int = 0
    error: InputError | None = None

    @property
    def text_lines(self) -> int:
        """Return how many lines of text the rows take."""
        return len(self.rows) + (self.shifts[-1][1] if self.shifts else 0)

    def add(self, row: Row, more_lines: int) -> None:
        """Append a row that takes `more_lines` lines besides its first."""
        self.rows.append(row)
        if more_lines:
            self.shifts.append((len(self.rows), self.text_lines + more_lines - len(self.rows)))


class RecordParser:
    """Cuts text into records as `dialect` says and refuses those beyond `limits`."""

    def __init__(self, dialect: Dialect, limits: Limits) -> None:
        self._delimiter = dialect.delimiter
        self._quote = dialect.quotechar
        self._limits = limits
        self._longest = min(limits.record_chars, limits.cell_chars)
        # Building a dialect costs as much as parsing a line: it is done once.
        self._csv = csv.reader((), delimiter=dialect.delimiter, quotechar=dialect.quotechar).dialect
        self._field_end = re.compile(f"[{re.escape(dialect.delimiter)}\r\n]")

    def split_lines(self, text: str) -> list[str] | None:
        """Return the records of a text without quotes, not yet split into cells.

        None where one of them may be beyond a limit: `parse_slowly` then finds out.
        """
        lines = unify_line_ends(text).split("\n")
        lines.pop()
        if has_long_line(text, min(self._longest, self._limits.cells)):
            cells = self._limits.cells
            if max(map(len, lines)) > self._longest:
                return None
            if max(line.count(self._delimiter) for line in lines) >= cells:
                return None
        return lines

    def parse(self, text: str, place: Place) -> Parsed:
        """Return the records of a text that holds quotes."""
        if len(text) > self._longest:
            return self.parse_slowly(text, place)
        sparse = text.count(self._quote) * _SPARSE < text.count("\n")
        try:
            if sparse and ("\r" not in text or text.count("\r") == text.count("\r\n")):
                found = self._parse_sparse(text)
            else:
                found = self._parse_dense(text)
        except csv.Error:  # a cell beyond the field_size_limit of this process
            return self.parse_slowly(text, place)
        long = bool(found.shifts) or has_long_line(text, self._limits.cells)
        if long and found.rows and max(map(len, found.rows)) > self._limits.cells:
            return self.parse_slowly(text, place)
        return found

    def _parse_sparse(self, text: str) -> Parsed:
        """Split the lines without a quote; every lone \\r of the text has been excluded."""
        quote, delimiter = self._quote, self._delimiter
        found = Parsed()
        at = 0
        while (mark := text.find(quote, at)) >= 0:
            start = text.rfind("\n", at, mark) + 1 or at
            if start > at:
                lines = unify_line_ends(text[at:start])[:-1].split("\n")
                found.rows += [line.split(delimiter) if line else [] for line in lines]
            end = text.find("\n", mark) + 1
            # An empty line behind it tells whether the record ended: else it becomes part of it.
            rows = list(csv.reader((text[start:end], ""), self._csv))
            if len(rows) > 1:
                found.rows.append(rows[0])
                at = end
                continue
            row, stop, opened = self._read_record(text, start)
            if opened >= 0:
                found.rest = start
                return found
            found.add(row, count_line_ends(text[start:stop]))
            at = after_line_end(text, stop)
        if at < len(text):
            lines = unify_line_ends(text[at:])[:-1].split("\n")
            found.rows += [line.split(delimiter) if line else [] for line in lines]
        found.rest = len(text)
        return found

    def _parse_dense(self, text: str) -> Parsed:
        """Give all lines to the csv module."""
        lines = text.splitlines(keepends=True)
        if len(lines) != text.count("\n"):  # lone \r, or one of the line ends only str knows
            lines = list(io.StringIO(text, newline=""))
        lines.append("")  # becomes a blank record, or part of one that did not end
        reader = csv.reader(lines, self._csv)
        ends: list[int] = []
        note = ends.append
        rows = [row for row in reader if not note(reader.line_num)]
        last = rows.pop()
        ends.pop()
        begun = ends[-1] if ends else 0
        found = Parsed(rows, rest=len(text))
        if last:
            found.rest -= sum(map(len, lines[begun:]))
        if begun > len(rows):
            shift = 0
            for index, end in enumerate(ends, 1):
                if end - index != shift:
                    shift = end - index
                    found.shifts.append((index, shift))
        return found

    def parse_slowly(self, text: str, place: Place) -> Parsed:
        """Return the records of any text, up to the first one that is beyond a limit."""
        found = Parsed()
        while found.rest < len(text):
            row, stop, opened = self._read_record(text, found.rest)
            here = Place(place.record + len(found.rows), place.text_line + found.text_lines)
            found.error = self._breach(text, found.rest, here)
            if found.error or opened >= 0:
                break
            found.add(row, count_line_ends(text[found.rest : stop]))
            found.rest = after_line_end(text, stop)
        return found

    def parse_last(self, text: str, place: Place) -> Parsed:
        """Return the record that the end of the file ended: one without line end, or still open."""
        row, stop, _ = self._read_record(text, 0)
        found = Parsed(rest=len(text))
        found.error = self._breach(text, 0, place, ended=True)
        if not found.error:
            found.add(row, count_line_ends(text[:stop]))
        return found

    def judge_open(self, text: str, place: Place) -> InputError | None:
        """Return what is wrong with the beginning of a record, if it is too long already."""
        if len(text) - text.endswith("\r") <= self._limits.record_chars:
            return None
        return self._breach(text, 0, place)

    def _read_record(self, text: str, at: int) -> tuple[Row, int, int]:
        """Read the record at `at`, or of one with too many cells the first of them.

        Returns:
            The row, where the record stops (before its line end), and where the quote stands that
            was not closed, -1 if there is none.
        """
        delimiter, row = self._delimiter, []
        if at == len(text) or text[at] in "\r\n":
            return [], at, -1
        while True:
            cell, end, opened = self._read_cell(text, at)
            row.append(cell)
            more = text.startswith(delimiter, end) and len(row) <= self._limits.cells
            if opened >= 0 or not more:
                return row, end, opened
            at = end + 1

    def _read_cell(self, text: str, at: int) -> tuple[str, int, int]:
        """Return the cell at `at`, where it stops, and its quote if that was not closed, or -1."""
        quote = self._quote
        parts = []
        if text.startswith(quote, at):
            opened = at
            at += 1
            while True:
                end = text.find(quote, at)
                if end < 0:
                    parts.append(text[at:])
                    return "".join(parts), len(text), opened
                parts.append(text[at:end])
                at = end + 1
                if not text.startswith(quote, at):
                    break
                parts.append(quote)
                at += 1
        # What follows a closing quote is taken as it is, quotes too.
        found = self._field_end.search(text, at)
        stop = found.start() if found else len(text)
        parts.append(text[at:stop])
        return "".join(parts), stop, -1

    def _breach(
        self, text: str, at: int, place: Place, *, ended: bool = False
    ) -> InputError | None:
        """Return which limit the record at `at` breaks.

        One that is too long is judged by its beginning alone, so that the answer does not depend
        on how much more of the file has been read.
        """
        limits = self._limits
        row, stop, opened = self._read_record(text, at)
        if stop - at > limits.record_chars:
            cut = text[at : at + limits.record_chars + 1]
            row, stop, opened = self._read_record(cut, 0)
            opened = opened + at if opened >= 0 else -1
            too = f"is longer than {limits.record_chars} characters"
            if len(row) > limits.cells and stop <= limits.record_chars:
                too = f"has more than {limits.cells} cells"
        elif opened >= 0 and not ended:
            return None
        elif len(row) > limits.cells:
            too = f"has more than {limits.cells} cells"
        elif row and max(map(len, row)) > limits.cell_chars:
            too = f"has a cell of more than {limits.cell_chars} characters"
        else:
            return None
        hint = "is this a delimited file, and is this its delimiter?"
        if opened >= 0:
            line = place.text_line + count_line_ends(text[at:opened])
            hint = f"a quote opened on text line {line} is never closed"
        message = f"the record that begins on text line {place.text_line} {too}"
        return InputError(message, hint=hint, line=place.record)


def end_of_lines(text: str, *, ended: bool) -> int:
    """Return where the last complete line of `text` ends.

    A final \\r may be the first half of \\r\\n, unless the text has `ended`.
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
    """Return how many lines end in `text`: at \\n, \\r or \\r\\n."""
    ends = text.count("\n")
    return ends + text.count("\r") - text.count("\r\n") if "\r" in text else ends


def unify_line_ends(text: str) -> str:
    """Return `text` with every line end as \\n."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def has_long_line(text: str, chars: int) -> bool:
    """Return whether a line of `text` may be longer than `chars`; never false when one is.

    A line that long covers one of the windows of half its length.
    """
    window = max(1, chars // 2)
    if len(text) <= chars:
        return False
    return any(text.find("\n", at, at + window) < 0 for at in range(0, len(text), window))
