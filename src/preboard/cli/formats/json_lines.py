"""The answer as JSON lines: one object a line, each with its `kind`.

`finding` is something odd about a file, `error` an error of one of its lines, `report` what a
statement came to, `failure` why a file, or all of them, could not be checked or why the run ended
at the first error. The last line is the `verdict`.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from preboard.cli.formats.json_document import (
    VALID,
    about,
    dumps,
    error_object,
    report_object,
)

if TYPE_CHECKING:
    from typing import TextIO

    from preboard.cli.exit import Exit
    from preboard.cli.formats import Manner
    from preboard.cli.verdict import Verdict
    from preboard.errors import PreboardError


def writer(_manner: Manner) -> JsonLinesWriter:
    """Return a writer; it writes all errors."""
    return JsonLinesWriter()


class JsonLinesWriter:
    """Writes the errors of each statement, then its report; the verdict last."""

    def begin(self, out: TextIO) -> None:
        """Write nothing: the files follow."""

    def add(self, out: TextIO, verdict: Verdict) -> None:
        """Write the errors and reports of one file, or why there are none."""
        if verdict.error is not None:
            _write(out, "failure", verdict.data, valid=verdict.valid, error=about(verdict.error))
        for note in verdict.notes:
            _write(out, "finding", verdict.data, **asdict(note))
        for checked in verdict.statements:
            for error in checked.report.errors:
                _write(out, "error", verdict.data, statement=checked.title, **error_object(error))
            _write(
                out, "report", verdict.data, statement=checked.title,
                **report_object(verdict, checked), errors=len(checked.report.errors),
            )  # fmt: skip

    def end(self, out: TextIO, code: Exit) -> None:
        """Write the verdict on all files."""
        out.write(dumps({"kind": "verdict", "valid": VALID[code]}) + "\n")

    def fail(self, out: TextIO, error: PreboardError) -> None:
        """Write why nothing could be checked."""
        _write(out, "failure", None, valid=None, error=about(error))
        out.write(dumps({"kind": "verdict", "valid": None}) + "\n")


def _write(out: TextIO, kind: str, data: str | None, **members: Any) -> None:
    out.write(dumps({"kind": kind, "data": data, **members}) + "\n")
