"""Run the examples of the functions and tell what came of them.

They run in a copy of examples/functions, in which partners.db is made from partners.sql.
"""

from __future__ import annotations

import csv
import io
import logging
import re
import shutil
import sqlite3
from contextlib import chdir, closing, contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from pyarrow.parquet import ParquetFile

import preboard
from preboard.engine.context import STATEMENT_LOG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preboard.engine.report import Line, Report
    from preboard.language.functions.registry import Example

SAMPLES = Path(__file__).parents[1] / "examples" / "functions"

_MOST_ROWS: Final = 5
"""Matched lines that are shown."""

_MOST_LINES: Final = 8
"""Lines of a printout that are shown: behind them run_table() tells times, new in each run."""

_LONGEST_VALUE: Final = 200
_DIGEST: Final = re.compile(r"\b([0-9a-f]{8})[0-9a-f]{56}\b")
_MATCH_PART: Final = re.compile(r"(\])\s*\[.*\]", re.DOTALL)


@contextmanager
def samples() -> Iterator[None]:
    """Work in a directory with the data of the examples."""
    with TemporaryDirectory() as folder:
        shutil.copytree(SAMPLES, folder, dirs_exist_ok=True)
        script = (SAMPLES / "partners.sql").read_text(encoding="utf-8")
        with closing(sqlite3.connect(Path(folder) / "partners.db")) as database:
            database.executescript(script)
        with chdir(folder):
            yield


class _Records(logging.Handler):
    """Keeps what a statement logs."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        self.told.append(f"logs, as {record.levelname.lower()}: {record.getMessage()}")


@contextmanager
def _logged() -> Iterator[list[str]]:
    """Give what statements log from the level info on."""
    log, records = logging.getLogger(STATEMENT_LOG), _Records()
    level = log.level
    log.addHandler(records)
    log.setLevel(logging.INFO)
    try:
        yield records.told
    finally:
        log.removeHandler(records)
        log.setLevel(level)


def outcome(example: Example) -> list[str]:
    """Return what an example does, in lines; it runs in a directory of `samples`."""
    try:
        preboard.Statement.parse(example.statement)
    except preboard.StatementError as error:
        return [f"refused: {finding.message}" for finding in error.diagnostics]
    with _logged() as logs:
        idle = preboard.validate(_MATCH_PART.sub(r"\1[]", example.statement), example.data)
        del logs[:]
        report = preboard.validate(example.statement, example.data)
    return [
        *_lines(report, idle),
        *_headers(report, idle),
        *(f"@{name} = {_value(value)}" for name, value in _variables(report)),
        *_printouts(report),
        *logs,
        *_files(),
        *_metadata(report, idle),
        *(f"error on line {error.line}: {error.message}" for error in report.errors),
        *([] if report.valid else ["the data is invalid"]),
        *([f"ended by {report.stopped_by}"] if report.stopped_by != idle.stopped_by else []),
    ]


def idle_outcome(example: Example) -> list[str]:
    """Return the outcome of a statement that does nothing on the same lines."""
    return outcome(example._replace(statement=_MATCH_PART.sub(r"\1[]", example.statement)))


def _lines(report: Report, idle: Report) -> list[str]:
    scanned = report.counts.scans
    if report.lines == idle.lines:
        return [f"all {scanned} lines match" if scanned > 1 else "the line matches"]
    matched = len(report.lines)
    if not matched:
        return ["the line does not match" if scanned == 1 else f"no line of {scanned} matches"]
    verb = "matches" if matched == 1 else "match"
    behind = matched - _MOST_ROWS
    return [
        "the line matches:" if scanned == 1 else f"{matched} of {scanned} lines {verb}:",
        *(f"  {row}" for line in report.lines[:_MOST_ROWS] for row in _row(line).split("\n")),
        *([f"  and {behind} more"] if behind > 0 else []),
    ]


def _row(line: Line) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(line)
    return text.getvalue()


def _headers(report: Report, idle: Report) -> list[str]:
    return [f"headers: {_row(report.headers)}"] if report.headers != idle.headers else []


def _variables(report: Report) -> list[tuple[str, object]]:
    found = report.variables.items()
    return [(name, value) for name, value in found if not name.startswith("_intx_")]


def _value(value: object) -> str:
    text = _DIGEST.sub(r"\1...", str(value) if isinstance(value, date) else repr(value))
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."


def _printouts(report: Report) -> list[str]:
    found = []
    for stream, texts in report.printouts.items():
        name = "" if stream == "default" else f" to {stream}"
        for text in texts:
            lines = text.split("\n")
            if len(lines) == 1:
                found.append(f"prints{name}: {text}")
                continue
            found += [f"prints{name}:", *(f"  {line}" for line in lines[:_MOST_LINES])]
            found += ["  ..."] if len(lines) > _MOST_LINES else []
    return found


def _files() -> list[str]:
    """Return what was written, and remove it."""
    found = []
    for path in sorted(Path().glob("**/*.parquet")):
        columns = ParquetFile(path).schema_arrow
        rows = ParquetFile(path).metadata.num_rows
        found.append(f"writes {path.as_posix()}, {rows} rows:")
        found += [f"  {column.name}: {column.type}" for column in columns]
        path.unlink()
    return found


def _metadata(report: Report, idle: Report) -> list[str]:
    new = {key: value for key, value in report.metadata.items() if key not in idle.metadata}
    return [f"metadata: {key} = {_value(value)}" for key, value in new.items()]
