"""See that a restored home keeps to itself: what its catalog and its projects name lies inside it.

A backup may come from anywhere, with a list of hashes that fits. Its texts are looked at before any
of them becomes a path that is written, or read for whoever has a key.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct
from sqlalchemy import select

from preboard.catalog.service.tables import hosted
from preboard.catalog.tables import documents, entries, instances, loads, names, runs, versions
from preboard.config.ini import read_settings
from preboard.config.names import shown
from preboard.errors import Tampered

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Column

    from preboard.catalog.database import Database

_PATHS: tuple[Column[str], ...] = (
    hosted.c.project,
    names.c.name,
    loads.c.name,
    versions.c.name,
    versions.c.home,
    versions.c.file,
    runs.c.group,
    runs.c.home,
    instances.c.identity,
    documents.c.path,
    entries.c.path,
)
"""What becomes a part of a path."""
_ENTRIES: tuple[Column[str], ...] = (versions.c.entry, loads.c.entry, instances.c.entry)
_PAGE = 1000


class _Entry(Struct, frozen=True):
    """What of an entry becomes a part of a path."""

    file: str = ""
    file_fingerprints: dict[str, str] | None = None


def check_catalog(database: Database) -> None:
    """See that no text of the catalog leads out of the home.

    Raises:
        Tampered: one does.
    """
    for column in _PATHS:
        for text in _texts(database, column):
            _need_inside(text)
    entry = msgspec.json.Decoder(_Entry)
    for column in _ENTRIES:
        for text in _texts(database, column):
            try:
                found = entry.decode(text)
            except (msgspec.MsgspecError, RecursionError) as error:
                raise Tampered(f"{shown(text)} in {column.table.name} is no entry") from error
            for each in (found.file, *(found.file_fingerprints or ())):
                _need_inside(each)


def check_project(root: Path) -> None:
    """See that the directories that a project's config.ini names lie in the project.

    Raises:
        Tampered: one does not.
        ConfigError: it can't be read.
    """
    said = read_settings(root)
    for each in (
        said.inputs.files, said.inputs.groups, said.archive, said.transfers, said.log.file
    ):  # fmt: skip
        _need_inside(each)


def _texts(database: Database, column: Column[Any]) -> Iterator[str]:
    query = select(column).execution_options(yield_per=_PAGE)
    with database.reading() as connection:
        yield from connection.execute(query).scalars()


def _need_inside(text: str) -> None:
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts or "\\" in text or "\0" in text:
        raise Tampered(f"the backup names {shown(text)}, which is no place inside the home")
