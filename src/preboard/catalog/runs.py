"""The runs of a project and their instances: which are going on, which can be seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
from sqlalchemy import bindparam, case, func, insert, literal_column, or_, select, update

from preboard.catalog.prepared import Prepared
from preboard.catalog.span import Span, begins_with, place_in
from preboard.catalog.tables import instances, runs
from preboard.manifests.archive import InstanceManifest, RunManifest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from preboard.catalog.database import Database

State = Literal["running", "complete", "failed", "aborted"]
_PAGE = 500
_MOST_DIGITS = 6
_VISIBLE: Final[tuple[State, ...]] = ("complete", "failed")

# What each run needs.
_LAST = Prepared(select(func.max(runs.c.seq)).where(runs.c.project == bindparam("of")))
_LAST_HOME = Prepared(
    select(runs.c.home)
    .where(runs.c.project == bindparam("of"), runs.c.group == bindparam("which"))
    .order_by(runs.c.seq.desc())
    .limit(literal_column("1"))
)
_ADD = Prepared(
    insert(runs), "project", "id", "seq", "group", "load", "version", "home", "address",
    "directory", "time", "state", "owner", "job", "attempt", "entry",
)  # fmt: skip
_ADD_INSTANCE = Prepared(insert(instances), "id", "run", "place", "identity", "entry")
_GOING_ON = Prepared(  # by each that opens a project
    select(runs).where(runs.c.project == bindparam("of"), runs.c.state == "running")
)
_END = Prepared(
    update(runs).where(runs.c.id == bindparam("which"), runs.c.state == "running"),
    "state", "ended", "valid", "completed", "errors", "reason", "entry",
)  # fmt: skip
_END_INSTANCE = Prepared(
    update(instances).where(instances.c.id == bindparam("which")), "valid", "completed", "entry"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """A run as the catalog has it; `home` is below the archive, `directory` its last part."""

    id: str
    seq: int
    group: str
    load: str
    version: str | None
    home: str
    directory: str
    time: str
    state: State
    owner: str
    valid: bool | None
    completed: bool | None
    errors: int | None
    reason: str | None
    manifest: RunManifest
    job: str | None = None
    attempt: int | None = None

    @property
    def reference(self) -> str:
        """Return what addresses it; a dot in a directory is written _, as references have none."""
        return f"${self.group}.results.{self.home.partition('/')[2].replace('.', '_')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceRow:
    """One statement of a run."""

    id: str
    run: str
    place: int
    identity: str
    manifest: InstanceManifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a run ended."""

    state: State
    time: str
    valid: bool | None = None
    completed: bool | None = None
    errors: int | None = None
    reason: str | None = None
    manifest: RunManifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """Which runs of a group that ended are asked for; None leaves a column as it is.

    `state` is the one in which they ended, `since` and `until` are of their start: ISO texts in
    UTC, the second one is behind the last.
    """

    group: str
    state: State | None = None
    valid: bool | None = None
    since: str | None = None
    until: str | None = None


