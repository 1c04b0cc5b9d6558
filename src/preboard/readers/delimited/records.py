"""Text that ends with a line end to records, exactly as the csv module cuts it.

In: text that begins where a record begins. Out: `Parsed`: the rows, and where the record begins
that a quote still holds open. Four ways give the same rows: where quotes are rare all lines are
split and only those with a quote go through the csv module; where all cells are quoted text is
split at what stands between the cells; else all lines go through the csv module; and
`_read_record`, plain Python, reads what is too long for either and judges the limits. The csv
module's field_size_limit is global to the process: we neither depend on it nor set it, a cell
beyond it is read by `_read_record`.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from preboard.errors import InputError
from preboard.readers.lines import (
    after_line_end,
    count_line_ends,
    has_long_line,
    split_lines,
    split_raw_lines,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from preboard.readers.dialect import Dialect
    from preboard.readers.limits import Limits

Row = list[str]
"""The cells of a record; a blank line has none."""

# With fewer quotes than lines / _SPARSE in a sample, most lines are worth splitting without csv.
_SPARSE: Final = 2
_SAMPLE_CHARS: Final = 4096
_QUOTED: Final = 2.2  # quotes for each end of a quoted cell; more are doubled, or stand elsewhere


_Read = tuple[Row, int, int]  # what `RecordParser._read_record` returns


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
    length of the text. `error` is what is wrong with the record after the last row. `open_line` is
    the text line of a quote that the end of the file left open. `is_crlf` says that all line ends
    of the text are known to be CRLF.
    """

    rows: list[Row] = field(default_factory=list)
    shifts: list[tuple[int, int]] = field(default_factory=list)
    rest: int = 0
    error: InputError | None = None
    open_line: int | None = None
    is_crlf: bool = field(default=False, compare=False)

    @property
    def text_lines(self) -> int:
        """Return how many lines of text the rows take."""
        return len(self.rows) + (self.shifts[-1][1] if self.shifts else 0)

    def add(self, row: Row, more_lines: int) -> None:
        """Append a row that takes `more_lines` lines besides its first."""
        self.rows.append(row)
        if more_lines:
            self.shifts.append((len(self.rows), self.text_lines + more_lines - len(self.rows)))

    def extend(self, more: Parsed) -> None:
        """Append the rows of the text that follows."""
        above = self.shifts[-1][1] if self.shifts else 0
        rows = len(self.rows)
        self.shifts += [(rows + index, above + lines) for index, lines in more.shifts]
        self.rows += more.rows


