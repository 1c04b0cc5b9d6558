"""Lookups in databases: spec/functions-b.md section 7.

A run says which databases may be opened; they are only read. Names of tables and columns are taken
as names, values of variables as values: neither can become a part of the query's text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from preboard.diagnostics import Diagnostic
from preboard.language import nodes as n
from preboard.language.functions.call import Fault
from preboard.language.functions.extras import missing_extra
from preboard.language.functions.registry import function
from preboard.language.functions.services import Bound
from preboard.language.functions.signature import Anything, Flag, Text, TextOrNone, optional
from preboard.language.functions.stacks import Stack
from preboard.language.values import Value, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from preboard.language.functions.call import Call

_PLAIN = "TVHF"
_Column = Text.on(_PLAIN).called("column")
_Table = Text.on(_PLAIN).called("table")
_Connect = Text.on("TV").called("connection")

_PART = re.compile(
    r"""'@(?P<quoted>\w+)' | (?P<text>'(?:[^']|'')*') | (?P<identifier>"(?:[^"]|"")*")
    | @(?P<name>\w+) | (?P<refused>;|--|/\*|') | (?P<word>\w+) | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_STATEMENTS = frozenset(
    {
        "select", "union", "intersect", "except", "with", "insert", "update", "delete", "create",
        "drop", "alter", "attach", "pragma",
    }
)  # fmt: skip


def conditions(where: str, variables: Mapping[str, Value] | None) -> Iterator[str | Bound]:
    """Cut a condition where variables stand in it; without variables it is only checked.

    `@name` is the value of a variable, and so is a text that is nothing but `'@name'` if there is
    such a variable.

    Raises:
        Fault: it holds another statement, or names a variable that is not there.

    >>> list(conditions("where k = @k and n > 1", {"k": "a"}))
    ['k = ', Bound(value='a'), ' and n > 1']
    """
    held = ""
    for part in _PART.finditer(re.sub(r"^\s*where\b\s*", "", where, flags=re.IGNORECASE)):
        word = (part["word"] or "").lower()
        if part["refused"] or word in _STATEMENTS:
            raise Fault(f"a condition cannot hold {part[0]!r}: it is no statement of its own")
        name = part["name"] or part["quoted"]
        if name is None or variables is None or (part["quoted"] and name not in variables):
            held += part[0]
            continue
        if name not in variables:
            raise Fault(f"there is no variable {name} for @{name} in the condition")
        if held:
            yield held
        held = ""
        yield Bound(variables[name])
    if held.strip():
        yield held


def _check_select(node: n.Call) -> list[Diagnostic]:
    """Return a finding for a literal condition that holds a statement."""
    found = missing_extra(node, "sqlalchemy", "sql")
    where = node.args[2] if len(node.args) > 2 else None  # noqa: PLR2004 - the third
    if isinstance(where, n.Term) and isinstance(where.value, str):
        try:
            list(conditions(where.value, None))
        except Fault as error:
            found.append(Diagnostic("bad-condition", str(error), where.span))
    return found


def _check_sql_in(node: n.Call) -> list[Diagnostic]:
    return missing_extra(node, "sqlalchemy", "sql")


def connection_named(node: n.Node) -> n.Term | None:
    """Return the literal that names a connection in select() or sql_in(), None if none does.

    Which names there are is known when a run begins, not when a statement is read.
    """
    if not isinstance(node, n.Call) or node.name not in ("select", "sql_in"):
        return None
    connect = node.args[3]
    if isinstance(connect, n.Term) and "://" not in text_of(connect.value):
        return connect
    return None


@function(
    "select",
    group="sql",
    gives="value",
    args=[_Column, _Table, TextOrNone.on(_PLAIN).called("where"), _Connect],
    acts=True,
    votes=bool,
    check=_check_select,
)
def select(call: Call, column: str, table: str, where: str | None, connect: str) -> Value:
    """The values of a column of a database as a stack; matches when there are any.

    In the condition `@name` is the value of a variable, a stack stands for its values. With a name
    qualifier the stack is kept in that variable and not asked for again while that is there.

    Example::

        $[1*][
            select.active("name", "partner", "active = 1", "sqlite:///partners.db")
            in(#customer, @active)
        ]
    """
    variables = call.run.variables
    if call.label is not None and call.label in variables:
        return variables[call.label]
    database = call.run.services.database(connect)
    found = Stack(database.values(table, column, list(conditions(where or "", variables))))
    if call.label is not None:
        variables[call.label] = found
    return found


class _Known(NamedTuple):
    """The values of a column that was read once."""

    values: frozenset[Value]
    texts: frozenset[str]


@function(
    "sql_in",
    group="sql",
    gives="match",
    args=[
        Anything.on(_PLAIN),
        _Table,
        _Column,
        _Connect,
        optional(Flag.called("cache")),
    ],
    acts=True,
    default=False,
    check=_check_sql_in,
)
def sql_in(
    call: Call,
    value: Value,
    table: str,
    column: str,
    connect: str,
    cache: bool = False,  # noqa: FBT002 - a flag of the language
) -> bool:
    """Matches when a column of a database holds the value; None finds a NULL.

    With the last argument true the column is read once and kept, else the database is asked on each
    line.

    Example::

        $[1*][
            not(sql_in(#customer, "partner", "name", "sqlite:///partners.db"))
                -> error("$.headers.customer is no partner")
        ]
    """
    if isinstance(value, list | dict):
        raise Fault("sql_in() looks for one value, not for a list of them")
    database = call.run.services.database(connect)
    if not cache:
        return database.holds(table, column, value)
    known = call.memory()
    key = (connect, table, column)
    if key not in known:
        values = frozenset(database.values(table, column))
        known[key] = _Known(values, frozenset(text_of(v) for v in values if v is not None))
    return _holds(known[key], value)


def _holds(known: _Known, value: Value) -> bool:
    """Say whether a value is known, as itself, by its text, or as the number that it is."""
    if value is None or value in known.values:
        return value in known.values
    text = text_of(value).strip()
    if text in known.texts:
        return True
    try:
        return float(text) in known.values
    except ValueError:
        return False
