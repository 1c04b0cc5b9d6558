"""Preboard: data preboarding with the CsvPath validation language.

>>> import preboard
>>> report = preboard.validate('$[1*][ #country == "DE" ]', "orders.csv")  # doctest: +SKIP

Names are loaded when they are first used (PEP 562): importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from preboard.catalog.loads import Load
    from preboard.catalog.versions import Version
    from preboard.diagnostics import Diagnostic, Span
    from preboard.engine.access import Access
    from preboard.engine.explain import explain, explain_all
    from preboard.engine.explanation import Explanation, Part
    from preboard.engine.loop import Progress
    from preboard.engine.report import Counts, LineError, Report
    from preboard.engine.validate import Lines, scan, validate, validate_all
    from preboard.errors import (
        BadReference,
        ConfigError,
        Conflict,
        DataError,
        InputError,
        NameRefused,
        NotFound,
        PreboardError,
        Refused,
        RunInterrupted,
        StatementError,
        StoreError,
        Tampered,
    )
    from preboard.language.statement import Statement
    from preboard.manifests.staging import Provenance
    from preboard.project.project import Project
    from preboard.readers.dialect import Dialect
    from preboard.readers.limits import Limits
    from preboard.runs.result import Run

__version__ = "0.1.0"

_WHERE = {
    "Access": "engine.access", "BadReference": "errors", "ConfigError": "errors",
    "Conflict": "errors", "Counts": "engine.report", "DataError": "errors",
    "Diagnostic": "diagnostics", "Dialect": "readers.dialect", "Explanation": "engine.explanation",
    "InputError": "errors", "Limits": "readers.limits", "LineError": "engine.report",
    "Lines": "engine.validate", "Load": "catalog.loads", "NameRefused": "errors",
    "NotFound": "errors", "Part": "engine.explanation", "PreboardError": "errors",
    "Progress": "engine.loop", "Project": "project.project", "Provenance": "manifests.staging",
    "Refused": "errors", "Report": "engine.report", "Run": "runs.result",
    "RunInterrupted": "errors", "Span": "diagnostics", "Statement": "language.statement",
    "StatementError": "errors", "StoreError": "errors", "Tampered": "errors",
    "Version": "catalog.versions", "explain": "engine.explain", "explain_all": "engine.explain",
    "scan": "engine.validate", "validate": "engine.validate", "validate_all": "engine.validate",
}  # fmt: skip

__all__ = [
    "Access", "BadReference", "ConfigError", "Conflict", "Counts", "DataError", "Diagnostic",
    "Dialect", "Explanation", "InputError", "Limits", "LineError", "Lines", "Load", "NameRefused",
    "NotFound", "Part", "PreboardError", "Progress", "Project", "Provenance", "Refused", "Report",
    "Run", "RunInterrupted", "Span", "Statement", "StatementError", "StoreError", "Tampered",
    "Version", "explain", "explain_all", "scan", "validate", "validate_all",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'preboard' has no attribute {name!r}")
    value = getattr(import_module(f"preboard.{_WHERE[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
