"""Functions on text: spec/functions-b.md section 10.

Numbers are no text here; text results are trimmed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from preboard.language.functions.call import Fault
from preboard.language.functions.registry import function
from preboard.language.functions.signature import (
    AnyText,
    Anything,
    Count,
    Flag,
    Integer,
    TextOrEmpty,
    TextOrNone,
    many,
)
from preboard.language.values import Value, text_of

if TYPE_CHECKING:
    from preboard.language.functions.call import Call

GROUP: Final = "strings"

LONGEST_TEXT: Final = 32 << 20
"""Characters of a text that a function may make."""


@function(
    "length",
    group=GROUP,
    gives="value",
    args=[TextOrEmpty],
    votes=bool,
    reads_run=False,
)
def length(_call: Call, text: str) -> int:
    """The number of characters; matches when there are any.

    Example::

        $[1*][ gt(length(#customer), 7) ]
    """
    return len(text)


@function("lower", group=GROUP, gives="value", args=[AnyText], reads_run=False)
def lower(_call: Call, text: str) -> str:
    """The text in lower case.

    Example::

        $[1*][ lower(#customer) == "ana berg" ]
    """
    return text.lower()


@function(
    "upper", group=GROUP, gives="value", args=[AnyText], votes=lambda _value: True, reads_run=False
)
def upper(_call: Call, text: str) -> str:
    """The text in upper case.

    Example::

        $[1*][ upper(#customer) == "ANA BERG" ]
    """
    return text.upper()


@function("strip", group=GROUP, gives="value", args=[AnyText.on("VHFR")], reads_run=False)
def strip(_call: Call, text: str) -> str:
    """The text without blanks at both ends.

    Example::

        $[1][ @code = " DE " @stripped = strip(@code) ]
    """
    return text.strip()


@function(
    "caps",
    group=GROUP,
    gives="value",
    forms=[[AnyText], [AnyText, Flag]],
    votes=lambda _value: True,
    reads_run=False,
)
def caps(_call: Call, text: str, words: bool = False) -> str:  # noqa: FBT002 - a flag
    """The text with its first letter in upper case, or with true that of every word.

    Other letters and the blanks between words stay as they are; blanks at both ends go.

    Example::

        $[7][ replace(#customer, caps(#customer, yes())) ]
    """
    return " ".join(map(_capital, text.split(" "))) if words else _capital(text.strip())


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]


@function(
    "alter",
    group=GROUP,
    gives="value",
    args=[TextOrNone, TextOrNone.called("find"), TextOrNone.called("put")],
    reads_run=False,
)
def alter(_call: Call, text: str | None, find: str | None, put: str | None) -> str | None:
    """The text with every occurrence of the second text replaced by the third.

    Where one of these is missing the text stays as it is.

    Example::

        $[1][ @on = alter(#day, "-", "") ]
    """
    if text is None or find is None or put is None:
        return text
    check_length(len(text) + text.count(find) * (len(put) - len(find)))
    return text.replace(find, put)


def check_length(length: int) -> None:
    """Refuse to make a text that is too long."""
    if length > LONGEST_TEXT:
        raise Fault(f"the text would have {length:,} characters; at most {LONGEST_TEXT:,} may be")


@function("concat", group=GROUP, gives="value", args=[Anything, Anything, many(Anything)])
def concat(call: Call, *values: Value) -> str:
    """All values as one text; the items of stacks are joined, but the first may be none.

    A missing value is an error.

    Example::

        $[1][ @key = concat(#country, "-", #order) ]
    """
    texts = []
    for index, value in enumerate(values):
        if value is None or isinstance(value, dict) or (not index and isinstance(value, list)):
            what = "a value" if value is None else "a text, a number or a boolean"
            raise Fault(f"{call.name} requires {what} for argument {index + 1}")
        texts.append(_joined(value) if isinstance(value, list | tuple) else text_of(value))
    check_length(sum(map(len, texts)))
    return "".join(texts)


def _joined(stack: list[Value] | tuple[Value, ...]) -> str:
    if any(isinstance(item, list | dict | tuple) for item in stack):
        raise Fault("concat() joins stacks of plain values only")
    return "".join("" if item is None else text_of(item) for item in stack)


_PAIR: Final = [TextOrNone, TextOrNone.called("part")]


@function("contains", group=GROUP, gives="match", args=_PAIR, default=None, reads_run=False)
def contains(_call: Call, text: str | None, part: str | None) -> bool:
    """Matches when the second text stands somewhere in the first; upper and lower case differ.

    An empty text is in every text.

    Example::

        $[1*][ not(contains(#email, "@")) -> error("'$.headers.email' has no @") ]
    """
    return text is not None and part is not None and part in text


@function(
    "find",
    group=GROUP,
    gives="value",
    args=_PAIR,
    votes=lambda place: place is not None and place >= 0,
    reads_run=False,
)
def find(_call: Call, text: str | None, part: str | None) -> int:
    """Where the second text stands in the first, counted from 0; -1 where it does not.

    Matches when it does.

    Example::

        $[1][ @at = find(#email, "@") ]
    """
    return -1 if text is None or part is None else text.find(part)


@function(
    "starts_with",
    aliases=("startswith",),
    group=GROUP,
    gives="match",
    args=_PAIR,
    default=None,
    reads_run=False,
)
def starts_with(_call: Call, text: str | None, part: str | None) -> bool:
    """Matches when the text begins with the second one; both are trimmed.

    An empty second text never matches.

    Example::

        $[1*][ starts_with(#customer, "Ana") ]
    """
    wanted = (part or "").strip()
    return bool(wanted) and (text or "").strip().startswith(wanted)


@function(
    "ends_with",
    aliases=("endswith",),
    group=GROUP,
    gives="match",
    args=_PAIR,
    default=None,
    reads_run=False,
)
def ends_with(_call: Call, text: str | None, part: str | None) -> bool:
    """Matches when the text ends with the second one; both are trimmed.

    An empty second text never matches.

    Example::

        $[1*][ ends_with(#email, "berg.example") ]
    """
    wanted = (part or "").strip()
    return bool(wanted) and (text or "").strip().endswith(wanted)


@function(
    "substring", group=GROUP, gives="value", args=[AnyText, Count.called("count")], reads_run=False
)
def substring(_call: Call, text: str, count: int) -> str:
    """The first so many characters of the text.

    Example::

        $[1*][ neq(substring(#day, 4), "2025") -> error("no order of 2025") ]
    """
    return text[:count]


_BOUNDED: Final = [TextOrEmpty, Integer.on("T").called("length")]


@function(
    "min_length",
    aliases=("too_long",),
    group=GROUP,
    gives="match",
    args=_BOUNDED,
    default=None,
    reads_run=False,
)
def min_length(_call: Call, text: str, length: int) -> bool:
    """Matches when the text has at least so many characters; a missing one has none.

    too_long() is the same test: it matches from the given length on.

    Example::

        $[1*][ not(min_length(#email, 6)) -> error("too short for an e-mail address") ]
    """
    return len(text) >= length


@function(
    "max_length",
    aliases=("too_short",),
    group=GROUP,
    gives="match",
    args=_BOUNDED,
    default=None,
    reads_run=False,
)
def max_length(_call: Call, text: str, length: int) -> bool:
    """Matches when the text has at most so many characters; a missing one has none.

    too_short() is the same test: it matches up to the given length.

    Example::

        $[1*][ not(max_length(#quantity, 2)) -> error("more than two digits") ]
    """
    return len(text) <= length
