"""Order of values: spec/functions-a.md section 3 (between and its kin) and section 9 (gt, lt).

Values are compared as numbers if all of them read as numbers, as dates if all of them are or read
as dates, else as trimmed text if all of them are text and none reads as a number or date. Nothing
is smaller or greater than an empty value, or than one of another kind.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from preboard.language.functions.call import Fault
from preboard.language.functions.registry import function
from preboard.language.functions.signature import Anything
from preboard.language.functions.type_rules import read_datetime
from preboard.language.values import Value, holds_nothing, to_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from preboard.language.functions.call import Call

_TWO = (Anything, Anything)
_THREE = (Anything, Anything.called("bound"), Anything.called("bound"))

_LOOKS_LIKE_NUMBER = re.compile(r"\d|^[+-]?inf", re.IGNORECASE)
_LOOKS_LIKE_DATE = re.compile(
    r"(?=\D*+\d\D*+\d\D*+\d)(?=.{6,64}$)"
    r"(?:\d|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun))",
    re.IGNORECASE,
)
"""What numbers and whole dates look like: trying to read one is slow, and most texts are none."""


def comparable(*values: Value) -> Sequence[Value] | None:
    """Return the values as numbers, dates or texts that can be ordered, None if they cannot.

    >>> comparable("7", 10), comparable("1,234.50", "$5"), comparable("Bo ", "Cy")
    ([7, 10], [1234.5, 5], ['Bo', 'Cy'])
    >>> comparable("", 1), comparable("four", 1), comparable("Bo", "2024-01-31")
    (None, None, None)
    """
    read = [_read(value) for value in values]
    kind = read[0][0]
    if kind is None:
        return None
    for other, _ in read:
        if other != kind:
            return None
    return [found for _, found in read]


_Reading = tuple[Literal["number", "date", "text"] | None, Value]
"""The kind a value reads as, and what it reads as; only values of one kind can be compared."""

_NOTHING: _Reading = (None, None)
_LONGEST_KEPT = 64


def _read(value: Value) -> _Reading:
    if isinstance(value, str):
        read = _read_text if len(value) <= _LONGEST_KEPT else _read_text.__wrapped__
        return read(value)
    if isinstance(value, date):
        return "date", _moment(value)
    if isinstance(value, int | float) and not holds_nothing(value):
        return "number", value
    return _NOTHING


@lru_cache(maxsize=8192)
def _read_text(value: str) -> _Reading:
    text = value.strip()
    if _LOOKS_LIKE_NUMBER.search(text):
        try:
            return "number", to_number(text)
        except ValueError:
            pass
    if _LOOKS_LIKE_DATE.match(text):
        try:
            return "date", _moment(text)
        except Fault:
            pass
    return _NOTHING if holds_nothing(text) else ("text", text)


def _moment(value: date | str) -> datetime:
    """Return the point in time of a date; one that has no zone is taken as UTC."""
    found = read_datetime(value, None)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@function(
    "gt", aliases=("above", "after"), group="math", gives="match", args=_TWO,
    reads_run=False, fails=False,
)  # fmt: skip
def gt(_call: Call, left: Value, right: Value) -> bool:
    """Matches when the first value is greater than the second, or later.

    Numbers, dates or texts are compared; with an empty value, or a text against a number or a date,
    it does not match.

    Example::

        $[1*][ gt(#price, 100) ]
    """
    pair = comparable(left, right)
    return pair is not None and bool(pair[0] > pair[1])


@function(
    "lt", aliases=("below", "before"), group="math", gives="match", args=_TWO,
    reads_run=False, fails=False,
)  # fmt: skip
def lt(_call: Call, left: Value, right: Value) -> bool:
    """Matches when the first value is less than the second, or earlier; compares as gt() does.

    Example::

        $[1*][ lt(#price, 10) ]
    """
    pair = comparable(left, right)
    return pair is not None and bool(pair[0] < pair[1])


@function(
    "gte", aliases=("ge",), group="math", gives="match", args=_TWO, reads_run=False, fails=False
)
def gte(_call: Call, left: Value, right: Value) -> bool:
    """Matches when the first value is greater than or equal to the second; compares as gt().

    Example::

        $[1*][ gte(#price, 129) ]
    """
    pair = comparable(left, right)
    return pair is not None and bool(pair[0] >= pair[1])


@function(
    "lte", aliases=("le",), group="math", gives="match", args=_TWO, reads_run=False, fails=False
)
def lte(_call: Call, left: Value, right: Value) -> bool:
    """Matches when the first value is less than or equal to the second; compares as gt() does.

    Example::

        $[1*][ lte(#price, 24.5) ]
    """
    pair = comparable(left, right)
    return pair is not None and bool(pair[0] <= pair[1])


@function(
    "between", aliases=("inside",), group="boolean", gives="match", args=_THREE, reads_run=False,
    default=False,
)  # fmt: skip
def between(call: Call, value: Value, one: Value, other: Value) -> bool:
    """Matches when the value lies between two bounds, given in any order, and is neither of them.

    All three must be numbers, dates or texts; with an empty one it does not match.

    Example::

        $[1*][ between(#price, 10, 100) ]
    """
    found = _with_bounds(call, value, one, other)
    return found is not None and bool(found[1] < found[0] < found[2])


@function(
    "from_to", aliases=("range",), group="boolean", gives="match", args=_THREE, reads_run=False,
    default=False,
)  # fmt: skip
def from_to(call: Call, value: Value, one: Value, other: Value) -> bool:
    """Matches when the value lies between two bounds, given in any order, or is one of them.

    All three must be numbers, dates or texts; with an empty one it does not match.

    Example::

        $[1*][ from_to(#price, 39, 129) ]
    """
    found = _with_bounds(call, value, one, other)
    return found is not None and bool(found[1] <= found[0] <= found[2])


@function(
    "beyond", aliases=("outside", "before_after"), group="boolean", gives="match", args=_THREE,
    reads_run=False, default=False,
)  # fmt: skip
def beyond(call: Call, value: Value, one: Value, other: Value) -> bool:
    """Matches when the value is less than both bounds or greater than both.

    All three must be numbers, dates or texts; with an empty one it does not match.

    Example::

        $[1*][ beyond(#price, 1, 1000) -> error("an unusual price: $.headers.price") ]
    """
    found = _with_bounds(call, value, one, other)
    return found is not None and bool(found[0] < found[1] or found[0] > found[2])


def _with_bounds(
    call: Call, value: Value, one: Value, other: Value
) -> tuple[Value, Value, Value] | None:
    """Return value, lower and upper bound as they compare; None if one is empty or none fit.

    Raises:
        Fault: one of them is a number or a date, and another is of another kind.
    """
    found = comparable(value, one, other)
    if found is not None:
        return found[0], min(found[1:]), max(found[1:])
    values = (value, one, other)
    if any(map(holds_nothing, values)) or all(isinstance(v, str) for v in values):
        return None
    raise Fault(
        f"{call.name}() cannot compare {value!r} with {one!r} and {other!r}:"
        " give three numbers, three dates or three texts"
    )
