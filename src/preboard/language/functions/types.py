"""The schema types, on their own or as members of line(): spec/functions-b.md section 3."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from preboard.diagnostics import Diagnostic
from preboard.language import nodes as n
from preboard.language.functions import accept
from preboard.language.functions.call import Fault
from preboard.language.functions.registry import Voted, function
from preboard.language.functions.signature import Anything, Param, optional
from preboard.language.functions.type_rules import (
    check_bounds,
    has_time,
    is_email,
    is_url,
    is_uuid,
    read_boolean,
    read_datetime,
    read_decimal,
    read_integer,
)
from preboard.language.values import Value, is_empty, text_of, to_int, to_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from preboard.language.functions.call import Call

GROUP = "types"

_Cell = Anything.on("HVRF")
_NamedCell = Anything.on("THVRF")
_Bound = Anything.on("TVF")


def _number_args(kind: str) -> list[Param]:
    return [_Cell, optional(_Bound.called(f"max {kind}")), optional(_Bound.called(f"min {kind}"))]


def _check_bounds(node: n.Call) -> list[Diagnostic]:
    """Return a finding for a literal bound that is no number, or a max below the min."""
    found: list[float | None] = []
    for arg in node.args[1:]:
        written = arg.text if isinstance(arg, n.Regex) else getattr(arg, "value", None)
        try:
            literal = isinstance(arg, n.Term | n.Regex) and not is_empty(written)
            found.append(float(to_number(written)) if literal else None)
        except (ValueError, OverflowError):
            message = f"a bound of {node.name}() must be a number"
            return [Diagnostic("argument-value", message, arg.span)]
    most, least = [*found, None, None][:2]
    if most is None or least is None or most >= least:
        return []
    message = f"the max {most:g} of {node.name}() lies below the min {least:g}, so nothing fits"
    hint = "the max stands first, then the min"
    return [Diagnostic("argument-value", message, node.args[1].span, hint=hint)]


@function(
    "string",
    group=GROUP,
    gives="value",
    refusal="has a length outside of the bounds",
    accept=accept.string,
    check=_check_bounds,
    args=_number_args("length"),
    returns_vote=True,
    first_notnone=True,
    member=True,
)
def string(call: Call, value: Value, most: Value = None, least: Value = None) -> Voted:
    """Matches a text whose length lies within the bounds; the value is the text.

    Empty passes unless notnone, or a min length above 0. `distinct` refuses a text seen before.

    Example::

        $[1*][ string.notnone(#status, 6, 3) ]
    """
    if value is None:
        return Voted(None, vote=True)
    text = text_of(value).strip()
    longest, shortest = _length(most), _length(least)
    if longest is not None and shortest is not None and longest < shortest:
        raise Fault(f"Max length ({longest}) cannot be less than min length ({shortest})")
    fits = (longest is None or len(text) <= longest) and (shortest is None or len(text) >= shortest)
    distinct(call, text)
    return Voted(text if fits else None, vote=fits)


def _length(bound: Value) -> int | None:
    if is_empty(bound):
        return None
    try:
        return to_int(bound)
    except ValueError as error:
        raise Fault(f"the length {bound!r} is no whole number") from error


@function(
    "integer",
    group=GROUP,
    gives="match",
    accept=accept.integer,
    check=_check_bounds,
    args=_number_args("value"),
    default=False,
    first_notnone=True,
    member=True,
)
def integer(call: Call, value: Value, most: Value = None, least: Value = None) -> bool:
    """Matches a whole number within the bounds, or an empty value without notnone.

    `strict` refuses a decimal point, `distinct` a value seen before.

    Example::

        $[1*][ integer(#quantity, 100, 1) ]
    """
    return _numeric(call, value, most, least, read_integer)


@function(
    "decimal",
    group=GROUP,
    gives="match",
    accept=accept.decimal,
    check=_check_bounds,
    args=_number_args("value"),
    default=False,
    first_notnone=True,
    member=True,
)
def decimal(call: Call, value: Value, most: Value = None, least: Value = None) -> bool:
    """Matches a number within the bounds, or an empty value without notnone.

    `strict` asks for a decimal point, `distinct` refuses a value seen before.

    Example::

        $[1*][ decimal(#price, 1000, 0.01) ]
    """
    return _numeric(call, value, most, least, read_decimal)


def _numeric(
    call: Call, value: Value, most: Value, least: Value, read: Callable[..., float]
) -> bool:
    nothing = value is None or (isinstance(value, float) and math.isnan(value))
    text = "" if nothing else text_of(value).strip()
    distinct(call, text)
    if text:
        number = read(text, strict="strict" in call.qualifiers)
        check_bounds(number, _number_bound(most), _number_bound(least))
    return True


def _number_bound(value: Value) -> float | None:
    if is_empty(value):
        return None
    try:
        return to_number(value)
    except ValueError as error:
        raise Fault(f"the bound {value!r} is no number") from error


@function(
    "boolean",
    group=GROUP,
    gives="match",
    args=[_NamedCell],
    default=False,
    first_notnone=True,
    member=True,
)
def boolean(call: Call, value: Value) -> bool:
    """Matches true and false in any case, 1 and 0, or an empty value without notnone.

    A literal names a header. `strict` refuses 1 and 0, `distinct` a value seen before.

    Example on deliveries.csv::

        $[1*][ boolean.notnone(#signed) ]
    """
    value = named_cell(call, value)
    text = "" if value is None else text_of(value).strip()
    if text:
        read_boolean(text, strict="strict" in call.qualifiers)
    distinct(call, text)
    return True


def _date_forms() -> list[list[Param]]:
    form = Anything.on("TVHFR").called("format")
    return [[Anything.on("THVRF")], [Anything.on("THVRF"), form]]


@function(
    "date",
    group=GROUP,
    gives="value",
    forms=_date_forms(),
    returns_vote=True,
    refuses=True,
    first_notnone=True,
    member=True,
)
def date_(call: Call, value: Value, form: Value = None) -> Voted:
    """Matches a date, or an empty value without notnone; the value is the date.

    A format fits exactly; `strict` refuses a time of day, `distinct` a date seen before.

    Example::

        $[1*][ date(#day, "%Y-%m-%d") ]
    """
    if value is None or value == "":
        return Voted(None, vote=True)
    fits = None if form is None else text_of(form)
    if fits is None and is_empty(value):  # none or nan: no day is meant, yet the cell is not empty
        return Voted(None, vote=False)
    if "strict" in call.qualifiers and has_time(value, fits):
        raise Fault(f"'{value}' has a time of day and strict forbids it")
    found = read_datetime(value, fits).date()
    distinct(call, found.isoformat())
    return Voted(found, vote=True)


@function(
    "datetime",
    group=GROUP,
    gives="value",
    forms=_date_forms(),
    returns_vote=True,
    refuses=True,
    first_notnone=True,
    member=True,
)
def datetime_(call: Call, value: Value, form: Value = None) -> Voted:
    """Matches a date with or without a time, or an empty value without notnone.

    The value is the date and time. `strict` asks for a time of day, `distinct` for a new one.

    Example::

        $[1][ @at = datetime(#day, "%Y-%m-%d") ]
    """
    if value is None or value == "":
        return Voted(None, vote=True)
    fits = None if form is None else text_of(form)
    if fits is None and is_empty(value):  # none or nan: no day is meant, yet the cell is not empty
        return Voted(None, vote=False)
    found = read_datetime(value, fits)
    if "strict" in call.qualifiers and not has_time(value, fits):
        raise Fault(f"'{value}' has no time of day and strict asks for one")
    distinct(call, found.isoformat())
    return Voted(found, vote=True)


def _syntactic(call: Call, value: Value, fits: Callable[[str], bool]) -> bool:
    text = "" if value is None else text_of(value).strip()
    distinct(call, text)
    return not text or fits(text)


@function(
    "email",
    group=GROUP,
    gives="match",
    refusal="is not an e-mail address",
    accept=accept.email,
    args=[_Cell],
    default=False,
    first_notnone=True,
    member=True,
)
def email(call: Call, value: Value) -> bool:
    """Matches an e-mail address by its syntax, or an empty value without notnone.

    Example::

        $[1*][ email.notnone(#email) ]
    """
    return _syntactic(call, value, is_email)


@function(
    "url",
    group=GROUP,
    gives="match",
    refusal="is not a URL",
    args=[_Cell],
    default=False,
    first_notnone=True,
    member=True,
)
def url(call: Call, value: Value) -> bool:
    """Matches a URL with scheme and dotted host, or an empty value without notnone.

    Example on deliveries.csv::

        $[1*][ url.notnone(#link) ]
    """
    return _syntactic(call, value, is_url)


@function(
    "uuid",
    group=GROUP,
    gives="value",
    refusal="is not a UUID",
    forms=[[], [_Cell]],
    returns_vote=True,
    refuses=True,
    first_notnone=True,
    member=True,
)
def uuid(call: Call, *given: Value) -> Voted:
    """Matches a UUID in any notation, or an empty value without notnone; value is the vote.

    Without an argument the value is a new random UUID.

    Example on deliveries.csv::

        $[1*][ uuid(#parcel) ]
    """
    if not given:
        return Voted(uuid4(), vote=True)
    if isinstance(given[0], UUID):
        return Voted(True, vote=True)
    fits = _syntactic(call, given[0], is_uuid)
    return Voted(fits, vote=fits)


def named_cell(call: Call, value: Value) -> Value:
    """Return the cell that a literal first argument names, else the value itself.

    Raises:
        Fault: no header has that name.
    """
    arg = call.node.args[0] if call.node.args else None
    if not isinstance(arg, n.Term):
        return value
    index = call.run.column(text_of(arg.value), quoted=True)
    if index is None:
        raise Fault(f"no header is called {arg.value!r}")
    row = call.run.row
    return row[index] if -len(row) <= index < len(row) else None


def distinct(call: Call, text: str) -> None:
    """Refuse a value that an earlier line had, under the distinct qualifier; empty may repeat.

    The memory holds the lines of each value by the SHA-256 of its text.
    """
    if "distinct" not in call.qualifiers:
        return
    seen = call.table() if call.label else call.memory()
    lines = seen.setdefault(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(), [])
    lines.append(call.run.line_number)
    if len(lines) > 1 and text:
        raise Fault(
            f"Duplicate found on line {lines[0]} where a distinct set of values is expected"
        )
