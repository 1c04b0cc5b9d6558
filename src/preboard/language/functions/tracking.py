"""What belongs to a key, line after line: spec/functions-b.md section 11."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.diagnostics import Diagnostic
from preboard.language import nodes as n
from preboard.language.functions.call import Fault
from preboard.language.functions.registry import function
from preboard.language.functions.signature import Anything, Literal_, Param, optional
from preboard.language.functions.stacks import Stack, refuse_ring
from preboard.language.functions.type_rules import read_datetime
from preboard.language.values import Value, is_empty, text_of, to_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from preboard.language.functions.call import Call


def _key(value: Value) -> Value:
    if value is None or isinstance(value, list | dict):
        raise ValueError("not a text")
    return text_of(value)


_Key = Param("key", wants="a string", convert=_key)
_How = optional(Literal_.called("how"))


def _check_how(*words: str) -> Callable[[n.Call], list[Diagnostic]]:
    """Return the check of the third argument: it must be one of the words."""

    def check(node: n.Call) -> list[Diagnostic]:
        how = node.args[2] if len(node.args) > 2 else None  # noqa: PLR2004 - the third
        if not isinstance(how, n.Term | n.Regex):
            return []
        if isinstance(how, n.Term) and how.value in words:
            return []
        message = f"the third argument of {node.name}() must be {' or '.join(map(repr, words))}"
        return [Diagnostic("argument-value", message, how.span)]

    return check


@function(
    "track",
    group="variables",
    gives="nothing",
    args=[_Key, Anything, _How],
    acts=True,
    check=_check_how("collect"),
)
def track(call: Call, key: str, value: Value, how: str = "") -> None:
    """Remembers a value under a key in the variable of the name qualifier, or `track`.

    The last value of a key stays; with "collect" a key has a stack of all its values.

    Example::

        $[1*][ track.status_of(#order, #status) ]
    """
    _remember(call, key, value, collect=how == "collect")


def _remember(call: Call, key: str, value: Value, *, collect: bool) -> None:
    table = call.table(call.name)
    refuse_ring(table, value)
    if not collect:
        table[key] = value
        return
    values = table.setdefault(key, Stack())
    if not isinstance(values, list):
        raise Fault(f"{key!r} has one value already, so {call.name}() cannot collect there")
    values.append(value)


@function(
    "track_any",
    group="variables",
    gives="nothing",
    args=[_Key, Anything, _How],
    acts=True,
    check=_check_how("collect", "add"),
)
def track_any(call: Call, key: str, value: Value, how: str = "") -> None:
    """Remembers a value as what it reads as: a boolean, a number, a date, else text.

    The variable is that of the name qualifier, or `track_any`. The last value of a key stays; with
    "collect" a key has a stack of all its values, with "add" the sum of its numbers or its texts
    joined, empty ones left out.

    Example::

        $[1*][ track_any.spent(#customer, #price, "add") ]
    """
    typed = _typed(value)
    if how == "add":
        _add(call.table(call.name), key, typed)
    else:
        _remember(call, key, typed, collect=how == "collect")


def _typed(value: Value) -> Value:
    """Return what a value reads as; an empty one stays as it is."""
    if isinstance(value, int) and not isinstance(value, bool):
        return _decimal(value)
    if not isinstance(value, str) or is_empty(value):
        return value
    text = value.strip()
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    try:
        return _decimal(to_number(text))
    except ValueError:
        pass
    try:
        return read_datetime(text, None)
    except Fault:
        return value


def _decimal(number: float) -> float:
    try:
        return float(number)
    except OverflowError as error:
        raise Fault("the number is too large for a decimal") from error


def _add(table: dict[Value, Value], key: str, value: Value) -> None:
    total = table.setdefault(key, None)
    if is_empty(value):
        return
    if total is None:
        table[key] = value
        return
    if type(total) is not type(value) or not isinstance(value, str | float):
        raise Fault(f"cannot add {value!r} to {total!r}, which {key!r} has so far")
    table[key] = None  # a text that nobody else holds grows in place
    total += value
    table[key] = total
