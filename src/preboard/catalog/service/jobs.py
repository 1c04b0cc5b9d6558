"""Jobs: work that was accepted, from the moment it is durable to its end.

A job registers a file, runs a group over one, or both. Its row is made in the transaction that
accepts it. Each try of a worker is an attempt with a number of its own; what an attempt does to
the row carries that number and changes nothing once another attempt has begun (a fencing token).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec import Struct
from sqlalchemy import Integer, and_, bindparam, case, func, null, or_, select, update

from preboard.catalog.prepared import Prepared
from preboard.catalog.service.tables import hosted, jobs
from preboard.manifests.staging import Provenance  # noqa: TC001 - read by msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection

    from preboard.catalog.database import Database

JobState = Literal["queued", "running", "done", "failed", "cancelled"]
Kind = Literal["register", "run"]
OPEN: tuple[JobState, ...] = ("queued", "running")
NO_LIMIT = 1_000_000_000

_ONE = Prepared(select(jobs).where(jobs.c.id == bindparam("which")))
_ADDED = (
    "id", "project", "kind", "asked_by", "key", "named_file", "group", "method", "wish", "state",
    "attempt", "created", "version", "registration",
)  # fmt: skip
_others = jobs.alias()
_GOING_ON = (
    select(func.count())
    .where(_others.c.project == jobs.c.project, _others.c.state == "running")
    .scalar_subquery()
)
_LIMIT = select(hosted.c.most_running).where(hosted.c.project == jobs.c.project).scalar_subquery()
_MOST = bindparam("most", type_=Integer)
_HAS_ROOM = case((_LIMIT < _MOST, _LIMIT), else_=_MOST) > _GOING_ON
_CLAIM = Prepared(
    update(jobs)
    .where(
        jobs.c.id == bindparam("which"),
        or_(jobs.c.state == "running", and_(jobs.c.state == "queued", _HAS_ROOM)),
        jobs.c.cancel.is_(None),
    )
    .values(
        state="running",
        attempt=jobs.c.attempt + 1,
        again=null(),
        reason=null(),
        error=null(),
        holder=bindparam("by"),
        started=func.coalesce(jobs.c.started, bindparam("now")),
    )
    .returning(jobs)
)
_MOST_AT_ONCE = 64
_SIZES = (1, 2, 4, 8, 16, 32, _MOST_AT_ONCE)
_DUE = Prepared(
    select(jobs)
    .where(jobs.c.again <= bindparam("now"), jobs.c.state == "queued")
    .order_by(jobs.c.again)
    .limit(100)
)
_OF_ATTEMPT = update(jobs).where(
    jobs.c.id == bindparam("which"),
    jobs.c.attempt == bindparam("try"),
    jobs.c.state == "running",
)

_CANCELLED: dict[str, Any] = {
    "state": "cancelled",
    "reason": "cancelled",
    "error": "cancelled by " + jobs.c.cancel,
}


@cache
def _add(dialect: str) -> Prepared:
    """Return what adds a job, unless there is one with its id."""
    insert: Any = import_module(f"sqlalchemy.dialects.{dialect}").insert
    values: dict[Any, Any] = {jobs.c[name]: bindparam(f"new_{name}") for name in _ADDED}
    adding = insert(jobs).values(values).on_conflict_do_nothing(index_elements=["id"])
    return Prepared(adding.returning(jobs.c.seq))


@cache
def _change(*columns: str) -> Prepared:
    """Return what changes some columns of the job of an attempt."""
    return Prepared(_OF_ATTEMPT, *columns)


@cache
def _standing(count: int) -> Prepared:
    """Return what asks for some jobs: their ids are `job_0`, `job_1` and so on."""
    columns = jobs.c.id, jobs.c.state, jobs.c.attempt, jobs.c.cancel
    ids = [jobs.c.id == bindparam(f"job_{place}") for place in range(count)]
    return Prepared(select(*columns).where(or_(*ids)))


@cache
def _ended(size: int) -> Prepared:
    """Return what asks for those of some jobs that have ended: over and over, for 1, 2, 4... jobs.

    Whoever asks for fewer fills the places up with the last one.
    """
    ids: list[Any] = [bindparam(f"job_{place}") for place in range(size)]
    is_open = (jobs.c.state != each for each in OPEN)
    return Prepared(select(jobs).where(jobs.c.id.in_(ids), *is_open))


class Wish(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a job is to do.

    With a `source` its bytes become a version of the named-file `file`, under the id of the job;
    with a `group` that is run over this version, or else over what `file` means, a name or a
    reference. `file_name` is what the source is called, if not as its location says. A source that
    was `announced` is told of once: if it can't be fetched, or is empty, it is waited for.
    """

    file: str
    source: str | None = None
    file_name: str | None = None
    file_template: str | None = None
    provenance: Provenance | None = None
    announced: bool = False
    group: str | None = None
    method: str = "collect_paths"
    template: str | None = None
    delimiter: str | None = None
    quotechar: str | None = None
    timeout_s: float | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a job; its number is the fencing token."""

    job: str
    number: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How a job stands, for whoever watches over one of its attempts."""

    state: JobState
    attempt: int
    to_end: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """A job that is to be accepted; `version` and `registration` if its file is registered."""

    id: str
    project: str
    wish: Wish
    asked_by: str
    key: str | None = None
    version: str | None = None
    registration: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as the catalog has it. Times are ISO texts in UTC; `seq` is its place in the queue."""

    seq: int
    id: str
    project: str
    kind: Kind
    asked_by: str
    key: str | None
    wish: Wish
    state: JobState
    attempt: int
    holder: str | None
    cancel: str | None
    created: str
    started: str | None
    ended: str | None
    progress: str | None
    version: str | None
    registration: str | None
    run: str | None
    reference: str | None
    valid: bool | None
    completed: bool | None
    errors: int | None
    reason: str | None
    error: str | None
    again: str | None

    @property
    def is_open(self) -> bool:
        """Say whether it has not ended."""
        return self.state in OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which jobs are asked for; None leaves a column as it is."""

    projects: Sequence[str] | None = None
    states: Sequence[JobState] | None = None
    kind: Kind | None = None
    group: str | None = None
    named_file: str | None = None
    key: str | None = None
    since: str | None = None
    until: str | None = None


