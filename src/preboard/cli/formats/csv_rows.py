"""The answer as CSV: a row an error, and at least one row a file and statement.

Nothing passes by having no row: a valid statement has a row that says so, and so has a file that
could not be checked. Cells hold what the data holds; only for a terminal harmful characters are
written out.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

from preboard.cli.formats.formulas import without_formulas
from preboard.cli.formats.json_document import dumps
from preboard.cli.visible import as_unicode, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TextIO

    from preboard.cli.exit import Exit
    from preboard.cli.formats import Manner
    from preboard.cli.verdict import Verdict
    from preboard.engine.report import LineError
    from preboard.errors import PreboardError

HEADERS = (
    "data", "statement", "outcome", "line", "text_line", "column", "value", "expected", "rule",
    "message", "hint",
)  # fmt: skip
OUTCOMES = {True: "valid", False: "invalid", None: "not checked"}


def writer(manner: Manner) -> CsvWriter:
    """Return a writer; it writes all errors."""
    return CsvWriter(escapes_formulas=manner.escapes_formulas)


class CsvWriter:
    """Writes a line of headers and the rows."""

    def __init__(self, *, escapes_formulas: bool = False) -> None:
        self._escapes = escapes_formulas

    def begin(self, out: TextIO) -> None:
        """Write the headers."""
        _write(out, [HEADERS])

    def add(self, out: TextIO, verdict: Verdict) -> None:
        """Write the rows of one file."""
        rows: Iterable[tuple[str, ...]] = rows_of(verdict)
        if self._escapes:
            rows = (tuple(without_formulas(row)) for row in rows)
        _write(out, rows)

    def end(self, out: TextIO, code: Exit) -> None:
        """Write nothing: all is said."""

    def fail(self, out: TextIO, error: PreboardError) -> None:
        """Write the headers, and why nothing could be checked."""
        _write(out, [HEADERS, _message_row("", "", None, error.message, error.hint)])


def rows_of(verdict: Verdict) -> Iterator[tuple[str, ...]]:
    """Yield the rows of one file."""
    if verdict.error is not None:
        why = verdict.error
        yield _message_row(verdict.data, "", verdict.valid, why.message, why.hint)
    for checked in verdict.statements:
        holds = verdict.holds(checked)
        head = (as_unicode(verdict.data), checked.title, OUTCOMES[holds])
        for error in checked.report.errors:
            yield (*head, *error_cells(error))
        faults = checked.faults(verdict.wish)
        for message in faults or ([] if checked.report.errors else [""]):
            yield _message_row(verdict.data, checked.title, holds, message)


def error_cells(error: LineError) -> tuple[str, ...]:
    """Return the cells of an error that stand behind data, statement and outcome."""
    return tuple(
        cell(value)
        for value in (
            error.line, error.text_line, error.column, error.value, error.expected, error.rule,
            error.message, error.hint,
        )
    )  # fmt: skip


def cell(value: Any) -> str:
    """Return a value as a cell holds it: nothing for none, JSON for what has parts."""
    if value is None:
        return ""
    if isinstance(value, str):
        return as_unicode(value)
    if type(value) is int and abs(value) < _LARGE:
        return str(value)
    text = dumps(value)
    return text[1:-1] if text.startswith('"') else text


_LARGE = 10**18
"""Longer numbers may be too long to be written in decimal."""


def _message_row(
    data: str, title: str, valid: bool | None, message: str, hint: str | None = None
) -> tuple[str, ...]:
    told = (as_unicode(message), as_unicode(hint or ""))
    return (as_unicode(data), title, OUTCOMES[valid], *[""] * 6, *told)


def _write(out: TextIO, rows: Iterable[tuple[str, ...]]) -> None:
    if out.isatty():
        rows = (tuple(map(visible, row)) for row in rows)
    csv.writer(out, lineterminator="\n").writerows(rows)
