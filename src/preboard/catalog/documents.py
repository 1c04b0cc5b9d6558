"""Documents on disk that are arrays of what the catalog decided: manifests and ledgers.

An entry is added in the transaction that makes its event true; the file is written afterwards, and
in order. Whatever dies between the two is found unwritten by the next writer or the next start.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy import Integer, bindparam, delete, false, insert, select, true, update

from preboard.catalog.tables import documents, entries
from preboard.errors import StoreError
from preboard.manifests.arrays import append_entries, is_array, write_array
from preboard.storage.local import sync_all

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sqlalchemy import ColumnElement, Connection, Executable

    from preboard.catalog.database import Database

_PAGE = 1000

# What each event needs is built once: SQLAlchemy takes longer to build a statement than to run it.
_OF = (documents.c.project == bindparam("of"), documents.c.path == bindparam("at"))
_NEW = (
    entries.c.project == bindparam("of"),
    entries.c.path == bindparam("at"),
    entries.c.written == false(),
)
_ADD = insert(entries)
_KNOWN = select(documents.c.bytes).where(*_OF).with_for_update()
_UNWRITTEN = select(entries.c.seq, entries.c.body).where(*_NEW).order_by(entries.c.seq)
_SIZE = update(documents).where(*_OF)
_WRITTEN = update(entries).where(*_NEW, entries.c.seq >= bindparam("since")).values(written=true())

log = logging.getLogger("preboard.catalog")


def _growing(database: Database) -> Executable:
    """Return what counts further entries of a document, which is made if it is new."""
    more = bindparam("more", type_=Integer)
    new = database.insert(documents).values(
        project=bindparam("project"), path=bindparam("path"), entries=more, bytes=0
    )
    grown: Executable = new.on_conflict_do_update(
        index_elements=[documents.c.project, documents.c.path],
        set_={"entries": documents.c.entries + more},
    ).returning(documents.c.entries)
    return grown


class Documents:
    """The growing documents of one project; paths are relative to its directory."""

    def __init__(self, database: Database, project: str, root: Path) -> None:
        self.database = database
        self.project = project
        self.root = root
        self._grow = _growing(database)

    def add(self, connection: Connection, path: str, body: bytes) -> int:
        """Add an entry, as JSON, in the caller's transaction; returns its place in the array."""
        return self.add_all(connection, path, [body])

    def add_all(self, connection: Connection, path: str, bodies: Sequence[bytes]) -> int:
        """Add entries in the caller's transaction; returns the place of the first."""
        more = {"project": self.project, "path": path, "more": len(bodies)}
        place: int = connection.execute(self._grow, more).scalar_one() - len(bodies)
        rows = [
            {"project": self.project, "path": path, "seq": seq, "body": body.decode()}
            for seq, body in enumerate(bodies, place)
        ]
        connection.execute(_ADD, rows)
        return place

    def write(self, *paths: str) -> None:
        """Write to the files what is not in them yet. Cost: the new entries, not the old ones.

        What the entries say has happened, whether they can be written now or not: a disk that is
        full is logged, and the next writer or the next start tries again.
        """
        try:
            self._write_all(paths)
        except (OSError, StoreError) as error:
            log.warning("%s can't be written yet: %s", " and ".join(paths), error)

    def repair(self) -> list[str]:
        """Write every document that has unwritten entries; returns their paths."""
        unwritten = (
            select(entries.c.path)
            .where(entries.c.project == self.project, entries.c.written == false())
            .distinct()
        )
        with self.database.reading() as connection:
            paths = sorted(connection.execute(unwritten).scalars())
        for path in paths:  # one by one: whoever holds several takes them in another order
            self.write(path)
        return paths

    def rewrite(self, path: str) -> None:
        """Write the whole document anew, whatever lies there."""
        with self.database.viewing() as connection:
            self._known_bytes(connection, path)
            self._rewrite(connection, path)

    def is_same(self, path: str) -> bool | None:
        """Say whether the file holds just the entries that were written; None if it is not there.

        Nobody writes meanwhile.
        """
        with self.database.viewing() as connection:
            if not self._known_bytes(connection, path):
                return True  # has yet to be written
            return is_array(self.root / path, self._bodies(connection, path, is_written=True))

    def all(self) -> list[str]:
        """Return the paths of all documents, in order."""
        query = select(documents.c.path).where(documents.c.project == self.project)
        with self.database.reading() as connection:
            return sorted(connection.execute(query).scalars())

    def forget(self, connection: Connection, path: str) -> None:
        """Drop a document and its entries; the caller removes the file after the commit."""
        connection.execute(
            delete(entries).where(entries.c.project == self.project, entries.c.path == path)
        )
        connection.execute(delete(documents).where(*self._is(path)))

    def bodies(self, path: str) -> list[bytes]:
        """Return the entries of a document, in order."""
        with self.database.reading() as connection:
            return list(self._bodies(connection, path))

    def _is(self, path: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return documents.c.project == self.project, documents.c.path == path

    def _write_all(self, paths: tuple[str, ...]) -> None:
        with self.database.viewing() as connection:
            grown = [path for path in paths if self._write(connection, path)]
            sync_all([self.root / path for path in grown])

    def _known_bytes(self, connection: Connection, path: str) -> int | None:
        """Return the size that a document had; nobody else writes it until the transaction ends."""
        return connection.execute(_KNOWN, {"of": self.project, "at": path}).scalar()

    def _write(self, connection: Connection, path: str) -> bool:
        """Write what is new in a document; says whether the file has yet to be put on disk."""
        known = self._known_bytes(connection, path)
        new = connection.execute(_UNWRITTEN, {"of": self.project, "at": path}).all()
        if known is None or not new:
            return False
        size = append_entries(self.root / path, [body.encode() for _, body in new], known)
        if size is None:
            self._rewrite(connection, path)
            return False
        self._note(connection, path, size, first=new[0].seq)
        return True

    def _rewrite(self, connection: Connection, path: str) -> None:
        size = write_array(self.root / path, self._bodies(connection, path))
        self._note(connection, path, size, first=0)

    def _note(self, connection: Connection, path: str, size: int, *, first: int) -> None:
        which = {"of": self.project, "at": path}
        connection.execute(_SIZE, {**which, "bytes": size})
        connection.execute(_WRITTEN, {**which, "since": first})

    def _bodies(
        self, connection: Connection, path: str, *, is_written: bool = False
    ) -> Iterator[bytes]:
        query = select(entries.c.body).where(
            entries.c.project == self.project, entries.c.path == path
        )
        if is_written:
            query = query.where(entries.c.written == true())
        rows = connection.execute(
            query.order_by(entries.c.seq).execution_options(yield_per=_PAGE)
        ).scalars()
        return (body.encode() for body in rows)