class Jobs:
    """The jobs of a server."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, connection: Connection, new: NewJob, now: str) -> int | None:
        """Add a job that is queued; returns its place, None if there is one with this id."""
        row = {
            "id": new.id,
            "project": new.project,
            "kind": "register" if new.wish.group is None else "run",
            "asked_by": new.asked_by,
            "key": new.key,
            "named_file": new.wish.file,
            "group": new.wish.group,
            "method": None if new.wish.group is None else new.wish.method,
            "wish": msgspec.json.encode(new.wish).decode(),
            "state": "queued",
            "attempt": 0,
            "created": now,
            "version": new.version,
            "registration": new.registration,
        }
        values = {f"new_{name}": row[name] for name in _ADDED}
        place: int | None = _add(self.database.dialect).value(connection, values)
        return place

    def by_id(self, job: str) -> Job | None:
        """Return a job, None if there is none with this id."""
        row = self.database.first(_ONE, {"which": job})
        return None if row is None else _job(row)

    def by_id_in(self, connection: Connection, job: str) -> Job | None:
        """Return a job in the caller's transaction."""
        row = _ONE.first(connection, {"which": job})
        return None if row is None else _job(row)

    def claim(self, job: str, holder: str, now: str, most: int = NO_LIMIT) -> Job | None:
        """Begin the next attempt of a job that has not ended; None if it has.

        None, too, if its project has as many going on as it may: `most`, or fewer if it says so.
        The queue looks to that already, but not to limits that were changed a moment ago.
        """
        values = {"which": job, "by": holder, "now": now, "most": most}
        with self.database.writing() as connection:
            row = _CLAIM.first(connection, values)
        return None if row is None else _job(row)

    def change(self, connection: Connection, attempt: Attempt, values: dict[str, object]) -> bool:
        """Change the row of a job that this attempt still holds; False if it does not."""
        given = {"which": attempt.job, "try": attempt.number, **values}
        return bool(_change(*values).run(connection, given))

    def end(self, connection: Connection, attempt: Attempt, values: dict[str, object]) -> bool:
        """End a job that this attempt still holds; False if it does not.

        One that is to be cancelled and fails is cancelled: its files may be gone already.
        """
        if not self.change(connection, attempt, values):
            return False
        if values["state"] == "failed":
            to_end = update(jobs).where(jobs.c.id == attempt.job, jobs.c.cancel.is_not(None))
            connection.execute(to_end.values(_CANCELLED))
        return True

    def fail(self, attempt: Attempt, reason: str, error: str, now: str) -> bool:
        """End the job of an attempt that failed; False if it is in other hands, or has ended."""
        values: dict[str, object] = {
            "state": "failed",
            "ended": now,
            "reason": reason,
            "error": error,
            "valid": False,
            "completed": False,
        }
        with self.database.writing() as connection:
            return self.end(connection, attempt, values)

    def postpone(
        self, connection: Connection, attempt: Attempt, until: str, reason: str, error: str
    ) -> bool:
        """Let a job that this attempt still holds wait for another one; False if it does not.

        `reason` and `error` say why. One that is to be cancelled does not wait.
        """
        query = (
            update(jobs)
            .where(
                jobs.c.id == attempt.job,
                jobs.c.attempt == attempt.number,
                jobs.c.state == "running",
                jobs.c.cancel.is_(None),
            )
            .values(state="queued", again=until, reason=reason, error=error)
        )
        return bool(connection.execute(query).rowcount)

    def defer(self, job: str, until: str) -> None:
        """Let a job that nobody has begun wait, unless it is to be cancelled."""
        query = update(jobs).where(
            jobs.c.id == job, jobs.c.state == "queued", jobs.c.cancel.is_(None)
        )
        with self.database.writing() as connection:
            connection.execute(query.values(again=until))

    def hasten(self, connection: Connection, job: str, now: str) -> None:
        """Let a job wait no longer that was postponed."""
        query = update(jobs).where(jobs.c.id == job, jobs.c.again > now, jobs.c.state == "queued")
        connection.execute(query.values(again=now))

    def due(self, now: str) -> list[Job]:
        """Return some jobs that have waited long enough."""
        return [_job(row) for row in self.database.all(_DUE, {"now": now})]

    def take_up(self, connection: Connection, job: Job) -> bool:
        """Let a job that is due be enqueued by the caller; False if somebody else does."""
        query = update(jobs).where(
            jobs.c.id == job.id, jobs.c.again == job.again, jobs.c.state == "queued"
        )
        return bool(connection.execute(query.values(again=None)).rowcount)

    def end_cancelled(self, job: str, now: str) -> bool:
        """End a job that is to be cancelled, when nobody works on it; False if it is not to be."""
        query = (
            update(jobs)
            .where(jobs.c.id == job, jobs.c.state.in_(OPEN), jobs.c.cancel.is_not(None))
            .values({**_CANCELLED, "ended": now})
        )
        with self.database.writing() as connection:
            return bool(connection.execute(query).rowcount)

    def end_queued(self, connection: Connection, job: str, values: dict[str, object]) -> bool:
        """End a job that no worker has taken; False if one has."""
        query = update(jobs).where(jobs.c.id == job, jobs.c.state == "queued").values(values)
        return bool(connection.execute(query).rowcount)

    def ask_to_cancel(self, connection: Connection, job: str, by: str) -> bool:
        """Note that a running job is to be ended; False if it is not running."""
        query = update(jobs).where(jobs.c.id == job, jobs.c.state == "running").values(cancel=by)
        return bool(connection.execute(query).rowcount)

    def standing(self, ids: Sequence[str]) -> dict[str, Standing]:
        """Return how some jobs stand."""
        found = {}
        for start in range(0, len(ids), _MOST_AT_ONCE):
            some = ids[start : start + _MOST_AT_ONCE]
            values: dict[str, Any] = {f"job_{place}": each for place, each in enumerate(some)}
            for row in self.database.all(_standing(len(some)), values):
                found[row.id] = Standing(row.state, row.attempt, to_end=row.cancel is not None)
        return found

    def ended(self, ids: Sequence[str]) -> list[Job]:
        """Return those of some jobs that have ended."""
        found: list[Job] = []
        for begin in range(0, len(ids), _MOST_AT_ONCE):
            some = ids[begin : begin + _MOST_AT_ONCE]
            size = next(each for each in _SIZES if each >= len(some))
            which = {f"job_{at}": some[min(at, len(some) - 1)] for at in range(size)}
            found += [_job(row) for row in self.database.all(_ended(size), which)]
        return found

    def page(
        self, wanted: Wanted, most: int, *, before: int | None = None, newest_first: bool = True
    ) -> list[Job]:
        """Return some jobs; `before` is the place of the last one of the page before."""
        order = jobs.c.seq.desc() if newest_first else jobs.c.seq
        with self.database.reading() as connection:
            places = _places(connection, wanted, most, before, newest_first=newest_first)
            query = select(jobs).where(jobs.c.seq.in_(_padded(places))).order_by(order)
            return [_job(row) for row in connection.execute(query)]

    def count(self, wanted: Wanted) -> int:
        """Return how many jobs are meant."""
        query = select(func.count()).select_from(jobs).where(*_conditions(wanted))
        with self.database.reading() as connection:
            return connection.execute(query).scalar_one()


