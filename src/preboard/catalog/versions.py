"""The versions of named-files: each registration that was accepted, in order of arrival."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import bindparam, func, insert, select, update

from preboard.catalog.prepared import Prepared
from preboard.catalog.span import Span, place_in
from preboard.catalog.tables import versions
from preboard.manifests.staging import VersionEntry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Select

    from preboard.catalog.database import Database

_PAGE = 500

# What each registration and each run asks for.
_OF = (
    versions.c.project == bindparam("of"),
    versions.c.name == bindparam("called"),
)
_ADD = Prepared(insert(versions), *(each.name for each in versions.c if each.name != "removed"))
_LAST = Prepared(select(func.max(versions.c.seq)).where(*_OF))
_LATEST = Prepared(
    select(versions)
    .where(*_OF, versions.c.removed.is_(None))
    .order_by(versions.c.seq.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a named-file; its bytes never change.

    `seq` is its place among the versions of the name, from 0. `home` is the directory of the
    version below that of the name, `file` the stored bytes below the directory of all names.
    """

    id: str
    name: str
    seq: int
    time: str
    fingerprint: str
    size: int
    home: str
    file: str
    mark: str = ""
    origin: str
    entry: VersionEntry

    @property
    def reference(self) -> str:
        """Return what it can be addressed with, in runs too: `$name.files.fingerprint`."""
        return self.entry.reference


class Versions:
    """The versions of one project."""

    def __init__(self, database: Database, project: str) -> None:
        self.database = database
        self.project = project

    def add(self, connection: Connection, version: Version) -> None:
        """Add a version; its name must be locked."""
        row = {
            "project": self.project,
            "id": version.id,
            "name": version.name,
            "seq": version.seq,
            "time": version.time,
            "fingerprint": version.fingerprint,
            "size": version.size,
            "home": version.home,
            "address": version.home.replace(".", "_"),
            "file": version.file,
            "mark": version.mark,
            "origin": version.origin,
            "entry": msgspec.json.encode(version.entry).decode(),
        }
        _ADD.run(connection, row)

    def next_seq(self, connection: Connection, name: str) -> int:
        """Return the place of the next version of a locked name: places are never used again."""
        found = _LAST.value(connection, {"of": self.project, "called": name})
        return 0 if found is None else found + 1

    def latest(self, connection: Connection, name: str) -> Version | None:
        """Return the newest version of a name in the caller's transaction."""
        row = _LATEST.first(connection, {"of": self.project, "called": name})
        return None if row is None else _version(row)

    def by_id(self, version: str) -> Version | None:
        """Return the version of a registration."""
        with self.database.reading() as connection:
            return self.by_id_in(connection, version)

    def by_id_in(self, connection: Connection, version: str) -> Version | None:
        """Return the version of a registration in the caller's transaction."""
        query = select(versions).where(
            versions.c.project == self.project,
            versions.c.id == version,
            versions.c.removed.is_(None),
        )
        row = connection.execute(query).first()
        return None if row is None else _version(row)

    def of_result(self, version: str) -> Version | None:
        """Return the version that a result names, also one that was removed since."""
        return self._one(
            select(versions).where(versions.c.project == self.project, versions.c.id == version)
        )

    def by_fingerprint(self, name: str, fingerprint: str) -> Version | None:
        """Return the newest version of a name that has these bytes."""
        same = self._of(name, Span()).where(versions.c.fingerprint == fingerprint)
        at = place_in(same, versions.c.seq, -1)
        return self._one(self._of(name, Span()).where(versions.c.seq == at))

    def pick(self, name: str, span: Span, place: int) -> Version | None:
        """Return the version at a place of the span; -1 is the last one."""
        if place == -1 and span == Span():
            row = self.database.first(_LATEST, {"of": self.project, "called": name})
            return None if row is None else _version(row)
        at = place_in(self._of(name, span), versions.c.seq, place)
        return self._one(self._of(name, Span()).where(versions.c.seq == at))

    def each(self, name: str, span: Span | None = None) -> Iterator[Version]:
        """Go over the versions of a name in order of arrival."""
        query = self._of(name, span or Span()).order_by(versions.c.seq)
        with self.database.reading() as connection:
            for row in connection.execute(query.execution_options(yield_per=_PAGE)):
                yield _version(row)

    def count(self, name: str) -> int:
        """Return how many versions a name has."""
        counted = self._of(name, Span()).with_only_columns(func.count())
        with self.database.reading() as connection:
            return connection.execute(counted).scalar_one()

    def holds_file(self, connection: Connection, file: str) -> bool:
        """Say whether a version lives in a file, in the caller's transaction."""
        found = select(versions.c.id).where(
            versions.c.project == self.project,
            versions.c.file == file,
            versions.c.removed.is_(None),
        )
        return connection.execute(found.limit(1)).first() is not None

    def remove(self, connection: Connection, name: str, now: str) -> None:
        """Take all versions of a locked name away; their rows stay, for results made of them."""
        connection.execute(
            update(versions)
            .where(
                versions.c.project == self.project,
                versions.c.name == name,
                versions.c.removed.is_(None),
            )
            .values(removed=now)
        )

    def _one(self, query: Select[tuple[object, ...]]) -> Version | None:
        with self.database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else _version(row)

    def _of(self, name: str, span: Span) -> Select[tuple[object, ...]]:
        return select(versions).where(
            versions.c.project == self.project,
            versions.c.name == name,
            versions.c.removed.is_(None),
            *span.conditions(versions),
        )


def _version(row: Any) -> Version:
    return Version(
        id=row.id,
        name=row.name,
        seq=row.seq,
        time=row.time,
        fingerprint=row.fingerprint,
        size=row.size,
        home=row.home,
        file=row.file,
        mark=row.mark,
        origin=row.origin,
        entry=msgspec.json.decode(row.entry, type=VersionEntry),
    )
