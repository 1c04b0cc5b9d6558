"""Counting functions: spec/functions-a.md section 4, spec/language.md 5.11."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.language.functions.call import Fault
from preboard.language.functions.registry import Voted, function
from preboard.language.functions.signature import Integer, Sighting, optional
from preboard.language.values import Value, to_int

if TYPE_CHECKING:
    from collections.abc import Sequence

    from preboard.language.functions.call import Call


def hashable(value: Value) -> Value:
    """Return the value, or its text if it can be no key of a dictionary, or is not itself (NaN)."""
    return str(value) if isinstance(value, list | dict | set) or value != value else value  # noqa: PLR0124


@function(
    "count",
    group="counting",
    gives="value",
    forms=[[], [Sighting]],
    acts=True,
    own_onmatch=True,
    implies_onmatch=True,
    returns_vote=True,
)
def count(call: Call, seen: tuple[Value, bool] | None = None) -> Voted:
    """The number of matches, this line counted as if it matches; or how often a value was seen.

    `count(x)` keeps its counts in the variable of the name qualifier. With onmatch it counts only
    when x itself votes true, and votes as x does.

    Example::

        $[1*][ #country == "DE" @german = count() ]
    """
    if seen is None:
        return Voted(call.run.match_count, vote=True)
    value, vote = seen
    table, key = call.table(), hashable(value)
    if "onmatch" not in call.qualifiers:
        table[key] = table.get(key, 0) + 1
        return Voted(table[key], vote=True)
    table[key] = table.get(key, 0) + (1 if vote else 0)
    return Voted(table[key] if vote else 0, vote)


@count.emit
def _(values: Sequence[str]) -> str | None:
    return None if values else "matches + 1"


@function("count_lines", group="counting", gives="value", fails=False)
def count_lines(call: Call) -> int:
    """The number of data lines from the top of the file to here, scanned or not.

    Example::

        $[1*][ last.nocontrib() -> @lines = count_lines() ]
    """
    return call.run.data_lines


@count_lines.emit
def _(_values: object) -> str:
    return "number + 1 - run.blanks"


@function("count_headers", group="counting", gives="value", fails=False)
def count_headers(call: Call) -> int:
    """The number of headers in force.

    Example::

        $[1][ neq(count_headers(), 9) -> error("9 columns are agreed") ]
    """
    return len(call.run.headers)


@count_headers.emit
def _(_values: object) -> str:
    return "len(run.headers)"


@function("count_headers_in_line", group="counting", gives="value", fails=False)
def count_headers_in_line(call: Call) -> int:
    """The number of values in the line, however many headers there are.

    Example::

        $[1*][ lt(count_headers_in_line(), 8) -> error("values are missing at the end") ]
    """
    return len(call.run.row)


@count_headers_in_line.emit
def _(_values: object) -> str:
    return "len(row)"


@function("count_bytes", group="counting", gives="value", fails=False)
def count_bytes(call: Call) -> int:
    """The bytes of matched lines that a run in a project has written before this line, else 0.

    Example::

        $[1*][ @written = count_bytes() ]
    """
    return call.run.bytes_written


@function("line_number", group="counting", gives="value", fails=False)
def line_number(call: Call) -> int:
    """The 0-based number of the line; blank lines count.

    Example::

        $[1*][ not(#status) -> push("lines", line_number()) ]
    """
    return call.run.line_number


@line_number.emit
def _(_values: object) -> str:
    return "number"


@function("count_scans", group="counting", gives="value", fails=False)
def count_scans(call: Call) -> int:
    """The number of lines scanned so far, this one included.

    Example::

        $[2-4][ @looked_at = count_scans() ]
    """
    return call.run.scans


@count_scans.emit
def _(_values: object) -> str:
    return "scans"


@function("total_lines", group="counting", gives="value", needs_totals=True, fails=False)
def total_lines(call: Call) -> int:
    """The number of data lines in the whole file; the file is counted before the run.

    Example::

        $[1][ lt(total_lines(), 100) -> error("at least 100 lines are expected") ]
    """
    return call.run.total_lines


@function(
    "counter",
    group="counting",
    gives="value",
    args=[optional(Integer.on("TVHFR"))],
    acts=True,
    start=lambda call: call.run.variables.update({call.variable_name(): 0}),
)
def counter(call: Call, step: int = 1) -> int:
    """Adds 1, or the number, to the variable of the name qualifier, and gives the new total.

    Example::

        $[1*][ empty(#email) -> counter.without_email() ]
    """
    name = call.variable_name()
    before = call.run.variables.get(name) or 0
    if not isinstance(before, int | float):
        raise Fault(f"@{name} holds {before!r}, so counter() cannot add to it")
    try:
        total = to_int(before) + step
    except ValueError as error:
        raise Fault(f"@{name} holds {before!r}, which is no whole number to add to") from error
    call.run.variables[name] = total
    return total


@function(
    "has_matches", group="counting", gives="value", votes=bool, implies_onmatch=True, fails=False
)
def has_matches(call: Call) -> bool:
    """Whether some line has matched so far.

    Example::

        $[1*][ #status == "shipped" @one_before = has_matches() ]
    """
    return call.run.matches > 0
