"""Named-files and groups as such: their row is what a writer locks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import bindparam, false, func, insert, select, true, update

from preboard.catalog.prepared import Prepared
from preboard.catalog.tables import names

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from preboard.catalog.database import Database

Space = Literal["files", "groups"]

# What each registration and each run asks for.
_IS = (
    names.c.project == bindparam("of"),
    names.c.space == bindparam("in"),
    names.c.name == bindparam("called"),
)
_STATE = Prepared(select(names.c.removed, names.c.written).where(*_IS))
_DEFINITION = Prepared(select(names.c.definition).where(*_IS, names.c.removed.is_(None)))
_UNWRITTEN = Prepared(  # by each that opens a project
    select(names.c.name).where(
        names.c.project == bindparam("of"),
        names.c.space == bindparam("in"),
        names.c.written == false(),
    )
)
_HOLD = Prepared(select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("key"), 0))))


class Names:
    """The names of one project in one of its spaces."""

    def __init__(self, database: Database, project: str, space: Space) -> None:
        self.database = database
        self.project = project
        self.space = space

    def lock(self, connection: Connection, name: str, now: str) -> bool:
        """Make the name if it is new and lock it until the transaction ends; says if it is new."""
        self.hold(connection, name)
        state = self._state(connection, name)
        if state is None:  # nor can it come: who makes one holds it
            row = {"project": self.project, "space": self.space, "name": name, "created": now}
            connection.execute(insert(names).values(**row, definition="{}"))
            return True
        if state.removed is None:
            return False
        connection.execute(
            update(names)
            .where(*self._is(name))
            .values(removed=None, created=now, definition="{}", written=false())
        )
        return True

    def hold(self, connection: Connection, name: str) -> None:
        """Lock a name until the transaction ends, whether it exists or not.

        On SQLite the transaction itself is the lock: it holds that of the whole database.
        """
        if self.database.dialect == "postgresql":
            _HOLD.first(connection, {"key": f"{self.project}/{self.space}/{name}"})

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
        found = self.database.first(_DEFINITION, self._which(name))
        return None if found is None else found.definition

    def definition_in(self, connection: Connection, name: str) -> str | None:
        """Return the text of definition.json in the caller's transaction."""
        found: str | None = _DEFINITION.value(connection, self._which(name))
        return found

    def define(self, connection: Connection, name: str, definition: str) -> None:
        """Set the text of definition.json, for `note_written`; the name must be locked."""
        connection.execute(
            update(names).where(*self._is(name)).values(definition=definition, written=false())
        )

    def unwritten(self) -> list[str]:
        """Return the names whose directory is not yet as the catalog has them, removed ones too."""
        found = self.database.all(_UNWRITTEN, {"of": self.project, "in": self.space})
        return sorted(each.name for each in found)

    def is_written(self, connection: Connection, name: str) -> bool:
        """Say whether the directory of a name is as the catalog has it."""
        state = self._state(connection, name)
        return state is not None and state.written

    def is_settled(self, connection: Connection, name: str) -> bool:
        """Say whether there is such a name, and its directory is as the catalog has it."""
        state = self._state(connection, name)
        return state is not None and state.removed is None and state.written

    def is_left(self, connection: Connection, name: str) -> bool:
        """Say whether a name is removed and its directory may be there still."""
        state = self._state(connection, name)
        return state is not None and state.removed is not None and not state.written

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

    def _state(self, connection: Connection, name: str) -> Any:
        """Return whether a name is removed, and whether its directory is written; None for none."""
        return _STATE.first(connection, self._which(name))

    def _which(self, name: str) -> dict[str, str]:
        return {"of": self.project, "in": self.space, "called": name}

    def _is(self, name: str) -> tuple[ColumnElement[bool], ...]:
        return (
            names.c.project == self.project,
            names.c.space == self.space,
            names.c.name == name,
        )
