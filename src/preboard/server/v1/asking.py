"""What the operations of v1 share: their bodies, and being asked with GET as with POST."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import APIRouter
from pydantic import BaseModel, Field

from preboard.catalog.service.deliveries import Asked
from preboard.catalog.service.hosting import Hosted
from preboard.server.auth import Caller
from preboard.server.idempotency import asked_by, idempotency_key

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class OfProject(BaseModel):
    """A body that names a project of the caller."""

    project_name: str = Field(examples=["acme"])


class OfRun(OfProject):
    """A body that names a run, or one of its csvpaths."""

    run_reference: str = Field(examples=["$check.results.2026-11-21_07-11-05"])


class OfReference(OfProject):
    """A body that names files or results."""

    reference: str = Field(examples=["$orders.files.:last"])


def both_ways(router: APIRouter, name: str, summary: str, *paths: str) -> Callable[..., Any]:
    """Return what enters an endpoint that reads under some paths, for GET and POST.

    GET has a JSON body there, too (spec/server.md 2).
    """

    def enter(endpoint: Endpoint) -> Endpoint:
        for at, path in enumerate(paths):
            as_named = f"v1_{name}" + (f"_{at}" if at else "")
            router.post(path, operation_id=as_named, summary=summary)(endpoint)
            router.get(path, operation_id=f"{as_named}_by_get", summary=summary)(endpoint)
        return endpoint

    return enter


def asked_with(
    key: str | None, caller: Caller, hosted: Hosted, what: str, body: BaseModel
) -> Asked | None:
    """Return what was asked with an idempotency key, None if there was none.

    Raises:
        RequestError: the key can't be one.
    """
    checked = idempotency_key(key)
    if checked is None:
        return None
    endpoint = f"{hosted.project}/csvpath/{what}"
    # In ASCII: a text may hold signs that no UTF-8 has.
    return asked_by(caller.key.owner, endpoint, checked, json.dumps(body.model_dump()))
