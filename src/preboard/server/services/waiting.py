"""Waiting for the ends of jobs, for answers that come only then (spec/server.md 6).

All that wait in one process are looked after by one task: it asks the catalog for the jobs of all
of them at once, often for those that are young, now and then for those that take long. Nobody
holds a thread, and who goes away while waiting leaves the job going.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from preboard.clock import elapsed_s
from preboard.errors import Conflict, InputError, NotFound, PreboardError
from preboard.server.faults import RunFailed, TookTooLong

if TYPE_CHECKING:
    from preboard.catalog.service.jobs import Job, Jobs

SOONEST_S = 0.02
LATEST_S = 0.2
_PATIENCE = 0.05
"""A job is looked for again after this part of the time that it takes already."""

log = logging.getLogger("preboard.server")

_OURS = frozenset({"internal", "memory", "crash_loop", "timeout", "store"})
"""Reasons that are no fault of who asked."""
_CONFLICTS = frozenset({"conflict", "tampered", "superseded", "interrupted", "cancelled"})


@dataclass(slots=True, eq=False)
class _Waiter:
    job: str
    since: float
    due: float
    ended: asyncio.Future[Job] = field(default_factory=asyncio.Future)

    def postpone(self, now: float) -> None:
        pause = (now - self.since) * _PATIENCE
        self.due = now + min(max(pause, SOONEST_S), LATEST_S)


class Waiting:
    """Those of one event loop that wait for jobs."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._waiters: set[_Waiter] = set()
        self._task: asyncio.Task[None] | None = None
        self._more: asyncio.Event | None = None

    async def ended(self, job: str, most_s: float) -> Job:
        """Return a job when it has ended.

        Raises:
            TookTooLong: it has not, after so many seconds; it goes on.
        """
        now = elapsed_s()
        waiter = _Waiter(job, now, now + SOONEST_S)
        self._waiters.add(waiter)
        self._wake()
        try:
            done, _ = await asyncio.wait([waiter.ended], timeout=most_s)
        finally:
            self._waiters.discard(waiter)
        if not done:
            raise TookTooLong(
                f"the run {job} has not ended after {most_s:g} s",
                hint=f"it goes on: GET /v2/runs/{job} tells how it stands",
            )
        return waiter.ended.result()

    def _wake(self) -> None:
        if self._task is None or self._task.done():
            self._more = asyncio.Event()
            self._task = asyncio.create_task(self._look_after_all(self._more))
        elif self._more is not None:
            self._more.set()

    async def _look_after_all(self, more: asyncio.Event) -> None:
        while self._waiters:
            pause = min(each.due for each in self._waiters) - elapsed_s()
            if pause > 0:
                more.clear()
                await _set_within(more, pause)
                continue
            now = elapsed_s()
            # Who is nearly due is asked for with the others.
            due = [each for each in self._waiters if each.due <= now + SOONEST_S / 2]
            await self._look(due)

    async def _look(self, due: list[_Waiter]) -> None:
        try:
            found = await asyncio.to_thread(self._jobs.ended, [each.job for each in due])
        except (PreboardError, SQLAlchemyError) as error:  # whoever waits can wait for that, too
            log.warning("the jobs that are waited for can't be looked at: %s", error)
            found = []
        ended = {job.id: job for job in found}
        now = elapsed_s()
        for each in due:
            job = ended.get(each.job)
            if job is None:
                each.postpone(now)
                continue
            self._waiters.discard(each)
            if not each.ended.done():
                each.ended.set_result(job)


def checked(job: Job) -> Job:
    """Return a job that was done.

    Raises:
        NotFound: what it was about is not there.
        Conflict: it was cancelled, or something else was done in the meantime.
        RunFailed: it could not be done for a reason of the server's.
        InputError: it could not be done as it was asked for.
    """
    if job.state == "done":
        return job
    told = job.error or f"the run {job.id} could not be made"
    hint = None if job.reference is None else f"what there is of it: {job.reference}"
    if job.reason == NotFound.code:
        raise NotFound(told, hint=hint)
    if job.reason in _CONFLICTS:
        raise Conflict(told, hint=hint)
    if job.reason in _OURS:
        raise RunFailed(told, hint=hint or f"GET /v2/runs/{job.id} tells more")
    raise InputError(told, hint=hint)


async def _set_within(event: asyncio.Event, most_s: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), most_s)
