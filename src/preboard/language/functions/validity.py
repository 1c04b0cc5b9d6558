"""Validity and schema types: spec/functions-b.md sections 3 and 4."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.language import nodes as n
from preboard.language.functions.call import Fault
from preboard.language.functions.registry import Voted, function
from preboard.language.functions.signature import Anything, optional
from preboard.language.values import Value, is_empty, text_of, to_number

if TYPE_CHECKING:
    from preboard.language.functions.call import Call



@function("fail", group="validity", gives="nothing", acts=True, default=True, fails=False)
def fail(call: Call) -> None:
    """Marks the data invalid."""
    call.run.fail()


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
    state=dict,
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
    if isinstance(text, str):
        try:
            number = to_number(text)
        except ValueError as error:
            raise Fault(f"Cannot convert {text} to int") from error
        written = text
    elif isinstance(text, int | float):
        number, written = to_number(text), text_of(text)
    else:
        raise Fault(f"Cannot convert {text} to int")
    if isinstance(number, float) and "." not in written:
        raise Fault(f"Cannot convert {text} to int")
    if strict and "." in written:
        raise Fault(f"{text} has a decimal point and strict forbids it")
    if isinstance(number, float) and number != int(number):
        raise Fault("integers cannot have a fractional part")
    return int(number)


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
    seen = call.table() if call.label else call.state
    if text in seen:
        raise Fault(f"duplicate found on line {call.run.line_number} where distinct values are expected")
    seen[text] = call.run.line_number
