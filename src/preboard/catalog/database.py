"""The database behind the catalog: SQLite in the project, or PostgreSQL by its URL.

SQLite runs with a write-ahead log, and a writing transaction takes the write lock when it begins:
none fails half way because another came first. The log is put on disk behind the commit, when
others write already: waiting for the disk is what takes longest. What they see is in the log before
what they add to it, so that nothing lasts without what it rests on. The file must lie on a local
disk.
"""

from __future__ import annotations

import os
import random
import sqlite3
import time
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import URL, Engine, create_engine, event, inspect, make_url, select, table, text
from sqlalchemy import column as sql_column
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
)

from preboard.catalog.prepared import Prepared, as_sqlalchemy
from preboard.catalog.tables import SCHEMA
from preboard.clock import elapsed_s
from preboard.errors import ConfigError, NotFound, StoreError, Unavailable
from preboard.storage.local import BINARY, unwritable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Dialect, Table
    from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
    from sqlalchemy.dialects.sqlite import Insert
    from sqlalchemy.engine.interfaces import DBAPIConnection

BUSY_TIMEOUT_S = 60
"""Seconds that a writer waits for others."""
_LOOK_S = 0.0002, 0.002
"""Between two looks at SQLite's lock for writers."""
_KEPT, _MORE = 16, 64
"""Connections to SQLite that are kept open, and that come to it when many threads ask at once."""

_DOWN = DatabaseError, InterfaceError
_BEGIN = Prepared(text("BEGIN"))
_put_on_disk = getattr(os, "fdatasync", os.fsync)

_SCHEMA = table("pb_schema", sql_column("version_num"))
_VERSION = Prepared(select(_SCHEMA.c.version_num))


