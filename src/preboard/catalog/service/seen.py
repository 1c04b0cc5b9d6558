"""What lies in the folders that hooks look at, and in which state it was seen when.

A row lives as long as its file lies there, so that a file is taken once however long it stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select, true, update

from preboard.catalog.service.tables import seen

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection

    from preboard.catalog.database import Database

_SETTLE = update(seen).where(seen.c.file == bindparam("which")).values(settled=true())
_AT_ONCE = 500
"""Of parameters in one statement, of which databases take only so many."""


@dataclass(frozen=True, slots=True)
class SeenFile:
    """How a file was last seen; `settled`: it was taken, or left, in this state."""

    state: str
    since: str
    settled: bool


class Seen:
    """The files that were seen."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def of(self, hook: str) -> dict[str, SeenFile]:
        """Return what was seen in the folder of a hook, by the hashes of the addresses."""
        with self.database.reading() as connection:
            return {
                row.file: SeenFile(row.state, row.since, row.settled)
                for row in connection.execute(select(seen).where(seen.c.hook == hook))
            }

    def note(self, hook: str, project: str, states: Mapping[str, str], now: str) -> None:
        """Note files that are new, or in another state than before, by their hashes."""
        rows = [
            {
                "hook": hook,
                "project": project,
                "file": file,
                "state": state,
                "since": now,
                "settled": False,
            }
            for file, state in states.items()
        ]
        if not rows:
            return
        with self.database.writing() as connection:
            self._forget(connection, hook, list(states))
            connection.execute(self.database.insert(seen), rows)

    def settle(self, connection: Connection, hook: str, files: Collection[str]) -> None:
        """Note that files, by their hashes, were taken or left in the state that they were seen in.

        In the transaction that accepts them.
        """
        if files:
            rows = [{"which": file} for file in files]
            connection.execute(_SETTLE.where(seen.c.hook == hook), rows)

    def forget(self, hook: str, files: Collection[str]) -> None:
        """Forget files that are gone."""
        if not files:
            return
        with self.database.writing() as connection:
            self._forget(connection, hook, list(files))

    def _forget(self, connection: Connection, hook: str, files: Sequence[str]) -> None:
        for some in _parts(files):
            connection.execute(delete(seen).where(seen.c.hook == hook, seen.c.file.in_(some)))


def _parts(files: Sequence[str]) -> list[Sequence[str]]:
    return [files[at : at + _AT_ONCE] for at in range(0, len(files), _AT_ONCE)]
