"""The directories of named-files and groups: made, kept as the catalog says, and taken away.

The catalog decides in one transaction that a name is there, has a definition, or is removed; its
directory follows. A process that dies between the two leaves a name that is noted as unwritten:
whoever needs it next, or opens the project, brings its directory up to date.
"""

from __future__ import annotations

import json
import logging
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from preboard.clock import iso, utc_now
from preboard.config.names import shown
from preboard.errors import NotFound, PreboardError
from preboard.storage.incoming import discard, put_aside
from preboard.storage.local import confined, replace_file

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from preboard.catalog.catalog import Catalog
    from preboard.catalog.names import Names
    from preboard.storage.place import Place

MANIFEST = "manifest.json"
DEFINITION = "definition.json"
README = "README.md"

log = logging.getLogger("preboard.catalog")


class Directories(ABC):
    """The directories of one space of a project.

    What a space has beyond the definition and the stub of a README it writes in `write_own`, and
    removes from the catalog in `forget`.
    """

    what: str
    """What the names of the space are called in messages."""
    readme: str
    """The stub that people fill in, `{}` for the name; what they wrote is never overwritten."""

    def __init__(
        self, catalog: Catalog, names: Names, space: str, place: Place, owner: str
    ) -> None:
        self.catalog = catalog
        self.names = names
        self.place = place
        self.owner = owner
        self.text = space
        self.space = place.path(space)

    def manifest(self, name: str) -> str:
        """Return the path of a name's manifest, as documents write it."""
        return f"{self.text}/{name}/{MANIFEST}"

    def lock(self, connection: Connection, name: str) -> bool:
        """Make a name if it is new and lock it; says whether `write` has something to do then."""
        self.names.hold(connection, name)
        if self.names.is_settled(connection, name):
            return False
        if self.names.is_left(connection, name):  # what was removed must not come back with it
            self._put_aside(name)
        self.names.lock(connection, name, iso(utc_now()))
        return not self.names.is_written(connection, name)

    def write(self, name: str, *, over_edits: bool = False) -> None:
        """Make the directory of a name what the catalog says: its files, or nothing at all.

        With `over_edits` also what somebody edited by hand is written anew. A disk that can't be
        written is logged; the next start tries again.
        """
        aside = None
        try:
            with self.catalog.database.viewing() as connection:
                self.names.hold(connection, name)
                definition = self.names.definition_in(connection, name)
                if definition is not None:
                    self.write_own(connection, name, over_edits=over_edits)
                    self._write_definition(name, definition)
                elif self.names.is_left(connection, name):
                    aside = self._put_aside(name)
                self.names.note_written(connection, name)
        except (OSError, PreboardError) as error:
            log.warning("the directory of %s can't be written yet: %s", shown(name), error)
        if aside is not None:
            discard(aside)

    def write_own(self, connection: Connection, name: str, *, over_edits: bool) -> None:  # noqa: B027 - a space may have nothing else
        """Write what the space has beyond the definition."""

    def remove(self, name: str) -> None:
        """Take a name away with its directory; what was made of it stays in the catalog.

        Raises:
            NotFound: there is no such name.
        """
        now = iso(utc_now())
        with self.catalog.database.writing() as connection:
            self.names.hold(connection, name)
            if not self.names.remove(connection, name, now):
                raise NotFound(f"there is no {self.what} {shown(name)}")
            self.forget(connection, name, now)
            self.catalog.documents.forget(connection, self.manifest(name))
        self.write(name)

    @abstractmethod
    def forget(self, connection: Connection, name: str, now: str) -> None:
        """Mark what belongs to a removed name as removed."""

    def repair(self) -> list[str]:
        """Bring up to date what a dead process left; returns the names."""
        names = self.names.unwritten()
        for name in names:
            self.write(name)
        return names

    def _write_definition(self, name: str, definition: str) -> None:
        content = (json.dumps(json.loads(definition), indent=2) + "\n").encode()
        path = confined(self.space, name, DEFINITION)
        if not path.is_file() or path.read_bytes() != content:
            replace_file(path, content, alone=True)
        readme = confined(self.space, name, README)
        if not readme.exists():
            replace_file(readme, self.readme.format(name).encode(), alone=True)

    def _put_aside(self, name: str) -> Path | None:
        return put_aside(confined(self.space, name), self.space, self.owner, name)
