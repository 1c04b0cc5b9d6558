"""Which directories of the machine may be read from, where not all of them may."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from preboard.config.names import shown
from preboard.errors import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Roots:
    """Directories that files are taken from, and those that none are, even if they lie in these."""

    allowed: tuple[Path, ...]
    never: tuple[Path, ...] = ()

    def real(self, path: Path, given: str | Path) -> Path:
        """Return the path that a path comes to, symbolic links followed.

        Args:
            path: which.
            given: as it was given: what is told of it, so that a relative one shows no directory.

        Raises:
            Refused: it lies in none of the directories, or in one that nothing is taken from.
        """
        try:
            real = Path(os.path.realpath(path))
        except ValueError as error:  # no path at all: with NUL
            raise _refused(given) from error
        inside = any(real.is_relative_to(os.path.realpath(root)) for root in self.allowed)
        if not inside or any(real.is_relative_to(os.path.realpath(root)) for root in self.never):
            raise _refused(given)
        return real


def _refused(given: str | Path) -> Refused:
    return Refused(
        f"{shown(str(given), 200)} lies in no directory that files may be taken from",
        hint="local_roots of the server lists them",
    )
