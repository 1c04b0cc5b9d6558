"""What a function's arguments may be: where they stand in the text, and which values they take.

A `Param` says which kinds of node may stand at a place (checked before a line is read), how the
place is evaluated, and which values it takes (checked on each line, converted before the body
runs). Kinds of node are written with the letters of spec/functions-a.md: T term, V variable,
H header, F function, R reference, E equality.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from preboard.language import nodes as n
from preboard.language.functions.call import Fault
from preboard.language.values import Value, is_empty, to_int, to_number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Refused(Fault):
    """A data error: an argument has a value that the function does not take."""

    def __init__(self, argument: int, value: Value, wants: str) -> None:
        super().__init__(f"requires {wants} for argument {argument + 1}")
        self.argument = argument
        self.value = value
        self.wants = wants


LETTERS: Final[dict[type[n.Node], str]] = {
    n.Term: "T", n.Regex: "T", n.Variable: "V", n.Header: "H", n.Call: "F", n.Reference: "R",
    n.Equality: "E",
}  # fmt: skip
WORDS: Final = {
    "T": "a literal", "V": "a variable", "H": "a header", "F": "a function", "R": "a reference",
    "E": "an equality",
}  # fmt: skip

Use = Literal["value", "vote", "then", "column", "sighting", "member"]
"""How an argument is evaluated:

value     its value is computed and passed
vote      its vote is computed and passed
then      it is asked for its vote after the function, if the function's result is true or None
column    not evaluated: the header's name, or the literal, is passed
sighting  value and vote are passed as a pair
member    not evaluated by itself: it is a member of a schema
"""


@dataclass(frozen=True, slots=True)
class Param:
    """One place of a signature."""

    name: str
    nodes: str = "TVHFR"
    use: Use = "value"
    wants: str = ""
    """What the value must be, for messages; empty: anything."""
    convert: Callable[[Value], Value] | None = None
    """Returns the value as the body takes it; a ValueError means that it does not."""
    required: bool = True
    many: bool = False

    def on(self, nodes: str) -> Param:
        """Return this place for other kinds of node."""
        return replace(self, nodes=nodes)

    def called(self, name: str) -> Param:
        """Return this place under another name."""
        return replace(self, name=name)


def optional(param: Param) -> Param:
    """Return the place as one that may be left out."""
    return replace(param, required=False)


def many(param: Param) -> Param:
    """Return the place as one that may be filled any number of times, also none."""
    return replace(param, required=False, many=True)


def _number(value: Value) -> Value:
    if value is None:
        raise ValueError("None is not a number")
    return to_number(value)


def _number_or_none(value: Value) -> Value:
    if isinstance(value, float):  # NaN too: what was divided by zero stays so
        return value
    return None if is_empty(value) else to_number(value)


def _integer(value: Value) -> Value:
    if is_empty(value):
        raise ValueError("no value")
    return to_int(value)


def _text(value: Value) -> Value:
    if isinstance(value, str) and value:
        return value
    raise ValueError("not a text")


def _text_or_empty(value: Value) -> Value:
    if value is None or isinstance(value, str):
        return value or ""
    raise ValueError("not a text")


def _text_or_none(value: Value) -> Value:
    if value is None or isinstance(value, str):
        return value
    raise ValueError("not a text")


def _any_text(value: Value) -> Value:
    if isinstance(value, str):
        return value
    raise ValueError("not a text")


def _count(value: Value) -> Value:
    count = _integer(value)
    if count < 0:
        raise ValueError("less than 0")
    return count


_FLAGS: Final = {"true": True, "false": False, "1": True, "0": False, "": False}


def _flag(value: Value) -> Value:
    word = "" if is_empty(value) else str(value).strip().lower()
    if word not in _FLAGS:
        raise ValueError("neither true nor false")
    return _FLAGS[word]


Anything = Param("value")
Number = Param("number", wants="one of: an integer, a decimal", convert=_number)
NumberOrNone = Param("number", wants="one of: an integer, a decimal", convert=_number_or_none)
Integer = Param("number", wants="an integer", convert=_integer)
Text = Param("text", wants="a string that is not empty", convert=_text)
TextOrEmpty = Param("text", wants="a string", convert=_text_or_empty)
TextOrNone = Param("text", wants="a string", convert=_text_or_none)
AnyText = Param("text", wants="a string", convert=_any_text)
Count = Param("number", wants="an integer of 0 or more", convert=_count)
Flag = Param("flag", nodes="TVF", wants="a boolean", convert=_flag)
Literal_ = Param("text", nodes="T", wants="a string", convert=_text_or_empty)
Vote = Param("condition", nodes="TVHFRE", use="vote")
Then = Param("then", nodes="FE", use="then")
Column = Param("header", nodes="TH", use="column")
Member = Param("type", nodes="F", use="member")
Sighting = Param("value", nodes="TVHFRE", use="sighting")


@dataclass(frozen=True, slots=True)
class Signature:
    """The places of one form of a call, in order."""

    params: tuple[Param, ...]

    def at(self, index: int) -> Param:
        """Return the place that argument `index` fills."""
        return self.params[min(index, len(self.params) - 1)]

    @property
    def least(self) -> int:
        """Return the smallest number of arguments."""
        return sum(1 for param in self.params if param.required)

    @property
    def most(self) -> int | None:
        """Return the greatest number of arguments, None if there is no limit."""
        return None if self.params and self.params[-1].many else len(self.params)

    @property
    def places(self) -> str:
        """Return the names of the places: brackets for what may be left out, dots for repeats.

        >>> Signature((Param("text"), Param("value", required=False, many=True))).places
        'text, [value, ...]'
        """
        words = (f"{p.name}, ..." if p.many else p.name for p in self.params)
        pairs = zip(words, self.params, strict=True)
        return ", ".join(word if param.required else f"[{word}]" for word, param in pairs)

    def takes_count(self, count: int) -> bool:
        """Say whether so many arguments may be given."""
        return self.least <= count and (self.most is None or count <= self.most)

    def refused(self, args: Sequence[n.Argument]) -> int | None:
        """Return the index of the first argument of a wrong kind, None if all may stand there."""
        for index, arg in enumerate(args):
            if LETTERS[type(arg)] not in self.at(index).nodes:
                return index
        return None


def kinds_text(nodes: str) -> str:
    """Return the kinds of node in words.

    >>> kinds_text("VH")
    'a variable or a header'
    """
    words = [WORDS[letter] for letter in nodes]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
