"""What a run without a project reaches outside of itself: SQLite files, and nothing else.

A project hands its own services to its runs (`language.functions.services.Services`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from preboard.engine.databases import Databases
from preboard.language.functions.call import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

    from preboard.language.functions.services import Database
    from preboard.language.values import Value

_BLOCK_BYTES = 1 << 20


@dataclass(slots=True)
class StandAlone:
    """The services of a run without a project.

    `environment` holds the names that env() may see, none unless somebody says so; `databases` says
    which may be opened, by default SQLite files, to be read.
    """

    environment: Mapping[str, str] = field(default_factory=dict)
    databases: Databases = field(default_factory=Databases)

    def env(self, name: str) -> str | None:
        """Return the value of a name that the run may see."""
        return self.environment.get(name) or None

    def database(self, connect: str) -> Database:
        """Return the database of a connection string."""
        return self.databases.open(connect)

    def close(self) -> None:
        """Let go of what was opened."""
        self.databases.close()

    def fail_all(self) -> None:
        """Do nothing: there are no other statements."""

    def keep_original(self) -> str | None:
        """Return None: there are no results to put the file beside."""
        return None

    def render(self, template: str, output: str, values: Mapping[str, Value]) -> None:  # noqa: ARG002 - the protocol
        """Refuse: only the run of a project writes files."""
        raise Fault(f"jinja() cannot write {output!r}: only the run of a project writes files")

    def results(self, group: str) -> Mapping[str, Value]:
        """Refuse: only a project has results."""
        raise Fault(f"the results of {group!r} can only be reached in a project")


def fingerprint_of(file: BinaryIO | None) -> str:
    """Return the SHA-256 of a file that is being read, which stays where it is read.

    Raises:
        Fault: there is no file, or it cannot be read again.
    """
    if file is None or not file.seekable():
        raise Fault("the data file cannot be read again, so it has no fingerprint; give a path")
    digest = hashlib.sha256()
    place = file.tell()
    try:
        file.seek(0)
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    except OSError as error:
        raise Fault(f"the data file cannot be read again: {error}") from error
    finally:
        file.seek(place)
    return digest.hexdigest()
