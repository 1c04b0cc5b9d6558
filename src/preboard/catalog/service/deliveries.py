"""What was asked before: a request with an idempotency key, an event that a sender announced.

The first one enters its row, the constraint decides who that is. Whoever comes later with the same
key gets what the first one got, or is refused if it asks for something else. Rows are kept for 30
days.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select, update

from preboard.catalog.service.tables import deliveries
from preboard.clock import iso
from preboard.errors import Conflict

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from preboard.catalog.database import Database

KEPT = timedelta(days=30)
_TRIES = 3
LONGEST_WORK = timedelta(minutes=15)
"""Who has not finished by then has died: the next one with the key may begin again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked: `scope` is an owner or a project, `key` and `body` are hashes."""

    scope: str
    key: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What came of the first one: a job, or an answer; neither while it is at work."""

    job: str | None = None
    status: int | None = None
    response: str | None = None

    @property
    def is_open(self) -> bool:
        """Say whether the first one is still at work, or died at it."""
        return self.job is None and self.status is None


def hashed(*parts: str | bytes) -> str:
    """Return the hash of some parts; where one ends and the next begins counts.

    >>> hashed("a", "bc") == hashed("ab", "c")
    False
    """
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()


class Deliveries:
    """What a server was asked, or was told."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def claim(
        self, connection: Connection, asked: Asked, now: datetime, *, job: str | None = None
    ) -> Delivery | None:
        """Be the first, in the transaction that does what is asked; else return what came of it.

        With `job` the row leads to it from the start, and needs no `finish`.

        Raises:
            Conflict: something else was asked with this key.
        """
        self._forget_old(connection, asked, now)
        row = {
            "scope": asked.scope, "key": asked.key, "body": asked.body, "job": job,
            "created": iso(now),
        }  # fmt: skip
        made = self.database.insert(deliveries).values(row)
        first = made.on_conflict_do_nothing(index_elements=["scope", "key"])
        for _ in range(_TRIES):
            if connection.execute(first.returning(deliveries.c.key)).first() is not None:
                return None
            known = self._known(connection, asked)
            if known is not None:  # else it was abandoned in between
                return known
        raise Conflict(
            "others ask with this idempotency key, and nothing comes of it", hint="ask again"
        )

    def begin(self, asked: Asked, now: datetime) -> Delivery | None:
        """Be the first, in a transaction of its own: `finish` or `abandon` follows.

        Raises:
            Conflict: something else was asked with this key.
        """
        with self.database.writing() as connection:
            return self.claim(connection, asked, now)

    def look(self, asked: Asked) -> Delivery | None:
        """Return what came of a request so far, None if nothing was asked with its key.

        Raises:
            Conflict: something else was asked with this key.
        """
        with self.database.reading() as connection:
            return self._known(connection, asked)

    def finish(self, asked: Asked, status: int, response: str | None) -> None:
        """Keep an answer for whoever asks again; None for one that is told once only."""
        with self.database.writing() as connection:
            self.finish_in(connection, asked, status, response)

    def finish_in(
        self, connection: Connection, asked: Asked, status: int, response: str | None
    ) -> None:
        """Keep an answer in the transaction that does what is asked."""
        query = update(deliveries).where(*_of(asked)).values(status=status, response=response)
        connection.execute(query)

    def lead_on(self, connection: Connection, asked: Asked, former: str, job: str) -> bool:
        """Lead to another job what led to one that came to nothing; False if somebody did."""
        query = update(deliveries).where(*_of(asked), deliveries.c.job == former)
        return bool(connection.execute(query.values(job=job)).rowcount)

    def abandon(self, asked: Asked) -> None:
        """Let the next one with this key try: nothing came of it."""
        query = delete(deliveries).where(*_of(asked), *_UNFINISHED)
        with self.database.writing() as connection:
            connection.execute(query)

    def sweep(self, now: datetime) -> int:
        """Forget what was asked long ago; returns how much that was."""
        query = delete(deliveries).where(deliveries.c.created < iso(now - KEPT))
        with self.database.writing() as connection:
            return connection.execute(query).rowcount

    def _known(self, connection: Connection, asked: Asked) -> Delivery | None:
        found = connection.execute(select(deliveries).where(*_of(asked))).first()
        if found is None:
            return None
        if found.body != asked.body:
            raise _other_asked()
        return Delivery(job=found.job, status=found.status, response=found.response)

    def _forget_old(self, connection: Connection, asked: Asked, now: datetime) -> None:
        which = {"in": asked.scope, "as": asked.key}
        moments = {"old": iso(now - KEPT), "dead": iso(now - LONGEST_WORK)}
        connection.execute(_FORGET, which | moments)


_UNFINISHED = (deliveries.c.status.is_(None), deliveries.c.job.is_(None))
_DEAD = (deliveries.c.created < bindparam("dead")) & _UNFINISHED[0] & _UNFINISHED[1]
_FORGET = delete(deliveries).where(  # made once: it is asked for with each that is accepted
    deliveries.c.scope == bindparam("in"),
    deliveries.c.key == bindparam("as"),
    (deliveries.c.created < bindparam("old")) | _DEAD,
)


def _other_asked() -> Conflict:
    return Conflict(
        "something else was asked with this idempotency key",
        hint="another request needs another Idempotency-Key",
    )


def _of(asked: Asked) -> tuple[ColumnElement[bool], ...]:
    return deliveries.c.scope == asked.scope, deliveries.c.key == asked.key
