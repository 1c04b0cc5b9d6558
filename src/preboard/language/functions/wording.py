"""What a function's declaration says, in words: for the command line and the reference pages.

In: a `Function` of the registry. Out: its forms, its arguments and its vote as short texts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from preboard.language.functions.signature import kinds_text

if TYPE_CHECKING:
    from preboard.language.functions.registry import Function
    from preboard.language.functions.signature import Param

_ANY_KIND: Final = ("TVHFR", "TVHFRE")
_KINDS: Final = "TVHFRE"
_USES: Final = {
    "column": "a header, or its name or index as a literal",
    "member": "a type, such as string() or wildcard()",
}
_NUMBER: Final = "one of: an integer, a decimal"


def forms(function: Function) -> list[str]:
    """Return the ways to call a function.

    >>> from preboard.language.functions.library import functions
    >>> forms(functions()["round"]), forms(functions()["now"])
    (['round(value, [places])'], ['now()', 'now(format)'])
    """
    return [f"{function.name}({signature.places})" for signature in function.signatures]


def summary(function: Function) -> str:
    """Return the first paragraph of what a function does, on one line."""
    return " ".join(function.doc.partition("\n\n")[0].split())


def arguments(function: Function) -> list[tuple[str, str]]:
    """Return each argument that is not just any value, and what it must be.

    >>> from preboard.language.functions.library import functions
    >>> arguments(functions()["round"])[1:]
    [('places', 'an integer, given as a literal')]
    """
    places: dict[str, Param] = {}
    for signature in function.signatures:
        for param in signature.params:
            places.setdefault(param.name, param)
    told = ((name, _told(param)) for name, param in places.items())
    return [(name, text) for name, text in told if text]


def _told(param: Param) -> str:
    if param.use in _USES:
        return _USES[param.use]
    wants = "a number" if param.wants == _NUMBER else param.wants
    if param.nodes in _ANY_KIND:
        return wants
    kinds = kinds_text("".join(sorted(param.nodes, key=_KINDS.index)))
    return f"{wants}, given as {kinds}" if wants else kinds


def vote(function: Function) -> str:
    """Say what a function is for in a statement: a vote, a value, an effect.

    >>> from preboard.language.functions.library import functions
    >>> vote(functions()["gt"])
    'It votes; its value is its vote.'
    """
    if function.gives == "match":
        return "It votes; its value is its vote."
    if function.gives == "nothing":
        return "It acts; it has no value, and its vote decides nothing."
    if function.votes is None and not function.returns_vote:
        return "It gives a value; its vote decides nothing."
    return "It gives a value, and votes."
