"""What values mean: existence, truth, equality, text and number forms.

The semantics of the language in one place. Values are text, int, float, bool, None, dates,
datetimes, lists and dictionaries. Rules: spec/language.md 5.4, 5.5, 6.2; functions-a.md section 2.
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

Value = Any
"""A value of the language; which types it has is only known when a line is read."""


def is_empty(value: Value) -> bool:
    """Say whether a value is none-like: None, NaN, blank text, `none` in any case, `nan` (5.4).

    >>> [is_empty(v) for v in (None, " ", "NONE", "nan", "NaN", 0, False, [])]
    [True, True, True, True, False, False, False, False]
    """
    if value is None:
        return True
    if isinstance(value, str):
        text = value.strip()
        return not text or text == "nan" or (len(text) == 4 and text.lower() == "none")  # noqa: PLR2004
    return isinstance(value, float) and math.isnan(value)


def holds_nothing(value: Value) -> bool:
    """Say whether a value is empty for empty() and its kin (functions-a.md section 2).

    None-like values are, `nan` in any case too, and lists and dictionaries with nothing in them but
    such values; a dictionary is as soon as it has no keys.

    >>> [holds_nothing(v) for v in ("NaN", ["", [None]], {}, 0, False, ["", 0], {"a": None})]
    [True, True, True, False, False, False, False]
    """
    if not isinstance(value, list | tuple):
        return _is_nothing(value)
    waiting, seen = [value], {id(value)}
    while waiting:
        for item in waiting.pop():
            if not isinstance(item, list | tuple):
                if not _is_nothing(item):
                    return False
            elif id(item) not in seen:
                seen.add(id(item))
                waiting.append(item)
    return True


def _is_nothing(value: Value) -> bool:
    if isinstance(value, str):  # most values are: this is asked for every cell of a tally
        text = value.strip()
        return not text or (len(text) <= 4 and text.lower() in ("nan", "none"))  # noqa: PLR2004
    return not value if isinstance(value, dict) else is_empty(value)


def truth(value: Value) -> bool:
    """Return what asbool makes of a value (5.5).

    >>> [truth(v) for v in ("false", "FALSE ", "0", "no", "", 0, None, [], float("nan"))]
    [False, False, True, True, False, False, False, True, False]
    """
    if value is None:
        return False
    if isinstance(value, str):
        text = value.strip()
        return bool(value) and text.lower() != "false" and text not in ("nan", "NaN")
    if isinstance(value, float):
        return value != 0 and not math.isnan(value)
    if isinstance(value, list | tuple | dict):
        return True
    return bool(value)


def text_of(value: Value) -> str:
    """Return the text form of a value: `True`, `None`, `1500.0`; text as it is (6.2)."""
    return value if isinstance(value, str) else str(value)


def same(left: Value, right: Value) -> bool:
    """Say whether `left == right` holds: equal trimmed text forms, or equal values (6.2).

    >>> [same("1 ", 1), same("1.0", 1), same(1, 1.0), same(True, "True"), same(None, "None")]
    [True, False, True, True, True]
    """
    return text_of(left).strip() == text_of(right).strip() or bool(left == right)


_REMOVED: Final = str.maketrans("", "", ",;$€£")
_DECIMAL_COMMA = re.compile(r"^(.*),([0-9]{2})$")


def to_number(value: Value) -> int | float:
    """Return the number a value reads as; empty text and None are 0, a bool is 0 or 1.

    Text is read as Python reads it, else a comma third from the end is the decimal comma and
    `, ; $ € £` are dropped (functions-a.md section 2).

    Raises:
        ValueError: the value is no number.

    >>> [to_number(v) for v in ("12", " 1,200 ", "12,50", "$5", "", "1e3", True)]
    [12, 1200, 12.5, 5, 0, 1000.0, 1]
    """
    if isinstance(value, str):
        return _read_number(value.strip())
    if value is None:
        return 0
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value
    raise ValueError(f"{value!r} is not a number")


def _read_number(text: str) -> int | float:
    if not text:
        return 0
    number = _written_number(text)
    if number is None:
        number = _written_number(plain_number(text))
    if number is None:
        raise ValueError(f"{text!r} is not a number")
    return number


def _written_number(text: str) -> int | float | None:
    """Return the number that Python reads in a text, None if there is none."""
    if "." not in text:  # a whole number has none, and to try costs more than to look
        try:
            return int(text)
        except ValueError:
            pass
    try:
        return float(text)
    except ValueError:
        return None


_BEGINS_NUMBER: Final = frozenset("-0123456789")
_LONGEST_PLAIN: Final = 40
_INFINITE: Final = math.inf


def quick_decimal(value: Value) -> float | None:
    """Return the finite decimal that a plain number in text reads as, None where that is not sure.

    What it returns is `float(to_number(value))`, and the value is not empty.

    >>> [quick_decimal(v) for v in ("12", "-1.5", "1,200", "nan", "", None, "1e999")]
    [12.0, -1.5, None, None, None, None, None]
    """
    if value.__class__ is str and 0 < len(value) < _LONGEST_PLAIN and value[0] in _BEGINS_NUMBER:
        try:
            number = float(value)
        except ValueError:
            return None
        return number if -_INFINITE < number < _INFINITE else None
    return None


def plain_number(text: str) -> str:
    """Turn the decimal comma into a point and drop separators and currency signs."""
    comma = _DECIMAL_COMMA.match(text)
    return (f"{comma[1]}.{comma[2]}" if comma else text).translate(_REMOVED)


def is_number(value: Value) -> bool:
    """Say whether `to_number` takes the value; empty text counts as 0, None does not."""
    if value is None:
        return False
    try:
        to_number(value)
    except ValueError:
        return False
    return True


_MOST_BITS: Final = 13_000
"""About 3,900 digits: CPython writes no whole number of more than 4,300 as text."""


def to_int(value: Value) -> int:
    """Return the whole number a value reads as, cut toward zero.

    Raises:
        ValueError: the value is no number, or infinite, or has thousands of digits.
    """
    number = to_number(value)
    try:
        whole = int(number)
    except OverflowError as error:
        raise ValueError(f"{value!r} is not a whole number") from error
    if whole.bit_length() > _MOST_BITS:
        raise ValueError("the number is too large")
    return whole


def increases(current: Value, new: Value) -> bool:
    """Say whether `new` may replace `current` under increase; a first value always may (6.3)."""
    return current is None or (new is not None and new > current)


def decreases(current: Value, new: Value) -> bool:
    """Say whether `new` may replace `current` under decrease; a first value always may (6.3)."""
    return current is None or (new is not None and new < current)


def cell(row: Sequence[Value], index: int) -> Value:
    """Return a field as trimmed text; None if the line is too short for it (5.5).

    A negative index counts from the end of the line. A value that is no text is given as it is.
    """
    try:
        value = row[index]
    except IndexError:
        return None
    return value.strip() if isinstance(value, str) else value


def tracked(table: Value, key: str) -> Value:
    """Return the value a tracking key finds: the text key, else the boolean of that name (6.1)."""
    if not isinstance(table, dict):
        return None
    if key in table:
        return table[key]
    return table.get({"True": True, "False": False}.get(key, key))


def index_of(name: str, headers: Sequence[str], *, quoted: bool = False) -> int | None:
    """Return the place of a header, None if there is none (5.5, section 15 row 21).

    A name that reads as a number is an index, but a quoted one is looked for as a name first.
    """
    as_index = _as_index(name)
    if as_index is not None and not quoted:
        return as_index
    if name in headers:
        return headers.index(name)
    (clean,) = clean_headers([name])  # a quoted name may hold what headers lose
    return headers.index(clean) if clean in headers else as_index


_INDEX = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?")


def _as_index(name: str) -> int | None:
    return int(float(name)) if len(name) < 16 and _INDEX.fullmatch(name) else None  # noqa: PLR2004


_UNCLEAN: Final = str.maketrans("", "", ";,|\t`")


def clean_headers(fields: Sequence[Value]) -> list[str]:
    """Return the names a header line gives: trimmed, without `;` `,` `|` tab and backtick (5.1)."""
    return ["" if value is None else text_of(value).translate(_UNCLEAN).strip() for value in fields]


def is_date(value: Value) -> bool:
    """Say whether a value is a date or a datetime."""
    return isinstance(value, date | datetime)
