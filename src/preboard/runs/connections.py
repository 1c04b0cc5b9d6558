"""Which databases the statements of a run may name: those of config.ini, by their names.

A connection string in a statement would let whoever loads a group reach what the project does not
offer, and would show its password in every text that tells of the statement. What a statement says
literally is looked at before the run; what it computes, when it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.config.names import did_you_mean, shown
from preboard.diagnostics import Diagnostic
from preboard.errors import StatementError
from preboard.groups.faults import BrokenGroup, Fault
from preboard.language import nodes as n
from preboard.language.values import text_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from preboard.groups.members import Member

_ASKING = ("select", "sql_in")
_PLACE = 3
"""Of the connection among the arguments of both."""


def check_named(group: str, members: Iterable[Member], names: Collection[str]) -> None:
    """Refuse statements that name a connection which config.ini does not have.

    Raises:
        BrokenGroup: `faults` say which statements.
    """
    faults = []
    for member in members:
        found = list(_unknown(member, names))
        if found:
            error = StatementError(found, member.statement.text)
            faults.append(Fault(member.place, error.message, error.hint, error))
    if faults:
        raise BrokenGroup(group, faults)


def _unknown(member: Member, names: Collection[str]) -> Iterator[Diagnostic]:
    for component in member.statement.components:
        for node in n.walk(component):
            if isinstance(node, n.Call) and node.name in _ASKING and len(node.args) > _PLACE:
                connect = node.args[_PLACE]
                if isinstance(connect, n.Term) and text_of(connect.value) not in names:
                    yield _finding(connect, names)


def _finding(connect: n.Term, names: Collection[str]) -> Diagnostic:
    text = text_of(connect.value)
    if "://" in text:  # which may hold a password
        message = "a statement of a project opens no database by a connection string"
        hint = "give it a name in [connections] of config.ini, and write that here"
    else:
        known = ", ".join(names)
        message = f"no connection of the project is called {shown(text)}"
        hint = did_you_mean(text, list(names)) or (
            f"[connections] of config.ini has {known}" if known else "[connections] has none"
        )
    return Diagnostic("unknown-connection", message, connect.span, hint=hint)
