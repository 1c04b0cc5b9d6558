"""What the check of one file came to: a report for each statement, and the answer to all.

The command line is stricter than `Report.valid` in one thing: a statement that looked at no line
has not shown that the data is good, so it does not hold unless that was asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from preboard.cli.exit import Exit
from preboard.cli.shown import many
from preboard.cli.statements import FaultyStatementsError, Finding
from preboard.errors import ConfigError, DataError

if TYPE_CHECKING:
    from preboard.cli.statements import Piece
    from preboard.diagnostics import Finding as DataFinding
    from preboard.diagnostics import FindingCode
    from preboard.engine.report import Report
    from preboard.errors import PreboardError
    from preboard.language.statement import Statement

_CODES = {True: Exit.VALID, False: Exit.INVALID, None: Exit.FAILED}
_UNSURE = 0.5
_ORDER = (Exit.VALID, Exit.INVALID, Exit.FAILED, Exit.USAGE)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a statement must do beyond its report to hold."""

    all_must_match: bool = False
    """Every line that it scanned must match."""
    allows_empty: bool = False
    """It may have scanned no line at all."""
    refused: frozenset[FindingCode] = frozenset()
    """Its data may have none of these findings."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One statement with its report; `number` is its place among the statements, from 1."""

    piece: Piece
    statement: Statement
    report: Report
    number: int = 1

    @property
    def title(self) -> str:
        """Return what the statement is called in answers."""
        return title_of(self.statement, self.number)

    @property
    def unmatched(self) -> int:
        """Return how many scanned lines did not match."""
        return self.report.counts.scans - self.report.counts.matches

    @property
    def warnings(self) -> list[Finding]:
        """Return the warnings of the statement, each at its place."""
        return [Finding(self.piece, diagnostic) for diagnostic in self.report.warnings]

    def emptiness(self) -> str | None:
        """Return why no line was looked at, None where at least one was."""
        if not self.statement.modes.runs or self.report.counts.scans:
            return None
        if self.report.counts.lines == 0:
            return "the file holds no lines: nothing was checked"
        return "the scan part selected none of the lines: nothing was checked"

    def faults(self, wish: Wish) -> list[str]:
        """Return why the statement does not hold, beside the errors of its report."""
        found = []
        empty = self.emptiness()
        if empty and not wish.allows_empty:
            found.append(f"{empty} (--allow-empty accepts that)")
        if wish.all_must_match and self.unmatched:
            lines = many(self.unmatched, "line")
            found.append(f"{lines} did not match, and --fail-on-unmatched counts")
        found += [
            f"{note.code}: {note.message}{f'; {note.hint}' if note.hint else ''}"
            " (--fail-on-findings counts it)"
            for note in self.report.findings
            if note.code in wish.refused
        ]
        if not self.report.valid and not self.report.errors:
            found.append("no errors to show: it called fail(), or its policy does not collect")
        return found

    def holds(self, wish: Wish) -> bool:
        """Say whether the data passes the statement."""
        return self.report.valid and not self.faults(wish)


def title_of(statement: Statement, number: int) -> str:
    """Return the identity of a statement, else its number."""
    return statement.identity or f"statement {number}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one file: `data` is what it is called, `titles` its statements.

    With an `error` there are no reports: a DataError is the first error of the data, where the
    policy is to raise; every other one says why the file could not be checked.
    """

    data: str
    statements: tuple[Checked, ...] = ()
    wish: Wish = Wish()
    error: PreboardError | None = None
    titles: tuple[str, ...] = ()

    def holds(self, checked: Checked) -> bool:
        """Say whether the data passes one of the statements."""
        return checked.holds(self.wish)

    @property
    def valid(self) -> bool | None:
        """Say whether the data passes all statements; None if it could not be checked."""
        if self.error is not None:
            return False if isinstance(self.error, DataError) else None
        return all(map(self.holds, self.statements))

    @property
    def code(self) -> Exit:
        """Return the exit code for this file alone."""
        return Exit.USAGE if isinstance(self.error, ConfigError) else _CODES[self.valid]

    @property
    def notes(self) -> list[DataFinding]:
        """Return what is odd about the data, each thing once, whatever statement read it."""
        found: dict[DataFinding, None] = {}
        for checked in self.statements:
            found.update(dict.fromkeys(checked.report.findings))
        return list(found)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return the mistakes in statements that came up, each at its place."""
        return self.error.findings if isinstance(self.error, FaultyStatementsError) else ()


def worse(one: Exit, other: Exit) -> Exit:
    """Return the code that counts: wrong options before not checked before invalid.

    >>> worse(Exit.INVALID, Exit.VALID).name
    'INVALID'
    """
    return max(one, other, key=_ORDER.index)
