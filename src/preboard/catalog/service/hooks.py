"""Hooks, which servers of files call or which look into folders, and what arrived by them.

A secret is kept as its hash only. A folder is looked at by the process that first moves the time of
the next look on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from sqlalchemy import bindparam, delete, false, func, insert, or_, select, tuple_, update

from preboard.catalog.service.tables import arrivals, hooks, hosted, seen

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from preboard.catalog.database import Database

Outcome = Literal["taken", "duplicate", "left", "refused"]

# What every request to a hook asks for; a hook ends with its project.
_GOOD = (hooks.c.removed.is_(None), hosted.c.removed.is_(None))
_HOOKS = select(hooks).join(hosted, hosted.c.project == hooks.c.project).where(*_GOOD)
_BY_ID = _HOOKS.where(hooks.c.id == bindparam("which"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A hook as the catalog has it. Times are ISO texts in UTC, `mapping` is its definition."""

    id: str
    project: str
    name: str
    mapping: str
    secret: str | None = field(repr=False)
    old_secret: str | None = field(default=None, repr=False)
    old_until: str | None = None
    key: str | None = None
    created: str
    paused: bool = False
    next_poll: str | None = None
    failures: int = 0
    last_used: str | None = None
    last_error: str | None = None

    def hashes(self, now: str) -> tuple[str, ...]:
        """Return the hashes of the secrets that are good at a moment."""
        is_old_good = self.old_until is not None and now < self.old_until
        kept = (self.secret, self.old_secret if is_old_good else None)
        return tuple(each for each in kept if each)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalRow:
    """What became of a file that was announced; `seq` is its place in the list."""

    seq: int = 0
    project: str
    hook: str
    time: str
    path: str
    outcome: Outcome
    event_id: str | None = None
    reason: str | None = None
    job: str | None = None


