"""What lies in the folders that hooks look at, and in which state it was seen when.

A row lives as long as its file lies there, so that a file is taken once however long it stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select, true, update

from preboard.catalog.service.tables import jobs, seen

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection

    from preboard.catalog.database import Database

_SETTLE = (
    update(seen)
    .where(seen.c.file == bindparam("which"))
    .values(settled=true(), job=bindparam("by"), tries=seen.c.tries + 1)
)
_AT_ONCE = 500
"""Of parameters in one statement, of which databases take only so many."""


@dataclass(frozen=True, slots=True)
class SeenFile:
    """How a file was last seen; `settled`: it was taken, or left, in this state.

    `tries` is how often it was taken, `failed` when the last job that took it ended, if that could
    not fetch it.
    """

    state: str
    since: str
    settled: bool
    tries: int = 0
    failed: str | None = None


class Seen:
    """The files that were seen."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def of(self, hook: str) -> dict[str, SeenFile]:
        """Return what was seen in the folder of a hook, by the hashes of the addresses."""
        came_to_nothing = (
            (jobs.c.id == seen.c.job) & (jobs.c.state == "failed") & jobs.c.version.is_(None)
        )
        query = (
            select(seen, jobs.c.ended)
            .join(jobs, came_to_nothing, isouter=True)
            .where(seen.c.hook == hook)
        )
        with self.database.reading() as connection:
            return {
                row.file: SeenFile(row.state, row.since, row.settled, row.tries, row.ended)
                for row in connection.execute(query)
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
                "tries": 0,
            }
            for file, state in states.items()
        ]
        if not rows:
            return
        with self.database.writing() as connection:
            self._forget(connection, hook, list(states))
            connection.execute(self.database.insert(seen), rows)

    def settle(self, connection: Connection, hook: str, files: Mapping[str, str | None]) -> None:
        """Note that files were taken, each by a job, or left, in the state that they were seen in.

        Args:
            connection: the transaction that accepts them.
            hook: whose folder it is.
            files: their hashes, with the jobs of those that were taken.
        """
        if files:
            rows = [{"which": file, "by": job} for file, job in files.items()]
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
