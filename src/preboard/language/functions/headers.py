"""Functions on headers and cells: spec/functions-a.md section 6."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.language import nodes as n
from preboard.language.functions.call import Fault
from preboard.language.functions.registry import function
from preboard.language.functions.signature import Anything, Column, Then, many
from preboard.language.values import Value, clean_headers

if TYPE_CHECKING:
    from preboard.language.functions.call import Call

_MATCH_VARIABLES = ("_present", "_unmatched", "_duplicated", "_misordered")


def column_index(call: Call, column: n.Header | str | float) -> int:
    """Return the index of a header that an argument names.

    Raises:
        Fault: there is no such header.
    """
    if isinstance(column, n.Header):
        index = call.run.column(column.name, quoted=column.quoted)
        name: object = column.name
    else:
        index = call.run.column(column if isinstance(column, str) else int(column), quoted=True)
        name = column
    if index is None:
        raise Fault(f"no header is called {name!r}; the headers are {', '.join(call.run.headers)}")
    return index


@function(
    "collect",
    group="headers",
    gives="nothing",
    forms=[[Column.on("T"), many(Column.on("T"))], [Column.on("H"), many(Column.on("H"))]],
    acts=True,
)
def collect(call: Call, *columns: n.Header | str | float) -> None:
    """From here on every collected line holds only these headers, in this order."""
    call.run.limit_collection([column_index(call, column) for column in columns])


@function("headers_stack", group="headers", gives="value", fails=False)
def headers_stack(call: Call) -> list[str]:
    """A copy of the names of the headers in force."""
    return list(call.run.headers)


@function(
    "replace",
    group="headers",
    gives="nothing",
    args=[Column, Anything],
    acts=True,
    changes_line=True,
)
def replace(call: Call, column: n.Header | str | float, value: Value) -> None:
    """Puts a value into a cell of the current line; a line too short for it is left alone."""
    index = column_index(call, column)
    if -len(call.run.row) <= index < len(call.run.row):
        call.run.row[index] = value


@function(
    "reset_headers",
    group="headers",
    gives="nothing",
    forms=[[], [Then.on("F")]],
    acts=True,
    changes_headers=True,
)
def reset_headers(call: Call) -> None:
    """Makes the current line the headers, at once and for the rest of the run.

    Counts what it did in the variables NAME_count and NAME_lines, and deletes the variables of
    header_names_match(). An argument is done afterwards.
    """
    run = call.run
    run.reset_headers(clean_headers(run.row))
    for name in [name for name in run.variables if name.endswith(_MATCH_VARIABLES)]:
        del run.variables[name]
    name = call.variable_name()
    run.variables[f"{name}_count"] = run.variables.get(f"{name}_count", 0) + 1
    run.variables[f"{name}_lines"] = [*run.variables.get(f"{name}_lines", []), run.line_number]
