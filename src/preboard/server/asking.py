"""What operations of /v2 take in the same way: the project, the idempotency key, times, pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import Header, Path, Query
from pydantic import AwareDatetime, Field

from preboard.clock import iso
from preboard.server.faults import RequestError
from preboard.server.idempotency import HEADER, KEY_RULE, REPLAYED, asked_by, idempotency_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import Request, Response
    from pydantic import BaseModel

    from preboard.catalog.service.deliveries import Asked
    from preboard.server.auth import Caller
    from preboard.server.services.accepting import Accepted

LONGEST = 1_000

ProjectQuery = Annotated[
    str,
    Query(
        max_length=LONGEST,
        description="The name of a project of this key's owner.",
        examples=["acme"],
    ),
]
ProjectMember = Annotated[
    str,
    Field(
        max_length=LONGEST,
        description="The name of a project of this key's owner.",
        examples=["acme"],
    ),
]
FileNamePath = Annotated[
    str, Path(max_length=LONGEST, description="The name of a named-file.", examples=["orders"])
]
GroupNamePath = Annotated[
    str, Path(max_length=LONGEST, description="The name of a group.", examples=["checks"])
]
ReferenceQuery = Annotated[
    str | None,
    Query(max_length=LONGEST, description="A reference to one or some of them; else the newest."),
]
IdempotencyHeader = Annotated[
    str | None,
    Header(
        alias=HEADER,
        description="A text of your own: who asks again with it gets the same, done once.",
        examples=["5f0c7d1e-9b7a-4f6f-8f57-30f4ab1d7b5e"],
        json_schema_extra={"pattern": KEY_RULE},
    ),
]
SinceQuery = Annotated[
    AwareDatetime | None,
    Query(description="From this time on.", examples=["2026-11-21T00:00:00Z"]),
]
UntilQuery = Annotated[
    AwareDatetime | None,
    Query(description="Before this time.", examples=["2026-11-22T00:00:00Z"]),
]


def moment_of(when: datetime | None) -> str | None:
    """Return a time from outside as the catalog has times.

    Raises:
        RequestError: it is before or behind all times.
    """
    if when is None:
        return None
    try:
        return iso(when.astimezone(UTC))
    except OverflowError as error:
        raise RequestError("a time is out of range", hint="such as 2026-11-21T00:00:00Z") from error


def asked_for(request: Request, caller: Caller, key: str | None, body: BaseModel) -> Asked | None:
    """Return what is asked with an idempotency key, None without one.

    Raises:
        RequestError: the key can't be one.
    """
    key = idempotency_key(key)
    if key is None:
        return None
    return asked_by(caller.key.owner, _endpoint(request), key, body.model_dump_json())


def asked_with_file(
    request: Request, caller: Caller, key: str | None, said: BaseModel
) -> Callable[[str], Asked] | None:
    """Return what makes what is asked of the fingerprint of the file that comes with it.

    Raises:
        RequestError: the key can't be one.
    """
    key = idempotency_key(key)
    if key is None:
        return None
    owner, endpoint, told = caller.key.owner, _endpoint(request), said.model_dump_json()
    return lambda fingerprint: asked_by(owner, endpoint, key, f"{told} {fingerprint}")


def mark(request: Request, response: Response, accepted: Accepted) -> None:
    """Say in an answer that the same was asked before, and in the log what was accepted."""
    note_jobs(request, accepted.job)
    if accepted.replayed:
        response.headers[REPLAYED] = "true"


def note_jobs(request: Request, *jobs: str | None) -> None:
    """Let the line of a request in the log tell which jobs came of it."""
    request.state.jobs = [job for job in jobs if job is not None]


def _endpoint(request: Request) -> str:
    return f"{request.method} {request.url.path}"
