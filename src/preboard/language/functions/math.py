"""Arithmetic, equality and conversion to numbers: spec/functions-a.md section 9."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from preboard.language.functions.call import Fault
from preboard.language.functions.registry import function
from preboard.language.functions.signature import (
    Anything,
    Integer,
    Number,
    NumberOrNone,
    many,
    optional,
)
from preboard.language.values import Value, holds_nothing, quick_decimal, text_of, to_int, to_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from preboard.language.functions.call import Call


@function(
    "add",
    group="math",
    gives="value",
    args=[NumberOrNone, NumberOrNone, many(NumberOrNone)],
    reads_run=False,
    notnone_goes_on=True,
)
def add(_call: Call, *values: float | None) -> float:
    """The sum of all arguments as a decimal; no value counts as zero.

    Example::

        $[1][ @with_postage = add(#price, 4.5) ]
    """
    try:
        return float(sum(value or 0 for value in values))
    except OverflowError as error:
        raise Fault("the sum is too large for a decimal") from error


@function(
    "subtract",
    aliases=("minus",),
    group="math",
    gives="value",
    args=[Number, many(Number)],
    reads_run=False,
    notnone_goes_on=True,
)
def subtract(_call: Call, first: float, *others: float) -> float:
    """The first argument less all others, as a decimal; one argument is negated.

    Example::

        $[1][ @reduced = subtract(#price, 0.25) ]
    """
    try:
        return float(first - sum(others)) if others else float(-first)
    except OverflowError as error:
        raise Fault("the difference is too large for a decimal") from error


@function(
    "multiply",
    group="math",
    gives="value",
    args=[Number, Number, many(Number)],
    reads_run=False,
    notnone_goes_on=True,
)
def multiply(_call: Call, *values: float) -> float:
    """The product of all arguments as a decimal.

    Example::

        $[1][ @total = multiply(#quantity, #price) ]
    """
    try:
        return float(math.prod(values))
    except OverflowError as error:
        raise Fault("the product is too large for a decimal") from error


@function(
    "divide",
    group="math",
    gives="value",
    args=[Number, Number, many(Number)],
    reads_run=False,
)
def divide(_call: Call, first: float, *others: float) -> float:
    """The first argument divided by the others in turn, as a decimal.

    Divided by zero, or by an empty cell, it is NaN, which empty() finds; NaN stays NaN.

    Example::

        $[1][ @a_piece = divide(#price, #quantity) ]
    """
    try:
        result = float(first)
        for other in others:
            result = result / other if other else math.nan
    except OverflowError as error:
        raise Fault("the quotient is too large for a decimal") from error
    return result


@function("mod", group="math", gives="value", args=[Number, Number], reads_run=False)
def mod(_call: Call, number: float, divisor: float) -> float:
    """The remainder of a division as a decimal, exact for decimals, with the sign of the divisor.

    The remainder of a division by zero, or by an empty cell, is NaN, as that of divide() is.

    Example::

        $[1-2][ neq(mod(#quantity, 12), 0) -> error("only whole boxes of 12 are sold") ]
    """
    if not divisor or not (_is_finite(number) and _is_finite(divisor)):
        return math.nan
    try:
        if isinstance(number, int) and isinstance(divisor, int):
            return float(number % divisor)
        return float(Fraction(str(number)) % Fraction(str(divisor)))
    except (OverflowError, ValueError) as error:
        raise Fault("the numbers are too large for mod()") from error


def _whole(value: float | None) -> int | None:
    """Return a whole number as an int, None for no value and for what has a fraction."""
    if value is None or not _is_finite(value) or value != int(value):
        return None
    return int(value)


def _is_finite(value: float) -> bool:
    return isinstance(value, int) or math.isfinite(value)


@function(
    "odd", group="math", gives="match", args=[NumberOrNone.on("VHFR")], reads_run=False,
    default=False,
)  # fmt: skip
def odd(_call: Call, number: float | None) -> bool:
    """Matches an odd whole number; an empty value or a fraction is neither odd nor even.

    Example::

        $[1*][ odd(#order) ]
    """
    whole = _whole(number)
    return whole is not None and whole % 2 == 1


@function(
    "even", group="math", gives="match", args=[NumberOrNone.on("VHFR")], reads_run=False,
    default=False,
)  # fmt: skip
def even(_call: Call, number: float | None) -> bool:
    """Matches an even whole number; an empty value or a fraction is neither odd nor even.

    Example::

        $[1*][ even(#order) ]
    """
    whole = _whole(number)
    return whole is not None and whole % 2 == 0


@function("int", group="math", gives="value", args=[Anything.on("TVHF")], reads_run=False)
def int_(_call: Call, value: Value) -> int | None:
    """The whole number a value reads as, cut toward zero; empty text is 0, None stays None.

    Example::

        $[1][ @euros = int(#price) ]
    """
    if value is None:
        return None
    try:
        return to_int(value)
    except ValueError as error:
        raise Fault(f"cannot convert {value!r} to a whole number") from error


@function("float", group="math", gives="value", args=[Anything.on("TVHF")], reads_run=False)
def float_(_call: Call, value: Value) -> float | None:
    """The decimal a value reads as; empty text is 0, None stays None.

    Example::

        $[1][ @price = float(#price) ]
    """
    return None if value is None else _decimal(value)


def _decimal(value: Value) -> float:
    try:
        return float(to_number(value))
    except (ValueError, OverflowError) as error:
        raise Fault(f"cannot convert {value!r} to a decimal") from error


@function(
    "round",
    group="math",
    gives="value",
    args=[Anything.on("TVHF"), optional(Integer.on("T").called("places"))],
    reads_run=False,
)
def round_(_call: Call, value: Value, places: int = 2) -> float:
    """The value rounded to so many places behind the point, 2 if none are given, as a decimal.

    Halves go to the even digit; negative places round before the point. An empty value is 0.

    Example::

        $[1][ @net = round(divide(#price, 1.19)) ]
    """
    number = _decimal(value)
    try:
        return float(round(number, max(-400, min(places, 400))))
    except OverflowError as error:
        raise Fault(f"{value!r} rounded is too large for a decimal") from error


@function(
    "equals",
    aliases=("equal", "eq"),
    group="math",
    gives="match",
    args=[Anything, Anything],
    reads_run=False,
    fails=False,
)
def equals(_call: Call, left: Value, right: Value) -> bool:
    """Matches when both are the same number, or the same text.

    Example::

        $[1*][ equals(#price, 39) ]
    """
    return _are_equal(left, right)


@function(
    "neq",
    aliases=("not_equal_to",),
    group="math",
    gives="match",
    args=[Anything, Anything],
    reads_run=False,
    fails=False,
)
def neq(_call: Call, left: Value, right: Value) -> bool:
    """Matches when the two are not equal, as equals() has it.

    Example::

        $[1*][ neq(#country, "DE") ]
    """
    return not _are_equal(left, right)


def _are_equal(left: Value, right: Value) -> bool:
    if left is None or right is None:
        return left is right
    if isinstance(left, bool) or isinstance(right, bool):
        return text_of(left) == text_of(right) or bool(left == right)
    one = _plain_number(left)
    if one is not None:
        other = _plain_number(right)
        if other is not None:
            return one == other
    return text_of(left) == text_of(right)


def _plain_number(value: Value) -> int | float | None:
    """Return the number a value is or reads as, None if there is none or it has no digits.

    Whole numbers stay exact: two long ones that differ in the last digit are not equal.
    """
    if isinstance(value, int | float):
        return value if _is_finite(value) else None
    if not isinstance(value, str):
        return None
    try:
        return int(value)
    except ValueError:
        pass
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


@function(
    "sum",
    group="math",
    gives="value",
    args=[Anything.on("VFTH")],
    acts=True,
    notnone_goes_on=True,
    reports=True,
)
def sum_(call: Call, value: Value) -> float:
    """Adds a number to the variable of the name qualifier, else `sum`; the value is the new total.

    An empty value counts as zero. A value that is no number is an error of the line and left out.

    Example::

        $[1*][ sum.total(#price) ]
    """
    name = call.variable_name("sum")
    total = _total(name, call.run.variables.get(name))
    call.run.variables[name] = total
    try:
        total = total if holds_nothing(value) else total + _decimal(value)
    except Fault as error:
        call.run.error(call, str(error))
    call.run.variables[name] = total
    return total


@sum_.prepare
def _(call: Call, exact: Callable[..., Any]) -> Callable[..., Any]:
    name, variables = call.variable_name("sum"), call.run.variables

    def add(value: Value) -> Any:
        number, total = quick_decimal(value), variables.get(name)
        if number is None or total.__class__ is not float:
            return exact(value)
        total += number
        variables[name] = total
        return total

    return add


def _total(name: str, value: Value) -> float:
    if value is None:
        return 0.0
    if isinstance(value, int | float):
        return _decimal(value)
    raise Fault(f"@{name} holds {value!r}, which is no total to add to")


@function(
    "subtotal",
    group="math",
    gives="value",
    args=[Anything.on("VHF").called("category"), Number.on("VHF")],
    acts=True,
    notnone_goes_on=True,
)
def subtotal(call: Call, category: Value, amount: float) -> float:
    """Adds a number to the total of its category; the value is the new total of that category.

    The totals are in the variable of the name qualifier, else `subtotal`: `@by.cat` reads one.

    Example::

        $[1*][ subtotal.by_country(#country, #price) ]
    """
    table = call.table("subtotal")
    key = "" if category is None else text_of(category)
    total = _total(f"{call.variable_name('subtotal')}.{key}", table.get(key)) + _decimal(amount)
    table[key] = total
    return total
