"""Printed tables: spec/functions-b.md section 6."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from typing import TYPE_CHECKING

from preboard.language.functions.call import Fault
from preboard.language.functions.printing import put_out
from preboard.language.functions.registry import function
from preboard.language.functions.signature import Integer, Text, many
from preboard.language.modes import MODE_KEYS
from preboard.language.values import Value, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from preboard.language.functions.call import Call

_WIDEST_VARIABLE = 20
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?P<point>\.[0-9]*)?|(?P<bare>\.[0-9]+))(?:[eE][+-]?[0-9]+)?")
_HIDDEN = "_intx_"

RUNTIME_FIELDS = (
    "delimiter", "quotechar", "file_name", "lines_time", "total_lines", "count_lines",
    "line_number", "identity", "count_matches", "count_scans", "scan_part", "match_part",
    "last_line_time", "headers", "valid", "stopped", *sorted(MODE_KEYS), "run_started_at",
    "lines_collected", "errors_count", "named_paths_name", "named_file_name", "run_dir",
    "run_dir_name", "run_reference",
)  # fmt: skip
"""What run_table() shows of a run, as far as it is there (spec/language.md 8.3)."""


def draw_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a grid; columns of numbers are set to the right, with the points below each other.

    >>> print(draw_table(["k", "n"], [["a", "2.5"], ["b", "10"]]))
    ┌─────┬──────┐
    │ k   │    n │
    ├─────┼──────┤
    │ a   │  2.5 │
    ├─────┼──────┤
    │ b   │ 10   │
    └─────┴──────┘
    """
    if not headings:
        return ""
    columns = [_Column(heading, [row[i] for row in rows]) for i, heading in enumerate(headings)]
    rules = ["─" * (column.width + 2) for column in columns]
    lines = [f"┌{'┬'.join(rules)}┐"]
    for place in range(len(rows) + 1):
        blocks = [column.block(place) for column in columns]
        if place:
            lines.append(f"├{'┼'.join(rules)}┤")
        for number in range(max(map(len, blocks))):
            cells = (
                column.padded(block[number] if number < len(block) else "")
                for column, block in zip(columns, blocks, strict=True)
            )
            lines.append(f"│ {' │ '.join(cells)} │")
    lines.append(f"└{'┴'.join(rules)}┘")
    return "\n".join(lines)


class _Column:
    """One column of a grid."""

    def __init__(self, heading: str, texts: Sequence[str]) -> None:
        told = [text for text in texts if text]
        self.to_the_right = bool(told) and all(map(_NUMBER.fullmatch, told))
        self.heading = heading.splitlines() or [""]
        self.texts = _points_below_each_other(texts) if self.to_the_right else list(texts)
        self.width = max(
            *(_width(line) + 2 for line in self.heading),
            *(_width(line) for text in self.texts for line in text.splitlines() or [""]),
            0,
        )

    def block(self, place: int) -> list[str]:
        """Return the lines of the heading (place 0) or of a row."""
        return self.heading if place == 0 else self.texts[place - 1].splitlines() or [""]

    def padded(self, line: str) -> str:
        """Return a line as wide as the column."""
        blanks = " " * (self.width - _width(line))
        return blanks + line if self.to_the_right else line + blanks


def _points_below_each_other(texts: Sequence[str]) -> list[str]:
    behind = []
    for text in texts:
        found = _NUMBER.fullmatch(text)
        fraction = (found["point"] or found["bare"] or "") if found else ""
        behind.append(len(fraction))
    most = max(behind)
    return [text + " " * (most - count) for text, count in zip(texts, behind, strict=True)]


def _width(text: str) -> int:
    """Return how many places a text takes on a screen."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def _wrapped(value: Value) -> str:
    """Return the text of a value in lines that are not too wide."""
    lines = (textwrap.wrap(line, _WIDEST_VARIABLE) for line in text_of(value).splitlines())
    return "\n".join(part for line in lines for part in line)


@function("header_table", group="printing", gives="nothing", acts=True, fails=False)
def header_table(call: Call) -> None:
    """Prints the headers in force with their indexes as a table.

    Example::

        $[1][ header_table() ]
    """
    rows = [[str(index), name] for index, name in enumerate(call.run.headers)]
    put_out(call, draw_table(["#N", "#Name"], rows))


@function(
    "row_table",
    group="printing",
    gives="nothing",
    forms=[
        [],
        [Integer.on("T").called("index")],
        [Integer.on("T").called("from"), Integer.on("T").called("to")],
    ],
    acts=True,
)
def row_table(call: Call, first: int | None = None, last: int | None = None) -> None:
    """Prints the current line as a table: all of it, one field, or the fields from one to another.

    A field that the line is too short for is empty.

    Example::

        $[1][ row_table(0, 2) ]
    """
    row, headers = call.run.row, call.run.headers
    if first is None:
        indexes = range(max(len(row), len(headers)))
    else:
        indexes = range(first, (first if last is None else last) + 1)
    if any(not 0 <= index < max(len(row), len(headers)) for index in indexes) or not indexes:
        raise Fault(f"there are no fields {indexes.start} to {indexes.stop - 1} in the line")
    cells = ["" if not index < len(row) or row[index] is None else text_of(row[index])
             for index in indexes]  # fmt: skip
    names = [headers[index] if index < len(headers) else "" for index in indexes]
    if first is None or last is not None:
        names = [f"#{name} (#{index})" for name, index in zip(names, indexes, strict=True)]
    put_out(call, draw_table(names, [cells]))


@function(
    "var_table",
    group="printing",
    gives="nothing",
    args=[many(Text.on("T").called("name"))],
    acts=True,
)
def var_table(call: Call, *names: str) -> None:
    """Prints variables as a table: all of them, or those named, a column each.

    One stack is shown with an item a row, one dictionary with a key and its value a row.

    Example::

        $[1*][ tally(#country) last.nocontrib() -> var_table("tally_country") ]
    """
    variables = call.run.variables
    unknown = [name for name in names if name not in variables]
    if unknown:
        raise Fault(f"there is no variable {', '.join(unknown)}")
    if len(names) == 1 and isinstance(variables[names[0]], list | dict):
        put_out(call, _of_one(names[0], variables[names[0]]))
        return
    shown = names or tuple(name for name in variables if not name.startswith(_HIDDEN))
    put_out(call, draw_table(shown, [[_wrapped(variables[name]) for name in shown]]))


def _of_one(name: str, value: list[Value] | dict[Value, Value]) -> str:
    if isinstance(value, list):
        return draw_table([name], [[_wrapped(item)] for item in value])
    return draw_table([name, "Tracking"], [[_wrapped(k), _wrapped(v)] for k, v in value.items()])


@function("run_table", group="printing", gives="nothing", acts=True, fails=False, needs_totals=True)
def run_table(call: Call) -> None:
    """Prints the metadata of the statement and the fields of the run as tables.

    Example::

        $[1][ run_table() ]
    """
    told = call.run.metadata.items()
    metadata = [[key, text_of(value)] for key, value in told if key not in MODE_KEYS]
    texts = ["Metadata", draw_table(["Key", "Value"], metadata)] if metadata else []
    fields = []
    for field in RUNTIME_FIELDS:
        try:
            fields.append([field, text_of(call.run.runtime(field))])
        except KeyError:
            continue
    put_out(call, *texts, "Runtime data", draw_table(["Key", "Value"], fields))
