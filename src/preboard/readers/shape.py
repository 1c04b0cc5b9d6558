"""What is odd about the shape of a file: nothing in it, one column, ragged lines, headers.

In: the batches of one reading and its headers. Out: `Finding`s. Each batch is looked at as a whole,
its lines only where some are of another width than the headers.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from preboard.diagnostics import Finding
from preboard.readers.batch import Batch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from preboard.diagnostics import FindingCode

DELIMITERS: Final = {
    ",": "a comma",
    ";": "a semicolon",
    "\t": "a tab",
    "|": "a pipe",
    ":": "a colon",
}
_SAMPLE_LINES: Final = 50
_MOST_NAMED: Final = 5


class Shape:
    """Looks at the batches of one reading; `delimiter` is None where the records have none.

    With a `preamble` the table begins behind so many records and has as many columns as was told:
    its lines are held against these, and those before it against nothing.
    """

    def __init__(
        self, delimiter: str | None, *, preamble: int = 0, columns: int | None = None
    ) -> None:
        self._delimiter = delimiter
        self._preamble = preamble if columns else 0
        self._columns = columns or 0
        self._headers: list[str] | None = None
        self._header_lines = 0
        self._width = 0
        self._even = b""
        self._sample: list[str] = []
        self._sampled = False
        self._data_lines = 0
        self._blank_at_end = 0
        self._narrow = _Odd()
        self._wide = _Odd()
        self._brought: list[str] | None = None
        self._changes = _Odd()
        self._ended = False

    def begin(self, headers: Sequence[str], *, is_record: bool) -> None:
        """Take the headers; `is_record` says that they are a record of the file themselves."""
        self._header_lines = int(is_record)
        self._headers = list(headers)
        self._width = self._columns if self._preamble else len(headers)
        self._even = bytes([self._width]) if self._width < 256 else b""  # noqa: PLR2004 - a byte

    def look(self, batch: Batch) -> None:
        """Look at the records of a batch."""
        if batch.first_line < self._preamble:
            before = self._preamble - batch.first_line
            batch = Batch(batch.rows[before:], batch.first_line + before)
        rows = batch.rows
        try:
            widths: Sequence[int] = bytes(map(len, rows))  # C all the way: this is done for all
            odd: Sequence[int] = widths.translate(None, self._even)  # type: ignore[attr-defined]
        except ValueError:  # more than 255 cells
            widths = list(map(len, rows))
            odd = [width for width in widths if width != self._width]
        if not widths or self._headers is None:
            self._blank_at_end += len(widths)
            return
        if len(odd) == len(widths) or batch.headers is not None or not self._sampled:
            if not any(widths):
                self._blank_at_end += len(widths)
                return
            self._look_closely(batch)
        self._data_lines += len(widths)
        self._blank_at_end = 0
        if odd:
            self._look_at_widths(widths, odd, batch)

    def _look_at_widths(self, widths: Sequence[int], odd: Sequence[int], batch: Batch) -> None:
        """Count the lines of other widths than the headers."""
        for width in set(odd):
            count = odd.count(width)
            if not width:
                self._data_lines -= count
                self._blank_at_end = next(i for i, n in enumerate(reversed(widths)) if n)
            elif batch.headers is None:
                found = self._narrow if width < self._width else self._wide
                found.add(count, batch.first_line + widths.index(width))

    def _look_closely(self, batch: Batch) -> None:
        """Look at the cells of a single column, and at headers that records bring."""
        if not self._sampled and self._width == 1:
            self._sample += [str(row[0]) for row in batch.rows[:_SAMPLE_LINES] if len(row) == 1]
        self._sampled = self._width != 1 or len(self._sample) >= _SAMPLE_LINES
        if batch.headers is not None:
            if self._brought is not None and batch.headers != self._brought:
                self._changes.add(1, batch.first_line)
            self._brought = batch.headers

    def end(self) -> None:
        """Note that the source was read to its end."""
        self._ended = True

    def findings(self) -> Iterator[Finding]:
        """Yield what was found; what only the end can tell not before it was reached."""
        if self._ended:
            yield from self._of_the_end()
        if self._headers is not None and self._brought is None:
            yield from self._of_the_headers(self._headers)
        yield from self._of_the_lines()

    def _of_the_end(self) -> Iterator[Finding]:
        if not self._data_lines and self._headers is None:
            if self._blank_at_end:
                yield Finding("only-blank-lines", "the file holds nothing but blank lines")
            else:
                yield Finding("empty-file", "the file is empty")
        elif self._data_lines <= self._header_lines and self._brought is None:
            yield Finding("header-only", "the file holds headers and no data")
        if self._blank_at_end and self._data_lines:
            count = self._blank_at_end
            yield Finding("blank-lines-at-end", f"{_lines(count)} blank at the end", count=count)

    def _of_the_headers(self, headers: Sequence[str]) -> Iterator[Finding]:
        if len(headers) == 1 and self._delimiter is not None and not self._preamble:
            yield self._one_column(headers[0])
        twice = [name for name, count in Counter(headers).items() if count > 1 and name]
        if twice:
            yield Finding(
                "duplicate-headers",
                f"headers stand twice or more: {_listed(twice)}",
                hint="a name means the first of them; the others are reached by index",
                count=len(twice),
            )
        blank = [index for index, name in enumerate(headers) if not name]
        if blank:
            message = f"headers without a name, at index {_listed(blank)}"
            yield Finding("blank-headers", message, count=len(blank))

    def _one_column(self, header: str) -> Finding:
        """Return the finding for one column, with the delimiter that it may have missed."""
        hint = None
        lines = self._sample[:_SAMPLE_LINES]
        for other, called in DELIMITERS.items():
            counts = {line.count(other) for line in lines}
            if other != self._delimiter and lines and 0 not in counts and len(counts) <= 2:  # noqa: PLR2004
                hint = f"another delimiter? {called} stands in each line"
                break
        return Finding("one-column", f"there is only one column, {header[:80]!r}", hint=hint)

    def _of_the_lines(self) -> Iterator[Finding]:
        table = "the table has columns" if self._preamble else "there are headers"
        kinds: tuple[tuple[FindingCode, _Odd, str], ...] = (
            ("narrow-lines", self._narrow, f"fewer cells than {table}"),
            ("wide-lines", self._wide, f"more cells than {table}"),
            ("changing-keys", self._changes, "other keys than the record before"),
        )
        for code, odd, said in kinds:
            if odd.count:
                lines = "1 line has" if odd.count == 1 else f"{odd.count:,} lines have"
                message = f"{lines} {said}, the first is line {odd.first}"
                yield Finding(code, message, line=odd.first, count=odd.count)


class _Odd:
    """How many lines, and which is the first."""

    __slots__ = ("count", "first")

    def __init__(self) -> None:
        self.count = 0
        self.first: int | None = None

    def add(self, count: int, line: int) -> None:
        self.count += count
        self.first = line if self.first is None else min(line, self.first)


def _listed(items: Sequence[object]) -> str:
    return ", ".join(map(repr, items[:_MOST_NAMED])) + ", ..." * (len(items) > _MOST_NAMED)


def _lines(count: int) -> str:
    return "1 line is" if count == 1 else f"{count:,} lines are"
