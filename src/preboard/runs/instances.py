"""One statement of a run, from its runner to its files and its manifest (spec/framework.md 1.3)."""

from __future__ import annotations

import logging
import os
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from msgspec import UNSET
from msgspec.structs import replace

from preboard.archive.files import (
    DATA,
    ERRORS,
    META,
    PRINTOUTS,
    UNMATCHED,
    VARS,
    LineFile,
    error_blocks,
    json_blocks,
    printout_blocks,
    write_bytes,
)
from preboard.archive.runs import MANIFEST, write_document
from preboard.clock import iso, utc_now
from preboard.config.names import checked_identity, shown
from preboard.engine.report import LineError
from preboard.errors import ConfigError, DataError, NameRefused
from preboard.language.functions.printing import DEFAULT_STREAM
from preboard.language.values import text_of
from preboard.manifests.archive import ErrorEntry
from preboard.runs.expected import expectation, generated
from preboard.runs.transfers import Source, asked_for, hand_on, not_understood
from preboard.storage.local import READ_ONLY, fingerprint_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from preboard.archive.runs import OpenInstance
    from preboard.diagnostics import Finding
    from preboard.engine.report import Report
    from preboard.engine.runner import Runner
    from preboard.errors import InputError
    from preboard.groups.members import Member
    from preboard.language.modes import ErrorPolicy
    from preboard.language.values import Value
    from preboard.readers.dialect import Dialect
    from preboard.runs.transfers import Target

log = logging.getLogger("preboard.runs")

