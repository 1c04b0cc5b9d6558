"""Named-files and groups as such: their row is what a writer locks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sqlalchemy import bindparam, false, func, select, true, update

from preboard.catalog.tables import names

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from preboard.catalog.database import Database

Space = Literal["files", "groups"]

_DEFINITION = select(names.c.definition).where(  # asked for by every run, so built once
    names.c.project == bindparam("of"),
    names.c.space == bindparam("in"),
    names.c.name == bindparam("called"),
    names.c.removed.is_(None),
)


class Names:
    """The names of one project in one of its spaces."""

    def __init__(self, database: Database, project: str, space: Space) -> None:
        self.database = database
        self.project = project
        self.space = space

    def lock(self, connection: Connection, name: str, now: str) -> bool:
        """Make the name if it is new and lock it until the transaction ends; says if it is new."""
        row = {
            "project": self.project, "space": self.space, "name": name, "created": now,
            "definition": "{}",
        }  # fmt: skip
        self.hold(connection, name)
        # Asked for what they gave: drivers count differently what an insert left undone.
        made = connection.execute(
            self.database.insert(names).values(row).on_conflict_do_nothing().returning(names.c.name)
        ).first()
        revived = connection.execute(
            update(names)
            .where(*self._is(name), names.c.removed.is_not(None))
            .values(removed=None, created=now, definition="{}", written=false())
            .returning(names.c.name)
        ).first()
        return made is not None or revived is not None

    def hold(self, connection: Connection, name: str) -> None:
        """Lock a name until the transaction ends, whether it exists or not.

        On SQLite the transaction itself is the lock: it holds that of the whole database.
        """
        if self.database.dialect == "postgresql":
            key = func.hashtextextended(f"{self.project}/{self.space}/{name}", 0)
            connection.execute(select(func.pg_advisory_xact_lock(key)))

    def all(self) -> list[str]:
        """Return the names in order."""
        with self.database.reading() as connection:
            found = connection.execute(
                select(names.c.name)
                .where(
                    names.c.project == self.project,
                    names.c.space == self.space,
                    names.c.removed.is_(None),
                )
                .order_by(names.c.name)
            ).scalars()
            return list(found)

    def exists(self, name: str) -> bool:
        """Say whether there is such a name."""
        return self.definition(name) is not None

    def definition(self, name: str) -> str | None:
        """Return the text of definition.json, None if there is no such name."""
        with self.database.reading() as connection:
            return self.definition_in(connection, name)

    def definition_in(self, connection: Connection, name: str) -> str | None:
        """Return the text of definition.json in the caller's transaction."""
        which = {"of": self.project, "in": self.space, "called": name}
        return connection.execute(_DEFINITION, which).scalar()

    def define(self, connection: Connection, name: str, definition: str) -> None:
        """Set the text of definition.json, for `note_written`; the name must be locked."""
        connection.execute(
            update(names).where(*self._is(name)).values(definition=definition, written=false())
        )

    def unwritten(self) -> list[str]:
        """Return the names whose directory is not yet as the catalog has them, removed ones too."""
        query = select(names.c.name).where(
            names.c.project == self.project, names.c.space == self.space, names.c.written == false()
        )
        with self.database.reading() as connection:
            return sorted(connection.execute(query).scalars())

    def is_written(self, connection: Connection, name: str) -> bool:
        """Say whether the directory of a name is as the catalog has it."""
        query = select(names.c.written).where(*self._is(name))
        return connection.execute(query).scalar() is True

    def is_left(self, connection: Connection, name: str) -> bool:
        """Say whether a name is removed and its directory may be there still."""
        query = select(names.c.name).where(
            *self._is(name), names.c.removed.is_not(None), names.c.written == false()
        )
        return connection.execute(query).first() is not None

    def note_written(self, connection: Connection, name: str) -> None:
        """Note that the directory of a locked name is as the catalog has it."""
        connection.execute(update(names).where(*self._is(name)).values(written=true()))

    def remove(self, connection: Connection, name: str, now: str) -> bool:
        """Take the name away; says whether there was one."""
        gone = (
            update(names)
            .where(*self._is(name), names.c.removed.is_(None))
            .values(removed=now, written=false())
        )
        return bool(connection.execute(gone).rowcount)

    def _is(self, name: str) -> tuple[ColumnElement[bool], ...]:
        return (
            names.c.project == self.project,
            names.c.space == self.space,
            names.c.name == name,
        )