class Runs:
    """The runs of one project."""

    def __init__(self, database: Database, project: str) -> None:
        self.database = database
        self.project = project

    def next_seq(self, connection: Connection) -> int:
        """Return the place of the next run of the project."""
        found = _LAST.value(connection, {"of": self.project})
        return 0 if found is None else found + 1

    def last_home(self, connection: Connection, group: str) -> str | None:
        """Return the directory of the last run of a group, whatever became of it."""
        found: str | None = _LAST_HOME.value(connection, {"of": self.project, "which": group})
        return found

    def add(self, connection: Connection, run: RunRow) -> None:
        """Add a run that starts."""
        row = {
            "project": self.project,
            "id": run.id,
            "seq": run.seq,
            "group": run.group,
            "load": run.load,
            "version": run.version,
            "home": run.home,
            "address": run.home.partition("/")[2].replace(".", "_"),
            "directory": run.directory,
            "time": run.time,
            "state": run.state,
            "owner": run.owner,
            "job": run.job,
            "attempt": run.attempt,
            "entry": _text(run.manifest),
        }
        _ADD.run(connection, row)

    def add_instances(self, connection: Connection, started: Sequence[InstanceRow]) -> None:
        """Add instances that start."""
        rows = [
            {
                "id": instance.id,
                "run": instance.run,
                "place": instance.place,
                "identity": instance.identity,
                "entry": _text(instance.manifest),
            }
            for instance in started
        ]
        _ADD_INSTANCE.run_each(connection, rows)

    def end_instances(self, connection: Connection, ended: Sequence[InstanceRow]) -> None:
        """Note what instances came to."""
        came_to = [
            {
                "which": instance.id,
                "valid": instance.manifest.valid is True,
                "completed": instance.manifest.completed,
                "entry": _text(instance.manifest),
            }
            for instance in ended
        ]
        _END_INSTANCE.run_each(connection, came_to)

    def end(self, connection: Connection, run: str, outcome: Outcome) -> bool:
        """Note how a run ended, once; False if it had ended already."""
        came_to = {
            "which": run,
            "state": outcome.state,
            "ended": outcome.time,
            "valid": outcome.valid,
            "completed": outcome.completed,
            "errors": outcome.errors,
            "reason": outcome.reason,
            "entry": _text(outcome.manifest),
        }
        return bool(_END.run(connection, came_to))

    def going_on(self) -> list[RunRow]:
        """Return the runs that have not ended."""
        return [_run(row) for row in self.database.all(_GOING_ON, {"of": self.project})]

    def by_id(self, run: str) -> RunRow | None:
        """Return a run, in whatever state it is."""
        found = self._each(select(runs).where(*self._with(), runs.c.id == run))
        return next(found, None)

    def named(self, group: str, path: str) -> RunRow | None:
        """Return the run of a group with just this directory: the path to it, else its name.

        Of several with one name, under different templates, the first one counts.
        """
        address = path.replace(".", "_")
        query = self._seen(group, Span()).where(
            or_(runs.c.directory == path, runs.c.address == address)
        )
        by_path_first = case((runs.c.address == address, 0), else_=1)
        return self._first(query.order_by(by_path_first, runs.c.seq).limit(1))

    def pick(
        self, group: str, span: Span, place: int, *, directory: str = "", identity: str = ""
    ) -> RunRow | None:
        """Return the run at a place of the span; -1 is the last one.

        `directory` is the beginning of the name of its directory; with `identity` only runs that
        have such an instance count.
        """
        at = place_in(self._narrowed(group, span, directory, identity), runs.c.seq, place)
        return self._first(self._seen(group, Span()).where(runs.c.seq == at))

    def select(
        self, group: str, span: Span, *, directory: str = "", identity: str = ""
    ) -> Iterator[RunRow]:
        """Go over the runs of a span in the order they started; arguments as for `pick`."""
        query = self._narrowed(group, span, directory, identity)
        yield from self._each(query.order_by(runs.c.seq))

    def _narrowed(
        self, group: str, span: Span, directory: str, identity: str
    ) -> Select[tuple[object, ...]]:
        query = self._seen(group, span)
        if directory:
            query = query.where(*begins_with(runs.c.directory, directory))
        if identity:
            has = select(instances.c.run).where(
                or_(instances.c.identity == identity, *_at_place(identity))
            )
            query = query.where(runs.c.id.in_(has))
        return query

    def _seen(self, group: str, span: Span) -> Select[tuple[object, ...]]:
        return select(runs).where(
            *self._with(),
            runs.c.group == group,
            runs.c.state.in_(_VISIBLE),
            *span.conditions(runs),
        )

    def _first(self, query: Select[tuple[object, ...]]) -> RunRow | None:
        with self.database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else _run(row)

    def each(
        self,
        group: str | None = None,
        *,
        newest_first: bool = False,
        states: Sequence[State] = _VISIBLE,
    ) -> Iterator[RunRow]:
        """Go over the runs of a group or of all, in the order they started.

        `states` are those that count: runs that came to an end, unless others are asked for.
        """
        query = select(runs).where(*self._with(), runs.c.state.in_(states))
        if group is not None:
            query = query.where(runs.c.group == group)
        order = runs.c.seq.desc() if newest_first else runs.c.seq
        yield from self._each(query.order_by(order))

    def groups(self) -> list[str]:
        """Return the names of the groups that have runs, in order; a removed one has its runs."""
        query = select(runs.c.group).where(*self._with(), runs.c.state.in_(_VISIBLE)).distinct()
        with self.database.reading() as connection:
            return sorted(connection.execute(query).scalars())

    def page(self, wanted: Ended, most: int, *, below: int | None = None) -> list[RunRow]:
        """Return runs of a group that ended, newest first.

        `below` is the place of the last one of the page before.
        """
        query = self._ended(wanted)
        if below is not None:
            query = query.where(runs.c.seq < below)
        return list(self._each(query.order_by(runs.c.seq.desc()).limit(most)))

    def count(self, wanted: Ended) -> int:
        """Return how many runs are meant."""
        query = self._ended(wanted).with_only_columns(func.count())
        with self.database.reading() as connection:
            return connection.execute(query).scalar_one()

    def _ended(self, wanted: Ended) -> Select[tuple[object, ...]]:
        query = self._seen(wanted.group, Span(since=wanted.since))
        if wanted.until is not None:
            query = query.where(runs.c.time < wanted.until)
        if wanted.state is not None:
            query = query.where(runs.c.state == wanted.state)
        if wanted.valid is not None:
            query = query.where(runs.c.valid.is_(wanted.valid))
        return query

    def instances(self, run: str) -> list[InstanceRow]:
        """Return the instances of a run, in order."""
        query = select(instances).where(instances.c.run == run).order_by(instances.c.place)
        with self.database.reading() as connection:
            return [_instance(row) for row in connection.execute(query)]

    def of_version(self, version: str) -> Sequence[RunRow]:
        """Return the runs that read a version."""
        query = select(runs).where(*self._with(), runs.c.version == version)
        return list(self._each(query.order_by(runs.c.seq)))

    def _with(self) -> tuple[ColumnElement[bool]]:
        return (runs.c.project == self.project,)

    def _each(self, query: Select[tuple[object, ...]]) -> Iterator[RunRow]:
        with self.database.reading() as connection:
            for row in connection.execute(query.execution_options(yield_per=_PAGE)):
                yield _run(row)


def _at_place(identity: str) -> list[ColumnElement[bool]]:
    """Return the condition that an instance is meant by its place."""
    is_number = identity.isascii() and identity.isdigit() and len(identity) < _MOST_DIGITS
    return [instances.c.place == int(identity)] if is_number else []


def _text(document: RunManifest | InstanceManifest) -> str:
    return msgspec.json.encode(document).decode()


def _run(row: Any) -> RunRow:
    return RunRow(
        id=row.id,
        seq=row.seq,
        group=row.group,
        load=row.load,
        version=row.version,
        home=row.home,
        directory=row.directory,
        time=row.time,
        state=row.state,
        owner=row.owner,
        valid=row.valid,
        completed=row.completed,
        errors=row.errors,
        reason=row.reason,
        job=row.job,
        attempt=row.attempt,
        manifest=msgspec.json.decode(row.entry, type=RunManifest),
    )


def _instance(row: Row[tuple[object, ...]]) -> InstanceRow:
    return InstanceRow(
        id=row.id,
        run=row.run,
        place=row.place,
        identity=row.identity,
        manifest=msgspec.json.decode(row.entry, type=InstanceManifest),
    )
