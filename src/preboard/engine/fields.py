"""What print() can refer to: variables, headers, metadata and runtime fields of the run.

Rules: spec/language.md 8.2, 8.3 and 9.7, with rows 22 and 23 of section 15.
"""

from __future__ import annotations

import time
from pathlib import PurePath
from typing import TYPE_CHECKING

from preboard.clock import utc_now
from preboard.language.functions.call import Fault
from preboard.language.values import Value, index_of, text_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from preboard.engine.context import RunState
    from preboard.engine.report import LineError
    from preboard.language.functions.services import Services
    from preboard.language.print_text import PrintReference

_MODES = (
    "unmatched-mode", "validation-mode", "source-mode", "print-mode", "run-mode", "logic-mode",
    "explain-mode", "return-mode",
)  # fmt: skip
ERROR_PATTERN = "{time}:{file}:{line}:{paths}:{instance}:{chain}: {message}"


def printed(services: Services, reference: PrintReference) -> str:
    """Return what a reference to the results of a group prints; what is not there, its name.

    A header prints its value on the last line that was collected.
    """
    name, key = reference.name, reference.key
    try:
        results = services.results(reference.root)
        if reference.kind == "headers":
            column = results.column(name, key)
            return text_of(column[-1]) if column else ""
        known = {
            "variables": results.variables, "metadata": results.metadata, "csvpath": results.fields,
        }[reference.kind]()  # fmt: skip
    except Fault:
        return name
    if name not in known:
        return name
    return text_of(known[name]) if key is None else at_key(known[name], key)


class RuntimeFields:
    """Finds the text of a reference in the state of a run."""

    def __init__(self, run: RunState) -> None:
        self.run = run
        self.started_at = utc_now()
        self.started = time.perf_counter()

    def resolve(self, reference: PrintReference) -> str:
        """Return what a reference prints; an unknown name prints itself."""
        if reference.root:
            return printed(self.run.services, reference)
        match reference.kind:
            case "variables":
                return self._variable(reference)
            case "headers":
                return self._header(reference.name)
            case "metadata":
                metadata = self.run.metadata
                return text_of(metadata.get(reference.name, reference.name))
            case _:
                try:
                    return text_of(self.runtime(reference.name))
                except KeyError:
                    return reference.name

    def _variable(self, reference: PrintReference) -> str:
        if reference.name not in self.run.variables:
            return reference.name
        value = self.run.variables[reference.name]
        if reference.key is None:
            return text_of(value)
        return at_key(value, reference.key)

    def _header(self, name: str) -> str:
        """Return a field of the current line as it is; empty where the line is too short for it."""
        run = self.run
        index = run.headers.index(name) if name in run.headers else index_of(name, run.headers)
        if index is None:
            return name
        if -len(run.row) <= index < len(run.row):
            value = run.row[index]
            return "" if value is None else text_of(value)
        return "" if -len(run.headers) <= index < len(run.headers) else name

    def runtime(self, field: str) -> Value:
        """Return a field of the run; KeyError if there is none of that name."""
        if field in _MODES:
            default = "default" if field == "print-mode" else None
            return self.run.statement.metadata.values.get(field, default)
        known = _FIELDS.get(field)
        return self.run.services.field(field) if known is None else known(self)


def at_key(value: Value, key: str) -> str:
    """Return what `$.variables.name.key` prints: a key, an item, or the length of a list."""
    if isinstance(value, dict):
        found = next((k for k in value if text_of(k) == key), None)
        return (
            text_of(value[found]) if found is not None or (None in value and key == "None") else ""
        )
    if isinstance(value, list | tuple):
        if key == "length":
            return str(len(value))
        if key.isdecimal() and int(key) < len(value):
            return text_of(value[int(key)])
    return ""


def _elapsed(fields: RuntimeFields) -> str:
    return f"{(time.perf_counter() - fields.started) * 1000:.3f}"


_CLOCK: dict[str, Callable[[datetime], Value]] = {
    "day_of_week": lambda t: t.strftime("%A"),
    "day": lambda t: t.day,
    "month": lambda t: t.month,
    "month_of_year": lambda t: t.strftime("%B"),
    "year": lambda t: t.year,
    "hour": lambda t: t.hour,
    "hour_of_day": lambda t: t.strftime("%H"),
    "minute": lambda t: t.minute,
    "second": lambda t: t.second,
}


def _clock(field: str) -> Callable[[RuntimeFields], Value]:
    return lambda _fields: _CLOCK[field](utc_now())


_FIELDS: dict[str, Callable[[RuntimeFields], Value]] = {
    "delimiter": lambda f: f.run.dialect.delimiter,
    "quotechar": lambda f: f.run.dialect.quotechar,
    "file_name": lambda f: f.run.file_name,
    "lines_time": _elapsed,
    "last_line_time": lambda f: f"{f.run.last_line_ms:.3f}",
    "total_lines": lambda f: f.run.total_lines,
    "count_lines": lambda f: f.run.line_number + 1,
    "line_number": lambda f: f.run.line_number,
    "identity": lambda f: f.run.statement.identity,
    "count_matches": lambda f: f.run.matches,
    "count_scans": lambda f: f.run.scans,
    "scan_part": lambda f: f.run.statement.scan_part,
    "match_part": lambda f: f.run.statement.match_part,
    "headers": lambda f: f.run.headers,
    "valid": lambda f: f.run.valid,
    "stopped": lambda f: f.run.stopped,
    "run_started_at": lambda f: f.started_at,
    "lines_collected": lambda f: f.run.returned or -1,
    "errors_count": lambda f: f.run.error_count,
    **{field: _clock(field) for field in _CLOCK},
}


def format_error(error: LineError, run: RunState) -> str:
    """Return the text of an error as the statement's error-mode wants it printed (9.7)."""
    if run.statement.modes.error_format != "full":
        return error.message
    stamp = utc_now()
    return ERROR_PATTERN.format(
        time=f"{stamp:%Y-%m-%d %Hh%Mm%Ss}-{stamp.microsecond:06d}",
        file=PurePath(run.file_name).name,
        line=error.line,
        paths="",
        instance=run.statement.identity or "",
        chain=error.source,
        message=error.message,
    )
