"""The answer as text: what a person sees first.

For each statement a head line, the errors by rule with the most frequent rule first, what was
printed, and the small variables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from preboard.cli.grouping import example, grouped
from preboard.cli.output import Page, has_colours
from preboard.cli.shown import WIDEST, many, shown
from preboard.cli.visible import one_line, visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TextIO

    from preboard.cli.exit import Exit
    from preboard.cli.formats import Manner
    from preboard.cli.verdict import Checked, Verdict
    from preboard.diagnostics import Finding
    from preboard.engine.report import LineError
    from preboard.errors import PreboardError

_GOOD, _BAD, _STRONG, _FAINT = "green", "bold red", "bold", "dim"


def writer(manner: Manner) -> TextWriter:
    """Return a writer that shows at most so many errors a statement."""
    return TextWriter(manner.most_errors)


class TextWriter:
    """Writes a paragraph a file and statement, and a last line that counts several files."""

    def __init__(self, most_errors: int) -> None:
        self._most_errors = most_errors
        self._outcomes: list[bool | None] = []
        self._begun = False

    def begin(self, out: TextIO) -> None:
        """Write nothing: the files follow."""

    def add(self, out: TextIO, verdict: Verdict) -> None:
        """Write what the check of one file came to; standard error says what was not checked."""
        self._outcomes.append(verdict.valid)
        if verdict.valid is None:
            return
        page = Page(out, colours=has_colours(out))
        if self._begun:
            page.line()
        self._begun = True
        write_verdict(page, verdict, self._most_errors)

    def end(self, out: TextIO, code: Exit) -> None:  # noqa: ARG002 - as the other writers
        """Write how many files passed, where there are several."""
        if len(self._outcomes) > 1:
            page = Page(out, colours=has_colours(out))
            if self._begun:
                page.line()
            page.line(_summary(self._outcomes))

    def fail(self, out: TextIO, error: PreboardError) -> None:
        """Write nothing: standard error says it."""


def _summary(outcomes: Sequence[bool | None]) -> str:
    """Return how many files there were of each outcome.

    >>> _summary([True, None, True])
    '3 files: 2 valid, 1 not checked'
    """
    words = {True: "valid", False: "INVALID", None: "not checked"}
    counts = [(outcomes.count(outcome), word) for outcome, word in words.items()]
    told = ", ".join(f"{count:,} {word}" for count, word in counts if count)
    return f"{many(len(outcomes), 'file')}: {told}"


def write_verdict(page: Page, verdict: Verdict, most_errors: int) -> None:
    """Write what the check of a file came to, with at most `most_errors` errors a statement."""
    if verdict.error is not None:
        page.line(
            f"{visible(verdict.data)}: ", ("INVALID", _BAD), ", the run ended at the first error"
        )
        page.line(f"  {visible(verdict.error.message)}")
    notes = verdict.notes
    for place, checked in enumerate(verdict.statements):
        if place:
            page.line()
        several = len(verdict.statements) > 1
        _write_head(page, verdict, checked, checked.title if several else checked.report.identity)
        _write_notes(page, verdict, checked)
        if place == 0:
            _write_findings(page, [n for n in notes if n.code not in verdict.wish.refused])
        _write_errors(page, checked.report.errors, most_errors)
        _write_printouts(page, checked.report.printouts)
        _write_variables(page, checked.report.variables)


def _write_head(page: Page, verdict: Verdict, checked: Checked, name: str | None) -> None:
    word = ("valid", _GOOD) if verdict.holds(checked) else ("INVALID", _BAD)
    counts = checked.report.counts
    page.line(
        f"{visible(verdict.data)}: ", word, f" ({one_line(name, WIDEST)})" if name else "",
        f", matched {counts.matches:,} of {many(counts.scans, 'line')}",
    )  # fmt: skip


def _write_notes(page: Page, verdict: Verdict, checked: Checked) -> None:
    """Say what the head line could be misread about."""
    report = checked.report
    faults = checked.faults(verdict.wish)
    if not checked.statement.modes.runs:
        page.line("  the statement did not run: its run-mode is no-run")
    empty = checked.emptiness()
    if empty and not faults:
        page.line(f"  {empty}")
    if report.stopped_by and not report.completed:
        page.line(f"  stopped before the end of the file by {one_line(report.stopped_by, WIDEST)}")
    if report.valid and report.errors:
        page.line("  its errors do not make it invalid: the error policy has no fail")
    for fault in faults:
        page.line(f"  {fault}")


def _write_findings(page: Page, notes: Sequence[Finding]) -> None:
    """Say what is odd about the data."""
    for note in notes:
        hint = f"; {note.hint}" if note.hint else ""
        page.line("  note: ", one_line(f"{note.message}{hint}", 3 * WIDEST))


def _write_errors(page: Page, errors: Sequence[LineError], most: int) -> None:
    if not errors:
        return
    rules = grouped(errors, most)
    seen = sum(share for _, share in rules)
    head = f"{many(len(errors), 'error')} in {many(len(rules), 'rule')}"
    some = f" ({seen:,} shown, see --max-errors)" if seen < len(errors) else ""
    page.line()
    page.line("  ", (head, _STRONG), some)
    width = len(f"{rules[0][0].count:,}")
    for rule, share in rules:
        page.line()
        page.line("  ", (f"{rule.count:>{width},} x ", _STRONG), one_line(rule.text, WIDEST))
        for error in rule.examples[:share]:
            page.line(" " * (width + 5), example(error))
        hint = next(filter(None, (error.hint for error in rule.examples[:share])), None)
        if hint:
            page.line(" " * (width + 5), (f"hint: {hint}", _FAINT))
        if rule.count > share:
            page.line(" " * (width + 5), (f"{rule.count - share:,} more", _FAINT))


def _write_printouts(page: Page, printouts: Mapping[str, Sequence[str]]) -> None:
    for stream, texts in printouts.items():
        if not texts:
            continue
        page.line()
        page.line(
            "  ", ("printed" if stream == "default" else f"printed to {visible(stream)}", _STRONG)
        )
        for text in texts:
            for line in text.split("\n"):
                page.line(f"    {visible(line, keep=_HARMLESS_IN_TEXT)}")


_HARMLESS_IN_TEXT = "\t\xa0"


def _write_variables(page: Page, variables: Mapping[str, Any]) -> None:
    """Write the variables that the statement names, not the memories that functions keep."""
    variables = {name: each for name, each in variables.items() if not name.startswith("_intx_")}
    if not variables:
        return
    page.line()
    page.line("  ", ("variables", _STRONG))
    for name, value in variables.items():
        page.line(f"    {one_line(str(name), WIDEST)}: {shown(value)}")
