"""Functions that count what they have seen: spec/functions-a.md section 4, every to tally."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from preboard.language import nodes as n
from preboard.language.functions.call import Fault
from preboard.language.functions.counting import hashable
from preboard.language.functions.registry import Voted, function
from preboard.language.functions.signature import Anything, Param, Vote, many
from preboard.language.values import Value, holds_nothing, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from preboard.language.functions.call import Call


def _step(value: Value) -> int:
    """Return a literal number above zero, its fraction cut off."""
    if isinstance(value, str) or not 1 <= value < float("inf"):
        raise ValueError("no number above zero")
    return int(value)


def _whole_step(value: Value) -> int:
    if not isinstance(value, int):
        raise ValueError("no whole number")  # noqa: TRY004 - what a place refuses is a ValueError
    return _step(value)


@function(
    "every",
    group="counting",
    gives="value",
    args=[
        Anything.on("TVHFRE"),
        Param("n", nodes="T", wants="a number above zero", convert=_step),
    ],
    acts=True,
    returns_vote=True,
    own_nocontrib=True,
)
def every(call: Call, value: Value, step: int) -> Voted:
    """Matches on each nth sighting of the same value.

    every(#city, 10) matches the 10th, 20th, ... line of each city. The sightings of each value are
    counted in the variable of the name qualifier. The value is what is left of the count when
    divided by n. A missing value is not counted and does not match.

    Example::

        $[1*][ every(#country, 2) ]
    """
    table = call.table()
    if value is None:
        return Voted(None, vote=False)
    key = hashable(value)
    table[key] = table.get(key, 0) + 1
    rest = table[key] % step
    return Voted(rest, vote=rest == 0)


@function(
    "increment",
    group="counting",
    gives="value",
    args=[
        Vote,
        Param("n", nodes="T", wants="a whole number above zero", convert=_whole_step),
    ],
    acts=True,
    returns_vote=True,
    refuses=True,
    own_nocontrib=True,
)
def increment(call: Call, matched: bool, step: int) -> Voted:
    """Matches on each nth line on which its first argument matches.

    increment(#paid, 100) matches the 100th, 200th, ... line on which there is a #paid. These lines
    are counted in the variable of the name qualifier, else `increment`; NAME_increment says how
    often n of them were full, and is the value.

    Example::

        $[1*][ increment.dear(gt(#price, 20), 2) ]
    """
    variables = call.run.variables
    name = call.variable_name("increment")
    steps = f"{name}_increment"
    if not matched:
        return Voted(variables.get(steps) or 0, vote=False)
    count = variables.get(name) or 0
    if not isinstance(count, int):
        raise Fault(f"@{name} holds {count!r}, so {call.name}() cannot count in it")
    count += 1
    variables[name] = count
    if count % step == 0:
        variables[steps] = count // step
    return Voted(variables.get(steps) or 0, vote=count % step == 0)


@function(
    "tally",
    group="counting",
    gives="nothing",
    args=[Anything.on("HVF"), many(Anything.on("HVF"))],
    acts=True,
    acts_for_value=True,
)
def tally(call: Call, *values: Value) -> None:
    """Counts the values of each argument, and with several how often they come together.

    The counts of #city are in the variable tally_city, those of the values joined by `|` in tally;
    a name qualifier stands in for `tally`. Empty values are only counted in the joined form.

    Example::

        $[1*][ tally(#country, #status) ]
    """
    prefix = call.label or "tally"
    counted = [
        (call.table_called(f"{prefix}_{_name(arg)}"), text_of(value))
        for arg, value in zip(call.node.args, values, strict=True)
        if _counts(value)
    ]
    if len(values) > 1:
        texts = ["" if value is None else text_of(value) for value in values]
        counted.append((call.table_called(prefix), "|".join(texts)))
    for table, text in counted:
        table[text] = table.get(text, 0) + 1


_MOST_KNOWN = 16_384


@tally.prepare
def _(call: Call, exact: Callable[..., Any]) -> Callable[..., Any] | None:
    if len(call.node.args) > 1:
        return None
    name = f"{call.label or 'tally'}_{_name(call.node.args[0])}"
    variables = call.run.variables
    known: set[str] = set()
    """Texts that are counted, not empty."""

    def count(value: Value) -> None:
        table = variables.get(name)
        if value.__class__ is str and table.__class__ is dict:
            if value in known:
                table[value] = table.get(value, 0) + 1
                return
            if len(known) < _MOST_KNOWN and value.strip():
                known.add(value)
        exact(value)

    return count


def _counts(value: Value) -> bool:
    """Say whether a value is counted: empty ones are not; the words none and nan are words."""
    return bool(value.strip()) if isinstance(value, str) else not holds_nothing(value)


def _name(arg: n.Argument) -> str:
    return arg.name if isinstance(arg, n.Header | n.Variable | n.Call) else ""