_PLACEHOLDER = re.compile(r"\{(time|file|line|paths|instance|chain|message)\}")
_MODES = (
    "unmatched-mode", "validation-mode", "source-mode", "print-mode", "run-mode", "logic-mode",
    "explain-mode", "return-mode",
)  # fmt: skip
_FIELDS = (
    "delimiter", "quotechar", "file_name", "lines_time", "total_lines", "count_lines",
    "line_number", "identity", "count_matches", "count_scans", "scan_part", "match_part",
    "last_line_time", "headers", "valid", "stopped", *_MODES, "run_started_at",
    "lines_collected", "errors_count", "named_paths_name", "named_file_name", "run_dir",
    "run_dir_name", "run_reference", "day_of_week", "day", "month", "month_of_year", "year",
    "hour", "hour_of_day", "minute", "second",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What the documents of every instance say of their run."""

    group: str
    file: str
    run_dir: str
    run_time: str
    pattern: str


class Instance:
    """One statement of a run: its runner, the file of its lines, its directory.

    `read` is the file that it goes over.
    """

    def __init__(
        self, member: Member, opened: OpenInstance, read: Path, facts: RunFacts, *, collects: bool
    ) -> None:
        self.member = member
        self.opened = opened
        self.read = read
        self.facts = facts
        self.collects = collects
        self.runner: Runner | None = None
        self.findings: Sequence[Finding] = ()
        self.looked_at: Collection[str] = ()
        """References to the runs whose results the statement looked at."""
        self.reason: str | None = None
        """The error that kept it from reading its file to the end."""
        self._lines: LineFile | None = None
        self._unmatched: LineFile | None = None

    def keep(self, row: Sequence[Value]) -> None:
        """Write a line to data.csv."""
        if self._lines is None:
            self._lines = self._line_file(DATA)
        self._lines.write(row)

    def drop(self, row: Sequence[Value]) -> None:
        """Write a line to unmatched.csv."""
        if self._unmatched is None:
            self._unmatched = self._line_file(UNMATCHED)
        self._unmatched.write(row)

    def _line_file(self, name: str) -> LineFile:
        dialect = self.dialect
        return LineFile(self.opened.home / name, dialect.delimiter, dialect.quotechar)

    @property
    def line_count(self) -> int:
        """Return how many lines were kept."""
        return 0 if self._lines is None else self._lines.lines

    @property
    def dialect(self) -> Dialect:
        """Return how its lines are written."""
        assert self.runner is not None  # noqa: S101 - there were lines
        return self.runner.run.dialect

    def break_off(self, error: DataError | InputError, policy: ErrorPolicy) -> None:
        """Take it that an error keeps the statement from the rest of its file: it is not valid."""
        assert self.runner is not None  # noqa: S101 - it was reading
        self.reason = error.message
        run = self.runner.run
        run.fail()
        if policy.collects and not isinstance(error, DataError):  # that one is an error of a line
            line = max(self.runner.records - 1, 0) if error.line is None else error.line
            run.errors.append(LineError(line, line + 1, error.message))
            run.error_count += 1
        if policy.prints:
            run.print(error.message, DEFAULT_STREAM)

    def finish(self) -> None:
        """Write what is known at the end, and the manifest that says what it came to."""
        if self.runner is None:
            return
        report = self.runner.report((), self.findings)
        home = self.opened.home
        prints: dict[str, str] = {}
        if self.collects and self._lines is None:
            self._lines = self._line_file(DATA)
        for name, lines in ((DATA, self._lines), (UNMATCHED, self._unmatched)):
            if lines is not None:
                lines.close()
                prints[name] = lines.file.fingerprint
        prints[META] = write_bytes(f"{home}/{META}", json_blocks(self._meta(report)))
        prints[VARS] = write_bytes(f"{home}/{VARS}", json_blocks(report.variables))
        prints[ERRORS] = write_bytes(f"{home}/{ERRORS}", error_blocks(self._errors(report)))
        prints.update(self._print(report.printouts))
        prints.update(_others(home, prints))
        self._end(report, prints)

    def _print(self, printouts: Mapping[str, Sequence[str]]) -> dict[str, str]:
        """Write what was printed, with print-mode separate also a file for each printer."""
        assert self.runner is not None  # noqa: S101 - there is a report
        home = self.opened.home
        prints: dict[str, str] = {}
        if not any(len(lines) for lines in printouts.values()):
            return prints
        prints[PRINTOUTS] = write_bytes(home / PRINTOUTS, printout_blocks(printouts))
        if not self.runner.run.statement.modes.printing.endswith("separate"):
            return prints
        for printer, lines in printouts.items():
            try:
                name = f"{checked_identity(printer)}.txt"
                prints[name] = write_bytes(home / name, (_line(line) for line in lines))
            except (NameRefused, FileExistsError):
                log.warning("%s names no file: it is in %s only", shown(printer), PRINTOUTS)
        return prints

    def _end(self, report: Report, prints: dict[str, str]) -> None:
        wanted = expectation(dict(self.member.statement.modes.texts).get("files-mode"))
        present = set(prints)
        if not self.line_count:
            present.discard(DATA)  # an empty data.csv is no data
        self.opened.end(
            replace(
                self.opened.manifest,
                file_fingerprints=prints,
                files_expected=wanted.met(present),
                number_of_files_expected=wanted.count,
                number_of_files_generated=generated(prints),
                # What was not read is not valid: it could not be checked.
                valid=report.valid and report.counts.lines > 0 and self.reason is None,
                completed=report.completed and self.reason is None,
                reason=self.reason or UNSET,
                referenced_runs=sorted(self.looked_at) or UNSET,
                error_count=len(report.errors),
            )
        )

    def fail(self) -> None:
        """Let another statement's fail_all() count: behind `finish`, in the manifest and meta."""
        manifest = self.opened.manifest
        if self.runner is None or manifest.valid is False:
            return
        self.runner.run.fail()
        prints = dict(manifest.file_fingerprints or {})
        if META in prints:
            report = self.runner.report((), self.findings)
            new = self.opened.home / f".{META}"
            prints[META] = write_bytes(new, json_blocks(self._meta(report)))
            new.replace(self.opened.home / META)
        self.opened.end(replace(manifest, file_fingerprints=prints, valid=False))

    def hand_on(self, definition: Mapping[str, Any], target: Target) -> None:
        """Copy what is to be handed on, and say so in the manifest."""
        manifest = self.opened.manifest
        if self.runner is None or self.reason is not None:  # what it has is not whole
            return
        try:
            asked = asked_for(
                self.member, definition, valid=manifest.valid is True, errors=manifest.error_count
            )
        except ConfigError as error:
            self.opened.end(not_understood(error, manifest))
            return
        if not asked:
            return
        variables = self.runner.report((), self.findings).variables
        source = Source(
            self.opened.home, manifest.instance_home, self.read, manifest.actual_data_file
        )
        for each in sorted(asked, key=lambda transfer: transfer.is_manifest):
            if each.is_manifest:  # as it will be
                write_document(self.opened.home, self.opened.manifest, durable=False)
            self.opened.end(hand_on(each, source, target, variables, self.opened.manifest))

    def _meta(self, report: Report) -> dict[str, Any]:
        assert self.runner is not None  # noqa: S101 - there is a report
        manifest = self.opened.manifest
        runtime: dict[str, Any] = {}
        for field in _FIELDS:
            try:
                runtime[field] = self.runner.run.runtime(field)
            except KeyError:
                continue
        return {
            "paths_name": self.facts.group,
            "file_name": self.facts.file,
            "run_time": self.facts.run_time,
            "run_index": manifest.instance_index,
            "identity": manifest.instance_identity,
            "metadata": {"NAME": manifest.instance_index, **report.metadata},
            "runtime_data": {
                **runtime,
                # Of a statement without one it is the index, which only a run knows.
                "identity": manifest.instance_identity,
                "scan_part": f"${manifest.actual_data_file}{runtime['scan_part']}",
                # Numbers here, texts where they are printed.
                "lines_time": float(runtime["lines_time"]),
                "last_line_time": float(runtime["last_line_time"]),
                # What generated code does not keep for a statement that never asks.
                "total_lines": runtime["total_lines"] or report.counts.lines,
                "count_lines": report.counts.lines,
                "line_number": report.counts.lines - 1,
                "run_index": manifest.instance_index,
            },
            "findings": [
                {name: value for name, value in asdict(each).items() if value is not None}
                for each in report.findings
            ],
        }

    def _errors(self, report: Report) -> Iterable[ErrorEntry]:
        now = iso(utc_now())
        return (self._error(error, now) for error in report.errors)

    def _error(self, error: LineError, now: str) -> ErrorEntry:
        manifest = self.opened.manifest
        words = {
            "time": now,
            "file": manifest.actual_data_file.rpartition("/")[2],
            "line": str(error.line),
            "paths": self.facts.group,
            "instance": manifest.instance_identity,
            "chain": error.source,
            "message": error.message,
        }
        return ErrorEntry(
            line_count=error.line,
            match_count=error.matches,
            scan_count=error.scans,
            source=error.source,
            message=error.message,
            named_paths_name=self.facts.group,
            named_file_name=self.facts.file,
            identity=manifest.instance_identity,
            filename=manifest.actual_data_file,
            time=now,
            run_dir=self.facts.run_dir,
            expanded_message=_PLACEHOLDER.sub(lambda found: words[found[1]], self.facts.pattern),
            text_line=error.text_line,
            column=error.column,
            value=None if error.value is None else text_of(error.value),
            expected=error.expected,
            rule=error.rule,
        )


def _line(text: str) -> bytes:
    return text.encode(errors="replace") + b"\n"


def _others(home: Path, known: Collection[str]) -> dict[str, str]:
    """Return the fingerprints of what functions of the statement wrote."""
    found = {}
    for name in sorted(os.listdir(home)):  # noqa: PTH208 - names, most of which are known
        if name in known or name == MANIFEST or not (path := home / name).is_file():
            continue
        path.chmod(READ_ONLY)
        found[name] = fingerprint_of(path) or ""
    return found
