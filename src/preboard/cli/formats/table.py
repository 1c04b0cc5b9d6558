"""The answer as a table: a row a file and statement, without the errors themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.cli.output import Page, has_colours
from preboard.cli.visible import one_line, visible

if TYPE_CHECKING:
    from typing import TextIO

    from preboard.cli.exit import Exit
    from preboard.cli.formats import Manner
    from preboard.cli.verdict import Verdict
    from preboard.engine.report import Counts
    from preboard.errors import PreboardError

_HEADERS = ("file", "statement", "outcome", "lines", "scanned", "matched", "errors")
_WIDEST = 60
_OUTCOMES = {True: "valid", False: "INVALID", None: "not checked"}
_STYLES = {"valid": "green", "INVALID": "bold red", "not checked": "bold red"}
_OUTCOME = _HEADERS.index("outcome")


def writer(_manner: Manner) -> TableWriter:
    """Return a writer; it shows counts."""
    return TableWriter()


class TableWriter:
    """Keeps the rows until all are known, for the widths of the columns."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, ...]] = []

    def begin(self, out: TextIO) -> None:
        """Write nothing yet."""

    def add(self, out: TextIO, verdict: Verdict) -> None:  # noqa: ARG002 - it waits for the end
        """Keep the rows of one file."""
        name = visible(verdict.data)
        if verdict.error is not None:
            self._rows.append((name, "", _OUTCOMES[verdict.valid], *[""] * 4))
        for checked in verdict.statements:
            report = checked.report
            numbers = (*_counts(report.counts), len(report.errors))
            self._rows.append(
                (
                    name, one_line(checked.title, _WIDEST), _OUTCOMES[verdict.holds(checked)],
                    *(f"{number:,}" for number in numbers),
                )
            )  # fmt: skip

    def end(self, out: TextIO, code: Exit) -> None:  # noqa: ARG002 - the rows say it
        """Write the table."""
        page = Page(out, colours=has_colours(out))
        widths = [max(map(len, column)) for column in zip(_HEADERS, *self._rows, strict=True)]
        for row in [_HEADERS, tuple("-" * width for width in widths), *self._rows]:
            cells = [_aligned(place, text, widths[place]) for place, text in enumerate(row)]
            styled = (cells[_OUTCOME], _STYLES.get(row[_OUTCOME], ""))
            before, after = cells[:_OUTCOME], cells[_OUTCOME + 1 :]
            page.line("  ".join([*before, ""]), styled, "  ".join(["", *after]).rstrip())

    def fail(self, out: TextIO, error: PreboardError) -> None:
        """Write nothing: standard error says it."""


def _counts(counts: Counts) -> tuple[int, int, int]:
    return counts.lines, counts.scans, counts.matches


def _aligned(place: int, text: str, width: int) -> str:
    """Return a cell in its width: words to the left, numbers to the right."""
    return text.rjust(width) if place > _OUTCOME else text.ljust(width)
