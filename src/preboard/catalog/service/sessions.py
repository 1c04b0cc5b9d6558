"""Sessions of browsers that were left before their time: every process of a server knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select

from preboard.catalog.prepared import Prepared
from preboard.catalog.service.tables import ended_sessions

if TYPE_CHECKING:
    from preboard.catalog.database import Database

_ENDED = Prepared(select(ended_sessions.c.id).where(ended_sessions.c.id == bindparam("which")))


class EndedSessions:
    """The sessions that were left; each is forgotten when it would have ended by itself."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, session: str, until: str, now: str) -> None:
        """Note that a session has ended, which would last until then."""
        ended = self.database.insert(ended_sessions).values(id=session, until=until)
        with self.database.writing() as connection:
            connection.execute(delete(ended_sessions).where(ended_sessions.c.until < now))
            connection.execute(ended.on_conflict_do_nothing(index_elements=["id"]))

    def has(self, session: str) -> bool:
        """Say whether a session was left."""
        return self.database.first(_ENDED, {"which": session}) is not None