class Hooks:
    """The hooks of a server."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, hook: Hook) -> None:
        """Add a hook."""
        row = {
            "id": hook.id,
            "project": hook.project,
            "name": hook.name,
            "mapping": hook.mapping,
            "secret": hook.secret,
            "key": hook.key,
            "created": hook.created,
            "next_poll": hook.next_poll,
        }
        with self.database.writing() as connection:
            connection.execute(insert(hooks).values(row))

    def by_id(self, which: str) -> Hook | None:
        """Return a hook, None if there is none with this id, or its project was removed."""
        with self.database.reading() as connection:
            row = connection.execute(_BY_ID, {"which": which}).first()
        return None if row is None else _hook(row)

    def page(
        self,
        most: int,
        *,
        owner: str | None = None,
        projects: Collection[str] | None = None,
        after: tuple[str, str] | None = None,
    ) -> list[Hook]:
        """Return hooks in the order they were made.

        Args:
            most: how many.
            owner: of whose projects; None for all.
            projects: of which projects, by their ids; None for all.
            after: created and id of the last one of the page before.
        """
        query = _some(owner, projects)
        if after is not None:
            query = query.where(tuple_(hooks.c.created, hooks.c.id) > tuple_(*after))
        ordered = query.order_by(hooks.c.created, hooks.c.id).limit(most)
        with self.database.reading() as connection:
            return [_hook(row) for row in connection.execute(ordered)]

    def count(self, *, owner: str | None = None, projects: Collection[str] | None = None) -> int:
        """Return how many hooks `page` goes over."""
        query = _some(owner, projects).with_only_columns(func.count())
        with self.database.reading() as connection:
            return connection.execute(query).scalar_one()

    def change(self, which: str, values: dict[str, object]) -> bool:
        """Change columns of a hook; False if it is gone."""
        query = update(hooks).where(hooks.c.id == which, hooks.c.removed.is_(None))
        with self.database.writing() as connection:
            return bool(connection.execute(query.values(values)).rowcount)

    def remove(self, which: str, now: str) -> bool:
        """Remove a hook, and what was seen of its folder; False if somebody did already."""
        query = update(hooks).where(hooks.c.id == which, hooks.c.removed.is_(None))
        with self.database.writing() as connection:
            connection.execute(delete(seen).where(seen.c.hook == which))
            return bool(connection.execute(query.values(removed=now)).rowcount)

    def note_used(self, connection: Connection, hook: Hook, now: str, not_since: str) -> None:
        """Note that a hook was called, unless that was noted since a moment."""
        if hook.last_used is None or hook.last_used < not_since:
            connection.execute(update(hooks).where(hooks.c.id == hook.id).values(last_used=now))

    def due(self, now: str, most: int) -> list[Hook]:
        """Return the hooks whose folders are to be looked at, the longest waiting first."""
        query = _HOOKS.where(hooks.c.next_poll <= now, hooks.c.paused == false())
        with self.database.reading() as connection:
            found = connection.execute(query.order_by(hooks.c.next_poll).limit(most))
            return [_hook(row) for row in found]

    def begin_look(self, hook: Hook, until: str) -> bool:
        """Be the one who looks into a folder, until a moment; False if another is."""
        return self._move(hook, hook.next_poll, {"next_poll": until})

    def end_look(
        self, hook: Hook, until: str, next_look: str, error: str | None, failures: int
    ) -> bool:
        """Say when to look next, and what was wrong; False if the look took too long."""
        values: dict[str, object] = {
            "next_poll": next_look,
            "last_error": error,
            "failures": failures,
        }
        return self._move(hook, until, values)

    def _move(self, hook: Hook, expected: str | None, values: dict[str, object]) -> bool:
        query = update(hooks).where(
            hooks.c.id == hook.id, hooks.c.next_poll == expected, hooks.c.removed.is_(None)
        )
        with self.database.writing() as connection:
            return bool(connection.execute(query.values(values)).rowcount)


class Arrivals:
    """What arrived, as the hooks heard it."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, connection: Connection, rows: Sequence[ArrivalRow]) -> None:
        """Add what became of some files."""
        if rows:
            connection.execute(insert(arrivals), [_values(row) for row in rows])

    def note(self, row: ArrivalRow) -> None:
        """Add what became of a file, in a transaction of its own."""
        with self.database.writing() as connection:
            self.add(connection, [row])

    def page(
        self,
        most: int,
        *,
        project: str,
        hook: str | None = None,
        outcome: Outcome | None = None,
        before: int | None = None,
    ) -> list[ArrivalRow]:
        """Return what arrived, newest first; `before` is the place of the last one before."""
        wanted = _arrived(project, hook, outcome)
        if before is not None:
            wanted.append(arrivals.c.seq < before)
        query = select(arrivals).where(*wanted).order_by(arrivals.c.seq.desc()).limit(most)
        with self.database.reading() as connection:
            return [_row(row) for row in connection.execute(query)]

    def count(
        self, *, project: str, hook: str | None = None, outcome: Outcome | None = None
    ) -> int:
        """Return how much `page` goes over."""
        wanted = _arrived(project, hook, outcome)
        query = select(func.count()).select_from(arrivals).where(*wanted)
        with self.database.reading() as connection:
            return connection.execute(query).scalar_one()

    def sweep(self, before: str) -> int:
        """Forget what was not taken, before a moment; returns how much that was."""
        old = (arrivals.c.time < before) & or_(
            arrivals.c.outcome == "left",
            arrivals.c.outcome == "duplicate",
            arrivals.c.outcome == "refused",
        )
        with self.database.writing() as connection:
            return connection.execute(delete(arrivals).where(old)).rowcount


def _some(owner: str | None, projects: Collection[str] | None) -> Select[tuple[object, ...]]:
    query = _HOOKS
    if owner is not None:
        query = query.where(hosted.c.owner == owner)
    if projects is not None:
        query = query.where(hooks.c.project.in_(list(projects)))
    return query


def _arrived(project: str, hook: str | None, outcome: Outcome | None) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [arrivals.c.project == project]
    if hook is not None:
        wanted.append(arrivals.c.hook == hook)
    if outcome is not None:
        wanted.append(arrivals.c.outcome == outcome)
    return wanted


def _values(row: ArrivalRow) -> dict[str, object]:
    return {
        "project": row.project,
        "hook": row.hook,
        "time": row.time,
        "event_id": row.event_id,
        "path": row.path,
        "outcome": row.outcome,
        "reason": row.reason,
        "job": row.job,
    }


def _row(row: Row[tuple[object, ...]]) -> ArrivalRow:
    return ArrivalRow(
        seq=row.seq,
        project=row.project,
        hook=row.hook,
        time=row.time,
        event_id=row.event_id,
        path=row.path,
        outcome=row.outcome,
        reason=row.reason,
        job=row.job,
    )


def _hook(row: Row[tuple[object, ...]]) -> Hook:
    return Hook(
        id=row.id,
        project=row.project,
        name=row.name,
        mapping=row.mapping,
        secret=row.secret,
        old_secret=row.old_secret,
        old_until=row.old_until,
        key=row.key,
        created=row.created,
        paused=row.paused,
        next_poll=row.next_poll,
        failures=row.failures,
        last_used=row.last_used,
        last_error=row.last_error,
    )
