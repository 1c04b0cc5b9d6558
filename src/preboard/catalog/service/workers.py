"""Who works: a lease for each worker, by the clock of the database.

A worker that does not renew its lease is taken for gone, and what it had begun is adopted. If it
was only frozen, the numbers of the attempts keep what it does from counting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, literal_column, select, update

from preboard.catalog.service.tables import workers

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from preboard.catalog.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerRow:
    """A worker; it `is_ready` for jobs while its lease holds, from its start to its draining."""

    executor: str
    host: str
    boot: str
    since: str
    takes_jobs: bool
    live: bool

    @property
    def is_ready(self) -> bool:
        """Whether jobs that are enqueued now find it."""
        return self.live and self.takes_jobs


class Leases:
    """The leases of all workers."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def enter(self, executor: str, host: str, boot: str, now: str, lease_s: float) -> str | None:
        """Take the lease of an executor; returns the other host that has it, if one does."""
        with self.database.writing() as connection:
            time = self._time()
            held = connection.execute(
                select(workers.c.host).where(
                    workers.c.executor == executor,
                    workers.c.host != host,
                    workers.c.lease_until > time,
                )
            ).scalar()
            if held is not None:
                return str(held)
            connection.execute(delete(workers).where(workers.c.executor == executor))
            row = {"executor": executor, "host": host, "boot": boot, "since": now,
                   "lease_until": time + lease_s}  # fmt: skip
            connection.execute(self.database.insert(workers).values(row))
        return None

    def renew(self, executor: str, boot: str, lease_s: float) -> bool:
        """Renew a lease; False if another start of the worker, or a janitor, took it."""
        query = (
            update(workers)
            .where(workers.c.executor == executor, workers.c.boot == boot)
            .values(lease_until=self._time() + lease_s)
        )
        with self.database.writing() as connection:
            return bool(connection.execute(query).rowcount)

    def note(self, executor: str, boot: str, *, takes_jobs: bool) -> None:
        """Note that a worker takes jobs from now on, or takes no more."""
        query = update(workers).where(workers.c.executor == executor, workers.c.boot == boot)
        with self.database.writing() as connection:
            connection.execute(query.values(takes_jobs=takes_jobs))

    def leave(self, executor: str, boot: str) -> None:
        """Let a lease run out now: whoever looks next adopts what its worker had to leave.

        It is not deleted: a worker that is never started again under its name may have been cut
        off, and its jobs wait for somebody.
        """
        query = update(workers).where(workers.c.executor == executor, workers.c.boot == boot)
        with self.database.writing() as connection:
            connection.execute(query.values(lease_until=self._time() - 1))

    def expired(self) -> list[tuple[str, float]]:
        """Return whose leases ran out, and when: `forget` them behind what is done about it."""
        query = select(workers.c.executor, workers.c.lease_until)
        query = query.where(workers.c.lease_until < self._time()).order_by(workers.c.executor)
        with self.database.reading() as connection:
            return [(row.executor, row.lease_until) for row in connection.execute(query)]

    def forget(self, executor: str, lease_until: float) -> None:
        """Drop a lease that ran out, unless its worker has come back."""
        query = delete(workers).where(
            workers.c.executor == executor, workers.c.lease_until == lease_until
        )
        with self.database.writing() as connection:
            connection.execute(query)

    def all(self) -> list[WorkerRow]:
        """Return all workers."""
        query = select(workers, (workers.c.lease_until > self._time()).label("live"))
        with self.database.reading() as connection:
            return [
                WorkerRow(
                    executor=row.executor,
                    host=row.host,
                    boot=row.boot,
                    since=row.since,
                    takes_jobs=row.takes_jobs,
                    live=bool(row.live),
                )
                for row in connection.execute(query.order_by(workers.c.executor))
            ]

    def _time(self) -> ColumnElement[float]:
        """Return the clock of the database, in seconds."""
        if self.database.dialect == "postgresql":
            return literal_column("extract(epoch from clock_timestamp())")
        return literal_column("((julianday('now') - 2440587.5) * 86400.0)")
