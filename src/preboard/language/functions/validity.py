"""Validity and schema types: spec/functions-b.md sections 3 and 4."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from preboard.language import nodes as n
from preboard.language.functions.call import Fault
from preboard.language.functions.registry import Voted, function
from preboard.language.functions.signature import Anything, optional
from preboard.language.values import Value, is_empty, plain_number, text_of, to_number

if TYPE_CHECKING:
    from preboard.language.functions.call import Call


_DECIMAL = re.compile(r"(?P<whole>[+-]?[0-9]*)\.?(?P<fraction>[0-9]*)(?<=[0-9.])(?<!^\.)")


@function("fail", group="validity", gives="value", acts=True, fails=False)
def fail(call: Call) -> bool:
    """Marks the data invalid; the value is true."""
    call.run.fail()
    return True


@function("valid", group="validity", gives="match", fails=False)
def valid(call: Call) -> bool:
    """Matches while the data is not marked invalid."""
    return call.run.valid


@function("none", group="validity", gives="value", forms=[[], [Anything]], returns_vote=True)
def none(call: Call, value: Value = None) -> Voted:
    """The value None; with an argument it matches when that is empty.

    A literal names a header.
    """
    if call.node.args and isinstance(call.node.args[0], n.Term):
        index = call.run.column(text_of(value), quoted=True)
        if index is None:
            raise Fault(f"no header is called {value!r}")
        value = call.run.row[index] if index < len(call.run.row) else None
    return Voted(None, vote=not call.node.args or is_empty(value))


@function(
    "integer",
    group="validity",
    gives="match",
    args=[
        Anything.on("HVRF"),
        optional(Anything.on("TVF").called("max")),
        optional(Anything.on("TVF").called("min")),
    ],
    default=False,
)
def integer(call: Call, value: Value, most: Value = None, least: Value = None) -> bool:
    """Matches when the value is a whole number within the bounds, or empty without notnone.

    `strict` refuses a decimal point, `distinct` a value seen before.
    """
    text = value.strip() if isinstance(value, str) else value
    if text is None or text == "":
        return True
    number = _whole(text, strict="strict" in call.qualifiers)
    _within(number, _bound(most), _bound(least))
    if "distinct" in call.qualifiers:
        _distinct(call, text)
    return True


def _whole(text: Value, *, strict: bool) -> int:
    """Return the whole number a value reads as.

    A written fraction must be zero; one that only a decimal comma or a currency sign hides is cut.
    """
    written = text_of(text)
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
    return int(number["whole"] or "0")


def _bound(value: Value) -> int | float | None:
    if is_empty(value):
        return None
    try:
        return to_number(value)
    except ValueError as error:
        raise Fault(f"the bound {value!r} is no number") from error


def _within(number: float, most: float | None, least: float | None) -> None:
    if (most is not None and number > most) or (least is not None and number < least):
        raise Fault("value is out of bounds")


def _distinct(call: Call, text: Value) -> None:
    seen = call.table() if call.label else call.memory()
    if text in seen:
        raise Fault(
            f"duplicate found on line {call.run.line_number} where distinct values are expected"
        )
    seen[text] = call.run.line_number
