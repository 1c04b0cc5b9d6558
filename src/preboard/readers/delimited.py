"""Delimited text, such as CSV, to batches of rows.

In: a binary source and its dialect. Out: `Batch`es of whole rows, exactly the records that
`csv.reader(io.TextIOWrapper(source, encoding, newline=""), delimiter=..., quotechar=...)` gives.
A block of bytes is read and decoded, the line that did not end in it is kept for the next. A block
without quotes is only split; see `records` for the others. Memory is bounded by a block and the
longest record that the limits let through.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from sys import maxsize
from typing import TYPE_CHECKING, Any, BinaryIO

from preboard.diagnostics import Finding
from preboard.errors import InputError
from preboard.readers.dialect import doubts
from preboard.readers.lines import after_line_end, count_line_ends, end_of_lines
from preboard.readers.records import DEFAULT_LIMITS, Limits, Place, RecordParser, Row
from preboard.readers.text import TextBlocks

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from preboard.readers.dialect import Dialect
    from preboard.readers.reader import Kind
    from preboard.readers.records import Parsed

__all__ = ["Batch", "DelimitedReader", "Limits", "Row"]

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
        known = _known(self.shifts, index)
        return self.first_text_line + index + (self.shifts[known - 1][1] if known else 0)


def _known(shifts: Sequence[tuple[int, int]], index: int) -> int:
    """Return how many of `shifts` hold for row `index`."""
    return bisect_right(shifts, (index, maxsize))


class DelimitedReader:
    """Reads a source once, from where it stands to its end.

    `bytes_read` counts the bytes taken so far, for progress.

    Raises:
        InputError: While iterating, after all records before it: a byte does not fit the encoding,
            a NUL, or a record is beyond the limits.
    """

    kind: Kind = "delimited"
    text_rows = True

    def __init__(
        self,
        source: BinaryIO,
        dialect: Dialect,
        *,
        limits: Limits = DEFAULT_LIMITS,
        block_bytes: int = 1 << 16,
    ) -> None:
        self._text = TextBlocks(source, dialect.encoding)
        self._parser = RecordParser(dialect, limits)
        self._quote = dialect.quotechar
        self._delimiter = dialect.delimiter
        # In a block longer than this the parser would have to look for records beyond the limits.
        self._block_bytes = max(
            1, min(block_bytes, limits.record_chars // 2, limits.cell_chars // 2)
        )
        self._line = 0
        self._text_line = 1
        self._has_sep_line = dialect.has_sep_line
        self.findings: Sequence[Finding] = tuple(doubts(dialect))

    @property
    def bytes_read(self) -> int:
        """Return how many bytes were taken from the source so far."""
        return self._text.bytes_read

    def __iter__(self) -> Iterator[Batch]:
        tail = ""
        while not self._text.ended:
            # A record that stays open is looked at again only when it has grown by half.
            text = tail + self._text.read(max(self._block_bytes, len(tail) // 2))
            cut = end_of_lines(text, ended=self._text.ended)
            if self._has_sep_line and (cut or self._text.ended):
                text, cut = self._without_sep_line(text, cut)
            if cut:
                cut = yield from self._complete(text[:cut])
            tail = text[cut:]
            if error := self._parser.judge_open(tail, self._place):
                raise error
        if problem := self._text.problem:
            line = self._text_line + count_line_ends(tail)
            message = f"text line {line}: {problem.message}"
            offset = problem.byte_offset
            raise InputError(message, hint=problem.hint, line=self._line, byte_offset=offset)
        if tail:
            found = self._parser.parse_last(tail, self._place)
            if found.open_line is not None:
                self.findings = (*self.findings, _unclosed(found.open_line))
            yield from self._parsed(found)

    @property
    def _place(self) -> Place:
        return Place(self._line, self._text_line)

    def _without_sep_line(self, text: str, cut: int) -> tuple[str, int]:
        """Drop the first line, which says the delimiter and is no record."""
        self._has_sep_line = False
        self._text_line += 1
        ends = [at for mark in "\r\n" if (at := text.find(mark, 0, cut)) >= 0]
        begin = after_line_end(text, min(ends)) if ends else len(text)
        return text[begin:], max(0, cut - begin)

    def _complete(self, text: str) -> Generator[Batch, None, int]:
        """Give the records of a text of whole lines; returns where an open record begins."""
        if self._quote in text:
            found = self._parser.parse(text, self._place)
        else:
            lines = self._parser.split(text)
            if lines is not None:
                yield from self._split(lines)
                return len(text)
            found = self._parser.parse_slowly(text, self._place)
        yield from self._parsed(found)
        return found.rest

    def _split(self, lines: list[str]) -> Iterator[Batch]:
        """Give the records of lines that hold no quotes."""
        delimiter = self._delimiter
        for start, stop in even_parts(len(lines)):
            rows = [line.split(delimiter) if line else [] for line in lines[start:stop]]
            yield Batch(rows, self._line, self._text_line)
            self._line += stop - start
            self._text_line += stop - start

    def _parsed(self, found: Parsed) -> Iterator[Batch]:
        """Give the records that were found, then raise what is wrong with the next one."""
        shifts, above = found.shifts, 0
        for start, stop in even_parts(len(found.rows)):
            inside = shifts[_known(shifts, start) : _known(shifts, stop)]
            inside = [(at - start, lines - above) for at, lines in inside]
            yield Batch(found.rows[start:stop], self._line, self._text_line, inside)
            moved = inside[-1][1] if inside else 0
            above += moved
            self._line += stop - start
            self._text_line += stop - start + moved
        if found.error:
            raise found.error


def _unclosed(line: int) -> Finding:
    """Return the finding that a quote was never closed: the file may have been cut off."""
    return Finding(
        "unclosed-quote",
        f"a quote opened on text line {line} is never closed: all that follows is one cell",
        hint="was the file cut off, or is the quote character another?",
    )


def even_parts(count: int) -> Iterator[tuple[int, int]]:
    """Cut `count` rows into as few batches as may be, of nearly the same size.

    >>> list(even_parts(1000))
    [(0, 500), (500, 1000)]
    """
    parts = -(-count // _BATCH_ROWS)
    for part in range(parts):
        yield count * part // parts, count * (part + 1) // parts
