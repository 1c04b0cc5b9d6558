"""What the types take, by the tables of spec/functions-b.md section 3 and nothing else.

Dates, e-mail addresses and URLs are left to the functions: their rules are those of libraries.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import UUID

from preboard.language.functions.call import Fault
from preboard.language.functions.types import distinct, named_cell
from preboard.language.values import is_empty, text_of

if TYPE_CHECKING:
    from preboard.language.functions.call import Call

NUMBERS = ("integer", "decimal")
JUDGED = (*NUMBERS, "boolean", "string", "uuid")
"""The functions that are judged here."""
STRICT_BOOLEANS = ("true", "false", "")
BOOLEANS = (*STRICT_BOOLEANS, "1", "0")


def judge(call: Call, name: str, values: list[Any]) -> tuple[Any, bool]:
    """Return value and vote of a type.

    Raises:
        Fault: it does not take the value.
    """
    given = named_cell(call, values[0]) if name == "boolean" else values[0]
    text = "" if given is None else text_of(given).strip()
    strict = "strict" in call.qualifiers
    if name == "string":
        return string(call, given, values[1:])
    if name == "boolean" and text.lower() not in (STRICT_BOOLEANS if strict else BOOLEANS):
        raise Fault(f"{text} is no boolean")
    distinct(call, text)
    if name in NUMBERS and text:
        found = whole(text, strict=strict) if name == "integer" else decimal(text, strict=strict)
        most, least = bounds(values[1:])
        if not ((most is None or found <= most) and (least is None or found >= least)):
            raise Fault(f"{text} is out of bounds")
    taken = name != "uuid" or not text or is_uuid(text)
    return taken, taken


def bounds(values: list[Any]) -> tuple[float | None, float | None]:
    """Return the upper and the lower bound, None where there is none."""
    found = [bound(value) for value in values]
    most, least = (*found, None, None)[:2]
    return most, least


def bound(value: Any) -> float | None:
    """Return a bound as a number; a boolean is 1 or 0."""
    if isinstance(value, int | float):
        return float(value)
    return None if is_empty(value) else number(text_of(value))


def string(call: Call, given: Any, limits: list[Any]) -> tuple[Any, bool]:
    """Judge a text by its length; a missing one passes."""
    if given is None:
        return None, True
    most, least = (None if limit is None else int(limit) for limit in bounds(limits))
    text = text_of(given).strip()
    if most is not None and least is not None and most < least:
        raise Fault("the bounds are crossed")
    fits = (most is None or len(text) <= most) and (least is None or len(text) >= least)
    distinct(call, text)
    return (text if fits else None), fits


def plain(text: str) -> str:
    """Return a number less its signs; a comma three from the end is a decimal point."""
    if text[-3:-2] == ",":
        text = f"{text[:-3]}.{text[-2:]}"
    return re.sub("[,;$\u20ac\u00a3]", "", text)


def number(text: str) -> float:
    """Return a number: as Python reads it, else without the signs that people write."""
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return float(plain(text))
    except ValueError as error:
        raise Fault(f"{text} is no number") from error


def whole(text: str, *, strict: bool) -> float:
    """Return an integer; a fraction must be zero, but for one behind a comma, which is cut."""
    try:
        return int(text)
    except ValueError:
        found = number(text)
    if not re.fullmatch(r"[+-]?[\d_]*\.?\d*", plain(text)):
        raise Fault(f"{text} is no integer")
    if "." in text and (strict or found != int(found)):
        raise Fault(f"{text} has a fraction")
    return int(found)


def decimal(text: str, *, strict: bool) -> float:
    """Return a number; strict asks for a point."""
    if strict and "." not in text:
        raise Fault(f"{text} has no point")
    return number(text)


def is_uuid(text: str) -> bool:
    """Say whether a text is a UUID in any notation."""
    try:
        return bool(UUID(text))
    except ValueError:
        return False
