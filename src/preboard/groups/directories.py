"""The directories of groups: they follow the catalog, but for what somebody edits by hand.

What somebody wrote into group.csvpaths is never taken for a file that is behind the catalog: that
one holds nothing, or a text that the group had before.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from preboard.catalog.directories import Directories
from preboard.config.names import shown
from preboard.errors import InputError, NotFound
from preboard.groups.sources import read_text
from preboard.storage.incoming import discard, left_over
from preboard.storage.local import confined, replace_file

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from preboard.catalog.catalog import Catalog
    from preboard.catalog.loads import Load
    from preboard.storage.place import Place

GROUP_FILE = "group.csvpaths"


class GroupDirectories(Directories):
    """The directories of a project's groups."""

    what = "group"
    readme = "# {}\n\nWhat these statements check, for whom, and whom to ask.\n"

    def __init__(self, catalog: Catalog, place: Place, owner: str) -> None:
        super().__init__(catalog, catalog.groups, place.groups, place, owner)

    def file(self, name: str) -> Path:
        """Return the path of group.csvpaths.

        Raises:
            NameRefused: a link leads out of the project.
        """
        return confined(self.space, name, GROUP_FILE)

    def edited(self, load: Load) -> str | None:
        """Return what somebody wrote into group.csvpaths; None if it is as loaded, or behind.

        Raises:
            InputError: it can't be read.
            NameRefused: a link leads out of the project.
        """
        try:
            text = read_text(self.file(load.name))
        except NotFound:
            return None
        except InputError as error:
            raise InputError(
                f"{GROUP_FILE} of the group {shown(load.name)}: {error.message}", hint=error.hint
            ) from error
        fingerprint = hashlib.sha256(text.encode()).hexdigest()
        is_behind = not load.written and self.catalog.loads.knows(load.name, fingerprint)
        return None if is_behind or fingerprint == load.fingerprint else text

    def write_own(self, connection: Connection, name: str, *, over_edits: bool) -> None:
        """Write group.csvpaths, unless it holds the newest text or somebody's."""
        newest = self.catalog.loads.latest_in(connection, name)
        if newest is None:
            return
        path = self.file(name)
        if over_edits or not path.exists() or (not newest.written and self.edited(newest) is None):
            replace_file(path, newest.text.encode(), alone=True)
            self.catalog.loads.note_written(connection, newest)

    def forget(self, connection: Connection, name: str, now: str) -> None:
        """Mark the texts of a removed group as removed; they stay, for its results."""
        self.catalog.loads.remove(connection, name, now)

    def repair(self) -> list[str]:
        """Bring up to date what a dead process left; returns the names."""
        for part, _ in list(left_over(self.space, self.place.owners)):
            discard(part)
        return super().repair()
