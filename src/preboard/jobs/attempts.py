"""Carrying a job out: attempt after attempt until it has ended, and watching over those."""

from __future__ import annotations

import logging
from datetime import timedelta
from threading import Event, Semaphore
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from preboard.catalog.service.jobs import Attempt, Jobs
from preboard.clock import elapsed_s, iso, utc_now
from preboard.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from preboard.catalog.database import Database
    from preboard.catalog.service.jobs import Job, Standing
    from preboard.jobs.children import Child, Children
    from preboard.jobs.settings import JobSettings

MOST_CLAIMS = 10
"""Of one job: a worker that dies with it each time must not go on for ever."""
LOOK_S = 0.1
"""Between two looks, and behind the start of a child: a cancelled one goes on for so long."""
_GRACE_S = 15.0
"""Between the time limit that a run keeps itself and the end of its process."""
_GOODBYE_S = 10.0
_AGAIN_S = 0.5
_DEFERRED = timedelta(seconds=1)
"""How long a job waits whose project has as many going on as it may."""
UNAVAILABLE = 75
"""The exit code of a process that could not use the catalog: EX_TEMPFAIL of sysexits.h."""

Given = TypeVar("Given")

log = logging.getLogger("preboard.jobs")


class Attempts:
    """The attempts of one worker."""

    def __init__(
        self, settings: JobSettings, database: Database, executor: str, children: Children
    ) -> None:
        self.settings = settings
        self.jobs = Jobs(database)
        self.executor = executor
        self.children = children
        self.stopping = Event()
        self._room = Semaphore(settings.slots)
        self._ended_since: dict[int, float] = {}

    def carry_out(self, job: str) -> None:
        """Bring a job to its end; returns when it has one, or never when the worker stops.

        It waits for room: each queue would give this worker as many as it may have in all.
        """
        with self._room:
            self._carry_out(job)

    def _carry_out(self, job: str) -> None:
        crashes = 0
        while True:
            self._wait_if_stopping()
            claimed = self._lasting(lambda: self._claim(job))
            if claimed is None:
                return
            attempt = Attempt(job, claimed.attempt)
            if crashes >= self.settings.attempts or claimed.attempt > MOST_CLAIMS:
                self._fail(attempt, "crash_loop", f"its process died {claimed.attempt - 1} times")
                return
            until = elapsed_s() + self._limit(claimed) + _GRACE_S
            child = self.children.start(attempt, claimed.project, until)
            child.ended.wait()
            if not self._goes_on(attempt):
                return
            if child.too_large:
                most = self.settings.memory_mb
                self._fail(attempt, "memory", f"it takes more than {most} MB of memory")
                return
            if child.timed_out:
                self._fail(attempt, "timeout", f"it took longer than {self._limit(claimed):g} s")
                return
            if child.status == UNAVAILABLE:
                log.warning("attempt %d of job %s: no catalog", attempt.number, job)
                self.stopping.wait(_AGAIN_S)
                continue
            self._wait_if_stopping()  # killed by us, on the way out
            crashes += 1
            log.warning("attempt %d of job %s died: %s", attempt.number, job, child.status)
            self.stopping.wait(_AGAIN_S * crashes)

    def _claim(self, job: str) -> Job | None:
        """Begin an attempt of a job; None if it has ended, or has to wait for others."""
        now = utc_now()
        most = self.settings.per_project
        claimed = self.jobs.claim(job, self.executor, iso(now), most)
        if claimed is None and not self.jobs.end_cancelled(job, iso(now)):
            self.jobs.defer(job, iso(now + _DEFERRED))
        return claimed

    def look(self) -> None:
        """End the children whose jobs were cancelled, took too long or are in other hands."""
        now = elapsed_s()
        # Most have ended before they are looked at once.
        going_on = [child for child in self.children.going_on() if now - child.began > LOOK_S]
        self._ended_since = {
            child.token: self._ended_since[child.token]
            for child in going_on
            if child.token in self._ended_since
        }
        if not going_on:
            return
        standing = self.jobs.standing([child.attempt.job for child in going_on])
        for child in going_on:
            if elapsed_s() > child.deadline:
                child.timed_out = True
                self.children.kill(child)
            elif self._is_over(child, standing.get(child.attempt.job)):
                self.children.kill(child)

    def _is_over(self, child: Child, stands: Standing | None) -> bool:
        if stands is None or stands.attempt != child.attempt.number or stands.to_end:
            return True
        if stands.state == "running":
            return False
        since = self._ended_since.setdefault(child.token, elapsed_s())
        return elapsed_s() - since > _GOODBYE_S  # it has published, and closes its files

    def _goes_on(self, attempt: Attempt) -> bool:
        """Say whether a job still waits for this attempt to end it."""
        stands = self._lasting(lambda: self.jobs.standing([attempt.job])).get(attempt.job)
        return stands is not None and stands.state == "running" and stands.attempt == attempt.number

    def _limit(self, job: Job) -> float:
        return job.wish.timeout_s or self.settings.timeout_s

    def _fail(self, attempt: Attempt, reason: str, error: str) -> None:
        self._lasting(lambda: self.jobs.fail(attempt, reason, error, iso(utc_now())))

    def _wait_if_stopping(self) -> None:
        """Never come back from a worker that stops: what returns is taken for done."""
        if self.stopping.is_set():
            Event().wait()

    def _lasting(self, action: Callable[[], Given]) -> Given:
        """Do something with the database, again and again while it can't be reached."""
        while True:
            try:
                return action()
            except (StoreError, SQLAlchemyError) as error:
                log.warning("the catalog can't be reached: %s", error)
                self.stopping.wait(_AGAIN_S)
                self._wait_if_stopping()
