"""Functions that look at headers and cells: spec/functions-a.md section 6."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from preboard.language import nodes as n
from preboard.language.functions.call import Fault
from preboard.language.functions.registry import function
from preboard.language.functions.signature import (
    Anything,
    Column,
    Integer,
    Param,
    Text,
    many,
    optional,
)
from preboard.language.values import Value, cell, holds_nothing, index_of, is_empty, same

if TYPE_CHECKING:
    from collections.abc import Sequence

    from preboard.language.functions.call import Call

GROUP: Final = "headers"

_MOST_NAMED = 20


def find_column(column: n.Header | str | float, headers: Sequence[str]) -> int:
    """Return the index of a header that an argument names.

    Raises:
        Fault: there is no such header.
    """
    if isinstance(column, n.Header):
        name, index = column.name, index_of(column.name, headers, quoted=column.quoted)
    elif isinstance(column, str):
        name, index = column, index_of(column, headers, quoted=True)
    else:
        name, index = str(column), int(column)
    if index is None:
        raise unknown_header(name, headers)
    return index


def unknown_header(name: str, headers: Sequence[str]) -> Fault:
    """Return the error for a header that does not exist."""
    more = ", ..." if len(headers) > _MOST_NAMED else ""
    named = ", ".join(headers[:_MOST_NAMED]) + more
    return Fault(f"no header is called {name!r}; the headers are {named}")


def _name_or_index(value: Value) -> Value:
    if isinstance(value, str) and value:
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and value == int(value):
        return int(value)
    raise ValueError("neither a name nor an index")


_NameOrIndex: Final = Param(
    "header", nodes="TFV", wants="the name or the index of a header", convert=_name_or_index
)


@function(
    "headers", group=GROUP, gives="match", forms=[[], [_NameOrIndex]], default=False, fails=False
)
def headers(call: Call, column: str | int | None = None) -> bool:
    """As an argument of all(), missing(), any(), empty() and regex(): all headers of the line.

    With a name or an index it matches when there is such a header.

    Example::

        $[1][ not(headers("vat")) -> error("there is no column vat") ]
    """
    if column is None:
        return True
    names = call.run.headers
    index = index_of(column, names, quoted=True) if isinstance(column, str) else column
    return index is not None and 0 <= index < len(names)


@function("headers_stack", group=GROUP, gives="value", fails=False)
def headers_stack(call: Call) -> list[str]:
    """A copy of the names of the headers in force.

    Example::

        $[1][ @columns = headers_stack() ]
    """
    return list(call.run.headers)


@function("empty_stack", group=GROUP, gives="value", args=[many(Anything.on("VH"))], votes=bool)
def empty_stack(call: Call, *values: Value) -> list[str]:
    """The names of the headers that are empty on this line, or of the arguments that are.

    Matches when there are any.

    Example::

        $[4][ @empty = empty_stack() ]
    """
    if values:
        nodes = [arg for arg in call.node.args if isinstance(arg, n.Header | n.Variable)]
        pairs = zip(nodes, values, strict=True)
        return [node.name for node, value in pairs if holds_nothing(value)]
    row = call.run.row
    names = call.run.line_headers
    return [name for index, name in enumerate(names) if holds_nothing(cell(row, index))]


@function(
    "end",
    group=GROUP,
    gives="value",
    args=[optional(Integer)],
    votes=lambda value: value is not None,
)
def end(call: Call, before: int = 0) -> Value:
    """The last value of the line, or the one so many places before it; its sign does not matter.

    None where the line is too short. Matches when there is a value, also an empty one.

    Example::

        $[1*][ end() == "new" ]
    """
    return cell(call.run.row, -1 - abs(before))


_HEADER_FORMS: Final = [[_NameOrIndex], [_NameOrIndex, Anything.on("T").called("expected")]]


def _is_found(value: Value) -> bool:
    return value is not None and value is not False


@function("header_name", group=GROUP, gives="value", forms=_HEADER_FORMS, votes=_is_found)
def header_name(call: Call, column: str | int, expected: Value = None) -> str | int | bool | None:
    """The name of the header at an index, -1 for the last; or the index of a name.

    None where there is none. With a second argument: whether that is what was found.

    Example::

        $[1][ @first = header_name(0) @last = header_name(-1) ]
    """
    return _header(call, column, expected)


@function("header_index", group=GROUP, gives="value", forms=_HEADER_FORMS, votes=_is_found)
def header_index(call: Call, column: str | int, expected: Value = None) -> str | int | bool | None:
    """The index of the header of a name; or the name at an index.

    None where there is none. With a second argument: whether that is what was found.

    Example::

        $[1][ @at = header_index("price") ]
    """
    return _header(call, column, expected)


def _header(call: Call, column: str | int, expected: Value) -> str | int | bool | None:
    found = _other_side(column, call.run.headers)
    if len(call.node.args) == 1:
        return found
    return found is not None and same(found, expected)


def _other_side(column: str | int, names: Sequence[str]) -> str | int | None:
    """Return the index of a name, or the name at an index; a number may be a name too."""
    if isinstance(column, str):
        as_number = index_of(column, ())
        if as_number is None or column in names:
            return index_of(column, names, quoted=True)
        column = as_number
    return names[column] if -len(names) <= column < len(names) else None


_Expected: Final = Text.on("T").called("names")


@function("header_names_match", group=GROUP, gives="match", args=[_Expected], acts=True)
def header_names_match(call: Call, expected: str) -> bool:
    """Matches when the headers are exactly the expected ones: "id|name|weight".

    Sets four lists on each line, called by the name qualifier or the function: NAME_present,
    NAME_misordered (stands elsewhere), NAME_unmatched (missing, or not expected) and
    NAME_duplicated.

    Example::

        $[1][ header_names_match.h("order|day|customer|email|country|price|quantity|vat") ]
    """
    return _compare_headers(call, expected)


@function("header_names_mismatch", group=GROUP, gives="match", args=[_Expected], acts=True)
def header_names_mismatch(call: Call, expected: str) -> bool:
    """Matches when the headers are not exactly the expected ones; see header_names_match().

    Example::

        $[1][
            header_names_mismatch.h("order|day|customer|email|country|price|quantity|vat")
                -> error("missing or unknown: $.variables.h_unmatched")
        ]
    """
    return not _compare_headers(call, expected)


def _compare_headers(call: Call, expected: str) -> bool:
    names = call.run.headers
    wanted = [name.strip() for name in expected.split("|") if name.strip()]
    places = {name: [i for i, other in enumerate(names) if other == name] for name in wanted}
    present = [name for index, name in enumerate(wanted) if index in places[name]]
    elsewhere = [name for i, name in enumerate(wanted) if any(i != at for at in places[name])]
    unmatched = [name for name in wanted if not places[name]]
    if len(present) != len(names):
        unmatched += [name for name in names if name not in places]
    prefix, variables = call.variable_name(call.name), call.run.variables
    variables[f"{prefix}_present"] = present
    variables[f"{prefix}_misordered"] = list(dict.fromkeys(elsewhere))
    variables[f"{prefix}_unmatched"] = unmatched
    variables[f"{prefix}_duplicated"] = [name for name, at in places.items() if len(at) > 1]
    return wanted == names


@function("line_before", group=GROUP, gives="value", args=[Column], acts=True)
def line_before(call: Call, column: n.Header | str | float) -> Value:
    """The value a header had when this was last evaluated; None at first, or where it was empty.

    The present value is kept in the variable of the name qualifier.

    Example::

        $[1*][ #order == line_before(#order) -> error("the same order as above") ]
    """
    index = find_column(column, call.run.line_headers)
    present = cell(call.run.row, index)
    name = call.variable_name()
    before = call.run.variables.get(name)
    call.run.variables[name] = None if is_empty(present) else present
    return before


_SIGNED: Final = frozenset({"signed", "false"})


@function(
    "mismatch",
    group=GROUP,
    gives="value",
    args=[optional(Anything.on("TF").called("signed"))],
    votes=bool,
    fails=False,
)
def mismatch(call: Call, sign: Value = None) -> int:
    """How many values the line has more or less than there are headers; matches when it differs.

    With "signed", or false(), too few are below 0. A line of blanks has no values.

    Example::

        $[1*][ mismatch() -> error("too many or too few values") ]
    """
    row = call.run.row
    count = 0 if len(row) == 1 and not str(row[0]).strip() else len(row)
    difference = count - len(call.run.line_headers)
    signed = sign is False or (isinstance(sign, str) and sign.strip().lower() in _SIGNED)
    return difference if signed else abs(difference)
