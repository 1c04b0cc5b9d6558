"""Documents on disk that are arrays of what the catalog decided: manifests and ledgers.

An entry is added in the transaction that makes its event true; the file is written afterwards, and
in order. Whatever dies between the two is found unwritten by the next writer or the next start.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, Integer, bindparam, delete, false, insert, select, true, update

from preboard.catalog.prepared import Prepared
from preboard.catalog.tables import documents, entries
from preboard.errors import StoreError
from preboard.manifests.arrays import append_entries, is_array, write_array
from preboard.storage.local import sync_all

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sqlalchemy import ColumnElement, Connection

    from preboard.catalog.database import Database

_PAGE = 1000

# What each event needs.
_OF = (documents.c.project == bindparam("of"), documents.c.path == bindparam("at"))
_NEW = (
    entries.c.project == bindparam("of"),
    entries.c.path == bindparam("at"),
    entries.c.written == false(),
)
_ADD = Prepared(insert(entries), "project", "path", "seq", "body")
_MORE = Prepared(
    update(documents)
    .where(*_OF)
    .values(entries=documents.c.entries + bindparam("more", type_=Integer))
    .returning(documents.c.entries)
)
_KNOWN = Prepared(select(documents.c.bytes).where(*_OF).with_for_update())
_UNWRITTEN = Prepared(select(entries.c.seq, entries.c.body).where(*_NEW).order_by(entries.c.seq))
_BEHIND = Prepared(  # by each that opens a project
    select(entries.c.path)
    .where(entries.c.project == bindparam("of"), entries.c.written == false())
    .distinct()
)
_SIZE = Prepared(update(documents).where(*_OF).values(bytes=bindparam("size", type_=BigInteger)))
_WRITTEN = Prepared(
    update(entries).where(*_NEW, entries.c.seq >= bindparam("since")).values(written=true())
)

log = logging.getLogger("preboard.catalog")


class Documents:
    """The growing documents of one project; paths are relative to its directory."""

    def __init__(self, database: Database, project: str, root: Path) -> None:
        self.database = database
        self.project = project
        self.root = root

    def add(self, connection: Connection, path: str, body: bytes) -> int:
        """Add an entry, as JSON, in the caller's transaction; returns its place in the array."""
        return self.add_all(connection, path, [body])

    def add_all(self, connection: Connection, path: str, bodies: Sequence[bytes]) -> int:
        """Add entries in the caller's transaction; returns the place of the first."""
        place = self._grown(connection, path, len(bodies)) - len(bodies)
        rows = [
            {"project": self.project, "path": path, "seq": seq, "body": body.decode()}
            for seq, body in enumerate(bodies, place)
        ]
        _ADD.run_each(connection, rows)
        return place

    def _grown(self, connection: Connection, path: str, more: int) -> int:
        """Count further entries of a document, which is made if it is new; returns how many now."""
        known = {"of": self.project, "at": path, "more": more}
        grown: int | None = _MORE.value(connection, known)
        if grown is not None:
            return grown
        new = self.database.insert(documents).values(
            project=self.project, path=path, entries=more, bytes=0
        )
        made = new.on_conflict_do_update(  # another process may make it just now
            index_elements=[documents.c.project, documents.c.path],
            set_={"entries": documents.c.entries + more},
        )
        count: int = connection.execute(made.returning(documents.c.entries)).scalar_one()
        return count

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
        found = self.database.all(_BEHIND, {"of": self.project})
        paths = sorted(each.path for each in found)
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
        known: int | None = _KNOWN.value(connection, {"of": self.project, "at": path})
        return known

    def _write(self, connection: Connection, path: str) -> bool:
        """Write what is new in a document; says whether the file has yet to be put on disk."""
        known = self._known_bytes(connection, path)
        new = _UNWRITTEN.all(connection, {"of": self.project, "at": path})
        if known is None or not new:
            return False
        size = append_entries(self.root / path, [each.body.encode() for each in new], known)
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
        _SIZE.run(connection, {**which, "size": size})
        _WRITTEN.run(connection, {**which, "since": first})

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
