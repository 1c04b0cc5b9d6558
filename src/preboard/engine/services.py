"""What a run without a project reaches outside of itself: what its `Access` says, no more.

A project hands its own services to its runs (`language.functions.services.Services`).
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Self

from preboard.engine.access import DEFAULT_ACCESS, Access
from preboard.engine.attachments import read_asset
from preboard.engine.databases import Databases
from preboard.language.functions.call import Fault
from preboard.readers.columns.writing import TableFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType
    from typing import BinaryIO

    from preboard.language.functions.services import Column, Database, Results, Table
    from preboard.language.values import Value

_BLOCK_BYTES = 1 << 20


class _Nowhere:
    """A table that is not written."""

    def unfit(self, row: Sequence[Value]) -> None:
        """Take any row."""

    def append(self, row: Sequence[Value]) -> None:
        """Let the row go."""


class StandAlone:
    """The services of a run without a project.

    As a context it finishes the tables that were written when the run ends well, else drops them.
    """

    def __init__(self, access: Access = DEFAULT_ACCESS, *, tries: bool = False) -> None:
        self._access = access
        self._tries = tries
        """The run is only for show: nothing is written."""
        self._databases = Databases(access.connections, sqlite_files=access.sqlite_files)
        self._tables: dict[str, TableFile] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._databases.close()
        tables = list(self._tables.values())
        self._tables.clear()
        try:
            if kind is None:
                for table in tables:
                    table.finish()
        finally:
            for table in tables:
                table.discard()

    def env(self, name: str) -> str | None:
        """Return the value of a name that the run may see."""
        return self._access.env.get(name) or None

    def database(self, connect: str) -> Database:
        """Return the database of a connection string."""
        return self._databases.open(connect)

    def table(self, name: str, columns: Sequence[Column]) -> Table:
        """Begin a Parquet file in the directory that the access names."""
        if self._access.tables is None:
            raise Fault(f"parquet() cannot write {name!r}: this run writes no files")
        if name in self._tables:
            raise Fault(f"another statement of this run writes {name}.parquet")
        if self._tries:
            return _Nowhere()
        path = Path(self._access.tables, f"{name}.parquet")
        self._tables[name] = TableFile(path, columns, self._access.table_rows)
        return self._tables[name]

    def field(self, name: str) -> Value:
        """Raise KeyError: there are no fields of a group."""
        raise KeyError(name)

    def stop_all(self) -> None:
        """Do nothing: there are no other statements."""

    def fail_all(self) -> None:
        """Do nothing: there are no other statements."""

    def skip_all(self) -> None:
        """Do nothing: there are no other statements."""

    def advance_all(self, lines: int) -> None:
        """Do nothing: there are no other statements."""

    def keep_original(self) -> str | None:
        """Return None: there are no results to put the file beside."""
        return None

    def render(self, template: str, output: str, values: Mapping[str, Value]) -> None:  # noqa: ARG002 - the protocol
        """Refuse: only the run of a project writes files."""
        raise Fault(f"jinja() cannot write {output!r}: only the run of a project writes files")

    def asset(self, name: str, data_file: str) -> bytes:
        """Return the bytes of a file given by its path, or by its name beside the data file."""
        return read_asset(name, data_file)

    def results(self, group: str) -> Results:
        """Refuse: only a project has results."""
        raise Fault(f"the results of {group!r} can only be reached in a project")


def fingerprint_of(file: BinaryIO | None) -> str:
    """Return the SHA-256 of a file that is being read, which stays where it is read.

    Raises:
        Fault: there is no file, or it cannot be read again.
    """
    if file is None or not file.seekable():
        raise Fault("the data file cannot be read again, so it has no fingerprint; give a path")
    digest = hashlib.sha256()
    place = file.tell()
    try:
        file.seek(0)
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    except OSError as error:
        raise Fault(f"the data file cannot be read again: {error}") from error
    finally:
        file.seek(place)
    return digest.hexdigest()
