"""What the check of one file came to: a report for each statement, and the answer to all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from preboard.cli.statements import Finding

if TYPE_CHECKING:
    from preboard.cli.statements import Piece
    from preboard.engine.report import Report
    from preboard.language.statement import Statement


@dataclass(frozen=True, slots=True)
class Checked:
    """One statement with its report."""

    piece: Piece
    statement: Statement
    report: Report

    @property
    def unmatched(self) -> int:
        """Return how many scanned lines did not match."""
        return self.report.counts.scans - self.report.counts.matches

    @property
    def warnings(self) -> list[Finding]:
        """Return the warnings of the statement, each at its place."""
        return [Finding(self.piece, diagnostic) for diagnostic in self.report.warnings]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of the command: `data` is what the file is called.

    With `all_must_match` a statement holds only if every line that it scanned matched.
    """

    data: str
    statements: tuple[Checked, ...]
    all_must_match: bool = False

    def holds(self, checked: Checked) -> bool:
        """Say whether the data passes one of the statements."""
        return checked.report.valid and not (self.all_must_match and checked.unmatched)

    @property
    def valid(self) -> bool:
        """Say whether the data passes all of the statements."""
        return all(map(self.holds, self.statements))