class RecordParser:
    """Cuts text into records as `dialect` says and refuses those beyond `limits`."""

    def __init__(self, dialect: Dialect, limits: Limits) -> None:
        self._delimiter = dialect.delimiter
        self._quote = dialect.quotechar
        self._between = self._quote + self._delimiter + self._quote
        self._limits = limits
        self._longest = min(limits.record_chars, limits.cell_chars)
        self._spans_lines = False  # until a record of several lines is seen they need no count
        # Building a dialect costs as much as parsing a line: it is done once.
        self._csv = csv.reader((), delimiter=dialect.delimiter, quotechar=dialect.quotechar).dialect
        self._field_end = re.compile(f"[{re.escape(dialect.delimiter)}\r\n]")

    def split(self, text: str) -> list[str] | None:
        """Return the records of a text without quotes, not yet split into cells.

        None where one of them may be beyond a limit: `parse_slowly` then finds out.
        """
        lines = split_lines(text)
        cells = self._limits.cells
        if has_long_line(text, min(self._longest, cells)) and (
            max(map(len, lines)) > self._longest
            or max(line.count(self._delimiter) for line in lines) >= cells
        ):
            return None
        return lines

    def parse(self, text: str, place: Place) -> Parsed:
        """Return the records of a text that holds quotes."""
        if len(text) > self._longest:
            return self.parse_slowly(text, place)
        try:
            found = self._parse_fast(text)
        except csv.Error:  # a cell beyond the field_size_limit of this process
            return self.parse_slowly(text, place)
        suspects = [found.rows[at - 1] for at, _ in found.shifts]
        if has_long_line(text, self._limits.cells):
            suspects = found.rows
        if any(len(row) > self._limits.cells for row in suspects):
            return self.parse_slowly(text, place)
        return found

    def _parse_fast(self, text: str) -> Parsed:
        """Parse in the way that a sample of the text makes look best; all of them are exact."""
        quotes = text.count(self._quote, 0, _SAMPLE_CHARS)
        lines = text.count("\n", 0, _SAMPLE_CHARS)
        if quotes * _SPARSE < lines:
            return self._parse_sparse(text)
        found = None
        if quotes <= _QUOTED * (text.count(self._between, 0, _SAMPLE_CHARS) + lines):
            found = self._parse_quoted(text)
        return found or self._parse_dense(text)

    def _parse_sparse(self, text: str) -> Parsed:
        """Split all lines, then replace the rows of those with quotes."""
        quote, delimiter = self._quote, self._delimiter
        lines = split_lines(text)
        rows = [line.split(delimiter) if line else [] for line in lines]
        found = Parsed(rows, rest=len(text))
        if "\r" in text:  # what the lines leave of the text are their ends
            found.is_crlf = len(text) - sum(map(len, lines)) == 2 * len(lines)
        raw: list[str] = []
        joined = behind = 0  # lines that went into rows before them; the first line not yet read
        for index in [index for index, line in enumerate(lines) if quote in line]:
            if index < behind:
                continue
            # An empty line behind it tells whether the record ended: else it becomes part of it.
            read = list(csv.reader((lines[index], ""), self._csv))
            if len(read) > 1:
                rows[index - joined] = read[0]
                continue
            if "\r" in text:
                raw = raw or split_raw_lines(text)
                start = sum(map(len, raw[:index]))
            else:
                start = sum(map(len, lines[:index])) + index
            row, stop, opened = self._read_record(text, start)
            if opened >= 0:
                del rows[index - joined :]
                found.rest = start
                break
            more = count_line_ends(text[start:stop])
            behind = index + 1 + more
            rows[index - joined : behind - joined] = [row]
            joined += more
            found.shifts.append((behind - joined, joined))
        return found

    def _parse_quoted(self, text: str) -> Parsed | None:
        """Split a text at what stands between two quoted cells, and between two quoted lines.

        Where that leaves no quote in a cell the cells are right. A piece that holds a quote goes
        through the csv module. None where that finds that the piece ends inside a cell, or where
        this is no text with quotes around all cells.
        """
        quote = self._quote
        end = quote + ("\r\n" if text.endswith("\r\n") else "\n")
        if not (text.startswith(quote) and text.endswith(end) and len(text) > len(end)):
            return None
        cr = "\r" in text
        pieces = text[1 : -len(end)].split(end + quote)
        rows = [piece.split(self._between) for piece in pieces]
        odd = [
            index
            for index, (piece, row) in enumerate(zip(pieces, rows, strict=True))
            if piece.count(quote) + 2 != 2 * len(row) or "\n" in piece or (cr and "\r" in piece)
        ]
        if len(odd) * _SPARSE > len(rows):
            return None
        found = Parsed(rest=len(text), is_crlf=cr and not odd)
        done = 0
        for index in odd:
            part = self._parse_dense(quote + pieces[index] + end)
            if part.rest < len(pieces[index]) + len(end) + 1:
                return None
            found.extend(Parsed(rows[done:index]))
            found.extend(part)
            done = index + 1
        found.extend(Parsed(rows[done:]))
        return found

    def _parse_dense(self, text: str) -> Parsed:
        """Give all lines to the csv module."""
        lines = split_raw_lines(text)
        lines.append("")  # becomes a blank record, or part of one that did not end
        if not self._spans_lines:
            rows = list(csv.reader(lines, self._csv))
            if len(rows) == len(lines):
                rows.pop()
                return Parsed(rows, rest=len(text))
            self._spans_lines = True
        reader = csv.reader(lines, self._csv)
        ends: list[int] = []
        note: Callable[[int], object] = ends.append
        rows = [row for row in reader if note(reader.line_num) is None]
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
            read = row, stop, opened = self._read_record(text, found.rest)
            here = Place(place.record + len(found.rows), place.text_line + found.text_lines)
            found.error = self._breach(text, found.rest, read, here)
            if found.error or opened >= 0:
                break
            found.add(row, count_line_ends(text[found.rest : stop]))
            found.rest = after_line_end(text, stop)
        return found

    def parse_last(self, text: str, place: Place) -> Parsed:
        """Return the record that the end of the file ended: one without line end, or still open."""
        read = row, stop, opened = self._read_record(text, 0)
        found = Parsed(rest=len(text))
        if opened >= 0:
            found.open_line = place.text_line + count_line_ends(text[:opened])
        found.error = self._breach(text, 0, read, place, ended=True)
        if not found.error:
            found.add(row, count_line_ends(text[:stop]))
        return found

    def judge_open(self, text: str, place: Place) -> InputError | None:
        """Return what is wrong with the beginning of a record, if it is too long already."""
        if len(text) - text.endswith("\r") <= self._limits.record_chars:
            return None
        return self._breach(text, 0, self._read_record(text, 0), place)

    def _read_record(self, text: str, at: int) -> _Read:
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
        self, text: str, at: int, read: _Read, place: Place, *, ended: bool = False
    ) -> InputError | None:
        """Return which limit the record at `at`, which was `read`, breaks.

        One that is too long is judged by its beginning alone, so that the answer does not depend
        on how much more of the file has been read.
        """
        limits = self._limits
        row, stop, opened = read
        is_long = stop - at > limits.record_chars
        if is_long:
            row, stop, opened = self._read_record(text[at : at + limits.record_chars + 1], 0)
            opened = opened + at if opened >= 0 else -1
        elif opened >= 0 and not ended:
            return None
        if len(row) > limits.cells and not (is_long and stop > limits.record_chars):
            too, limit = f"has more than {limits.cells} cells", "cells"
        elif is_long:
            too, limit = f"is longer than {limits.record_chars} characters", "record_chars"
        elif row and max(map(len, row)) > limits.cell_chars:
            too, limit = f"has a cell of more than {limits.cell_chars} characters", "cell_chars"
        else:
            return None
        hint = f"is this its delimiter? the limit is `{limit}`"
        if opened >= 0:
            line = place.text_line + count_line_ends(text[at:opened])
            hint = f"a quote opened on text line {line} is never closed"
        message = f"the record that begins on text line {place.text_line} {too}"
        return InputError(message, hint=hint, line=place.record)