def _places(
    connection: Connection, wanted: Wanted, most: int, before: int | None, *, newest_first: bool
) -> list[int]:
    """Return the places of some jobs.

    One query for each project and state, as the index has them in order: a single one would sort
    all jobs that these projects ever had.
    """
    order = jobs.c.seq.desc() if newest_first else jobs.c.seq
    found: list[int] = []
    for project in (None,) if wanted.projects is None else wanted.projects:
        for state in (None,) if wanted.states is None else wanted.states:
            part = replace(
                wanted,
                projects=None if project is None else (project,),
                states=None if state is None else (state,),
            )
            query = select(jobs.c.seq).where(*_conditions(part)).order_by(order).limit(most)
            if before is not None:
                query = query.where(jobs.c.seq < before if newest_first else jobs.c.seq > before)
            if len(found) == most:
                last = found[-1]
                query = query.where(jobs.c.seq > last if newest_first else jobs.c.seq < last)
            found = sorted([*found, *connection.execute(query).scalars()], reverse=newest_first)
            del found[most:]
    return found


def _padded(places: list[int]) -> list[int]:
    """Return places, the last one repeated up to a power of two.

    A driver keeps each statement that it has prepared: with as many placeholders as there happen
    to be places, it would keep hundreds that are large.
    """
    if not places:
        return places
    return places + places[-1:] * ((1 << (len(places) - 1).bit_length()) - len(places))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.projects is not None:
        found.append(jobs.c.project.in_(wanted.projects))
    if wanted.states is not None:
        found.append(jobs.c.state.in_(wanted.states))
    for column, value in (
        (jobs.c.kind, wanted.kind),
        (jobs.c.group, wanted.group),
        (jobs.c.named_file, wanted.named_file),
        (jobs.c.key, wanted.key),
    ):
        if value is not None:
            found.append(column == value)
    if wanted.since is not None:
        found.append(jobs.c.created >= wanted.since)
    if wanted.until is not None:
        found.append(jobs.c.created < wanted.until)
    return found


def _job(row: Any) -> Job:
    return Job(
        seq=row.seq,
        id=row.id,
        project=row.project,
        kind=row.kind,
        asked_by=row.asked_by,
        key=row.key,
        wish=msgspec.json.decode(row.wish, type=Wish),
        state=row.state,
        attempt=row.attempt,
        holder=row.holder,
        cancel=row.cancel,
        created=row.created,
        started=row.started,
        ended=row.ended,
        progress=row.progress,
        version=row.version,
        registration=row.registration,
        run=row.run,
        reference=row.reference,
        valid=row.valid,
        completed=row.completed,
        errors=row.errors,
        reason=row.reason,
        error=row.error,
        again=row.again,
    )
