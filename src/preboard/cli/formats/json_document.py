"""The answer as JSON, written piece by piece: errors and printouts may lie on disk.

Values that JSON lacks become what is nearest: dates are ISO 8601 text, NaN and the infinities null,
tuples and sets arrays, keys text, anything else its text. All characters beyond ASCII are escaped.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, time
from typing import TYPE_CHECKING, Any, TextIO

from preboard.cli.exit import Exit
from preboard.cli.statements import FaultyStatementsError
from preboard.cli.visible import as_unicode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from preboard.cli.formats import Manner
    from preboard.cli.statements import Finding
    from preboard.cli.verdict import Checked, Verdict
    from preboard.engine.report import LineError
    from preboard.errors import PreboardError


def writer(_manner: Manner) -> JsonWriter:
    """Return a writer; it writes all errors."""
    return JsonWriter()


class JsonWriter:
    """Writes one object with a member `files`; `valid` is null when a check could not be made."""

    def __init__(self) -> None:
        self._begun = False

    def begin(self, out: TextIO) -> None:
        """Open the object."""
        out.write('{"files": [')

    def add(self, out: TextIO, verdict: Verdict) -> None:
        """Write the object of one file: its reports, or why there are none."""
        out.write(",\n" if self._begun else "\n")
        self._begun = True
        head: dict[str, Any] = {"data": verdict.data, "valid": verdict.valid}
        head["findings"] = [asdict(note) for note in verdict.notes]
        if verdict.error is not None:
            head["error"] = about(verdict.error)
        out.write(_members(head) + ', "reports": [')
        for place, checked in enumerate(verdict.statements):
            out.write(",\n" if place else "\n")
            _write_report(out, verdict, checked)
        out.write("\n]}" if verdict.statements else "]}")

    def end(self, out: TextIO, code: Exit) -> None:
        """Close the object."""
        out.write(f'\n], "valid": {dumps(VALID[code])}}}\n')

    def fail(self, out: TextIO, error: PreboardError) -> None:
        """Write an object without files that says why."""
        out.write(dumps({"files": [], "valid": None, "error": about(error)}) + "\n")


VALID = {Exit.VALID: True, Exit.INVALID: False, Exit.FAILED: None, Exit.USAGE: None}


def about(error: PreboardError) -> dict[str, Any]:
    """Return an error as an object."""
    told: dict[str, Any] = {
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "line": getattr(error, "line", None),
        "byte_offset": getattr(error, "byte_offset", None),
    }
    if isinstance(error, FaultyStatementsError):
        told["diagnostics"] = [finding_object(finding) for finding in error.findings]
    return told


def _write_report(out: TextIO, verdict: Verdict, checked: Checked) -> None:
    out.write(_members(report_object(verdict, checked)) + ',\n"errors": ')
    report = checked.report
    _write_array(out, (error_object(error) for error in report.errors))
    out.write(',\n"printouts": {')
    for place, (stream, texts) in enumerate(report.printouts.items()):
        out.write(f"{', ' if place else ''}{dumps(stream)}: ")
        _write_array(out, texts)
    out.write("}}")


def report_object(verdict: Verdict, checked: Checked) -> dict[str, Any]:
    """Return a report without its errors and printouts, which may be long."""
    report = checked.report
    return {
        "identity": report.identity,
        "valid": report.valid,
        "faults": checked.faults(verdict.wish),
        "completed": report.completed,
        "stopped": report.stopped,
        "stopped_by": report.stopped_by,
        "counts": asdict(report.counts),
        "headers": report.headers,
        "dialect": asdict(report.dialect),
        "metadata": report.metadata,
        "variables": report.variables,
        "warnings": [finding_object(finding) for finding in checked.warnings],
    }


def _write_array(out: TextIO, items: Iterable[Any]) -> None:
    """Write an item a line, without holding them all."""
    out.write("[")
    before = "\n"
    for item in items:
        out.write(before + dumps(item))
        before = ",\n"
    out.write("]")


def _members(members: Mapping[str, Any]) -> str:
    """Return an object that is left open for more members."""
    return dumps(members).removesuffix("}")


def error_object(error: LineError) -> dict[str, Any]:
    """Return an error of a line as an object."""
    return {
        "line": error.line,
        "text_line": error.text_line,
        "column": error.column,
        "value": error.value,
        "expected": error.expected,
        "rule": error.rule,
        "source": error.source,
        "message": error.message,
        "hint": error.hint,
    }


def finding_object(finding: Finding) -> dict[str, Any]:
    """Return a finding in a statement, with its place, as an object."""
    line, column = finding.place
    diagnostic = finding.diagnostic
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "hint": diagnostic.hint,
        "source": finding.piece.name,
        "line": line,
        "column": column,
    }


def dumps(value: Any) -> str:
    r"""Return a value as JSON in one line.

    >>> print(dumps({1: (date(2026, 10, 31), float("nan")), "a": "\udcff"}))
    {"1": ["2026-10-31", null], "a": "\\xff"}
    """
    return _ENCODER.encode(_plain(value))


_ENCODER = json.JSONEncoder(allow_nan=False)


def _plain(value: Any) -> Any:
    """Return a value made of what JSON has."""
    match value:
        case None | bool():
            return value
        case str():
            return as_unicode(value)
        case int():
            return int(value) if value.bit_length() <= _MOST_BITS else hex(value)
        case float():
            return float(value) if math.isfinite(value) else None
        case date() | time():
            return value.isoformat()
        case Mapping():
            return {_key(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case set() | frozenset():
            return sorted((_plain(item) for item in value), key=str)
        case _:
            return as_unicode(str(value))


_MOST_BITS = 10_000
"""Python refuses to write numbers much longer than that in decimal."""


def _key(key: Any) -> str:
    return key.isoformat() if isinstance(key, date) else as_unicode(str(key))
