"""Delimited text, such as CSV, to batches of rows.

In: a binary source and its dialect. Out: `Batch`es of whole rows, exactly the records that
`csv.reader(io.TextIOWrapper(source, encoding, newline=""), delimiter=..., quotechar=...)` gives.
A block of bytes is read and decoded, the line that did not end in it is kept for the next. A block
without quotes is only split; see `records` for the others. Memory is bounded by a block and the
longest record that the limits let through.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from preboard.diagnostics import Finding
from preboard.errors import InputError
from preboard.readers.batch import Batch, even_parts, known_shifts
from preboard.readers.delimited.line_ends import LineEnds
from preboard.readers.delimited.records import Place, RecordParser, Row
from preboard.readers.dialect import doubts
from preboard.readers.limits import DEFAULT_LIMITS, Limits
from preboard.readers.lines import after_line_end, count_line_ends, end_of_lines
from preboard.readers.text import TextBlocks

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from preboard.readers.delimited.records import Parsed
    from preboard.readers.dialect import Dialect
    from preboard.readers.reader import Kind

__all__ = ["DelimitedReader", "Row"]


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
        is_guess = dialect.encoding_origin == "guessed"
        self._text = TextBlocks(source, dialect.encoding, is_guess=is_guess)
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
        self._ends = LineEnds(dialect)
        self._switch_line: int | None = None
        self._open_quote: Finding | None = None
        self._given = dialect

    @property
    def dialect(self) -> Dialect:
        """Return how the source is written: as it was given, but for an encoding found later."""
        switch = self._text.switch
        if switch is None:
            return self._given
        return replace(
            self._given,
            encoding=switch.guess.encoding,
            encoding_confidence=switch.guess.confidence,
            reasons=(*self._given.reasons, *(f"encoding: {why}" for why in switch.guess.reasons)),
        )

    @property
    def findings(self) -> Sequence[Finding]:
        """Return what was noticed about the source so far."""
        found = [*doubts(self._given), self._late_encoding(), self._ends.finding()]
        return tuple(each for each in [*found, self._open_quote] if each is not None)

    @property
    def bytes_read(self) -> int:
        """Return how many bytes were taken from the source so far."""
        return self._text.bytes_read

    def __iter__(self) -> Iterator[Batch]:
        tail = ""
        while not self._text.ended:
            # A record that stays open is looked at again only when it has grown by half.
            text = tail + self._text.read(max(self._block_bytes, len(tail) // 2))
            if self._text.switch is not None and self._switch_line is None:
                before = text[: len(tail) + self._text.switch.chars]
                self._switch_line = self._text_line + count_line_ends(before)
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
                self._judge_open_quote(found.open_line, found.error, tail)
            yield from self._parsed(found)

    def _judge_open_quote(self, opened: int, error: InputError | None, tail: str) -> None:
        """Note a quote that the last line leaves open, and refuse one that took more than a line.

        Lines that a quote has taken were looked at by no rule: to pass them would say too much.

        Raises:
            InputError: Lines stand behind the quote.
        """
        lines = self._text_line + count_line_ends(tail.rstrip("\r\n")) - opened
        if not lines:
            self._open_quote = Finding(
                "unclosed-quote",
                f"the quote that opens a cell on text line {opened}, the last, is never closed",
                hint="was the file cut off, or is the quote character another?",
                line=self._line,
            )
        elif error is None:
            raise InputError(
                f"the quote that opens a cell on text line {opened} is never closed: it takes"
                f" {'the line' if lines == 1 else f'all {lines:,} lines'} behind it into the cell",
                hint="was the file cut off, is the quote character another, or the quote a sign?",
                line=self._line,
            )

    def _late_encoding(self) -> Finding | None:
        switch = self._text.switch
        if switch is None:
            return None
        sure = f"{switch.guess.confidence:.0%}"
        return Finding(
            "late-encoding",
            f"the first character beyond ASCII, at byte offset {switch.byte_offset:,} on text line"
            f" {self._switch_line}, is not utf-8: read as {switch.guess.encoding}, {sure} sure",
            hint="say which encoding it is",
        )

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
                self._ends.add_lines(text, lines, self._line)
                yield from self._split(lines)
                return len(text)
            found = self._parser.parse_slowly(text, self._place)
        self._ends.add_records(text, found, self._line)
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
            inside = shifts[known_shifts(shifts, start) : known_shifts(shifts, stop)]
            inside = [(at - start, lines - above) for at, lines in inside]
            yield Batch(found.rows[start:stop], self._line, self._text_line, inside)
            moved = inside[-1][1] if inside else 0
            above += moved
            self._line += stop - start
            self._text_line += stop - start + moved
        if found.error:
            raise found.error
