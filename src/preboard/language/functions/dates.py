"""Dates and the time of day: spec/functions-a.md section 5."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Final

from dateutil.relativedelta import relativedelta

from preboard.diagnostics import Diagnostic
from preboard.language import nodes as n
from preboard.language.functions.call import Fault
from preboard.language.functions.registry import function
from preboard.language.functions.signature import Anything, Integer, Literal_, Text
from preboard.language.functions.type_rules import has_time, read_date_part, read_datetime
from preboard.language.values import Value, is_empty

if TYPE_CHECKING:
    from collections.abc import Callable

    from preboard.language.functions.call import Call

GROUP: Final = "dates"

_Format = Text.called("format").on("TFHV")
_Date = Anything.called("date")


@function("now", group=GROUP, gives="value", forms=[[], [_Format]])
def now(call: Call, form: str | None = None) -> str:
    """The present date and time in UTC as text, or in a format such as "%Y-%m-%d".

    Example::

        $[1*][ gt(#day, now("%Y-%m-%d")) -> error("an order of the future") ]
    """
    moment = call.run.now()
    return str(moment) if form is None else written(moment, form)


@function("thisyear", group=GROUP, gives="value", fails=False)
def thisyear(call: Call) -> str:
    """The present year in UTC, as text of four digits.

    Example::

        $[1*][ gt(int(year(#day)), int(thisyear())) -> error("an order of the future") ]
    """
    return written(call.run.now(), "%Y")


@function("thismonth", group=GROUP, gives="value", fails=False)
def thismonth(call: Call) -> str:
    """The present month in UTC, as text of two digits.

    Example::

        $[1][ thismonth() == now("%m") -> print("both tell the month") ]
    """
    return written(call.run.now(), "%m")


@function("today", group=GROUP, gives="value", fails=False)
def today(call: Call) -> str:
    """The present day of the month in UTC, as text of two digits.

    Example::

        $[1][ today() == now("%d") -> print("both tell the day of the month") ]
    """
    return written(call.run.now(), "%d")


@function("year", group=GROUP, gives="value", args=[_Date], reads_run=False)
def year(_call: Call, value: Value) -> str | None:
    """The year of a date, as text of four digits; None where there is no date.

    Text is read leniently, month before day; it must hold a year.

    Example::

        $[1*][ push.distinct("years", year(#day)) ]
    """
    return _part(value, "year", 4)


@function("month", group=GROUP, gives="value", args=[_Date], reads_run=False)
def month(_call: Call, value: Value) -> str | None:
    """The month of a date, as text of two digits; None where there is no date.

    Example::

        $[1*][ neq(month(#day), "10") -> error("$.headers.day is not in October") ]
    """
    return _part(value, "month", 2)


@function("day", group=GROUP, gives="value", args=[_Date], reads_run=False)
def day(_call: Call, value: Value) -> str | None:
    """The day of the month of a date, as text of two digits; None where there is no date.

    Example::

        $[1*][ day(#day) == "03" ]
    """
    return _part(value, "day", 2)


def _part(value: Value, part: str, digits: int) -> str | None:
    return None if is_empty(value) else f"{read_date_part(value, part):0{digits}d}"


def written(moment: date, form: str) -> str:
    """Return a date in a format.

    Raises:
        Fault: the format cannot be used.
    """
    try:
        return moment.strftime(form)
    except (ValueError, OverflowError) as error:
        raise Fault(f"the format {form!r} cannot be used: {error}") from error


_SAMPLE: Final = date(2001, 2, 3)


def _check_format(node: n.Call) -> list[Diagnostic]:
    """Find a literal format that holds no part of a date."""
    form = node.args[1] if len(node.args) > 1 else None
    if not isinstance(form, n.Term) or not isinstance(form.value, str) or not form.value:
        return []
    try:
        fits = written(_SAMPLE, form.value) != form.value
    except Fault:
        fits = False
    if fits:
        return []
    message = f"{form.value!r} is no date format"
    return [Diagnostic("bad-format", message, form.span, hint='for example "%Y-%m-%d"')]


@function(
    "format_date",
    group=GROUP,
    gives="value",
    args=[_Date, _Format],
    check=_check_format,
    reads_run=False,
)
def format_date(_call: Call, value: Value, form: str) -> str | None:
    """A date in a format such as "%d %b %Y"; None where there is no date.

    Example::

        $[1][ @on = format_date(#day, "%d/%m/%y") ]
    """
    if is_empty(value):
        return None
    text = written(read_datetime(value, None), form)
    if text == form:
        raise Fault(f"Incorrect date format {form!r}; use directives such as %Y")
    return text


_UNITS: Final[dict[str, Callable[[int], relativedelta | timedelta]]] = {
    "year": lambda count: relativedelta(years=count),
    "month": lambda count: relativedelta(months=count),
    "day": lambda count: timedelta(days=count),
    "hour": lambda count: timedelta(hours=count),
    "minute": lambda count: timedelta(minutes=count),
    "second": lambda count: timedelta(seconds=count),
}


def _check_unit(node: n.Call) -> list[Diagnostic]:
    unit = node.args[2] if len(node.args) > 2 else None  # noqa: PLR2004 - the third argument
    if not isinstance(unit, n.Term | n.Regex):
        return []
    if isinstance(unit, n.Term) and str(unit.value).removesuffix("s") in _UNITS:
        return []
    message = "Units must be one of years, months, days, hours, minutes, or seconds"
    return [Diagnostic("bad-unit", message, unit.span)]


@function(
    "roll",
    group=GROUP,
    gives="value",
    args=[_Date.on("FHVR"), Integer, Literal_.called("unit")],
    check=_check_unit,
    reads_run=False,
)
def roll(_call: Call, value: Value, count: int, unit: str) -> date | None:
    """A date moved by a number of years, months, days, hours, minutes or seconds.

    The number may be negative. Months and years end at the end of a month: a month after January 31
    is the last day of February. On a date without a time hours count as whole days only.

    Example::

        $[1][ @due = roll(#day, 30, "days") ]
    """
    if is_empty(value):
        return None
    try:
        return _date_of(value) + _UNITS[unit.removesuffix("s")](count)
    except (ValueError, OverflowError) as error:
        raise Fault(f"{value} moved by {count} {unit} lies outside of the calendar") from error


def _date_of(value: Value) -> date:
    """Return a date, or a datetime for what is written with a time."""
    if isinstance(value, date):
        return value
    moment = read_datetime(value, None)
    return moment if has_time(value) or moment.time() != time() else moment.date()
