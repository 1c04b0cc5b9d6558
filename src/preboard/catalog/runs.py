"""The runs of a project and their instances: which are going on, which can be seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import bindparam, delete, func, insert, or_, select, update

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
_VISIBLE = ("complete", "failed")

# What each run needs is built once: SQLAlchemy takes longer to build a statement than to run it.
_LAST = select(func.max(runs.c.seq)).where(runs.c.project == bindparam("of"))
_ADD = insert(runs)
_ADD_INSTANCE = insert(instances)
_END = update(runs).where(runs.c.id == bindparam("which"), runs.c.state == "running")
_END_INSTANCE = update(instances).where(instances.c.id == bindparam("which"))


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


class Runs:
    """The runs of one project."""

    def __init__(self, database: Database, project: str) -> None:
        self.database = database
        self.project = project

    def next_seq(self, connection: Connection) -> int:
        """Return the place of the next run of the project."""
        found = connection.execute(_LAST, {"of": self.project}).scalar()
        return 0 if found is None else found + 1

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
            "entry": _text(run.manifest),
        }
        connection.execute(_ADD, row)

    def forget(self, connection: Connection, run: str) -> None:
        """Take back a run that has not begun."""
        connection.execute(delete(runs).where(*self._with(), runs.c.id == run))

    def add_instance(self, connection: Connection, instance: InstanceRow) -> None:
        """Add an instance that starts."""
        row = {
            "id": instance.id,
            "run": instance.run,
            "place": instance.place,
            "identity": instance.identity,
            "entry": _text(instance.manifest),
        }
        connection.execute(_ADD_INSTANCE, row)

    def end_instance(self, connection: Connection, instance: InstanceRow) -> None:
        """Note what an instance came to."""
        ended = {
            "which": instance.id,
            "valid": instance.manifest.valid is True,
            "completed": instance.manifest.completed,
            "entry": _text(instance.manifest),
        }
        connection.execute(_END_INSTANCE, ended)

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
        ended = connection.execute(_END, came_to)
        return bool(ended.rowcount)

    def going_on(self) -> list[RunRow]:
        """Return the runs that have not ended."""
        return list(self._each(select(runs).where(*self._with(), runs.c.state == "running")))

    def by_id(self, run: str) -> RunRow | None:
        """Return a run, in whatever state it is."""
        found = self._each(select(runs).where(*self._with(), runs.c.id == run))
        return next(found, None)

    def named(self, group: str, path: str) -> RunRow | None:
        """Return the run of a group with just this directory: its name, or the path to it."""
        address = path.replace(".", "_")
        return self._first(
            self._seen(group, Span()).where(
                or_(runs.c.directory == path, runs.c.address == address)
            )
        )

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

    def each(self, group: str | None = None, *, newest_first: bool = False) -> Iterator[RunRow]:
        """Go over the runs that ended, of a group or of all, in the order they started."""
        query = select(runs).where(*self._with(), runs.c.state.in_(_VISIBLE))
        if group is not None:
            query = query.where(runs.c.group == group)
        order = runs.c.seq.desc() if newest_first else runs.c.seq
        yield from self._each(query.order_by(order))

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


def _run(row: Row[tuple[object, ...]]) -> RunRow:
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
