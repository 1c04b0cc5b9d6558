"""Which databases select() and sql_in() may open: SQLite files and named connections."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from preboard.language.functions.call import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from preboard.engine.database import SqlDatabase

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
        try:
            from preboard.engine.database import SqlDatabase  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise Fault(
                "databases need SQLAlchemy, which is not installed: pip install 'preboard[sql]'"
            ) from error
        return SqlDatabase.of_file(file["path"]) if file else SqlDatabase.of_url(url or "")

    def _refusal(self, connect: str) -> str:
        """Say why a connection is refused; a connection string may hold a password."""
        if "://" in connect:
            scheme = connect.partition(":")[0]
            return f"this run may not open a database by a connection string of {scheme!r}"
        known = ", ".join(self._connections) or "none"
        return f"no database connection is called {connect!r}; there are: {known}"
