"""The catalog of one project: its part of the tables, opened and wired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from preboard.catalog.documents import Documents
from preboard.catalog.loads import Loads
from preboard.catalog.names import Names
from preboard.catalog.prepared import Prepared
from preboard.catalog.runs import Runs
from preboard.catalog.service.jobs import Jobs
from preboard.catalog.tables import projects
from preboard.catalog.versions import Versions

if TYPE_CHECKING:
    from pathlib import Path

    from preboard.catalog.database import Database

_ENTERED = Prepared(select(projects.c.id).where(projects.c.id == bindparam("of")))


class Catalog:
    """What exists in one project. `database` may be shared with other projects."""

    def __init__(self, database: Database, project: str, root: Path) -> None:
        self.database = database
        self.project = project
        self.documents = Documents(database, project, root)
        self.files = Names(database, project, "files")
        self.groups = Names(database, project, "groups")
        self.versions = Versions(database, project)
        self.loads = Loads(database, project)
        self.runs = Runs(database, project)
        self.jobs = Jobs(database)

    def enter(self, now: str) -> None:
        """Enter the project into the database, if it is not there yet."""
        if self.database.first(_ENTERED, {"of": self.project}) is not None:
            return
        row = self.database.insert(projects).values(id=self.project, created=now)
        with self.database.writing() as connection:
            connection.execute(row.on_conflict_do_nothing())

    def close(self) -> None:
        """Close the database."""
        self.database.close()
