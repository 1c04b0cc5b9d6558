"""The answer as SARIF 2.1.0, which GitHub code scanning and other viewers of findings read.

A rule of the document is a component of a statement; its id is the statement's title and a short
hash of the component's text, so that it stays the same from run to run. Results are written as they
come, the rules that they name behind them: the order of members means nothing in JSON.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from preboard import __version__
from preboard.cli.exit import Exit
from preboard.cli.formats.json_document import dumps
from preboard.cli.visible import as_unicode, one_line

if TYPE_CHECKING:
    from typing import TextIO

    from preboard.cli.formats import Manner
    from preboard.cli.statements import Finding
    from preboard.cli.verdict import Checked, Verdict
    from preboard.engine.report import LineError
    from preboard.errors import PreboardError

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_WIDEST = 200


def writer(_manner: Manner) -> SarifWriter:
    """Return a writer; it writes all errors."""
    return SarifWriter()


class SarifWriter:
    """Writes one run with a result an error."""

    def __init__(self) -> None:
        self._rules: list[dict[str, Any]] = []
        self._places: dict[str, int] = {}
        self._identities: dict[tuple[str, str], str] = {}
        self._notifications: list[dict[str, Any]] = []
        self._begun = False

    def begin(self, out: TextIO) -> None:
        """Open the document and its run."""
        out.write(f'{{"$schema": "{SCHEMA}", "version": "2.1.0", "runs": [{{"results": [')

    def add(self, out: TextIO, verdict: Verdict) -> None:
        """Write the results of one file."""
        if verdict.error is not None and verdict.valid is None:
            self._note(verdict.error, verdict.data)
        elif verdict.error is not None:
            rule = self._rule("", "the first error", verdict.error.message)
            self._write(out, rule, "error", verdict.error.message, _location(verdict.data))
        for note in verdict.notes:
            rule = self._rule("data", note.code, note.code)
            self._write(out, rule, "note", note.message, _location(verdict.data))
        for checked in verdict.statements:
            self._add_statement(out, verdict, checked)

    def _add_statement(self, out: TextIO, verdict: Verdict, checked: Checked) -> None:
        level = "warning" if verdict.holds(checked) else "error"
        for error in checked.report.errors:
            text = error.rule or error.source or "the statement"
            rule = self._rule(checked.title, text, text)
            self._write(out, rule, level, error.message, _error_location(verdict.data, error))
        for fault in checked.faults(verdict.wish):
            rule = self._rule(checked.title, "the statement as a whole", "the statement as a whole")
            self._write(out, rule, level, fault, _location(verdict.data))
        self._notifications.extend(_notification(finding) for finding in checked.warnings)

    def _rule(self, title: str, text: str, told: str) -> str:
        """Return the id of a rule, which is listed at the end."""
        known = self._identities.get((title, text))
        if known is not None:
            return known
        identity = f"{title or 'preboard'}/{sha256(text.encode(errors='replace')).hexdigest()[:8]}"
        self._identities[title, text] = identity
        if identity not in self._places:
            described = {"shortDescription": {"text": one_line(told, _WIDEST)}}
            self._places[identity] = len(self._rules)
            self._rules.append({"id": identity, **described})
        return identity

    def _write(
        self, out: TextIO, rule: str, level: str, message: str, location: dict[str, Any]
    ) -> None:
        result = {
            "ruleId": rule,
            "ruleIndex": self._places[rule],
            "level": level,
            "message": {"text": as_unicode(message) or "error"},
            "locations": [location],
        }
        out.write((",\n" if self._begun else "\n") + dumps(result))
        self._begun = True

    def _note(self, error: PreboardError, data: str | None) -> None:
        """Keep why something could not be checked."""
        findings: tuple[Finding, ...] = getattr(error, "findings", ())
        self._notifications.extend(_notification(finding) for finding in findings)
        if not findings:
            told: dict[str, Any] = {"level": "error", "message": {"text": str(error)}}
            if data is not None:
                told["locations"] = [_location(data)]
            self._notifications.append(told)

    def end(self, out: TextIO, code: Exit) -> None:
        """Write the tool with the rules, and how the run ended; close the document."""
        driver = {"name": "preboard", "version": __version__, "rules": self._rules}
        invocation = {
            "executionSuccessful": code in (Exit.VALID, Exit.INVALID),
            "exitCode": int(code),
            "toolExecutionNotifications": self._notifications,
        }
        members = {
            "columnKind": "unicodeCodePoints",
            "tool": {"driver": driver},
            "invocations": [invocation],
        }
        out.write("\n], " + dumps(members)[1:] + "]}\n")

    def fail(self, out: TextIO, error: PreboardError) -> None:
        """Write a run without results that says why."""
        self.begin(out)
        self._note(error, None)
        self.end(out, Exit.FAILED)


def _notification(finding: Finding) -> dict[str, Any]:
    line, column = finding.place
    place = _location(finding.piece.name, {"startLine": line, "startColumn": column})
    return {
        "level": finding.diagnostic.severity,
        "message": {"text": finding.diagnostic.message},
        "descriptor": {"id": finding.diagnostic.code},
        "locations": [place],
    }


def _error_location(data: str, error: LineError) -> dict[str, Any]:
    place = _location(data, {"startLine": error.text_line})
    if error.column is not None:
        place["logicalLocations"] = [{"name": str(error.column), "kind": "member"}]
    return place


def _location(data: str, region: dict[str, int] | None = None) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": uri_of(data)}}
    if region is not None:
        place["region"] = region
    return {"physicalLocation": place}


@lru_cache(maxsize=16)
def uri_of(data: str) -> str:
    """Return the name of a file as a URI, relative where the name is.

    >>> uri_of("in/zürich 1.csv")
    'in/z%C3%BCrich%201.csv'
    """
    path = PurePath(data)
    if path.is_absolute():
        return path.as_uri()
    return quote(path.as_posix(), errors="surrogateescape")
