"""`/admin` of v1: keys, runs that go on, the end of the server."""

from fastapi import APIRouter, BackgroundTasks, Request
from pydantic import BaseModel

from preboard.server.auth import KEY_IF_ANY, AdminDep, ServiceDep
from preboard.server.routes.admin import SHUTTING_DOWN
from preboard.server.routes.keys import (
    BootstrapToken,
    KeyMade,
    KeyNamed,
    KeyWish,
    Message,
    asked_key,
    make_key,
)
from preboard.server.services import admin, keys
from preboard.server.shapes import RunInfo, run_info

router = APIRouter()

MOST_RUNS = 10_000
"""That v1 lists; it has no pages."""


class RunInfos(BaseModel):
    """Runs, oldest first."""

    runs: list[RunInfo]


@router.post(
    "/admin/new_key",
    operation_id="v1_new_key",
    summary="Make an API key",
    openapi_extra=KEY_IF_ANY,
)
def new_key(
    request: Request, service: ServiceDep, wish: KeyWish, x_bootstrap_token: BootstrapToken = None
) -> KeyMade:
    """Make an API key; the first one is an admin key."""
    made = make_key(request, service, asked_key(wish), x_bootstrap_token, "API Key")
    return KeyMade(api_key=made.text)


@router.post(
    "/admin/make_admin_key", operation_id="v1_make_admin_key", summary="Make a key an admin key"
)
def make_admin_key(caller: AdminDep, service: ServiceDep, named: KeyNamed) -> Message:
    """Make a key an admin key; the answer names it by its id."""
    key = keys.promote(service, caller, keys.given(service, named.api_key))
    return Message(message=f"Key {key.shown} has been made an admin key.")


@router.get("/admin/active_runs", operation_id="v1_active_runs", summary="List runs that go on")
def active_runs(_caller: AdminDep, service: ServiceDep) -> RunInfos:
    """List the runs of all projects that have not ended."""
    found, names = admin.active_runs(service, MOST_RUNS)
    return RunInfos(runs=[run_info(job, names.get(job.project)) for job in found])


@router.get("/admin/shutdown", operation_id="v1_shutdown", summary="End the server")
def shutdown(caller: AdminDep, service: ServiceDep, tasks: BackgroundTasks) -> Message:
    """End the whole server. A GET that changes something is old; POST /v2/admin/shutdown is not."""
    service.audit.add(caller.deed("server.shutdown"))
    tasks.add_task(service.stop)
    return Message(message=SHUTTING_DOWN)
