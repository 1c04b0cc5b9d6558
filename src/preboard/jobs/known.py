"""The settings of hosted projects, read once as long as their files do not change."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from preboard.config.ini import read_settings

if TYPE_CHECKING:
    from pathlib import Path

    from preboard.config.settings import Settings

Stamp = tuple[tuple[int, ...], ...]
"""What changes when a file of the settings does."""
_MOST_KNOWN = 512
_STAMPED = ("config/config.ini", "config/env.json")


def stamp_of(project: Path) -> Stamp:
    """Return the stamp of the settings of a project, by its directory."""
    found: list[tuple[int, ...]] = []
    for name in _STAMPED:
        try:
            status = (project / name).stat()
        except OSError:
            found.append(())
        else:
            found.append((status.st_mtime_ns, status.st_size, status.st_ino))
    return tuple(found)


def settings_of(project: Path) -> Settings:
    """Return the settings of a project, by its directory.

    Raises:
        ConfigError: its config.ini can't be read.
    """
    return _read(project, stamp_of(project))


@lru_cache(_MOST_KNOWN)
def _read(project: Path, _stamp: Stamp) -> Settings:
    return read_settings(project)
