"""Whether a server can do its work: its database, its workers, its disk."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from sqlalchemy import Column, MetaData, String, Table, select

from preboard.catalog.service.workers import Leases
from preboard.catalog.tables import SCHEMA
from preboard.clock import elapsed_s
from preboard.errors import PreboardError
from preboard.server.homes import free_bytes

if TYPE_CHECKING:
    from threading import Event

    from preboard.catalog.database import Database
    from preboard.server.settings import ServerSettings

_FRESH_S = 1.0
_MB = 1 << 20
OK = "ok"
_version = Table("pb_schema", MetaData(), Column("version_num", String(32)))


class Readiness:
    """What was last seen, looked at anew when it is a second old: anybody may ask."""

    def __init__(self, settings: ServerSettings, database: Database, closing: Event) -> None:
        self.settings = settings
        self.database = database
        self.leases = Leases(database)
        self.closing = closing
        self._lock = Lock()
        self._seen: dict[str, str] = {}
        self._seen_at: float | None = None

    def checks(self) -> dict[str, str]:
        """Return each thing that is needed with `ok` or what is wrong; no path, no address."""
        with self._lock:
            if self._seen_at is None or elapsed_s() - self._seen_at >= _FRESH_S:
                self._seen = self._look()
                self._seen_at = elapsed_s()
            return dict(self._seen)

    def _look(self) -> dict[str, str]:
        found = {"server": "is ending" if self.closing.is_set() else OK}
        try:
            with self.database.reading() as connection:
                version = connection.execute(select(_version.c.version_num)).scalar()
            found["database"] = OK
            found["schema"] = OK if version == SCHEMA else f"is {version}, not {SCHEMA}"
            if "worker" in self.settings.roles:
                ready = any(each.is_ready for each in self.leases.all())
                found["workers"] = OK if ready else "none takes jobs"
        except PreboardError:
            found["database"] = "can't be used"
        found["disk"] = self._disk()
        return found

    def _disk(self) -> str:
        try:
            free = free_bytes(self.settings.home) // _MB
        except OSError:
            return "can't be read"
        return OK if free >= self.settings.least_free_mb else f"has only {free} MB left"
