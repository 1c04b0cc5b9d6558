"""The newest of what lies in some projects, for a page that shows it at a glance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from preboard.catalog.tables import instances, runs, versions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from preboard.catalog.database import Database

_NEWEST = (
    select(
        versions.c.project, versions.c.name, versions.c.time, versions.c.size,
        versions.c.fingerprint, versions.c.origin,
    )
    .where(versions.c.removed.is_(None))
    .order_by(versions.c.time.desc(), versions.c.seq.desc())
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A version of a named-file."""

    project: str
    name: str
    time: str
    size: int
    fingerprint: str
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What came of one statement of a run."""

    identity: str
    valid: bool | None
    completed: bool | None


class Glance:
    """What a page shows of projects."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def newest_versions(self, projects: Sequence[str], most: int) -> list[Arrived]:
        """Return the newest versions in some projects, newest first.

        One query for each project, as the index has them in order: a single one would sort all
        versions that these projects ever had.
        """
        found: list[Arrived] = []
        with self.database.reading() as connection:
            for project in projects:
                query = _NEWEST.where(versions.c.project == project).limit(most)
                if len(found) == most:
                    query = query.where(versions.c.time >= found[-1].time)
                rows = connection.execute(query)
                found += [Arrived(**row._mapping) for row in rows]  # noqa: SLF001
                found.sort(key=lambda each: each.time, reverse=True)
                del found[most:]
        return found

    def run_home(self, run: str) -> str:
        """Return the directory of a run, below the archive; empty if there is no such run."""
        with self.database.reading() as connection:
            found = connection.execute(select(runs.c.home).where(runs.c.id == run)).scalar()
        return found or ""

    def instances(self, run: str) -> list[Judged]:
        """Return what came of each statement of a run, in the order of its group."""
        query = select(instances.c.identity, instances.c.valid, instances.c.completed).where(
            instances.c.run == run
        )
        with self.database.reading() as connection:
            rows = connection.execute(query.order_by(instances.c.place))
            return [Judged(**row._mapping) for row in rows]  # noqa: SLF001
