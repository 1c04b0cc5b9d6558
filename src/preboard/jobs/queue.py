"""Accepting work: a job and its place in the queue, in one transaction with what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from sqlalchemy import bindparam, select

from preboard.catalog.prepared import Prepared
from preboard.catalog.service.jobs import Jobs
from preboard.catalog.service.tables import hosted
from preboard.clock import iso, utc_now
from preboard.errors import Conflict, NotFound
from preboard.jobs.engine import Sender, queue_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from preboard.catalog.database import Database
    from preboard.catalog.service.jobs import Job, NewJob

_LIMIT = Prepared(select(hosted.c.most_running).where(hosted.c.project == bindparam("which")))


def following_id(job: str) -> str:
    """Return the id of the run that the arrival of what a job registers starts, if it does.

    It is made of the job's: another attempt accepts it once more, and that is nothing new.
    """
    return str(uuid5(UUID(job), "on arrival"))


class Queue:
    """What is to be done; `per_project` jobs of a project go on at once, or fewer if it says so."""

    def __init__(self, database: Database, database_url: str, per_project: int) -> None:
        self.database = database
        self.per_project = per_project
        self.jobs = Jobs(database)
        self._sender = Sender(database_url)

    def enqueue(self, connection: Connection, new: NewJob) -> bool:
        """Accept a job in the caller's transaction; False if one with its id was accepted before.

        When the transaction commits, the job is done once, whatever dies from then on.
        """
        place = self.jobs.add(connection, new, iso(utc_now()))
        if place is None:
            return False
        self._put(connection, new.id, new.project, place)
        return True

    def take_up(self) -> None:
        """Enqueue anew the jobs that have waited for another try."""
        for job in self.jobs.due(iso(utc_now())):
            with self.database.writing() as connection:
                if self.jobs.take_up(connection, job):
                    self._put(connection, job.id, job.project, job.seq, again=job.again)

    def gather(self) -> None:
        """Let no job wait in a queue to which the workers do not listen."""
        with self.database.writing() as connection:
            self._sender.gather(connection, self.per_project)

    def limits_changed(self, connection: Connection, project: str) -> None:
        """Let what waits of a project wait where its new limit holds."""
        self._sender.move(connection, project, self._queue_of(connection, project))

    def _put(
        self,
        connection: Connection,
        job: str,
        project: str,
        place: int,
        *,
        again: str | None = None,
    ) -> None:
        queue = self._queue_of(connection, project)
        self._sender.enqueue(connection, job, queue, project, place, again=again)

    def _queue_of(self, connection: Connection, project: str) -> str:
        return queue_of(_LIMIT.value(connection, {"which": project}), self.per_project)

    def accept(self, new: NewJob) -> Job:
        """Accept a job in a transaction of its own; returns it, or the one with its id."""
        with self.database.writing() as connection:
            self.enqueue(connection, new)
        job = self.jobs.by_id(new.id)
        assert job is not None  # noqa: S101 - it was just added
        return job

    def cancel(self, job: str, by: str) -> Job:
        """End a job: at once if it waits, else as soon as its worker has killed it.

        Raises:
            NotFound: there is no such job.
            Conflict: it has ended.
        """
        ended: dict[str, object] = {
            "state": "cancelled", "ended": iso(utc_now()), "reason": "cancelled",
            "error": f"cancelled by {by}", "cancel": by,
        }  # fmt: skip
        with self.database.writing() as connection:
            is_ended = self.jobs.end_queued(connection, job, ended)
            if not is_ended and not self.jobs.ask_to_cancel(connection, job, by):
                found = self.jobs.by_id_in(connection, job)
                if found is None:
                    raise NotFound(f"there is no run {job}")
                raise Conflict(f"the run {job} has ended: {found.state}")
        if is_ended:
            self._sender.cancel(job)
        found = self.jobs.by_id(job)
        assert found is not None  # noqa: S101 - it was there
        return found

    def forget_ended(self, accepted_before: str) -> int:
        """Drop what the engine remembers of some jobs that have ended; returns of how many."""
        return self._sender.forget_ended(accepted_before)

    def close(self) -> None:
        """Close the connections."""
        self._sender.close()
