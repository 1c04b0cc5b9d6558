"""What the schema types accept: one rule a type, on one value, without a run around it.

Each rule returns what the value reads as, or raises a Fault that says why it does not. Rules:
spec/functions-b.md section 3, "What the value readers accept" included. Libraries are loaded by the
rules that need them.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final
from uuid import UUID

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
    try:
        return float(written)
    except ValueError:
        pass
    try:
        return float(plain_number(written))
    except ValueError:
        raise Fault(f"Cannot convert {written} to float") from None


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
    if form is None or form == _ISO_FORM:
        found = _read_iso(text)
        if found is not None:
            return found
    return _read_lenient(text) if form is None else _read_format(text, form)


_ISO_FORM = "%Y-%m-%d"
_FIRST_YEAR = "1000"


def _read_iso(text: str) -> datetime | None:
    """Return the day of a text like 2024-01-31, which all readers take alike, else None."""
    if len(text) != 10 or not text[4] == text[7] == "-" or text < _FIRST_YEAR or not text.isascii():  # noqa: PLR2004
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


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
    from dateutil import parser as dateutil  # noqa: PLC0415 - slow to load

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


def has_time(value: Value, form: str | None = None) -> bool:
    """Say whether a value is written with a time of day, in a format or as it is.

    >>> [has_time(t) for t in ("2024-01-31", "20240131T1015", "10am, 31 Jan 2024", "31.1.24")]
    [False, True, True, False]
    """
    if not isinstance(value, str):
        return isinstance(value, datetime)
    if form is not None:
        return _TIME_OF_FORM.search(form.replace("%%", "")) is not None
    return ":" in value or _shows_time(value.strip())


_TIME_OF_FORM = re.compile("%[-#]?[HIMSpfcX]")
_NIGHT, _NOON = datetime(2000, 1, 1), datetime(2000, 1, 1, 12, 34)  # noqa: DTZ001 - as above


@lru_cache(maxsize=4096)
def _shows_time(text: str) -> bool:
    """Read with two times of day as defaults: where the text brings one, neither shows."""
    from dateutil import parser as dateutil  # noqa: PLC0415 - slow to load

    try:
        night, noon = (
            dateutil.parse(text, default=default, tzinfos=_zone) for default in (_NIGHT, _NOON)
        )
    except (ValueError, OverflowError, TypeError):
        return False
    return night.hour == noon.hour


PLAIN_LOCAL: Final = re.compile(r"(?=.{1,60}\Z)[a-z0-9]+(?:[._+-][a-z0-9]+)*", re.ASCII).fullmatch
"""Local parts of addresses that are taken at every domain."""

_PLAIN_DOMAIN = re.compile(r"(?=.{1,180}\Z)(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,20}").fullmatch
"""With a plain local part well below the 254 characters that an address may have."""


def is_email(text: str) -> bool:
    """Say whether a text is an e-mail address by its syntax; no name server is asked."""
    local, _, domain = text.partition("@")
    if PLAIN_LOCAL(local) and is_plain_domain(domain):
        return True
    return _is_email(text)


@lru_cache(maxsize=4096)
def is_plain_domain(domain: str) -> bool:
    """Say whether every plain local part makes an address with a domain."""
    return _PLAIN_DOMAIN(domain) is not None and _is_email(f"a@{domain}")


@lru_cache(maxsize=4096)
def _is_email(text: str) -> bool:
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 - slow to load

    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


@lru_cache(maxsize=4096)
def is_url(text: str) -> bool:
    """Say whether a text is a URL with a scheme and a dotted host; a path on a disk is none."""
    import validators  # noqa: PLC0415 - slow to load

    return validators.url(text) is True and text[:5].lower() != "file:"


def is_uuid(text: str) -> bool:
    """Say whether a text is a UUID: hyphens, braces and `urn:uuid:` may be there or not."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def check_bounds(number: float, most: float | None, least: float | None) -> None:
    """Refuse a number outside of the inclusive bounds, as NaN is; None is no bound."""
    if (most is not None and not number <= most) or (least is not None and not number >= least):
        raise Fault("Value is out of bounds")
