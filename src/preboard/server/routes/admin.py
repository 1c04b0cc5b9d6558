"""`/v2/admin`: local files, what goes on, the audit, and the end of the server."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Path, Query
from pydantic import BaseModel, Field

from preboard.server.auth import AdminDep, ServiceDep
from preboard.server.pagination import CursorQuery, LimitQuery, Total, cursor_of, place_of
from preboard.server.routes.keys import Message
from preboard.server.services import admin
from preboard.server.shapes import RunStatus, moment, run_status

router = APIRouter(tags=["v2:admin"])

SHUTTING_DOWN = "Server is shutting down."
ProjectName = Annotated[str, Path(max_length=200, examples=["acme"])]
OwnerQuery = Annotated[
    str | None,
    Query(
        max_length=64,
        description="The id of the owner, or of one of its keys, where several have the name.",
        examples=["pb_k3f09aqx"],
    ),
]


class LocalFiles(BaseModel):
    """Whether files may be taken from the disk of the server."""

    allowed: bool = Field(strict=True)


class Runs(BaseModel):
    """Runs, oldest first."""

    runs: list[RunStatus]
    total: Total
    next_cursor: str | None = None


class DeedShown(BaseModel):
    """What somebody did."""

    time: str
    key: str = Field(examples=["pb_k3f09aqx loader"])
    address: str | None
    action: str = Field(examples=["key.create"])
    project: str | None
    target: str | None
    outcome: str = Field(examples=["done"])


class AuditPage(BaseModel):
    """What was done, newest first."""

    deeds: list[DeedShown]
    total: Total
    next_cursor: str | None = None


@router.get(
    "/admin/local-files", operation_id="get_local_files", summary="Show the switch for local files"
)
def get_local_files(_caller: AdminDep, service: ServiceDep) -> LocalFiles:
    """Show whether projects may be allowed to take files from the disk of the server."""
    on = bool(service.settings.local_roots) and service.switches.local_files() is True
    return LocalFiles(allowed=on)


@router.put(
    "/admin/local-files", operation_id="set_local_files", summary="Switch local files on or off"
)
def set_local_files(caller: AdminDep, service: ServiceDep, wish: LocalFiles) -> Message:
    """Switch local files for the server; off is off for every project, at once."""
    admin.switch_local_files(service, caller, allowed=wish.allowed)
    return Message(message=f"Server local files {'enabled' if wish.allowed else 'disabled'}.")


@router.put(
    "/admin/projects/{project_name}/local-files",
    operation_id="enable_project_local_files",
    summary="Let a project take local files",
)
def enable_project_local_files(
    caller: AdminDep, service: ServiceDep, project_name: ProjectName, owner: OwnerQuery = None
) -> Message:
    """Let a project of any owner take files from the server's local roots."""
    admin.switch_local_files_of(service, caller, project_name, owner, allowed=True)
    return Message(message=f"Local files enabled for project '{project_name}'.")


@router.delete(
    "/admin/projects/{project_name}/local-files",
    operation_id="disable_project_local_files",
    summary="Let a project take no local files",
)
def disable_project_local_files(
    caller: AdminDep, service: ServiceDep, project_name: ProjectName, owner: OwnerQuery = None
) -> Message:
    """Take back from a project what lets it take local files."""
    admin.switch_local_files_of(service, caller, project_name, owner, allowed=False)
    return Message(message=f"Local files disabled for project '{project_name}'.")


@router.get("/admin/runs", operation_id="list_active_runs", summary="List runs that go on")
def list_active_runs(
    _caller: AdminDep, service: ServiceDep, limit: LimitQuery = 1000, cursor: CursorQuery = None
) -> Runs:
    """List the runs of all projects that are queued or running, oldest first."""
    found, names = admin.active_runs(service, limit + 1, place_of(cursor))
    more = cursor_of(found[limit - 1].seq) if len(found) > limit else None
    shown = [run_status(job, names.get(job.project)) for job in found[:limit]]
    return Runs(runs=shown, total=admin.count_active_runs(service), next_cursor=more)


@router.get("/admin/audit", operation_id="list_audit", summary="List who did what")
def list_audit(
    _caller: AdminDep, service: ServiceDep, limit: LimitQuery = 100, cursor: CursorQuery = None
) -> AuditPage:
    """List what was done, newest first."""
    found = service.audit.page(limit + 1, before=place_of(cursor))
    more = cursor_of(found[limit - 1].seq) if len(found) > limit else None
    deeds = [
        DeedShown(
            time=moment(entry.deed.time) or "",
            key=entry.deed.key,
            address=entry.deed.address,
            action=entry.deed.action,
            project=entry.deed.project,
            target=entry.deed.target,
            outcome=entry.deed.outcome,
        )
        for entry in found[:limit]
    ]
    return AuditPage(deeds=deeds, total=service.audit.count(), next_cursor=more)


@router.post("/admin/shutdown", operation_id="shut_down", summary="End the server")
def shut_down(caller: AdminDep, service: ServiceDep, tasks: BackgroundTasks) -> Message:
    """End the whole server, behind this answer: what goes on is given time to end."""
    service.audit.add(caller.deed("server.shutdown"))
    tasks.add_task(service.stop)
    return Message(message=SHUTTING_DOWN)
