"""Whether the server is well: for load balancers, for whoever starts it, and for Prometheus."""

from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from preboard.server.auth import KEY_IF_ANY, ServiceDep, address_of, authenticate
from preboard.server.metrics import MEDIA_TYPE
from preboard.server.problems import answers
from preboard.server.service import Service
from preboard.server.services.keys import is_loopback

router = APIRouter(tags=["operation"])


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """Whether the server can do its work, and each thing that it needs for it."""

    status: Literal["ready", "not ready"]
    checks: dict[str, str] = Field(
        description="`ok`, or what is wrong.",
        examples=[{"database": "ok", "schema": "ok", "workers": "ok", "disk": "ok"}],
    )


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz", operation_id="healthz", summary="Whether the process answers")
async def healthz() -> Alive:
    """Answer; nothing else is asked. No key is needed."""
    return Alive()


@router.head("/readyz", include_in_schema=False)
@router.get(
    "/readyz",
    operation_id="readyz",
    summary="Whether the server can do its work",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "It can't, at the moment."}},
)
def readyz(service: ServiceDep) -> JSONResponse:
    """Look at database, schema, workers and disk; what was seen is good for a second.

    No key is needed.
    """
    checks = service.readiness.checks()
    ready = all(found == "ok" for found in checks.values())
    body = Readiness(status="ready" if ready else "not ready", checks=checks)
    status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
    return JSONResponse(body.model_dump(), status_code=status)


def may_measure(request: Request, service: ServiceDep) -> Service:
    """Let in an admin key, and this machine where the settings say so."""
    if not (service.settings.metrics_on_loopback and is_loopback(address_of(request))):
        authenticate(service, request).need_admin()
    return service


_FIGURES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"text/plain": {"schema": {"type": "string"}}},
        "description": "The figures, in the text format of Prometheus.",
    },
    **answers(401, 403, 429, 503),
}


@router.get(
    "/metrics",
    operation_id="metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses=_FIGURES,
    openapi_extra=KEY_IF_ANY,
)
def metrics(service: Annotated[Service, Depends(may_measure)]) -> Response:
    """Tell requests, jobs, queue, workers and arrivals; with an admin key."""
    return Response(service.metrics.text(), media_type=MEDIA_TYPE)
