"""line(): the shape of a line, a type for each header in order: spec/functions-b.md section 3.

`lay_out` says which header each member stands for. Members are walked from left to right with a
running position; an open wildcard reaches to the next named header, or leaves the members behind
it the end of the line.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from preboard.diagnostics import Diagnostic
from preboard.language import nodes as n
from preboard.language.functions.registry import REGISTRY, function
from preboard.language.functions.signature import Member, many
from preboard.language.values import Value, index_of, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from preboard.language.functions.call import Call

UNCHECKED_NAMES = ("wildcard", "none")


def check_members(node: n.Call) -> list[Diagnostic]:
    """Return a finding for each argument that is no type, or a wildcard that counts nothing."""
    found = []
    for arg in node.args:
        declared = REGISTRY.get(arg.name) if isinstance(arg, n.Call) else None
        if declared is not None and not declared.member:
            message = f"{declared.name}() is no type, so it cannot be a member of {node.name}()"
            hint = "members are string, integer, decimal, date, boolean, email, url, uuid, ..."
            found.append(Diagnostic("not-a-type", message, arg.span, hint=hint))
        elif isinstance(arg, n.Call) and arg.name == "wildcard" and _count(arg) is _NO_COUNT:
            message = "wildcard() takes a number of headers, or nothing"
            found.append(Diagnostic("argument-value", message, arg.span))
        elif isinstance(arg, n.Call) and arg.name != "wildcard" and arg.args and not header_of(arg):
            message = f"the first argument of a member of {node.name}() is the header it stands for"
            found.append(Diagnostic("argument-kind", message, arg.args[0].span))
    return found


_NO_COUNT = -1


def _count(wildcard: n.Call) -> int | None:
    """Return how many headers a wildcard stands for, None if open, -1 if that is no number."""
    if not wildcard.args:
        return None
    if not isinstance(wildcard.args[0], n.Term):
        return _NO_COUNT
    text = text_of(wildcard.args[0].value).strip()
    if text == "*":
        return None
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else _NO_COUNT  # noqa: PLR2004


@dataclass(frozen=True, slots=True)
class Layout:
    """The header that each member stands for, None for wildcards; and what does not fit."""

    places: tuple[int | None, ...]
    problems: tuple[str, ...]


def lay_out(members: Sequence[n.Call], headers: Sequence[str]) -> Layout:
    """Return where the members of a schema stand under these headers.

    >>> from preboard.language.parser import parse
    >>> component = parse("$[*][ line(wildcard(), integer(#c)) ]")[0].components[0]
    >>> lay_out(component.args, ["a", "b", "c"])
    Layout(places=(None, 2), problems=())
    """
    places: list[int | None] = []
    problems: list[str] = []
    position = 0
    for index, member in enumerate(members):
        if member.name == "wildcard":
            count = _count(member)
            reach = position + count if count is not None else _reach(members[index + 1 :], headers)
            position = max(position, reach)
            places.append(None)
            continue
        places.append(position)
        problems.extend(_misplaced(member, index, position, headers))
        position += 1
    if position != len(headers):
        problems.append(
            f"Headers are wrong. Declared headers, including wildcards: {position}. "
            f"Found {len(headers)}."
        )
    return Layout(tuple(places), tuple(problems))


def _reach(behind: Sequence[n.Call], headers: Sequence[str]) -> int:
    """Return where the member behind an open wildcard stands."""
    between = 0
    for member in behind:
        if member.name == "wildcard":
            count = _count(member)
            if count is None:
                return 0
            between += count
            continue
        header = header_of(member)
        if header is not None:
            place = index_of(header.name, headers, quoted=header.quoted)
            return 0 if place is None else place - between
        between += 1
    return len(headers) - between


def header_of(member: n.Call) -> n.Header | None:
    """Return the header that a member names, None if it names none."""
    first = member.args[0] if member.args else None
    return first if isinstance(first, n.Header) else None


def _misplaced(member: n.Call, index: int, place: int, headers: Sequence[str]) -> list[str]:
    """Return what is wrong with the header that a member names."""
    header = header_of(member)
    if header is None or member.name in UNCHECKED_NAMES or place >= len(headers):
        return []
    if (
        index_of(header.name, headers, quoted=header.quoted) == place
        or headers[place] == header.name
    ):
        return []
    return [
        f"item {index + 1}, #{header.name}, does not match the current header '{headers[place]}'"
    ]


@function(
    "line", group="validity", gives="match", args=[many(Member)], schema=True, acts=True,
    check=check_members, default=False,
)  # fmt: skip
def line(call: Call, *values: Value) -> bool:
    """Matches lines in which every header holds what the type at its place takes.

    The types stand for the headers in order, wildcards for several. Each failing cell is one
    error. With distinct no two lines may have the same values; they are remembered by the SHA-256
    of them in the variable of the name qualifier, or `line`. With strict a line that has more or
    fewer values than the schema has headers is an error: `line.strict(...)`. With notnone no cell
    of a member may be empty.

    Example::

        $[1*][ line(
            integer.notnone(#order),
            date.notnone(#day, "%Y-%m-%d"),
            string.notnone(#customer),
            email(#email),
            string.notnone(#country, 2, 2),
            integer.notnone(#quantity, 100, 1),
            decimal.notnone(#price),
            string(#status)
        ) ]
    """
    return is_new(call, values)


def is_new(call: Call, values: Sequence[Value]) -> bool:
    """Say whether no line before had these values, under the distinct qualifier."""
    if "distinct" not in call.qualifiers:
        return True
    digest = hashlib.sha256()
    for value in values:
        text = "" if value is None else text_of(value)
        digest.update(f"{len(text)}:{text}".encode("utf-8", "surrogatepass"))
    lines = call.table("line").setdefault(digest.hexdigest(), [])
    lines.append(call.run.line_number)
    return len(lines) == 1
