"""What is the same for everything that is accepted: who asks, what came of it, and asking again.

A request with an idempotency key enters its row in the transaction that does what it asks for. Who
asks again with the same key gets what the first one got, and nothing is done.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from uuid import uuid4

import msgspec
from msgspec import Struct

from preboard.catalog.service.jobs import NewJob
from preboard.clock import iso, utc_now
from preboard.config.names import storable
from preboard.errors import BadReference
from preboard.manifests.staging import Provenance

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from preboard.catalog.service.deliveries import Asked
    from preboard.catalog.service.hosting import Hosted
    from preboard.catalog.service.jobs import Wish
    from preboard.catalog.versions import Version
    from preboard.server.auth import Caller
    from preboard.server.service import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks: a key, a hook or a schedule, by its name; `key` is the id of a key."""

    name: str
    key: str | None = None
    key_name: str | None = None
    address: str | None = None
    protocol: str = "http"

    def provenance(self, told: Provenance | None = None) -> Provenance:
        """Return where a file comes from: what is `told` of it, and what is known of who asks."""
        known = told or Provenance()
        return msgspec.structs.replace(
            known,
            registered_by=known.registered_by or self.key_name or self.name,
            address=known.address or self.address,
            protocol=known.protocol or self.protocol,
        )


class Accepted(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was accepted, and is durable.

    `version` is the id of the registration and `registration` its reference, if the file was
    registered at once; `job` is the id of what is yet to be done: a run, a registration from
    elsewhere, or both. `is_new` says that the bytes were not the newest version before.
    """

    job: str | None = None
    version: str | None = None
    registration: str | None = None
    is_new: bool = False
    replayed: bool = False
    """The same was asked before: nothing was done now."""


class Earlier(Exception):  # noqa: N818 - no error: it ends a transaction that has nothing to do
    """Somebody asked the same at the same time, and was first."""

    def __init__(self, accepted: Accepted) -> None:
        super().__init__()
        self.accepted = accepted


def asker_of(caller: Caller) -> Asker:
    """Return who asks, as jobs and versions remember it."""
    return Asker(
        name=caller.name,
        key=caller.key.id,
        key_name=caller.key.name or caller.key.shown,
        address=caller.address,
    )


def new_job(
    hosted: Hosted,
    asker: Asker,
    wish: Wish,
    *,
    id: str | None = None,  # noqa: A002 - what it is called everywhere
    version: Version | None = None,
    registration: str | None = None,
) -> NewJob:
    """Return a job that is to be accepted; with `version` it reads just that one."""
    return NewJob(
        id=id or str(uuid4()),
        project=hosted.project,
        wish=wish,
        asked_by=asker.name,
        key=asker.key,
        version=None if version is None else version.id,
        registration=registration,
    )


def earlier(service: Service, asked: Asked | None) -> Accepted | None:
    """Return what was accepted with an idempotency key before, None if nothing was.

    Raises:
        Conflict: something else was asked with this key.
    """
    found = None if asked is None else service.deliveries.look(asked)
    if found is None or found.response is None:
        return None
    return _again(found.response)


def keep(service: Service, connection: Connection, asked: Asked | None, accepted: Accepted) -> None:
    """Note what is accepted in the transaction that accepts it, for whoever asks again.

    Raises:
        Earlier: somebody was first; the transaction must end without doing anything.
        Conflict: something else was asked with this key.
    """
    if asked is None:
        return
    found = service.deliveries.claim(connection, asked, utc_now(), job=accepted.job)
    if found is not None:
        raise Earlier(_again(found.response or "{}"))
    told = msgspec.json.encode(accepted).decode()
    service.deliveries.finish_in(connection, asked, HTTPStatus.ACCEPTED, told)


def checked_text(text: str) -> str:
    """Return a text that names something, if it can be looked up at all.

    Raises:
        BadReference: it holds signs that no database keeps, or control characters.
    """
    for at, sign in enumerate(text):
        if sign < " " or sign == "\x7f" or storable(sign) != sign:
            raise BadReference(text, at, "this sign can't stand in a name or a reference")
    return text


def now() -> str:
    """Return the time as rows have it."""
    return iso(utc_now())


def _again(response: str) -> Accepted:
    found = msgspec.json.decode(response, type=Accepted)
    return msgspec.structs.replace(found, replayed=True)
