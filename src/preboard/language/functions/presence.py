"""Is there a value: spec/functions-a.md section 3, all, missing, any, empty and exists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from preboard.diagnostics import Diagnostic
from preboard.language import nodes as n
from preboard.language.functions.registry import function
from preboard.language.functions.signature import Anything, many
from preboard.language.values import Value, holds_nothing, is_empty, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from preboard.language.functions.call import Call

Place = Literal["headers", "variables"]

_Given = Anything.on("VHF")


_PLACES: dict[str, Place] = {"headers": "headers", "variables": "variables"}


def _place(node: n.Node) -> Place | None:
    """Return where headers() or variables() as an argument says to look."""
    return _PLACES.get(node.name) if isinstance(node, n.Call) and not node.args else None


def _check_alone(node: n.Call) -> list[Diagnostic]:
    """Refuse headers() and variables() beside other arguments: what is meant cannot be told."""
    if len(node.args) < 2:  # noqa: PLR2004
        return []
    return [
        Diagnostic(
            "argument-kind",
            f"{arg.name}() must be the only argument of {node.name}()",
            arg.span,
        )
        for arg in node.args
        if isinstance(arg, n.Call) and _place(arg)
    ]


def _check_empty(node: n.Call) -> list[Diagnostic]:
    """Refuse variables(), which empty() does not look at, and headers() beside others."""
    found = _check_alone(node)
    if len(node.args) == 1 and _place(node.args[0]) == "variables":
        message = "argument 1 of empty() must be headers(), or variables, headers and functions"
        found.append(Diagnostic("argument-kind", message, node.args[0].span))
    return found


def _check_any(node: n.Call) -> list[Diagnostic]:
    """Refuse two arguments whose first does not say where to look."""
    if len(node.args) < 2 or _place(node.args[0]):  # noqa: PLR2004
        return []
    message = "the first of two arguments of any() must be headers() or variables()"
    return [Diagnostic("argument-kind", message, node.args[0].span)]


def _is_blank(value: Value) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _own_variables(call: Call) -> Iterable[Value]:
    """Return the variables that have a name in the statement, without hidden memories."""
    variables = call.run.variables
    return [value for name, value in variables.items() if not name.startswith("_intx_")]


def _all_there(call: Call, values: tuple[Value, ...]) -> bool:
    place = _place(call.node.args[0]) if call.node.args else "headers"
    if place == "headers":
        row = call.run.row
        return len(row) == len(call.run.line_headers) and not any(map(_is_blank, row))
    return not any(map(_is_blank, _own_variables(call) if place == "variables" else values))


@function(
    "all", group="boolean", gives="match", args=[many(_Given)], check=_check_alone, fails=False
)
def all_(call: Call, *values: Value) -> bool:
    """Matches when every given value is there: not missing and not blank.

    Without arguments, or as all(headers()), it looks at the whole line, which must have as many
    values as there are headers; all(variables()) looks at every variable. False and 0 are there.

    Example::

        $[1*][ all(#email, #status) ]
    """
    return _all_there(call, values)


@function(
    "missing",
    group="boolean",
    gives="match",
    args=[many(_Given)],
    check=_check_alone,
    fails=False,
    own_notnone=True,
)
def missing(call: Call, *values: Value) -> bool:
    """Matches when some given value is missing or blank: the opposite of all().

    Without arguments, or as missing(headers()), also when the line has more or fewer values than
    there are headers. Finding nothing is its purpose, so notnone means nothing here.

    Example::

        $[1*][ missing(#email, #status) ]
    """
    return not _all_there(call, values)


@function(
    "any",
    group="boolean",
    gives="match",
    forms=[[], [Anything.on("TVHFRE")], [Anything.on("F"), Anything.on("TVHFRE")]],
    check=_check_any,
    fails=False,
)
def any_(call: Call, *values: Value) -> bool:
    """Matches when some cell of the line is not blank, or some variable has a value.

    any(headers()) and any(variables()) look only there. With a value it matches when a cell or a
    variable is that value, compared as text: any("x"), any(headers(), "x").

    Example::

        $[1*][ any(headers(), "shipped") ]
    """
    args = call.node.args
    place = _place(args[0]) if args else None
    if len(args) == (1 if place else 0):
        return (place != "variables" and not all(map(_is_blank, call.run.row))) or (
            place != "headers" and not all(map(is_empty, _own_variables(call)))
        )
    wanted = values[-1]
    if wanted is None:
        return False
    return (place != "variables" and _is_among(wanted, call.run.row)) or (
        place != "headers" and _is_among(wanted, _own_variables(call))
    )


def _is_among(wanted: Value, values: Iterable[Value]) -> bool:
    """Say whether a value is among others; lists and dictionaries are only their own equals."""
    if isinstance(wanted, list | tuple | dict):
        return any(value is wanted for value in values)
    text = text_of(wanted)
    return any(
        text_of(value).strip() == text
        for value in values
        if value is not None and not isinstance(value, list | tuple | dict)
    )


@function(
    "empty",
    group="boolean",
    gives="match",
    args=[_Given, many(_Given)],
    check=_check_empty,
    fails=False,
)
def empty(call: Call, *values: Value) -> bool:
    """Matches when every given value is empty.

    empty(headers()) looks at all cells of the line. Empty are missing and blank values, the words
    none and nan in any case, a division by zero, and lists and dictionaries with nothing in them.
    An unknown header is empty.

    Example::

        $[1*][ empty(#email) -> error("no e-mail address") ]
    """
    if _place(call.node.args[0]) == "headers":
        return all(map(holds_nothing, call.run.row))
    return all(map(holds_nothing, values))


@function(
    "exists",
    group="boolean",
    gives="match",
    args=[Anything.on("VHFR")],
    reads_run=False,
    fails=False,
)
def exists(_call: Call, value: Value) -> bool:
    """Matches when the value is not empty, as empty() has it; false and 0 exist.

    Example::

        $[1*][ exists(#email) ]
    """
    return not holds_nothing(value)
