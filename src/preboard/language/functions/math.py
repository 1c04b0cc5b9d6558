"""Arithmetic and comparison: spec/functions-a.md section 9."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.language.functions.call import Fault
from preboard.language.functions.registry import function
from preboard.language.functions.signature import Anything, Number, NumberOrNone, many
from preboard.language.values import Value, text_of, to_int

if TYPE_CHECKING:
    from preboard.language.functions.call import Call


@function(
    "add",
    group="math",
    gives="value",
    args=[NumberOrNone, NumberOrNone, many(NumberOrNone)],
    reads_run=False,
)
def add(_call: Call, *values: float | None) -> float:
    """The sum of all arguments as a decimal; no value counts as zero."""
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
)
def subtract(_call: Call, first: float, *others: float) -> float:
    """The first argument less all others, as a decimal; one argument is negated."""
    try:
        return float(first - sum(others)) if others else float(-first)
    except OverflowError as error:
        raise Fault("the difference is too large for a decimal") from error


@function("int", group="math", gives="value", args=[Anything.on("TVHF")], reads_run=False)
def int_(_call: Call, value: Value) -> int | None:
    """The whole number a value reads as, cut toward zero; empty text is 0, None stays None."""
    if value is None:
        return None
    try:
        return to_int(value)
    except ValueError as error:
        raise Fault(f"cannot convert {value!r} to a whole number") from error


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
    """Matches when both are the same number, or the same text."""
    if left is None or right is None:
        return left is right
    if isinstance(left, bool) or isinstance(right, bool):
        return text_of(left) == text_of(right) or bool(left == right)
    try:
        return float(left) == float(right)
    except (TypeError, ValueError, OverflowError):
        return text_of(left) == text_of(right)
