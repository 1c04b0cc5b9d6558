"""The terms under which a server opens the projects that it keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from preboard.catalog.prepared import Prepared
from preboard.catalog.service.switches import LOCAL_FILES, YES
from preboard.catalog.service.tables import hosted, settings
from preboard.project.terms import Terms
from preboard.storage.roots import Roots

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from preboard.catalog.database import Database

_SWITCHES = Prepared(
    select(hosted.c.local_files, settings.c.value)
    .join_from(hosted, settings, settings.c.name == LOCAL_FILES, isouter=True)
    .where(hosted.c.project == bindparam("which"))
)


def terms_of(
    database: Database,
    project: str,
    *,
    home: Path,
    local_roots: Sequence[Path],
    private_hosts: Sequence[str],
) -> Terms:
    """Return the terms of a project: local files only where both switches are on.

    Nothing is ever taken from the directory of the server itself.
    """
    row = database.first(_SWITCHES, {"which": project})
    is_on = row is not None and row.local_files and row.value == YES
    return Terms(
        database=database,
        roots=Roots(allowed=tuple(local_roots) if is_on else (), never=(home,)),
        private_hosts=tuple(private_hosts),
    )
