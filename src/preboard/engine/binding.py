"""The functions that generated code calls: what is checked and converted around `evaluate`.

In: the declaration of a function and one occurrence of it. Out: a Python function of the values of
its arguments, which has refused what the function does not take, asked what notnone asks, and
trimmed a text that comes out (spec/language.md 5.12).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from preboard.language import nodes as n
from preboard.language.functions.call import Call, Fault
from preboard.language.functions.registry import Voted
from preboard.language.functions.signature import Refused
from preboard.language.values import Value, is_empty

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from preboard.language.functions.registry import Function
    from preboard.language.functions.signature import Param


def bound(function: Function, call: Call) -> Callable[..., Any]:
    """Return the function with its checks: arguments converted, notnone, text results trimmed."""
    asks = "notnone" in call.qualifiers
    if function.schema or (function.member and not call.node.args):
        by_place = partial(function.evaluate, call)  # the engine picks the cells it gets
        asked = asks and function.first_notnone
        return _checked(by_place, not_none(call), slice(None)) if asked else by_place
    places = _passed(function, call)
    if function.keeps_blanks:
        boxed = _asked(function, _boxed(function.evaluate), call, places)
        return lambda *values: boxed(*values)[0]
    made = _asked(function, function.evaluate, call, places)
    if function.preparer and not asks:
        return function.preparer(call, made) or made
    return made


def _passed(function: Function, call: Call) -> list[tuple[int, Param]]:
    """Return the arguments that are handed to the function: index and place."""
    signature = function.signature_for(call.node.args)
    places = [] if signature is None else [signature.at(i) for i in range(len(call.node.args))]
    return [(i, place) for i, place in enumerate(places) if place.use != "then"]


def _asked(
    function: Function, evaluate: Callable[..., Any], call: Call, places: list[tuple[int, Param]]
) -> Callable[..., Any]:
    """Return the function with what notnone asks of this occurrence, if it does."""
    if "notnone" not in call.qualifiers or function.own_notnone:
        return _direct(function, evaluate, call, places)
    if function.notnone_goes_on or any(place.use in ("vote", "sighting") for _, place in places):
        return _in_pairs(function, evaluate, call, places)
    first_only = slice(1 if function.first_notnone else None)
    return _checked(_direct(function, evaluate, call, places), not_none(call), first_only)


def _checked(
    made: Callable[..., Any], check: Callable[..., None], looked_at: slice
) -> Callable[..., Any]:
    """Return the function behind the check of notnone, for the common case."""

    def checked(*values: Value) -> Any:
        check(*values[looked_at])
        return made(*values)

    return checked


def _in_pairs(
    function: Function, evaluate: Callable[..., Any], call: Call, places: list[tuple[int, Param]]
) -> Callable[..., Any]:
    """Return the function under notnone where arguments come as value and vote, or it goes on."""
    first_only = slice(1 if function.first_notnone else None)
    pairs = [place.use == "vote" for _, place in places]
    pairs_seen = [place.use in ("vote", "sighting") for _, place in places]
    takers = [_taker(call.node.args[index], index, place) for index, place in places]
    check, goes_on = not_none(call), function.notnone_goes_on

    def evaluated(*values: Value) -> Any:
        seen = [v[0] if pair else v for v, pair in zip(values, pairs_seen, strict=True)][first_only]
        if not goes_on:
            check(*seen)
        plain = [v[1] if pair else v for v, pair in zip(values, pairs, strict=True)]
        taken = [take(value) for take, value in zip(takers, plain, strict=True)]
        if goes_on:
            try:
                check(*seen)
            except Fault as error:
                call.run.error(call, str(error))
        result = evaluate(call, *taken)
        return result.strip() if isinstance(result, str) else result

    return evaluated


def _boxed(evaluate: Callable[..., Any]) -> Callable[..., tuple[Any]]:
    """Return the function with its value in a tuple, where it is not trimmed."""
    return lambda *values: (evaluate(*values),)


def _direct(
    function: Function,
    evaluate: Callable[..., Any],
    call: Call,
    places: Sequence[tuple[int, Param]],
) -> Callable[..., Any]:
    """Return the function for the common case, without a loop where there are few arguments."""
    takers = [_taker(call.node.args[index], index, place) for index, place in places]
    if function.gives == "match" and all(take is _as_it_is for take in takers):
        return partial(evaluate, call)  # no text comes out, so there is nothing to trim

    def none() -> Any:
        result = evaluate(call)
        return result.strip() if result.__class__ is str else result

    def one(first: Value) -> Any:
        result = evaluate(call, take(first))
        return result.strip() if result.__class__ is str else result

    def two(first: Value, second: Value) -> Any:
        result = evaluate(call, take(first), take_second(second))
        return result.strip() if result.__class__ is str else result

    def several(*values: Value) -> Any:
        result = evaluate(call, *[t(v) for t, v in zip(takers, values, strict=True)])
        return result.strip() if result.__class__ is str else result

    take, take_second = [*takers, _as_it_is, _as_it_is][:2]
    return (none, one, two, several)[min(len(takers), 3)]


def _as_it_is(value: Value) -> Value:
    return value


def _taker(arg: n.Argument, index: int, place: Param) -> Callable[[Value], Value]:
    """Return what makes of a value what the body takes; what it does not take is refused."""
    convert = place.convert
    if convert is None:
        return _as_it_is

    def take(value: Value) -> Value:
        try:
            return convert(value)
        except (ValueError, OverflowError) as error:
            wants = place.wants if value is not None else "a value"
            raise Refused(index, value, wants) from error

    if isinstance(arg, n.Term):  # it is the same on every line
        try:
            taken = convert(arg.value)
        except (ValueError, OverflowError):
            return take
        return lambda _value: taken
    return take


_MOST_KNOWN = 16_384


def learner(rule: Callable[..., Any], call: Call, known: set[str]) -> Callable[[str | None], bool]:
    """Return the test that asks the exact rule of a schema member, and keeps what it accepted."""
    bounds = [arg.value for arg in call.node.args[1:] if isinstance(arg, n.Term)]

    def learn(cell: str | None) -> bool:
        if cell is None:
            return False
        try:
            result = rule(cell.strip(), *bounds)
        except Exception:  # noqa: BLE001 - the exact rule is asked again and reports it
            return False
        accepted = bool(result.vote if isinstance(result, Voted) else result)
        if accepted and len(known) < _MOST_KNOWN:
            known.add(cell)
        return accepted

    return learn


def not_none(call: Call) -> Callable[..., None]:
    """Return the check that notnone asks for: no argument may be empty.

    A header that is passed by its name is looked up: its cell may not be empty either.
    """

    def check(*values: Value) -> None:
        if any(is_empty(_cell(call, v) if isinstance(v, n.Header) else v) for v in values):
            raise Fault(f"Cannot have None in {call.chain} because it has the notnone qualifier")

    return check


def _cell(call: Call, header: n.Header) -> Value:
    """Return the cell of the current line under a header, None if there is none."""
    index, row = call.run.column(header.name, quoted=header.quoted), call.run.row
    return None if index is None or not -len(row) <= index < len(row) else row[index]
