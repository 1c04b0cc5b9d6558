"""What the sender of a request to a hook is told, and told again.

A request with an idempotency key enters its answer in the transaction that does what it tells. Who
sends the same with the same key gets that answer, and nothing is done; the key is one of the hook.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from preboard.clock import utc_now
from preboard.server.idempotency import REPLAYED, asked_by, idempotency_key

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from preboard.catalog.service.deliveries import Asked, Delivery
    from preboard.catalog.service.hooks import Hook
    from preboard.server.service import Service


@dataclass(frozen=True, slots=True)
class Answer:
    """What a sender is told."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    jobs: tuple[str, ...] = ()
    """What came of it."""


class ToldBefore(Exception):  # noqa: N818 - no error: it ends a transaction that has nothing to do
    """Somebody sent the same at the same time, and was first."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def asked_of(hook: Hook, key: str | None, body: bytes) -> Asked | None:
    """Return what a hook is told with an idempotency key, None without one.

    Raises:
        RequestError: the key can't be one.
    """
    checked = idempotency_key(key)
    return None if checked is None else asked_by(hook.id, "call", checked, body)


def told_before(service: Service, asked: Asked | None) -> Answer | None:
    """Return what a sender was told with an idempotency key, None if nothing was.

    Raises:
        Conflict: something else was sent with this key.
    """
    found = None if asked is None else service.deliveries.look(asked)
    return None if found is None else _again(found)


def keep(service: Service, connection: Connection, asked: Asked, answer: Answer) -> None:
    """Keep an answer for whoever sends the same again.

    Raises:
        ToldBefore: somebody was first; the transaction must end without doing anything.
        Conflict: something else was sent with this key.
    """
    found = service.deliveries.claim(connection, asked, utc_now())
    if found is not None:
        raise ToldBefore(_again(found))
    service.deliveries.finish_in(connection, asked, answer.status, json.dumps(answer.body))


def _again(found: Delivery) -> Answer:
    assert found.status is not None  # noqa: S101 - it was entered with its answer
    body = json.loads(found.response or "{}")
    jobs = tuple(each["run_uuid"] for each in body["runs"])
    return Answer(found.status, body, {REPLAYED: "true"}, jobs)
