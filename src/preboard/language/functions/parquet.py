"""parquet(): a schema whose lines are written to a Parquet file: spec/functions-b.md section 6.

Each member but a wildcard is a column. It is called as the member's name qualifier says, else as
the header; it holds what the cell reads as, and null where the cell is empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from preboard.diagnostics import Diagnostic, Span
from preboard.language import nodes as n
from preboard.language.functions.call import Fault
from preboard.language.functions.extras import missing_extra
from preboard.language.functions.registry import function
from preboard.language.functions.schema import check_members, header_of, is_new, lay_out
from preboard.language.functions.services import Column
from preboard.language.functions.signature import Member, Refused, many
from preboard.language.functions.type_rules import (
    read_boolean,
    read_datetime,
    read_decimal,
    read_integer,
)
from preboard.language.values import Value, index_of, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from preboard.language.functions.call import Call
    from preboard.language.functions.services import ColumnKind, Table

KINDS: Final[dict[str, ColumnKind]] = {
    "string": "text", "blank": "text", "nonspecific": "text", "unspecified": "text",
    "email": "text", "url": "text", "uuid": "text", "integer": "integer", "decimal": "decimal",
    "boolean": "boolean", "date": "date", "datetime": "datetime", "none": "none",
}  # fmt: skip
"""What the column of each member holds."""

_KEPT_EMPTY: Final = ("string", "blank", "nonspecific", "unspecified")
"""Members whose cells are text whatever they hold; elsewhere an empty cell is null."""

_GREATEST: Final = 2**63 - 1


def _columns_of(node: n.Call) -> list[n.Call]:
    """Return the members that are columns."""
    return [arg for arg in node.args if isinstance(arg, n.Call) and arg.name in KINDS]


def _check_parquet(node: n.Call) -> list[Diagnostic]:
    """Return a finding where there is no name for the file, no column, or two of one name."""
    found = [*missing_extra(node, "pyarrow", "parquet"), *check_members(node)]
    name = Span(node.span.start, node.span.start + len(node.name))
    if n.label(node) is None:
        message = "parquet() needs a name qualifier: it is the name of the file"
        hint = "for example parquet.orders(...), which writes orders.parquet"
        found.append(Diagnostic("needs-name", message, name, hint=hint))
    columns = _columns_of(node)
    if all(isinstance(arg, n.Call) and arg.name == "wildcard" for arg in node.args):
        message = "parquet() has no column to write"
        found.append(Diagnostic("argument-count", message, name, hint="for example string(#name)"))
    labels: set[str] = set()
    for member in columns:
        label = n.label(member)
        if label in labels:
            message = f"two columns are called {label}"
            found.append(Diagnostic("two-columns", message, member.span))
        labels |= {label} if label is not None else set()
    return found


@dataclass(slots=True)
class _Written:
    """The table that an occurrence writes, and the members that are its columns."""

    table: Table
    members: list[n.Call]


def _keep(call: Call, values: Sequence[Value]) -> None:
    """Write a line that keeps to the schema, at once or when it is known to match.

    Raises:
        Fault: a value does not fit its column, or the run writes no such table.
    """
    if call.state is None:
        call.state = _begun(call)
    written: _Written = call.state
    row = []
    for member, value in zip(written.members, values, strict=True):
        try:
            row.append(typed(member, value))
        except Fault as error:
            raise Refused(_place(call, member), _cell(value), str(error)) from error
    unfit = written.table.unfit(row)
    if unfit is not None:
        place, wants = unfit
        raise Refused(_place(call, written.members[place]), _cell(values[place]), wants)
    if "nocontrib" in call.qualifiers:
        written.table.append(row)
    else:
        call.run.when_matched(lambda: written.table.append(row))


@function(
    "parquet", group="printing", gives="match", args=[many(Member)], schema=True, acts=True,
    check=_check_parquet, own_label=True, default=False,
    keep=_keep,
)  # fmt: skip
def parquet(call: Call, *values: Value) -> bool:
    """A schema as line() is, and its lines are written to a Parquet file: `parquet.orders(...)`.

    The name qualifier names the file. Lines are written that match as a whole; with nocontrib
    those that keep to this schema. A member is a column, a wildcard is none. The column has the
    name qualifier of the member, else the name of the header, and holds what the cell reads as:
    text, 64-bit integers, doubles, booleans, dates, timestamps; null where the cell is empty.

    Example::

        $[1*][ parquet.orders(
            integer.notnone(#order),
            date.day(#day, "%Y-%m-%d"),
            wildcard(4),
            decimal(#price),
            string(#status)
        ) ]
    """
    return is_new(call, values)


def _place(call: Call, member: n.Call) -> int:
    """Return which argument a member is."""
    return next(index for index, arg in enumerate(call.node.args) if arg is member)


def _cell(value: Value) -> Value:
    """Return the cell without the format that came with it."""
    return value[0] if isinstance(value, tuple) else value


def _begun(call: Call) -> _Written:
    """Begin the table, under the headers now in force."""
    headers = call.run.line_headers
    args = [arg for arg in call.node.args if isinstance(arg, n.Call)]
    places = lay_out(args, headers).places
    members, columns = [], []
    taken = {label for arg in args if (label := n.label(arg)) is not None}
    for member, place in zip(args, places, strict=True):
        if member.name not in KINDS:
            continue
        name = n.label(member) or _free(_header_name(member, place, headers), taken)
        taken.add(name)
        members.append(member)
        columns.append(Column(name, KINDS[member.name]))
    return _Written(call.run.services.table(call.label or "", columns), members)


def _header_name(member: n.Call, place: int | None, headers: Sequence[str]) -> str:
    """Return the name of the header that a member stands for; one without a name has a number."""
    header = header_of(member)
    if header is not None:
        place = index_of(header.name, headers, quoted=header.quoted)
    named = headers[place] if place is not None and 0 <= place < len(headers) else ""
    return named or f"c{place}"


def _free(name: str, taken: set[str]) -> str:
    """Return the name, with a number behind it if another column has it."""
    number = 2
    free = name
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free


def typed(member: n.Call, value: Value) -> Value:
    """Return what a column holds for a cell that its member took.

    A date or datetime with a format comes as a pair of cell and format.

    Raises:
        Fault: the value has no place in the column; the message says what has.
    """
    form = value[1] if isinstance(value, tuple) else None
    value = _cell(value)
    if value is None:
        return None
    kind = KINDS[member.name]
    text = text_of(value).strip()
    if kind == "text" and (text or member.name in _KEPT_EMPTY):
        return _encodable(text)
    if not text or kind == "none":
        return None
    match kind:
        case "integer":
            number = read_integer(text)
            if not -_GREATEST - 1 <= number <= _GREATEST:
                raise Fault("a number that fits 64 bits")
            return number
        case "decimal":
            return read_decimal(text)
        case "boolean":
            return read_boolean(text)
        case _:
            moment = read_datetime(value, None if form is None else text_of(form))
            return moment.date() if kind == "date" else moment


def _encodable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Fault("text without lone surrogates") from error
    return text
