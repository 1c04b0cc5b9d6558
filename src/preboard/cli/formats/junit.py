"""The answer as JUnit XML, which Jenkins, GitLab and others show: a test case a file and statement.

The errors of a statement are one failure: its text has them by rule, the first of each.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from preboard.cli.grouping import example, grouped
from preboard.cli.shown import WIDEST, many
from preboard.cli.visible import one_line, visible

if TYPE_CHECKING:
    from typing import TextIO

    from preboard.cli.exit import Exit
    from preboard.cli.formats import Manner
    from preboard.cli.verdict import Checked, Verdict
    from preboard.errors import PreboardError


def writer(manner: Manner) -> JunitWriter:
    """Return a writer that shows at most so many errors a statement."""
    return JunitWriter(manner.most_errors)


class JunitWriter:
    """Writes a test suite a file."""

    def __init__(self, most_errors: int) -> None:
        self._most_errors = most_errors

    def begin(self, out: TextIO) -> None:
        """Open the document."""
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="preboard">\n')

    def add(self, out: TextIO, verdict: Verdict) -> None:
        """Write the suite of one file."""
        if verdict.error is None:
            cases = [(each.title, self._case(verdict, each)) for each in verdict.statements]
        else:
            kind = "error" if verdict.valid is None else "failure"
            body = _element(kind, verdict.error.code, verdict.error.message, _hint(verdict.error))
            cases = [(title, body) for title in verdict.titles or ("the file",)]
        bodies = [body for _, body in cases]
        counts = {
            "tests": len(cases),
            "failures": sum(body.startswith("<failure") for body in bodies),
            "errors": sum(body.startswith("<error") for body in bodies),
            "skipped": sum(body.startswith("<skipped") for body in bodies),
        }
        told = " ".join(f'{name}="{count}"' for name, count in counts.items())
        out.write(f'  <testsuite name="{_text(verdict.data)}" {told}>\n')
        for title, body in cases:
            out.write(
                f'    <testcase classname="{_text(verdict.data)}"'
                f' name="{_text(one_line(title, WIDEST))}">{body}</testcase>\n'
            )
        if notes := "\n".join(note.message for note in verdict.notes):
            out.write(f"    <system-out>{_text(notes, keep=_KEPT)}</system-out>\n")
        out.write("  </testsuite>\n")

    def _case(self, verdict: Verdict, checked: Checked) -> str:
        """Return what is inside of the test case of one statement."""
        if not checked.statement.modes.runs:
            return '<skipped message="the run-mode of the statement is no-run"/>'
        if verdict.holds(checked):
            return ""
        faults = checked.faults(verdict.wish)
        errors = checked.report.errors
        rules = grouped(errors, self._most_errors)
        if errors:
            faults.insert(0, f"{many(len(errors), 'error')} in {many(len(rules), 'rule')}")
        lines = []
        for rule, share in rules:
            lines.append(f"{rule.count:,} x {one_line(rule.text, WIDEST)}")
            lines.extend(f"    {example(error)}" for error in rule.examples[:share])
            if rule.count > share:
                lines.append(f"    {rule.count - share:,} more")
        return _element("failure", "invalid", "; ".join(faults), "\n".join(lines))

    def end(self, out: TextIO, code: Exit) -> None:  # noqa: ARG002 - as the other writers
        """Close the document."""
        out.write("</testsuites>\n")

    def fail(self, out: TextIO, error: PreboardError) -> None:
        """Write one suite with an error: nothing could be checked."""
        self.begin(out)
        drawn = "\n".join(finding.render() for finding in getattr(error, "findings", ()))
        body = _element("error", error.code, error.message, drawn)
        out.write('  <testsuite name="preboard" tests="1" failures="0" errors="1" skipped="0">\n')
        out.write(f'    <testcase classname="preboard" name="statements">{body}</testcase>\n')
        out.write("  </testsuite>\n</testsuites>\n")


def _hint(error: PreboardError) -> str:
    return f"hint: {error.hint}" if error.hint else ""


def _element(kind: str, code: str, message: str, text: str) -> str:
    return (
        f'<{kind} type="{_text(code)}" message="{_text(message)}">'
        f"{_text(text, keep=_KEPT)}</{kind}>"
    )


_KEPT = "\n\t"


def _text(text: str, keep: str = "") -> str:
    """Return a text as XML: without control characters, and in ASCII, whatever the encoding."""
    return escape(visible(text, keep=keep)).encode("ascii", "xmlcharrefreplace").decode()
