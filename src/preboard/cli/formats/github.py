"""The answer as commands for GitHub Actions: annotations on the lines of the data.

GitHub shows few annotations a step, so that errors are shared out over the rules; the rest is
counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from preboard.cli.grouping import grouped
from preboard.cli.shown import WIDEST, many
from preboard.cli.visible import one_line, visible

if TYPE_CHECKING:
    from typing import TextIO

    from preboard.cli.exit import Exit
    from preboard.cli.formats import Manner
    from preboard.cli.statements import Finding
    from preboard.cli.verdict import Checked, Verdict
    from preboard.errors import PreboardError

Level = Literal["error", "warning", "notice"]


def writer(manner: Manner) -> GithubWriter:
    """Return a writer that shows at most so many errors a statement."""
    return GithubWriter(manner.most_errors)


class GithubWriter:
    """Writes a command a line."""

    def __init__(self, most_errors: int) -> None:
        self._most_errors = most_errors

    def begin(self, out: TextIO) -> None:
        """Write nothing: the files follow."""

    def add(self, out: TextIO, verdict: Verdict) -> None:
        """Write the annotations of one file."""
        out.writelines(finding_command(finding) for finding in verdict.findings)
        if verdict.error is not None and not verdict.findings:
            title = "not checked" if verdict.valid is None else "invalid"
            out.write(command("error", verdict.error.message, file=verdict.data, title=title))
        for note in verdict.notes:
            hint = f"\nhint: {note.hint}" if note.hint else ""
            text = note.message + hint
            out.write(command("notice", text, file=verdict.data, title=note.code))
        for checked in verdict.statements:
            self._add_statement(out, verdict, checked)

    def _add_statement(self, out: TextIO, verdict: Verdict, checked: Checked) -> None:
        level: Level = "warning" if verdict.holds(checked) else "error"
        title = one_line(checked.title, WIDEST)
        errors = checked.report.errors
        seen = 0
        for rule, share in grouped(errors, self._most_errors):
            for error in rule.examples[:share]:
                hint = f"\nhint: {error.hint}" if error.hint else ""
                text = f"{error.message}{hint}\n{rule.text}"
                out.write(
                    command(level, text, file=verdict.data, line=error.text_line, title=title)
                )
            seen += share
        if seen < len(errors):
            more = f"{many(len(errors) - seen, 'more error')} ({seen:,} shown, see --max-errors)"
            out.write(command(level, more, file=verdict.data, title=title))
        out.writelines(
            command(level, fault, file=verdict.data, title=title)
            for fault in checked.faults(verdict.wish)
        )
        out.writelines(finding_command(finding) for finding in checked.warnings)

    def end(self, out: TextIO, code: Exit) -> None:
        """Write nothing: all is said."""

    def fail(self, out: TextIO, error: PreboardError) -> None:
        """Write why nothing could be checked, at its place in the checks files."""
        findings: tuple[Finding, ...] = getattr(error, "findings", ())
        out.writelines(finding_command(finding) for finding in findings)
        if not findings:
            out.write(command("error", error.message, title="not checked"))


def finding_command(finding: Finding) -> str:
    """Return the annotation of a mistake in a statement."""
    line, column = finding.place
    diagnostic = finding.diagnostic
    hint = f"\nhint: {diagnostic.hint}" if diagnostic.hint else ""
    return command(
        diagnostic.severity, diagnostic.message + hint,
        file=finding.piece.name, line=line, col=column, title=diagnostic.code,
    )  # fmt: skip


def command(level: Level, message: str, **properties: str | int | None) -> str:
    r"""Return one workflow command, with what would end its parts escaped.

    >>> print(command("error", "50%\nodd", file="a,b:c.csv", line=3), end="")
    ::error file=a%2Cb%3Ac.csv,line=3::50%25%0Aodd
    """
    told = ",".join(
        f"{name}={_property(str(value))}" for name, value in properties.items() if value is not None
    )
    return f"::{level}{' ' if told else ''}{told}::{_data(message)}\n"


def _data(text: str) -> str:
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return visible(escaped)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
