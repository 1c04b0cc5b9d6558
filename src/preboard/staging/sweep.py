"""Tidying up behind registrations that were cut off."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from preboard.config.names import checked_name
from preboard.errors import NameRefused
from preboard.storage.incoming import discard, left_over, linked_to, prune

if TYPE_CHECKING:
    from pathlib import Path

    from preboard.catalog.catalog import Catalog
    from preboard.storage.place import Place


def sweep_incoming(catalog: Catalog, place: Place) -> list[Path]:
    """Remove what dead owners left: their parts, and bytes that no version lives in.

    Returns the files that were removed. Several processes may do this at once.
    """
    space = place.path(place.files)
    removed = []
    for part, name in list(left_over(space, place.owners)):
        removed += settle(catalog, space, part, name)
    return removed


def settle(catalog: Catalog, space: Path, part: Path, name: str) -> list[Path]:
    """Remove a part, and what was linked to it for a name but not accepted.

    The name's lock is held meanwhile, so that no registration counts on bytes that are about to go.
    """
    removed = []
    with suppress(NameRefused):  # it was for no name
        checked_name(name, "named-file")
        with catalog.database.writing() as connection:
            catalog.files.hold(connection, name)
            for path in linked_to(part, space / name):
                if not catalog.versions.holds_file(connection, path.relative_to(space).as_posix()):
                    path.unlink(missing_ok=True)
                    removed.append(path)
            # A process may also have died between making a directory and putting bytes into it.
            prune(space / name)
    discard(part)
    return [*removed, part]
