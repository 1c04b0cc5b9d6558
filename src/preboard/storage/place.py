"""Where the parts of a project lie: the names of its directories, as its documents write them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


OWN = ".preboard"
"""The directory of what is the program's own: catalog, locks."""


@dataclass(frozen=True, slots=True)
class Place:
    """The directory of a project and, as texts relative to it, those of its spaces.

    A space may be given as an absolute path; documents then hold absolute paths, too.
    """

    root: Path
    files: str = "inputs/named_files"
    groups: str = "inputs/named_paths"
    archive: str = "archive"

    def path(self, text: str) -> Path:
        """Return the path that a document's text means."""
        return self.root / text

    @property
    def own(self) -> Path:
        """Return the directory of the catalog and the locks."""
        return self.root / OWN

    @property
    def owners(self) -> Path:
        """Return the directory of the lock files of living owners."""
        return self.own / "owners"