class Database:
    """Connections and transactions; opening one brings its schema up to date."""

    def __init__(self, url: str | URL, *, make: bool = True) -> None:
        """Connect to a database, by an SQLAlchemy URL.

        Args:
            url: of the database.
            make: make the tables where there are none, of SQLite the file, too.

        Raises:
            ConfigError: the URL names no database that we know, or its driver is missing.
            NotFound: there are no tables, and none are to be made.
            StoreError: the database can't be reached, or is newer than this program.
        """
        try:
            parsed = make_url(with_driver(url) if isinstance(url, str) else url)
            if not make and _is_no_file(parsed):  # to connect would make it
                raise _nothing_in(parsed)
            self.engine = _engine(parsed.drivername, parsed)
        except (ArgumentError, NoSuchModuleError) as error:
            raise ConfigError(
                "the URL of the catalog names no database that is known",
                hint="sqlite:///file or postgresql+psycopg://user@host/database",
            ) from error
        except ImportError as error:
            raise ConfigError(
                f"the driver of the catalog's database is missing: {error.name}",
                hint="pip install 'preboard[postgres]'",
            ) from error
        self.dialect: Literal["sqlite", "postgresql"] = (
            "sqlite" if self.engine.dialect.name == "sqlite" else "postgresql"
        )
        # SQLite lets those who wait for its lock sleep, ever longer: among the threads of one
        # process the next one goes on at once, and holds no connection while it waits.
        self._writer = Lock() if self.dialect == "sqlite" else None
        try:
            self._bring_up_to_date(make=make)
        except DatabaseError as error:
            self.close()
            shown = parsed.render_as_string(hide_password=True)
            raise StoreError(f"the catalog {shown} can't be opened: {error.orig}") from error
        except NotFound:
            self.close()
            raise

    def insert(self, table: Table) -> Insert | PostgresInsert:
        """Return an insert that knows `on_conflict_do_nothing`."""
        if self.dialect == "postgresql":
            from sqlalchemy.dialects.postgresql import insert  # noqa: PLC0415 - slow to import

            return insert(table)
        return sqlite_insert(table)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a transaction that writes: committed at the end, or undone by an exception.

        Raises:
            StoreError: the database can't be written, or is busy for too long.
        """
        with self._turn(), self._transaction({"pb_writes": True}) as connection:
            yield connection
        sync_log(self.engine)

    @contextmanager
    def viewing(self) -> Iterator[Connection]:
        """Give a transaction that writes what a power cut may take back.

        For notes about files that are the view of the catalog: without the note the file is found
        to be behind, and is written anew. What the catalog says by then is on disk, whoever wrote
        it: a file must not tell what a power cut takes back.
        """
        with self._turn(), self._transaction({"pb_writes": True}) as connection:
            sync_log(self.engine)
            if self.dialect == "postgresql":
                connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a transaction that reads one state of all tables.

        Raises:
            StoreError: the database can't be read.
        """
        with self._transaction({}) as connection:
            yield connection

    def first(self, statement: Prepared, values: dict[str, Any]) -> Any:
        """Return the first line that a statement finds, None if it finds none; as `all`."""
        found = self.all(statement, values)
        return found[0] if found else None

    def all(self, statement: Prepared, values: dict[str, Any]) -> list[Any]:
        """Return all lines that a statement finds.

        For what is asked for at each run: one statement sees one state without a transaction.

        Raises:
            StoreError: the database can't be read.
        """
        try:
            return self._found(statement, values)
        except _DOWN as error:
            raise _unusable(error) from error

    def _found(self, statement: Prepared, values: dict[str, Any]) -> list[Any]:
        dialect = self.engine.dialect
        try:
            raw = self.engine.raw_connection()
        except dialect.loaded_dbapi.Error as error:
            raise as_sqlalchemy(error, dialect) from error
        with closing(raw) as connection:
            return statement.alone(connection, dialect, values)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for the other threads of this process that write to SQLite."""
        if self._writer is None:
            yield
            return
        if not self._writer.acquire(timeout=BUSY_TIMEOUT_S):
            raise Unavailable("the catalog can't be used: it is busy")
        try:
            yield
        finally:
            self._writer.release()

    @contextmanager
    def _transaction(self, options: dict[str, Any]) -> Iterator[Connection]:
        try:
            with self.engine.connect() as plain:
                connection = plain.execution_options(**options)
                with connection.begin():
                    yield connection
        except _DOWN as error:
            # What breaks a rule of the tables is for the caller, who knows what it means.
            if isinstance(error, IntegrityError):
                raise
            raise _unusable(error) from error

    def _bring_up_to_date(self, *, make: bool) -> None:
        version = self._version()
        if version == SCHEMA:
            return
        if version is None and not make:
            raise _nothing_in(self.engine.url)
        from preboard.catalog.migrate import upgrade  # noqa: PLC0415 - only the first time

        upgrade(self.engine)
        sync_log(self.engine)

    def _version(self) -> str | None:
        try:
            found = self._found(_VERSION, {})
        except DatabaseError:  # it is new; or something is wrong with it, which the others tell
            if not inspect(self.engine).has_table(_SCHEMA.name):
                return None
            found = self._found(_VERSION, {})
        return found[0].version_num if found else None


def _unusable(error: DBAPIError) -> StoreError:
    """Return what an error of a database means: only what lies at the database goes by."""
    kind = Unavailable if isinstance(error, OperationalError | InterfaceError) else StoreError
    return kind(f"the catalog can't be used: {error.orig}")


def sqlite_url(path: Path) -> URL:
    """Return the URL of an SQLite file, whatever signs its path holds."""
    return URL.create("sqlite", database=str(path))


def with_driver(url: str) -> str:
    """Return the URL of a database with the driver that we have, where it names none.

    >>> with_driver("postgresql://me@db/preboard")
    'postgresql+psycopg://me@db/preboard'
    """
    kind, found, rest = url.partition("://")
    is_bare = found and kind in ("postgresql", "postgres")
    return f"postgresql+psycopg://{rest}" if is_bare else url


def _is_no_file(url: URL) -> bool:
    """Say whether an SQLite file is not there, or empty."""
    if not url.drivername.startswith("sqlite") or not url.database:
        return False
    path = Path(url.database)
    return not path.exists() or not path.stat().st_size


def _nothing_in(url: URL) -> NotFound:
    shown = url.render_as_string(hide_password=True)
    return NotFound(f"the database {shown} holds no catalog")


def _engine(driver: str, url: URL) -> Engine:
    if driver.startswith("sqlite"):
        engine = create_engine(
            url,
            connect_args={"timeout": BUSY_TIMEOUT_S},
            pool_size=_KEPT,
            max_overflow=_MORE,
        )
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if driver.startswith("postgresql"):
        return create_engine(url, pool_pre_ping=True)
    raise ArgumentError(driver)


def _set_up_sqlite(connection: DBAPIConnection, _record: Any) -> None:
    # Transactions are begun by `_begin_sqlite`, not by the driver's own guess.
    connection.isolation_level = None
    cursor = connection.cursor()
    # "normal" does not wait for the disk at a commit: `sync_log` does, behind it.
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("pb_writes", False):
        _BEGIN.run(connection, {})
        return
    take_write_lock(connection)


def sync_log(engine: Engine) -> None:
    """Put on disk what was committed to SQLite; elsewhere the commit has done so.

    Raises:
        StoreError: the disk does not take it.
    """
    if engine.dialect.name != "sqlite":
        return
    try:
        log = os.open(f"{engine.url.database}-wal", os.O_RDWR | BINARY)
    except FileNotFoundError:  # the last one who had the database open put all of it in its place
        return
    try:
        _put_on_disk(log)
    except OSError as error:
        raise unwritable(error, "the catalog can't be put on disk") from error
    finally:
        os.close(log)


def take_write_lock(connection: Connection) -> None:
    """Begin a transaction that writes to SQLite, as soon as the others let it.

    SQLite itself sleeps ever longer between its looks at the lock, up to 100 ms, while others write
    for a millisecond each: many processes would spend most of their time asleep.
    """
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - it is open
    until = elapsed_s() + BUSY_TIMEOUT_S
    driver.execute("PRAGMA busy_timeout=0")
    try:
        while not _has_begun(driver, connection.dialect, elapsed_s() > until):
            time.sleep(random.uniform(*_LOOK_S))  # noqa: S311 - no secret
    finally:
        driver.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000}")


def _has_begun(driver: Any, dialect: Dialect, is_last: bool) -> bool:
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.Error as error:
        is_busy = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
        if is_last or not is_busy:
            raise as_sqlalchemy(error, dialect, "BEGIN IMMEDIATE") from error
        return False
    return True
