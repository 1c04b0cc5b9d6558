"""Preboard: data preboarding with the CsvPath validation language.

>>> import preboard
>>> report = preboard.validate('$[1*][ #country == "DE" ]', "orders.csv")  # doctest: +SKIP

Names are loaded when they are first used (PEP 562): importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from preboard.diagnostics import Diagnostic, Span
    from preboard.engine.loop import Progress
    from preboard.engine.report import Counts, LineError, Report
    from preboard.engine.validate import Lines, scan, validate, validate_all
    from preboard.errors import (
        ConfigError,
        DataError,
        InputError,
        PreboardError,
        RunInterrupted,
        StatementError,
    )
    from preboard.language.statement import Statement
    from preboard.readers.dialect import Dialect

__version__ = "0.1.0"

_WHERE = {
    "ConfigError": "errors", "Counts": "engine.report", "DataError": "errors",
    "Diagnostic": "diagnostics", "Dialect": "readers.dialect", "InputError": "errors",
    "LineError": "engine.report", "Lines": "engine.validate", "PreboardError": "errors",
    "Progress": "engine.loop", "Report": "engine.report", "RunInterrupted": "errors",
    "Span": "diagnostics", "Statement": "language.statement", "StatementError": "errors",
    "scan": "engine.validate", "validate": "engine.validate", "validate_all": "engine.validate",
}  # fmt: skip

__all__ = [
    "ConfigError", "Counts", "DataError", "Diagnostic", "Dialect", "InputError", "LineError",
    "Lines", "PreboardError", "Progress", "Report", "RunInterrupted", "Span", "Statement",
    "StatementError", "scan", "validate", "validate_all",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'preboard' has no attribute {name!r}")
    value = getattr(import_module(f"preboard.{_WHERE[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
