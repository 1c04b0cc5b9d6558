"""Runs as those who asked for them follow them: found, listed, cancelled, watched to their end."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool

from preboard.catalog.service.jobs import Wanted
from preboard.clock import elapsed_s
from preboard.errors import NotFound
from preboard.server.auth import UNKNOWN_PROJECT
from preboard.server.shapes import run_status

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from preboard.catalog.service.hosting import Hosted
    from preboard.catalog.service.jobs import Job, JobState
    from preboard.server.auth import Caller
    from preboard.server.service import Service

BEAT_S = 15.0
"""A line is sent when nothing happened for so long, so that nobody on the way hangs up."""
LONGEST_S = 3600.0
"""A stream ends then; who still wants it asks again, with the id of the last event."""
_SOONEST_S = 0.1
_LATEST_S = 1.0
_SLOWER = 1.3


def hosted_for(service: Service, caller: Caller) -> list[Hosted]:
    """Return the projects that a key may look into."""
    caller.need("read")
    return service.hosting.page(caller.key.owner, among=caller.key.projects)


def job_of(service: Service, caller: Caller, uuid: str) -> tuple[Job, Hosted]:
    """Return a job of a project of the caller, with the project.

    Raises:
        NotFound: there is none, or it is not theirs.
    """
    job = service.jobs.by_id(uuid)
    hosted = None if job is None else service.hosting.by_id(job.project)
    allowed = caller.key.projects
    if (
        job is None
        or hosted is None
        or hosted.owner != caller.key.owner
        or (allowed is not None and hosted.project not in allowed)
    ):
        raise NotFound(f"Run '{uuid}' not found")
    return job, hosted


def wanted_of(
    found: Sequence[Hosted],
    *,
    project_name: str | None,
    states: Sequence[JobState] | None,
    group: str | None,
    file: str | None,
    since: str | None,
    until: str | None,
) -> Wanted:
    """Return which runs are asked for, of some projects.

    Raises:
        NotFound: none of the projects has this name.
    """
    some = [each for each in found if project_name in (None, each.name)]
    if project_name is not None and not some:
        raise NotFound(UNKNOWN_PROJECT)
    return Wanted(
        projects=[each.project for each in some],
        states=states,
        kind="run",
        group=group,
        named_file=file,
        since=since,
        until=until,
    )


def cancel(service: Service, caller: Caller, uuid: str) -> tuple[Job, Hosted]:
    """End a run, at once if it waits, else as soon as its worker has ended it.

    Raises:
        NotFound: there is none, or it is not theirs.
        Forbidden: the key may not.
        Conflict: it has ended.
    """
    job, hosted = job_of(service, caller, uuid)
    caller.need("run")
    ended = service.queue.cancel(job.id, caller.name)
    service.audit.add(caller.deed("run.cancel", project=job.project, target=job.id))
    return ended, hosted


async def events(
    service: Service, job: Job, project_name: str, last_id: str | None
) -> AsyncIterator[bytes]:
    """Give what happens to a run as server-sent events, to its end.

    Each event is named `run` and holds the whole status; the one that is there at the beginning is
    given first, unless `last_id` says that it is known. `end` is the last one.
    """
    begun = told = elapsed_s()
    wait_s, seen = _SOONEST_S, last_id
    while True:
        text = run_status(job, project_name).model_dump_json()
        state = _id(text)
        if state != seen:
            yield _event("run", state, text)
            seen, told, wait_s = state, elapsed_s(), _SOONEST_S
        if not job.is_open:
            yield _event("end", state, text)
            return
        if service.closing.is_set() or elapsed_s() - begun > LONGEST_S:
            return
        if elapsed_s() - told > BEAT_S:
            yield b": still going on\n\n"
            told = elapsed_s()
        await asyncio.sleep(wait_s)
        wait_s = min(wait_s * _SLOWER, _LATEST_S)
        found = await run_in_threadpool(service.jobs.by_id, job.id)
        if found is None:  # forgotten, with its project
            return
        job = found


def last_event(job: Job, project_name: str) -> str:
    """Return the id of the event that says how a run stands now."""
    return _id(run_status(job, project_name).model_dump_json())


def _id(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _event(name: str, id: str, data: str) -> bytes:  # noqa: A002 - what it is called there
    return f"event: {name}\nid: {id}\ndata: {data}\n\n".encode()
