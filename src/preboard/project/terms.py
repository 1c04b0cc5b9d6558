"""What whoever keeps a project allows it, whatever its config.ini says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from preboard.catalog.database import Database
    from preboard.storage.roots import Roots


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The terms of a server for a project that it keeps.

    `database` holds the catalogs of all its projects and stays open when one is closed. `roots` are
    the directories that local files are taken from, `private_hosts` the hosts of private networks
    that files may be fetched from.
    """

    database: Database
    roots: Roots
    private_hosts: tuple[str, ...] = ()
