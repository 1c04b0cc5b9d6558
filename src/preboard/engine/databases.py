"""Which databases select() and sql_in() may open: SQLite files and named connections."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from preboard.diagnostics import Diagnostic
from preboard.errors import StatementError
from preboard.language import nodes as n
from preboard.language.functions.call import Fault
from preboard.language.functions.sql import connection_named
from preboard.language.values import text_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from preboard.engine.database import SqlDatabase
    from preboard.language.statement import Statement

_SQLITE_FILE = re.compile(r"sqlite(?:\+pysqlite)?:///(?P<path>[^?]+)")


class Databases:
    """The databases that a run may open, each opened once.

    Args:
        connections: connection strings by the names that statements may use for them.
        sqlite_files: a statement may name a SQLite file itself.
    """

    def __init__(
        self, connections: Mapping[str, str] | None = None, *, sqlite_files: bool = True
    ) -> None:
        self._connections = dict(connections or {})
        self._sqlite_files = sqlite_files
        self._opened: dict[str, SqlDatabase] = {}

    def open(self, connect: str) -> SqlDatabase:
        """Return the database of a connection's name, or of the path of a SQLite file.

        Raises:
            Fault: there is no such connection, this run may not open it, or it does not open.
        """
        if connect not in self._opened:
            self._opened[connect] = self._made(connect)
        return self._opened[connect]

    def close(self) -> None:
        """Let go of every connection."""
        for database in self._opened.values():
            database.close()
        self._opened.clear()

    def _made(self, connect: str) -> SqlDatabase:
        url = self._connections.get(connect)
        file = _SQLITE_FILE.fullmatch(connect if url is None else url)
        if url is None and not (file and self._sqlite_files):
            raise Fault(self._refusal(connect))
        from preboard.engine.database import SqlDatabase  # noqa: PLC0415 - slow to import

        return SqlDatabase.of_file(file["path"]) if file else SqlDatabase.of_url(url or "")

    def _refusal(self, connect: str) -> str:
        """Say why a connection is refused; a connection string may hold a password."""
        if "://" in connect:
            scheme = connect.partition(":")[0]
            return f"this run may not open a database by a connection string of {scheme!r}"
        known = ", ".join(self._connections) or "none"
        return f"no database connection is called {connect!r}; there are: {known}"


def check_connections(statement: Statement, names: Collection[str]) -> None:
    """Refuse a statement that asks for a connection by a name that its run does not have.

    Raises:
        StatementError: it does; every such name is told.
    """
    parts = (part for component in statement.components for part in n.walk(component))
    found = []
    for connect in filter(None, map(connection_named, parts)):
        name = text_of(connect.value)
        if name not in names:
            known = f"there is {', '.join(sorted(names))}" if names else "this run has none"
            message = f"no database connection is called {name!r}; {known}"
            found.append(Diagnostic("unknown-connection", message, connect.span, hint=_HINT))
    if found:
        raise StatementError(found, statement.text)


_HINT = "use the path of a SQLite file, sqlite:///name.db; in Python, Access(connections=...)"
