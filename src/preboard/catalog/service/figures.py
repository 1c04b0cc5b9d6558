"""Figures of a server, for whoever watches it: what waits, and what has ended since a moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from preboard.catalog.service.jobs import OPEN
from preboard.catalog.service.tables import arrivals, jobs
from preboard.catalog.service.workers import Leases

if TYPE_CHECKING:
    from preboard.catalog.database import Database


@dataclass(frozen=True, slots=True)
class Waiting:
    """What has not ended: how many jobs in each state, and when the oldest queued one came."""

    by_state: dict[str, int]
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Ended:
    """A job that has ended; `outcome` is valid, invalid, done (a registration), failed, cancelled.

    `waited_s` and `took_s` are None for what never began.
    """

    kind: str
    outcome: str
    waited_s: float | None
    took_s: float | None


@dataclass(slots=True)
class Mark:
    """How far jobs and arrivals were looked at: all up to these places, and some jobs behind."""

    jobs: int
    arrivals: int
    ahead: set[int] = field(default_factory=set)


class Figures:
    """Figures of a server. No query grows with what was done long ago."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.leases = Leases(database)

    def begin(self) -> Mark:
        """Return the mark of now: what has ended before is not told."""
        open_ = select(func.min(jobs.c.seq)).where(jobs.c.state.in_(OPEN))
        with self.database.reading() as connection:
            first_open = connection.execute(open_).scalar()
            last = connection.execute(select(func.max(jobs.c.seq))).scalar() or 0
            last_arrival = connection.execute(select(func.max(arrivals.c.seq))).scalar() or 0
            mark = Mark(last if first_open is None else first_open - 1, last_arrival)
            ended = select(jobs.c.seq).where(jobs.c.seq > mark.jobs, jobs.c.state.not_in(OPEN))
            mark.ahead = set(connection.execute(ended).scalars())
        return mark

    def waiting(self) -> Waiting:
        """Return what has not ended."""
        states = select(jobs.c.state, func.count()).where(jobs.c.state.in_(OPEN))
        # By the place in the queue, which the index has: it is the order of the times.
        # One that waits for another try is not held up by the queue.
        waits = (jobs.c.state == "queued") & jobs.c.again.is_(None)
        first = select(jobs.c.created).where(waits).order_by(jobs.c.seq).limit(1)
        with self.database.reading() as connection:
            rows = connection.execute(states.group_by(jobs.c.state)).all()
            oldest = connection.execute(first).scalar()
        by_state = dict.fromkeys(OPEN, 0) | {row.state: row[1] for row in rows}
        return Waiting(by_state, None if oldest is None else datetime.fromisoformat(oldest))

    def ended_since(self, mark: Mark) -> list[Ended]:
        """Return the jobs that have ended since a mark, and move it on."""
        query = select(
            jobs.c.seq, jobs.c.kind, jobs.c.state, jobs.c.valid, jobs.c.created, jobs.c.started,
            jobs.c.ended,
        ).where(jobs.c.seq > mark.jobs).order_by(jobs.c.seq)  # fmt: skip
        found: list[Ended] = []
        all_before = True
        with self.database.reading() as connection:
            for row in connection.execute(query):
                if row.state in OPEN:
                    all_before = False
                    continue
                if row.seq not in mark.ahead:
                    found.append(
                        Ended(
                            row.kind,
                            _outcome(row.kind, row.state, row.valid),
                            _seconds(row.created, row.started),
                            _seconds(row.started, row.ended),
                        )
                    )
                if all_before:
                    mark.jobs = row.seq
                    mark.ahead.discard(row.seq)
                else:
                    mark.ahead.add(row.seq)
        return found

    def arrived_since(self, mark: Mark) -> dict[str, int]:
        """Return how many arrivals had which outcome since a mark, and move it on."""
        query = select(arrivals.c.outcome, func.count(), func.max(arrivals.c.seq)).where(
            arrivals.c.seq > mark.arrivals
        )
        with self.database.reading() as connection:
            rows = connection.execute(query.group_by(arrivals.c.outcome)).all()
        mark.arrivals = max([mark.arrivals, *(row[2] for row in rows)])
        return {row.outcome: row[1] for row in rows}

    def live_workers(self) -> int:
        """Return how many workers have a lease that holds, and take jobs."""
        return sum(worker.is_ready for worker in self.leases.all())


def _outcome(kind: str, state: str, valid: bool | None) -> str:
    if state != "done" or kind == "register":
        return state
    return "valid" if valid else "invalid"


def _seconds(begun: str | None, ended: str | None) -> float | None:
    if begun is None or ended is None:
        return None
    took = datetime.fromisoformat(ended) - datetime.fromisoformat(begun)
    return max(took.total_seconds(), 0.0)
