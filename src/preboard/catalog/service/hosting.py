"""The projects that a server keeps: whose they are, what they are called, what they may do.

A name belongs to an owner, and is free again when its project is removed. The row of a removed one
stays: it says that what is left of its directory may go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from preboard.catalog.prepared import Prepared
from preboard.catalog.service import tables
from preboard.catalog.service.tables import hosted
from preboard.catalog.tables import instances, metadata, names, projects, runs
from preboard.config.names import shown
from preboard.errors import Conflict, NotFound

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, Connection, Table

    from preboard.catalog.database import Database

# Who did what, and what was asked for, is told also when the project is gone.
_KEPT = frozenset({projects, hosted, tables.audit, tables.jobs})
_AT_ONCE = 2_000
"""Rows that are deleted in one transaction."""
# What each request asks for.
_BY_NAME = Prepared(
    select(hosted).where(
        hosted.c.owner == bindparam("of"),
        hosted.c.name == bindparam("called"),
        hosted.c.removed.is_(None),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosted:
    """A project that the server keeps. Its directory is called after its id, `project`."""

    project: str
    owner: str
    name: str
    created: str
    removed: str | None = None
    local_files: bool = False
    most_running: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How much there is in a project."""

    files: int
    groups: int
    runs: int


class Hosting:
    """The projects of a server."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def create(self, new: Hosted) -> None:
        """Enter a project with its name, in one transaction.

        Raises:
            Conflict: the owner has a project of that name.
        """
        entered = self.database.insert(projects).values(id=new.project, created=new.created)
        row = {
            "project": new.project,
            "owner": new.owner,
            "name": new.name,
            "created": new.created,
            "local_files": new.local_files,
            "most_running": new.most_running,
        }
        try:
            with self.database.writing() as connection:
                connection.execute(entered.on_conflict_do_nothing())
                connection.execute(insert(hosted).values(row))
        except IntegrityError as error:
            raise _taken(new.name) from error

    def by_name(self, owner: str, name: str) -> Hosted | None:
        """Return a project of an owner, None if there is none of that name."""
        row = self.database.first(_BY_NAME, {"of": owner, "called": name})
        return None if row is None else _hosted(row)

    def by_id(self, project: str) -> Hosted | None:
        """Return the project with an id, None if there is none or it was removed."""
        return self._one(hosted.c.project == project)

    def named(self, name: str) -> list[Hosted]:
        """Return the projects of a name, of whatever owner, in the order of their creation."""
        return self._all(hosted.c.name == name)

    def all(self) -> list[Hosted]:
        """Return all projects in the order of their creation."""
        return self._all()

    def page(
        self,
        owner: str,
        *,
        prefix: str = "",
        among: Collection[str] | None = None,
        after: tuple[str, str] | None = None,
        most: int | None = None,
    ) -> list[Hosted]:
        """Return projects of an owner in the order of their creation.

        Args:
            owner: whose.
            prefix: with which their names begin.
            among: ids; None for all.
            after: `created` and `project` of the last one of the page before.
            most: how many; None for all.
        """
        wanted = _of(owner, prefix, among)
        if after is not None:
            wanted.append(tuple_(hosted.c.created, hosted.c.project) > tuple_(*after))
        return self._all(*wanted, most=most)

    def count(self, owner: str, *, prefix: str = "", among: Collection[str] | None = None) -> int:
        """Return how many projects `page` goes over."""
        wanted = hosted.c.removed.is_(None), *_of(owner, prefix, among)
        query = select(func.count()).select_from(hosted).where(*wanted)
        with self.database.reading() as connection:
            return connection.execute(query).scalar_one()

    def rename(self, project: str, name: str) -> None:
        """Give a project another name.

        Raises:
            Conflict: its owner has a project of that name.
            NotFound: it was removed.
        """
        try:
            self._change(project, {"name": name})
        except IntegrityError as error:
            raise _taken(name) from error

    def set_local_files(self, project: str, *, allowed: bool) -> None:
        """Say whether a project may take files from the disk of the server.

        Raises:
            NotFound: it was removed.
        """
        self._change(project, {"local_files": allowed})

    def set_most_running(self, project: str, most: int | None) -> None:
        """Say how many runs of a project may go on at once; None for the limit of the server.

        Raises:
            NotFound: it was removed.
        """
        self._change(project, {"most_running": most})

    def remove(self, project: str, now: str) -> bool:
        """Remove a project, so that its name is free; False if somebody did already."""
        gone = update(hosted).where(hosted.c.project == project, hosted.c.removed.is_(None))
        with self.database.writing() as connection:
            return bool(connection.execute(gone.values(removed=now)).rowcount)

    def is_known(self, project: str) -> bool:
        """Say whether there is, or was, a project with an id."""
        query = select(hosted.c.project).where(hosted.c.project == project)
        with self.database.reading() as connection:
            return connection.execute(query).first() is not None

    def forget(self, project: str) -> None:
        """Delete what the catalog holds of a removed project, but for its jobs and the audit.

        Bit by bit: whoever writes to SQLite has all of it for as long.
        """
        of_project = select(runs.c.id).where(runs.c.project == project)
        self._delete(instances, instances.c.run.in_(of_project))
        for table in reversed(metadata.sorted_tables):
            if "project" in table.c and table not in _KEPT:
                self._delete(table, table.c.project == project)

    def _delete(self, table: Table, which: ColumnElement[bool]) -> None:
        keys = table.primary_key.columns
        some = select(*keys).where(which).limit(_AT_ONCE)
        gone = _AT_ONCE
        while gone == _AT_ONCE:
            with self.database.writing() as connection:
                gone = connection.execute(delete(table).where(tuple_(*keys).in_(some))).rowcount

    def counts(self, project: str) -> Counts:
        """Return how much there is in a project."""
        with self.database.reading() as connection:
            spaces = _names_by_space(connection, project)
            query = select(func.count()).select_from(runs).where(runs.c.project == project)
            return Counts(
                files=spaces.get("files", 0),
                groups=spaces.get("groups", 0),
                runs=connection.execute(query).scalar_one(),
            )

    def _one(self, *wanted: ColumnElement[bool]) -> Hosted | None:
        found = self._all(*wanted, most=1)
        return found[0] if found else None

    def _all(self, *wanted: ColumnElement[bool], most: int | None = None) -> list[Hosted]:
        query = (
            select(hosted)
            .where(hosted.c.removed.is_(None), *wanted)
            .order_by(hosted.c.created, hosted.c.project)
        )
        if most is not None:
            query = query.limit(most)
        with self.database.reading() as connection:
            return [_hosted(row) for row in connection.execute(query)]

    def _change(self, project: str, values: dict[str, object]) -> None:
        query = update(hosted).where(hosted.c.project == project, hosted.c.removed.is_(None))
        with self.database.writing() as connection:
            changed = connection.execute(query.values(values)).rowcount
        if not changed:
            raise NotFound("the project was removed in the meantime")


def _of(owner: str, prefix: str, among: Collection[str] | None) -> list[ColumnElement[bool]]:
    wanted = [hosted.c.owner == owner]
    if prefix:
        wanted.append(func.substr(hosted.c.name, 1, len(prefix)) == prefix)
    if among is not None:
        wanted.append(hosted.c.project.in_(list(among)))
    return wanted


def _names_by_space(connection: Connection, project: str) -> dict[str, int]:
    query = (
        select(names.c.space, func.count())
        .where(names.c.project == project, names.c.removed.is_(None))
        .group_by(names.c.space)
    )
    return {row.space: row[1] for row in connection.execute(query)}


def _taken(name: str) -> Conflict:
    return Conflict(f"there is a project {shown(name)} already", hint="choose another name")


def _hosted(row: Any) -> Hosted:
    return Hosted(
        project=row.project,
        owner=row.owner,
        name=row.name,
        created=row.created,
        removed=row.removed,
        local_files=row.local_files,
        most_running=row.most_running,
    )
