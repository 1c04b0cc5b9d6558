"""What may have happened to a cell that a rule refuses, and what to do about it.

In: what was expected, what stood there, and what is wrong. Out: a sentence, or None: most values
are just wrong, and a guess without a sign in the value would lead away from the fault.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preboard.language.values import Value

_LONGEST: Final = 40
"""Longer cells are neither a number nor a date."""
_DATE: Final = re.compile(
    r"(?P<year>[0-9]{4}-[0-9]{1,2}-[0-9]{1,2})"
    r"|(?P<points>[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4})"
    r"|(?P<first>[0-9]{1,2})/(?P<second>[0-9]{1,2})/[0-9]{4}"
)
_SPACED: Final = re.compile(r"[-+]?[0-9]{1,3}(?:[ '\u00a0\u2009\u202f][0-9]{3})+(?:[.,][0-9]+)?")
_COMMA: Final = re.compile(r"[-+]?[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+")
_WHOLE: Final = re.compile(r"[-+]?[0-9]+\.0+")
_MONTHS: Final = 12


def hint_for(expected: str | None, value: Value, message: str) -> str | None:
    """Return what to look at, None if nothing about the value tells.

    >>> hint_for("date", "31.12.2025", "Cannot parse date")
    'it fits the format %d.%m.%Y'
    >>> hint_for("integer", "two", "Cannot convert two to int")
    """
    if message == "Value is out of bounds":
        return "the rule says the largest value first, then the smallest"
    if expected is None or not isinstance(value, str) or len(value) > _LONGEST:
        return None
    return next(_hints(expected, value.strip()), None)


def _hints(expected: str, text: str) -> Iterator[str]:
    formats = _formats(text)
    if "date" in expected:
        if formats:
            yield f"it fits the format {' or '.join(formats)}"
    elif "integer" in expected or "decimal" in expected:
        if formats:
            yield "this looks like a date: is a cell missing before it, or one too many?"
        if _SPACED.fullmatch(text):
            yield "thousands are set apart by a blank or an apostrophe: a number has none"
        if _COMMA.fullmatch(text):
            yield "a comma stands before the decimals: a point is expected there"
        if expected == "integer" and _WHOLE.fullmatch(text):
            yield "decimal() accepts whole numbers that are written with decimals"


def _formats(text: str) -> list[str]:
    """Return the formats that a text may be a date in."""
    found = _DATE.fullmatch(text)
    if found is None:
        return []
    if found["year"]:
        return ["%Y-%m-%d"]
    if found["points"]:
        return ["%d.%m.%Y"]
    orders = {"%d/%m/%Y": found["second"], "%m/%d/%Y": found["first"]}
    return [order for order, month in orders.items() if 1 <= int(month) <= _MONTHS]
