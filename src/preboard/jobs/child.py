"""One attempt of a job, alone in its process: register, run, and end the job with it.

What it came to is written in the transactions that make it true: the version with the job, the
publication of the run with the job. If the process dies before the job has ended, its worker
begins another attempt.
"""

from __future__ import annotations

import logging
import traceback
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy.exc import OperationalError

from preboard.catalog.service.jobs import Attempt, Jobs, NewJob, Wish
from preboard.clock import elapsed_s, iso, utc_now
from preboard.config.names import shown
from preboard.errors import InputError, NotFound, PreboardError, StoreError, Superseded, Unavailable
from preboard.jobs.known import settings_of
from preboard.jobs.queue import Queue, following_id
from preboard.jobs.terms import terms_of
from preboard.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from preboard.catalog.database import Database
    from preboard.catalog.service.jobs import Job
    from preboard.catalog.versions import Version
    from preboard.engine.loop import Progress
    from preboard.jobs.settings import JobSettings

AGAIN_S = (5, 30, 180, 900, 3_600)
"""How long a file that was announced and can't be fetched is waited for, attempt by attempt."""
PROGRESS_S = 1.0
LONGEST_ERROR = 4_000

log = logging.getLogger("preboard.jobs")


def carry_out(settings: JobSettings, database: Database, attempt: Attempt) -> bool:
    """Do what a job wants, and note what it came to, success or failure.

    Returns whether the process is as good as before: no fault of ours came up.

    Raises:
        Unavailable: the catalog can't be used: nothing is wrong with the job, which goes on.
    """
    jobs, is_clean = Jobs(database), True
    try:
        job = jobs.by_id(attempt.job)
        if job is not None and job.attempt == attempt.number:
            _do(settings, database, job, attempt)
    except Superseded as error:
        log.warning("%s", error.message)
    except Unavailable:
        raise
    except PreboardError as error:
        _fail(jobs, attempt, error.code, str(error))
    except MemoryError:
        is_clean = False
        told = f"the job needs more than {settings.memory_mb} MB of memory"
        _fail(jobs, attempt, "memory", told)
    except Exception as error:  # noqa: BLE001 - a fault of ours must end the job, too
        is_clean = False
        log.error("job %s: %s", attempt.job, traceback.format_exc())  # noqa: TRY400 - one text
        _fail(jobs, attempt, "internal", f"internal error: {type(error).__name__}")
    return is_clean


def _do(settings: JobSettings, database: Database, job: Job, attempt: Attempt) -> None:
    home = settings.projects / job.project
    if not home.is_dir():
        raise NotFound(f"the project of the job {job.id} was removed")
    terms = terms_of(
        database,
        job.project,
        home=settings.home,
        local_roots=settings.local_roots,
        private_hosts=settings.private_hosts,
    )
    # What an earlier attempt left is tidied up; else that is the business of the janitor.
    known, repair = settings_of(home), attempt.number > 1
    with Project.open(home, terms=terms, settings=known, repair=repair) as project:
        version = job.version
        if job.wish.source is not None and version is None:
            try:
                version = _register(settings, project, job, attempt).id
            except (NotFound, InputError) as error:
                if not _postponed(project, job, attempt, error):
                    raise
                return
        if job.wish.group is not None:
            _run(settings, project, job, version, attempt)


def _register(settings: JobSettings, project: Project, job: Job, attempt: Attempt) -> Version:
    """Register the source of a job; a job that wants nothing else ends with it.

    Then what the named-file wants on arrival is accepted, in the same transaction.
    """
    wish = job.wish
    assert wish.source is not None  # noqa: S101 - asked by the caller
    arrival = project.run_on_arrival(wish.file) if wish.group is None else None
    queue = None
    if arrival is not None:
        queue = Queue(project.catalog.database, settings.database_url, settings.per_project)

    def note(connection: Connection, version: Version) -> None:
        if wish.announced and not version.size:
            raise InputError(f"{shown(wish.source or '', 200)} is empty")
        values: dict[str, object] = {"version": version.id, "registration": version.reference}
        if wish.group is None:
            values |= {"state": "done", "ended": iso(utc_now())}
        if not project.catalog.jobs.change(connection, attempt, values):
            raise Superseded(f"attempt {attempt.number} of the job {job.id} is not the last one")
        if queue is not None and arrival is not None and version.id == job.id:
            following = Wish(file=wish.file, group=arrival[0], method=arrival[1])
            queue.enqueue(connection, _following(job, following, version))

    return project.register(
        wish.file,
        wish.source,
        file_name=wish.file_name,
        template=wish.file_template,
        id=job.id,
        provenance=wish.provenance,
        also=note,
    )


def _postponed(project: Project, job: Job, attempt: Attempt, error: PreboardError) -> bool:
    """Let a job wait for a file that its sender announced; False if it has waited long enough."""
    if not job.wish.announced or attempt.number > len(AGAIN_S):
        return False
    until = iso(utc_now() + timedelta(seconds=AGAIN_S[attempt.number - 1]))
    with project.catalog.database.writing() as connection:
        return project.catalog.jobs.postpone(
            connection, attempt, until, error.code, str(error)[:LONGEST_ERROR]
        )


def _following(job: Job, wish: Wish, version: Version) -> NewJob:
    return NewJob(
        id=following_id(job.id),
        project=job.project,
        wish=wish,
        asked_by=job.asked_by,
        key=job.key,
        version=version.id,
        registration=version.reference,
    )


def _run(
    settings: JobSettings, project: Project, job: Job, version: str | None, attempt: Attempt
) -> None:
    wish = job.wish
    assert wish.group is not None  # noqa: S101 - asked by the caller
    project.run(
        wish.file,
        wish.group,
        method=wish.method,
        template=wish.template,
        delimiter=wish.delimiter,
        quotechar=wish.quotechar,
        extra_data={"uuid": job.id},
        progress=_progress_of(project, attempt),
        timeout_s=wish.timeout_s or settings.timeout_s,
        version=version,
        attempt=attempt,
    )


def _progress_of(project: Project, attempt: Attempt) -> Callable[[Progress], bool]:
    """Return what notes now and then how far a run is; it ends one that is in other hands."""
    last = elapsed_s()

    def note(progress: Progress) -> bool:
        nonlocal last
        if elapsed_s() - last < PROGRESS_S:
            return True
        last = elapsed_s()
        told = {
            "lines": progress.lines,
            "bytes_read": progress.bytes_read,
            "size_bytes": progress.size_bytes,
            "seconds": round(progress.seconds, 1),
        }
        values: dict[str, object] = {"progress": msgspec.json.encode(told).decode()}
        with project.catalog.database.viewing() as connection:
            return project.catalog.jobs.change(connection, attempt, values)

    return note


def _fail(jobs: Jobs, attempt: Attempt, reason: str, error: str) -> None:
    try:
        jobs.fail(attempt, reason, error[:LONGEST_ERROR], iso(utc_now()))
    except (StoreError, OperationalError):
        log.exception("how the job %s ended can't be noted", attempt.job)
