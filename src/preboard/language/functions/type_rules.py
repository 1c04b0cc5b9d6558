"""What the schema types accept: one rule a type, on one value, without a run around it.

Each rule returns what the value reads as, or raises a Fault that says why it does not. Rules:
spec/functions-b.md section 3, "What the value readers accept" included.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from uuid import UUID

import validators
from dateutil import parser as dateutil
from email_validator import EmailNotValidError, validate_email

from preboard.language.functions.call import Fault
from preboard.language.values import Value, plain_number, text_of

_DECIMAL = re.compile(r"(?P<whole>[+-]?[0-9]*)\.?(?P<fraction>[0-9]*)(?<=[0-9.])(?<!^\.)")
_LONGEST_NUMBER = 4000
"""CPython reads no longer whole numbers."""


def read_integer(value: Value, *, strict: bool = False) -> int:
    """Return the whole number a value reads as.

    A written fraction must be zero, and with `strict` there may be no decimal point; a fraction
    that only a decimal comma or a currency sign hides is cut.
    """
    written = text_of(value)
    if len(written) > _LONGEST_NUMBER:
        raise Fault(f"Cannot convert {written[:20]}... to int")
    if strict and "." in written:
        raise Fault(f"{written} has a decimal point and strict forbids it")
    try:
        return int(written)
    except ValueError:
        number = _DECIMAL.fullmatch(written) or _DECIMAL.fullmatch(plain_number(written))
    if number is None:
        raise Fault(f"Cannot convert {written} to int")
    if number.string == written and number["fraction"].strip("0"):
        raise Fault("Integers cannot have a fractional part")
    return int(number["whole"] if number["whole"].strip("+-") else "0")


def read_decimal(value: Value, *, strict: bool = False) -> float:
    """Return the number a value reads as; with `strict` it must be written with a point."""
    written = text_of(value)
    if strict and "." not in written:
        raise Fault(f"'{written}' has 'strict' but value does not have a '.'")
    for attempt in (written, plain_number(written)):
        try:
            return float(attempt)
        except ValueError:
            continue
    raise Fault(f"Cannot convert {written} to float")


def read_boolean(value: Value, *, strict: bool = False) -> bool:
    """Return the boolean a value reads as: true and false in any case, and without strict 1, 0."""
    words = {"true": True, "false": False} if strict else _BOOLEANS
    found = words.get(text_of(value).strip().lower())
    if found is None:
        raise Fault(f"{value} is not a boolean value")
    return found


_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


def read_datetime(value: Value, form: str | None) -> datetime:
    """Return the point in time a value reads as.

    With a format it must fit exactly; without one it is read leniently, month before day, but a
    text that leaves out day, month or year is refused.
    """
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - data has no zone
    text = text_of(value).strip()
    return _read_lenient(text) if form is None else _read_format(text, form)


@lru_cache(maxsize=4096)
def _read_format(text: str, form: str) -> datetime:
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007 - data has no zone
    except (ValueError, re.error) as error:
        raise Fault(f"Cannot parse date '{text}' using '{form}'") from error


_DEFAULTS = (datetime(2000, 1, 1), datetime(2001, 2, 2))  # noqa: DTZ001 - data has no zone


@lru_cache(maxsize=4096)
def _read_lenient(text: str) -> datetime:
    """Read with two defaults: where they show through, the text left something out."""
    first, second = _read_twice(text)
    if first != second:
        raise Fault(f"'{text}' is not a whole date")
    return first


def _zone(_name: str | None, offset: int | None) -> timezone | None:
    """Return the zone a text names: by its offset only, no name means the same everywhere."""
    return None if offset is None else timezone(timedelta(seconds=offset))


def _read_twice(text: str) -> tuple[datetime, datetime]:
    try:
        first, second = (
            dateutil.parse(text, default=default, tzinfos=_zone) for default in _DEFAULTS
        )
    except (ValueError, OverflowError, TypeError) as error:
        raise Fault(f"'{text}' is not a date or datetime") from error
    return first, second


@lru_cache(maxsize=4096)
def _read_part(text: str, part: str) -> int:
    first, second = (getattr(moment, part) for moment in _read_twice(text))
    if first != second:
        raise Fault(f"'{text}' has no {part}")
    return int(first)


def read_date_part(value: Value, part: str) -> int:
    """Return the year, month or day of a date; a text need not hold more than this part."""
    if isinstance(value, date):
        return int(getattr(value, part))
    return _read_part(text_of(value).strip(), part)


def has_time(value: Value) -> bool:
    """Say whether a value is written with a time of day."""
    return ":" in value if isinstance(value, str) else isinstance(value, datetime)


@lru_cache(maxsize=4096)
def is_email(text: str) -> bool:
    """Say whether a text is an e-mail address by its syntax; no name server is asked."""
    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


@lru_cache(maxsize=4096)
def is_url(text: str) -> bool:
    """Say whether a text is a URL with a scheme and a dotted host."""
    return validators.url(text) is True


def is_uuid(text: str) -> bool:
    """Say whether a text is a UUID: hyphens, braces and `urn:uuid:` may be there or not."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def check_bounds(number: float, most: float | None, least: float | None) -> None:
    """Refuse a number outside of the inclusive bounds; None is no bound."""
    if (most is not None and number > most) or (least is not None and number < least):
        raise Fault("Value is out of bounds")
