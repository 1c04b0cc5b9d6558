"""One database, only read: SQLAlchemy, the extra `sql`, is loaded with this module.

Names of tables and columns go into a query as identifiers and values as bound parameters, never as
text.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import contextmanager
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import sqlalchemy
from sqlalchemy.exc import SQLAlchemyError

from preboard.language.functions.call import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from preboard.language.functions.services import Bound
    from preboard.language.values import Value

_PLACEHOLDER = re.compile(r"(?<![:\w\\]):(?=\w)")
"""A colon that SQLAlchemy would take for the beginning of a bound parameter."""


class SqlDatabase:
    """A database that is opened when it is first asked."""

    def __init__(self, engine: sqlalchemy.Engine) -> None:
        self._engine = engine

    @classmethod
    def of_file(cls, path: str) -> Self:
        """Return the database of a SQLite file, which must be there."""

        def connect() -> sqlite3.Connection:
            if not Path(path).is_file():
                raise sqlite3.OperationalError(f"there is no file {path}")
            uri = f"{Path(path).absolute().as_uri()}?mode=ro"
            return sqlite3.connect(uri, uri=True, check_same_thread=False)

        return cls(sqlalchemy.create_engine("sqlite://", creator=connect))

    @classmethod
    def of_url(cls, url: str) -> Self:
        """Return the database of a connection string.

        Raises:
            Fault: there is no such kind of database, or its driver is not installed.
        """
        try:
            return cls(sqlalchemy.create_engine(url, pool_pre_ping=True))
        except (SQLAlchemyError, ImportError, ValueError) as error:
            raise Fault(f"the database does not open: {_told(error)}") from error

    def close(self) -> None:
        """Let go of the connections."""
        self._engine.dispose()

    def values(self, table: str, column: str, where: Sequence[str | Bound] = ()) -> list[Value]:
        """Return a column of a table; see `language.functions.services.Database`."""
        query = sqlalchemy.select(_column(table, column))
        if where:
            query = query.where(_condition(where))
        with self._asked() as connection:
            return [_of_database(row[0]) for row in connection.execute(query)]

    def holds(self, table: str, column: str, value: Value) -> bool:
        """Say whether a column holds a value; None finds a NULL."""
        found = _column(table, column)
        same = found.is_(None) if value is None else found == _bound("value", value)
        query = sqlalchemy.select(found).where(same).limit(1)
        with self._asked() as connection:
            return connection.execute(query).first() is not None

    @contextmanager
    def _asked(self) -> Iterator[sqlalchemy.Connection]:
        """Give a connection for one query, which can change nothing; what it refuses is a Fault."""
        options = {"postgresql_readonly": True} if self._engine.name == "postgresql" else {}
        try:
            with self._engine.connect().execution_options(**options) as connection:
                yield connection
                connection.rollback()
        except (SQLAlchemyError, sqlite3.Error, ValueError, OverflowError) as error:
            raise Fault(f"the database says: {_told(error)}") from error


def _told(error: Exception) -> str:
    """Return what the driver says, without the query and its values."""
    return str(getattr(error, "orig", None) or error).partition("\n")[0]


def _column(table: str, column: str) -> sqlalchemy.ColumnElement[Any]:
    """Return a column of a table by their names, neither of which is taken for anything else."""
    schema, _, name = table.rpartition(".")
    named = sqlalchemy.table(name, sqlalchemy.column(column), schema=schema or None)
    return named.c[column]


def _condition(where: Sequence[str | Bound]) -> sqlalchemy.TextClause:
    """Return a condition whose values are bound parameters."""
    text = ""
    parameters: list[sqlalchemy.BindParameter[Any]] = []
    for part in where:
        if isinstance(part, str):
            text += _PLACEHOLDER.sub(r"\\:", part)
        else:
            parameters.append(_bound(f"value_{len(parameters)}", part.value))
            text += f" :{parameters[-1].key} "
    return sqlalchemy.text(f"({text})").bindparams(*parameters)


def _bound(name: str, value: Value) -> sqlalchemy.BindParameter[Any]:
    """Return a bound parameter; without a type, so that the database converts it."""
    for item in value if isinstance(value, list) else [value]:
        if item is not None and not isinstance(item, str | int | float | date | time):
            raise Fault(f"{item!r} cannot be looked for in a database")
    kind = sqlalchemy.types.NullType()
    if isinstance(value, list):
        return sqlalchemy.bindparam(name, list(value), type_=kind, expanding=True)
    return sqlalchemy.bindparam(name, value, type_=kind)


def _of_database(value: Any) -> Value:
    """Return a value of a database as one of the language."""
    match value:
        case None | str() | int() | float() | date():
            return value
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case bytes():
            return value.decode("utf-8", "replace")
        case _:
            return str(value)
