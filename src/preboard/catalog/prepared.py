"""Statements of SQL that are built once and run as text.

For SQLAlchemy it takes longer to look at a statement than for SQLite to run it. What each
registration and each run needs is therefore compiled once for each dialect, and handed to the
driver within the transaction that SQLAlchemy began. All else goes through `Connection.execute`.
"""

from __future__ import annotations

from collections import namedtuple
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection, Dialect, PoolProxiedConnection
    from sqlalchemy.engine.interfaces import DBAPICursor
    from sqlalchemy.sql import ClauseElement

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Made:
    """A statement as one dialect writes it; `line` makes a record of a line that it gives."""

    text: str
    order: Sequence[str] | None
    """The names of its values where the driver takes them by their place."""
    names: AbstractSet[str]
    own: Mapping[str, Any]
    """Values that the statement brings with it."""
    line: Any
    truths: tuple[int, ...]
    """The places of columns that the driver gives as 0 or 1."""

    def given(self, values: Values) -> Any:
        """Return the values as the driver takes them."""
        whole = {**self.own, **values} if self.own else values
        # What has no place in the statement would be lost.
        assert whole.keys() == self.names  # noqa: S101 - by our own callers
        return whole if self.order is None else [whole[name] for name in self.order]

    def record(self, line: Sequence[Any]) -> Any:
        """Return a line as a record with the names of the columns."""
        if self.truths:
            cells = list(line)
            for place in self.truths:
                cells[place] = None if cells[place] is None else bool(cells[place])
            line = cells
        return self.line(*line)


class Prepared:
    """One statement. Its values are texts, whole numbers, truth values and None.

    `columns` are those that an insert or an update fills. Whatever the database refuses is an error
    of SQLAlchemy, as with any other statement.
    """

    def __init__(self, statement: ClauseElement, *columns: str) -> None:
        self._statement = statement
        self._columns = columns
        self._made: dict[str, _Made] = {}

    def first(self, connection: Connection, values: Values) -> Any:
        """Return the first line, with the columns as attributes; None if there is none."""
        with self._run(connection, values) as cursor:
            line = cursor.fetchone()
        return None if line is None else self._for(connection.dialect).record(line)

    def all(self, connection: Connection, values: Values) -> list[Any]:
        """Return all lines, with the columns as attributes."""
        return self.alone(connection.connection, connection.dialect, values)

    def alone(
        self, connection: PoolProxiedConnection, dialect: Dialect, values: Values
    ) -> list[Any]:
        """Return all lines as `all` does, by a connection that nothing was begun on."""
        with self._cursor(connection, dialect, values) as cursor:
            record = self._for(dialect).record
            return [record(line) for line in cursor.fetchall()]

    def value(self, connection: Connection, values: Values) -> Any:
        """Return the first cell of the first line, None if there is no line."""
        line = self.first(connection, values)
        return None if line is None else line[0]

    def run(self, connection: Connection, values: Values) -> int:
        """Change lines; returns how many."""
        with self._run(connection, values) as cursor:
            return cursor.rowcount

    def run_each(self, connection: Connection, values: Sequence[Values]) -> None:
        """Change lines once for each of the values."""
        if values:
            with self._run(connection, values):
                pass

    def _run(
        self, connection: Connection, values: Values | Sequence[Values]
    ) -> AbstractContextManager[DBAPICursor]:
        return self._cursor(connection.connection, connection.dialect, values)

    def _cursor(
        self, connection: PoolProxiedConnection, dialect: Dialect, values: Values | Sequence[Values]
    ) -> AbstractContextManager[DBAPICursor]:
        made = self._for(dialect)
        cursor = connection.cursor()
        try:
            if isinstance(values, dict):
                cursor.execute(made.text, made.given(values))
            else:
                cursor.executemany(made.text, [made.given(each) for each in values])
        except BaseException as error:
            cursor.close()
            if isinstance(error, dialect.loaded_dbapi.Error):
                raise as_sqlalchemy(error, dialect, made.text) from error
            raise
        return closing(cursor)

    def _for(self, dialect: Dialect) -> _Made:
        made = self._made.get(dialect.name)
        if made is None:
            made = self._made[dialect.name] = _compiled(self._statement, self._columns, dialect)
        return made


def _compiled(statement: ClauseElement, columns: Sequence[str], dialect: Dialect) -> _Made:
    compiler: Any = statement.compile(dialect=dialect, column_keys=list(columns) or None)
    given = [
        (column.key or "", column.type) for column in getattr(statement, "exported_columns", ())
    ]
    is_number = not dialect.supports_native_boolean
    return _Made(
        text=str(compiler),
        order=compiler.positiontup if compiler.positional else None,
        names=compiler.params.keys(),
        own={name: value for name, value in compiler.params.items() if value is not None},
        line=namedtuple("Line", [name for name, _ in given], rename=True),  # noqa: PYI024
        truths=tuple(
            place
            for place, (_, kind) in enumerate(given)
            if is_number and isinstance(kind, Boolean)
        ),
    )


def as_sqlalchemy(error: Exception, dialect: Dialect, text: str | None = None) -> BaseException:
    """Return the error of a driver as that of SQLAlchemy; `text` is the statement it is about."""
    driver = dialect.loaded_dbapi.Error
    return DBAPIError.instance(text, None, error, driver, dialect=dialect)
