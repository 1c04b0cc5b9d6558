"""Functions that change headers and lines, and what is returned of them: functions-a.md section 6.

What they change lasts for the run of their statement; the file itself is never changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from preboard.diagnostics import Diagnostic
from preboard.language import nodes as n
from preboard.language.functions.call import Fault
from preboard.language.functions.headers import find_column, unknown_header
from preboard.language.functions.registry import function
from preboard.language.functions.signature import (
    Anything,
    Column,
    Flag,
    Integer,
    Text,
    Then,
    many,
)
from preboard.language.values import Value, clean_headers, index_of, text_of

if TYPE_CHECKING:
    from preboard.language.functions.call import Call

GROUP: Final = "headers"

_MATCH_VARIABLES = ("_present", "_unmatched", "_duplicated", "_misordered")

_Name: Final = Text.on("T").called("name")


@function("collect", group=GROUP, gives="nothing", args=[Column, many(Column)], acts=True)
def collect(call: Call, *columns: n.Header | str | float) -> None:
    """From here on every collected line holds only these headers, in this order.

    Example::

        $[1-3][ collect(#order, #price) ]
    """
    call.run.limit_collection([find_column(column, call.run.headers) for column in columns])


@function("remove", group=GROUP, gives="nothing", args=[Column, many(Column)], acts=True)
def remove(call: Call, *columns: n.Header | str | float) -> None:
    """From here on every collected line leaves out these headers.

    Lines are as wide as the other headers then: short ones get empty text, what lies behind the
    headers is dropped. Several remove() add up; the last of collect() and remove() counts.

    Example::

        $[1-2][ remove(#customer, #email) ]
    """
    headers, gone = call.run.headers, list[int]()
    if len(columns) > len(headers):
        raise Fault(f"too many headers to remove: there are {len(headers)}")
    for column in columns:
        index = find_column(column, headers)
        if index >= len(headers):  # nothing there to leave out, as collect() finds nothing there
            continue
        if index < -len(headers):
            raise unknown_header(str(index), headers)
        index %= len(headers)
        if index in gone:
            raise Fault(f"Header at {index} already removed")
        gone.append(index)
    call.run.leave_out(call, gone)


@function(
    "replace", group=GROUP, gives="nothing", args=[Column, Anything], acts=True, changes_line=True
)
def replace(call: Call, column: n.Header | str | float, value: Value) -> None:
    """Puts a value into a cell of the current line; a line too short for it is left alone.

    Example::

        $[1-2][ replace(#customer, upper(#customer)) ]
    """
    index = find_column(column, call.run.line_headers)
    if -len(call.run.row) <= index < len(call.run.row):
        call.run.row[index] = value


@function(
    "append",
    group=GROUP,
    gives="nothing",
    forms=[[_Name, Anything], [_Name, Anything, Flag.on("TF")]],
    acts=True,
    changes_line=True,
    changes_headers=True,
)
def append(call: Call, name: str, value: Value, flag: bool = False) -> None:  # noqa: FBT002 - a flag
    """Puts a value behind the last one of the line, under a header of that name.

    The header is added the first time, unless there is one. With true the line that holds the
    headers gets the name instead.

    Example::

        $[1-2][ append("total", multiply(#quantity, #price)) ]
    """
    put = name if flag and _is_header_line(call) else value
    call.run.add_column(name)
    call.run.row.append(put)


def _is_header_line(call: Call) -> bool:
    return clean_headers(call.run.row) == call.run.line_headers


def _check_index(node: n.Call) -> list[Diagnostic]:
    index = node.args[0] if node.args else None
    if isinstance(index, n.Term) and isinstance(index.value, int | float) and index.value < 0:
        message = "insert() has no place before the first header"
        return [Diagnostic("argument-value", message, index.span, hint="the first place is 0")]
    return []


@function(
    "insert",
    group=GROUP,
    gives="nothing",
    args=[Integer.on("T").called("index"), _Name, Anything],
    acts=True,
    changes_line=True,
    changes_headers=True,
    check=_check_index,
)
def insert(call: Call, index: int, name: str, value: Value) -> None:
    """Puts a value into the line at an index, under a header of that name.

    The header is put in the first time. The line that holds the headers gets the name instead of
    the value; a line shorter than the index gets it at its end. Until it has worked on a line the
    other header names find their values where they are.

    Example::

        $[1-2][ insert(0, "source", "partner") ]
    """
    headers = call.run.line_headers
    if not 0 <= index <= len(headers):
        raise Fault(f"insert() has no place {index}: there are {len(headers)} headers")
    put = name if _is_header_line(call) else value
    call.run.add_column(name, index)
    call.run.row.insert(index, put)


@function(
    "rename",
    group=GROUP,
    gives="nothing",
    forms=[
        [_Name],
        [Anything.on("VR").called("names")],
        [Column, Text.called("name")],
        [_Name, _Name, _Name, many(_Name)],
    ],
    acts=True,
    changes_headers=True,
)
def rename(call: Call, first: Value, *names: str) -> None:
    """Gives a header another name: `rename(#old, "new")`, `rename(2, "new")`; it stays so.

    Three names or more, or one, rename the headers from the left; a stack becomes the headers.

    Example::

        $[1][ rename(#day, "date") @on = #date ]
    """
    headers = call.run.headers
    if len(call.node.args) == 2:  # noqa: PLR2004 - old and new
        _rename_one(call, first, names[0])
    elif not isinstance(call.node.args[0], n.Term):
        if not isinstance(first, list | tuple):
            raise Fault("rename() needs a stack of names")
        call.run.reset_headers([text_of(name) for name in first])
    else:
        given = [first, *names]
        headers[: len(given)] = given[: len(headers)]
        if len(given) > len(headers):
            raise Fault(
                f"Found rename() value at {len(headers)}, but that is greater than the number of"
                " headers"
            )


def _rename_one(call: Call, column: n.Header | str | float, name: str) -> None:
    headers = call.run.headers
    if call.state and name in headers and _is_gone(column, headers):
        return
    index = find_column(column, headers)
    if not -len(headers) <= index < len(headers):
        raise unknown_header(str(index), headers)
    headers[index] = name
    call.state = True


def _is_gone(column: n.Header | str | float, headers: list[str]) -> bool:
    if isinstance(column, n.Header):
        return index_of(column.name, headers, quoted=column.quoted) is None
    return isinstance(column, str) and index_of(column, headers, quoted=True) is None


@function(
    "reset_headers",
    group=GROUP,
    gives="nothing",
    forms=[[], [Then.on("F")]],
    acts=True,
    changes_headers=True,
)
def reset_headers(call: Call) -> None:
    """Makes the current line the headers, at once and for the rest of the run.

    Counts what it did in the variables NAME_count and NAME_lines, and deletes the variables of
    header_names_match(). An argument is done afterwards.

    Example on statement.csv::

        $[3*][ firstscan.nocontrib() -> reset_headers(skip()) gt(#amount, 100) ]
    """
    run = call.run
    run.reset_headers(clean_headers(run.row))
    for name in [name for name in run.variables if name.endswith(_MATCH_VARIABLES)]:
        del run.variables[name]
    name = call.variable_name()
    lines = run.variables.setdefault(f"{name}_lines", [])
    if not isinstance(lines, list):
        raise Fault(f"@{name}_lines is no stack, so reset_headers() cannot note the line in it")
    lines.append(run.line_number)
    run.variables[f"{name}_count"] = len(lines)
