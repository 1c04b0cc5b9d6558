"""The texts of groups: each that was loaded, in order, whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import bindparam, func, insert, select, true, update

from preboard.catalog.prepared import Prepared
from preboard.catalog.tables import loads
from preboard.manifests.groups import LoadEntry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Select

    from preboard.catalog.database import Database

_LATEST = Prepared(  # asked for by every run
    select(loads)
    .where(
        loads.c.project == bindparam("of"),
        loads.c.name == bindparam("called"),
        loads.c.removed.is_(None),
    )
    .order_by(loads.c.seq.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One text of a group; `seq` is its place among those the group had, from 0."""

    id: str
    name: str
    seq: int
    time: str
    fingerprint: str
    text: str
    written: bool = False
    """Whether group.csvpaths held it, so that another text there is somebody's edit."""
    entry: LoadEntry
    warnings: tuple[str, ...] = field(default=(), compare=False)
    """What was not understood of the definition that it came with, when it was loaded just now."""

    @property
    def reference(self) -> str:
        """Return what addresses the whole group: its name."""
        return self.name


class Loads:
    """The group texts of one project."""

    def __init__(self, database: Database, project: str) -> None:
        self.database = database
        self.project = project

    def add(self, connection: Connection, load: Load) -> None:
        """Add a text; the group's name must be locked."""
        row = {
            "project": self.project,
            "id": load.id,
            "name": load.name,
            "seq": load.seq,
            "time": load.time,
            "fingerprint": load.fingerprint,
            "text": load.text,
            "entry": msgspec.json.encode(load.entry).decode(),
        }
        connection.execute(insert(loads).values(row))

    def next_seq(self, connection: Connection, name: str) -> int:
        """Return the place of the next text of a locked group."""
        found = connection.execute(
            select(func.max(loads.c.seq)).where(
                loads.c.project == self.project, loads.c.name == name
            )
        ).scalar()
        return 0 if found is None else found + 1

    def latest(self, name: str) -> Load | None:
        """Return the text that a group has now."""
        row = self.database.first(_LATEST, {"of": self.project, "called": name})
        return None if row is None else _load(row)

    def latest_in(self, connection: Connection, name: str) -> Load | None:
        """Return the text that a group has now, in the caller's transaction."""
        row = _LATEST.first(connection, {"of": self.project, "called": name})
        return None if row is None else _load(row)

    def by_id(self, load: str) -> Load | None:
        """Return a text by the id of its loading, also one of a group that was removed."""
        query = select(loads).where(loads.c.project == self.project, loads.c.id == load)
        with self.database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else _load(row)

    def each(
        self, name: str, *, after: int | None = None, most: int | None = None
    ) -> Iterator[Load]:
        """Go over the texts that a group had, in order, or over some behind a place."""
        query = self._of(name).order_by(loads.c.seq).limit(most)
        if after is not None:
            query = query.where(loads.c.seq > after)
        with self.database.reading() as connection:
            for row in connection.execute(query):
                yield _load(row)

    def count(self, name: str) -> int:
        """Return how many texts a group had."""
        query = self._of(name).with_only_columns(func.count())
        with self.database.reading() as connection:
            return connection.execute(query).scalar_one()

    def knows(self, name: str, fingerprint: str) -> bool:
        """Say whether a group ever had the text with this fingerprint."""
        query = self._of(name).where(loads.c.fingerprint == fingerprint).limit(1)
        with self.database.reading() as connection:
            return connection.execute(query).first() is not None

    def note_written(self, connection: Connection, load: Load) -> None:
        """Note that group.csvpaths holds a text."""
        connection.execute(
            update(loads)
            .where(loads.c.project == self.project, loads.c.id == load.id)
            .values(written=true())
        )

    def remove(self, connection: Connection, name: str, now: str) -> None:
        """Take all texts of a locked group away; their rows stay, for results made with them."""
        connection.execute(
            update(loads)
            .where(loads.c.project == self.project, loads.c.name == name, loads.c.removed.is_(None))
            .values(removed=now)
        )

    def _of(self, name: str) -> Select[tuple[object, ...]]:
        return select(loads).where(
            loads.c.project == self.project, loads.c.name == name, loads.c.removed.is_(None)
        )


def _load(row: Any) -> Load:
    return Load(
        id=row.id,
        name=row.name,
        seq=row.seq,
        time=row.time,
        fingerprint=row.fingerprint,
        text=row.text,
        written=row.written,
        entry=msgspec.json.decode(row.entry, type=LoadEntry),
    )
