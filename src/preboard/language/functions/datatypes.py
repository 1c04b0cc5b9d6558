"""datatype(): the type that fits a value best: spec/functions-b.md section 3."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING

from preboard.language.functions.call import Fault
from preboard.language.functions.registry import function
from preboard.language.functions.signature import Anything
from preboard.language.functions.type_rules import (
    is_email,
    is_url,
    read_datetime,
    read_decimal,
    read_integer,
)
from preboard.language.values import Value, is_empty

if TYPE_CHECKING:
    from collections.abc import Callable

    from preboard.language.functions.call import Call


@function(
    "datatype",
    group="validity",
    gives="value",
    args=[Anything.on("VHF")],
    votes=lambda _value: True,
    reports=True,
)
def datatype(call: Call, value: Value) -> str:
    """The name of the type that fits a value best.

    The first of decimal, integer, boolean, datetime, date, none, url, email, string that it reads
    as, else unknown. A cell that the line is too short for is none, and an error of the line.

    Example::

        $[1-3][ push("types", datatype(#quantity)) ]
    """
    if value is None:
        call.run.error(call, "there is no value to name the type of")
        return "none"
    return best_type(value)


def best_type(value: Value) -> str:
    """Return the name of the type that fits a value best.

    >>> [best_type(v) for v in ("2.0", "1,200", "true", "2024-01-31", "", "1e3", 7)]
    ['decimal', 'integer', 'boolean', 'date', 'none', 'string', 'integer']
    """
    if is_empty(value):
        return "none"
    if isinstance(value, str):
        return _of_text(value.strip())
    for name, kinds in _KINDS:
        if isinstance(value, kinds):
            return name
    return "unknown"


_KINDS: tuple[tuple[str, type], ...] = (
    ("boolean", bool), ("integer", int), ("decimal", float), ("datetime", datetime),
    ("date", date),
)  # fmt: skip


def _of_text(text: str) -> str:
    if "." in text and _reads(read_decimal, text):
        return "decimal"
    if _reads(read_integer, text):
        return "integer"
    if text.lower() in ("true", "false"):
        return "boolean"
    try:
        moment = read_datetime(text, None)
    except Fault:
        return "url" if is_url(text) else "email" if is_email(text) else "string"
    return "date" if moment.time() == time() else "datetime"


def _reads(read: Callable[[str], float], text: str) -> bool:
    try:
        read(text)
    except Fault:
        return False
    return True
