"""Schedules: what is to be done again and again, and when next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import ColumnElement, false, func, select, update

from preboard.catalog.service.jobs import Wish
from preboard.catalog.service.tables import hosted, schedules

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from preboard.catalog.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A schedule; `due` is the next time as an ISO text in UTC, `zone` that of its `cron`."""

    id: str
    project: str
    name: str
    cron: str
    zone: str
    wish: Wish
    key: str | None
    created: str
    paused: bool = False
    due: str
    last_job: str | None = None


class Schedules:
    """The schedules of a server."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, connection: Connection, schedule: Schedule) -> None:
        """Add a schedule."""
        row = {
            "id": schedule.id,
            "project": schedule.project,
            "name": schedule.name,
            "cron": schedule.cron,
            "zone": schedule.zone,
            "wish": msgspec.json.encode(schedule.wish).decode(),
            "key": schedule.key,
            "created": schedule.created,
            "due": schedule.due,
        }
        connection.execute(self.database.insert(schedules).values(row))

    def page(self, project: str, most: int, *, after: str | None = None) -> list[Schedule]:
        """Return schedules of a project, by name; `after` is the last one of the page before."""
        wanted = [schedules.c.project == project]
        if after is not None:
            wanted.append(schedules.c.name > after)
        return self._some(*wanted, most=most)

    def count(self, project: str) -> int:
        """Return how many schedules a project has."""
        wanted = schedules.c.project == project, schedules.c.removed.is_(None)
        query = select(func.count()).select_from(schedules).where(*wanted)
        with self.database.reading() as connection:
            return connection.execute(query).scalar_one()

    def by_id(self, project: str, which: str) -> Schedule | None:
        """Return a schedule of a project."""
        found = self._some(schedules.c.project == project, schedules.c.id == which)
        return found[0] if found else None

    def names_in(self, connection: Connection, project: str) -> set[str]:
        """Return the names of the schedules of a project, which is held to the end of it."""
        held = select(hosted.c.project).where(hosted.c.project == project)
        connection.execute(held.with_for_update()).first()
        query = select(schedules.c.name).where(
            schedules.c.project == project, schedules.c.removed.is_(None)
        )
        return set(connection.execute(query).scalars())

    def due(self, now: str, most: int) -> list[Schedule]:
        """Return the schedules whose time has come, and that are not paused."""
        return self._some(schedules.c.due <= now, schedules.c.paused == false(), most=most)

    def advance(self, connection: Connection, schedule: Schedule, due: str, job: str) -> bool:
        """Set when a schedule is due next; False if somebody has done so."""
        query = (
            update(schedules)
            .where(
                schedules.c.id == schedule.id,
                schedules.c.due == schedule.due,
                schedules.c.removed.is_(None),
                schedules.c.paused == false(),
            )
            .values(due=due, last_job=job)
        )
        return bool(connection.execute(query).rowcount)

    def change(
        self, connection: Connection, project: str, which: str, values: dict[str, object]
    ) -> bool:
        """Change columns of a schedule: paused, cron, zone, due, removed; False if it is gone."""
        query = update(schedules).where(
            schedules.c.id == which,
            schedules.c.project == project,
            schedules.c.removed.is_(None),
        )
        return bool(connection.execute(query.values(values)).rowcount)

    def _some(self, *conditions: ColumnElement[bool], most: int | None = None) -> list[Schedule]:
        query = select(schedules).where(*conditions, schedules.c.removed.is_(None))
        ordered = query.order_by(schedules.c.name).limit(most)
        with self.database.reading() as connection:
            return [_schedule(row) for row in connection.execute(ordered)]


def _schedule(row: Row[tuple[object, ...]]) -> Schedule:
    return Schedule(
        id=row.id,
        project=row.project,
        name=row.name,
        cron=row.cron,
        zone=row.zone,
        wish=msgspec.json.decode(row.wish, type=Wish),
        key=row.key,
        created=row.created,
        paused=row.paused,
        due=row.due,
        last_job=row.last_job,
    )
