"""The catalog of one project: its part of the tables, opened and wired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.catalog.documents import Documents
from preboard.catalog.loads import Loads
from preboard.catalog.names import Names
from preboard.catalog.runs import Runs
from preboard.catalog.tables import projects
from preboard.catalog.versions import Versions

if TYPE_CHECKING:
    from pathlib import Path

    from preboard.catalog.database import Database


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

    def enter(self, now: str) -> None:
        """Enter the project into the database, if it is not there yet."""
        row = self.database.insert(projects).values(id=self.project, created=now)
        with self.database.writing() as connection:
            connection.execute(row.on_conflict_do_nothing())

    def close(self) -> None:
        """Close the database."""
        self.database.close()
