"""Boolean functions: spec/functions-a.md section 3."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from preboard.language import nodes as n
from preboard.language.functions.registry import function
from preboard.language.functions.signature import Anything, Then, Vote, many
from preboard.language.values import Value, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from preboard.language.functions.call import Call


@function("yes", aliases=("true",), group="boolean", gives="match", reads_run=False, fails=False)
def yes(_call: Call) -> bool:
    """Votes true on every line.

    Example::

        $[1*][ yes() -> push.distinct("countries", #country) ]
    """
    return True


@yes.emit
def _(_values: object) -> str:
    return "True"


@function("no", aliases=("false",), group="boolean", gives="match", reads_run=False, fails=False)
def no(_call: Call) -> bool:
    """Votes false on every line.

    Example::

        $[1*][ push.distinct("countries", #country) no() ]
    """
    return False


@no.emit
def _(_values: object) -> str:
    return "False"


@function(
    "and",
    group="boolean",
    gives="match",
    args=[Vote, Vote, many(Vote)],
    flow="all",
    reads_run=False,
)
def and_(_call: Call, *votes: bool) -> bool:
    """Matches when every argument does; behind the first that does not, none is looked at.

    Example::

        $[1*][ and(gt(#price, 100), empty(#email)) -> error("no e-mail for a large order") ]
    """
    return all(votes)


@function(
    "or", group="boolean", gives="match", args=[Vote, Vote, many(Vote)], flow="any", reads_run=False
)
def or_(_call: Call, *votes: bool) -> bool:
    """Matches when some argument does; behind the first that does, none is looked at.

    Errors of arguments that did not match are forgiven when another one matches.

    Example::

        $[1*][ or(#status == "new", empty(#status)) ]
    """
    return any(votes)


@function(
    "not",
    group="boolean",
    gives="match",
    forms=[[Vote.on("VHFRE")], [Vote.on("VHFRE"), Then.on("F")]],
    reads_run=False,
)
def not_(_call: Call, vote: bool) -> bool:
    """Matches when its argument does not; a second argument is then done.

    Example::

        $[1*][ not(#status) -> error("no status") ]
    """
    return not vote


@not_.emit
def _(values: Sequence[str]) -> str:
    return f"not {values[0]}"


_Place = Anything.called("place")


@function(
    "in", group="boolean", gives="match", args=[Anything, _Place, many(_Place)], reads_run=False
)
def in_(call: Call, value: Value, *places: Value) -> bool:
    """Matches when the value is a member of one of the places.

    A literal is a list of items with `|` between them; a stack gives its items, a dictionary its
    keys, any other value itself. Numbers are compared by their text too.

    Example::

        $[1*][ not(in(#country, "DE|SE|FR")) -> error("no deliveries to $.headers.country") ]
    """
    nodes = call.node.args[1:]
    return any(_holds(value, place, node) for place, node in zip(places, nodes, strict=True))


def _holds(value: Value, place: Value, node: n.Node) -> bool:
    if isinstance(node, n.Term):
        return value is not None and text_of(value) in _items(text_of(place))
    if isinstance(place, dict):
        return any(key in place for key in _keys_of(value))
    if isinstance(place, list | tuple):
        return value in place or (value is not None and text_of(value) in map(text_of, place))
    return bool(value == place) or (
        value is not None and place is not None and text_of(value) == text_of(place)
    )


@lru_cache(maxsize=1024)
def _items(text: str) -> frozenset[str]:
    return frozenset(item.strip() for item in text.split("|"))


def _keys_of(value: Value) -> list[Value]:
    """Return every key of a dictionary that has the text of the value: 7 for "7" and "7" for 7."""
    if value is None:
        return [None]
    text = text_of(value)
    keys: list[Value] = [text] if isinstance(value, list | dict) else [value, text]
    for read in (int, float, _BOOLEANS.__getitem__):
        try:
            key = read(text)
        except (ValueError, KeyError):
            continue
        if str(key) == text:
            keys.append(key)
    return keys


_BOOLEANS = {"True": True, "False": False}
