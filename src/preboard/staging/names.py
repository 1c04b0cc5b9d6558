"""The directories of named-files: they follow the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.catalog.directories import Directories

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from preboard.catalog.catalog import Catalog
    from preboard.storage.place import Place


class NameDirectories(Directories):
    """The directories of a project's named-files."""

    what = "named-file"
    readme = "# {}\n\nWhat is in these files, who sends them, and whom to ask.\n"

    def __init__(self, catalog: Catalog, place: Place, owner: str) -> None:
        super().__init__(catalog, catalog.files, place.files, place, owner)

    def forget(self, connection: Connection, name: str, now: str) -> None:
        """Mark the versions of a removed name as removed."""
        self.catalog.versions.remove(connection, name, now)
