"""`/v2/runs`: runs, asked for, followed and cancelled (spec/server.md 7, 8)."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Any, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Header, Path, Query, Request, Response, status
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from preboard.catalog.service.jobs import OPEN, JobState
from preboard.config.names import shown
from preboard.errors import Conflict, NotFound
from preboard.runs.result import Instance
from preboard.server.asking import (
    LONGEST,
    GroupNamePath,
    IdempotencyHeader,
    ProjectMember,
    ProjectQuery,
    SinceQuery,
    UntilQuery,
    asked_for,
    mark,
    moment_of,
)
from preboard.server.auth import Caller, CallerDep, ServiceDep, hosted_of
from preboard.server.pagination import CursorQuery, LimitQuery, cursor_of, place_of
from preboard.server.problems import answers
from preboard.server.routes.registrations import ReferenceAnswer, UuidQuery
from preboard.server.service import Service
from preboard.server.services import archived, follow
from preboard.server.services.accepting import asker_of, checked_text
from preboard.server.services.registering import NewFile, accept_file
from preboard.server.services.running import NewRun, accept_run
from preboard.server.shapes import RunStatus, run_status

router = APIRouter(prefix="/runs", tags=["v2:runs"])

Method = Literal["collect_paths", "fast_forward_paths", "collect_by_line", "fast_forward_by_line"]
StatusQuery = Literal["unfinished", "any", "queued", "running", "done", "failed", "cancelled"]
RunPath = Annotated[
    UUID,
    Path(
        description="The `run_uuid` of the run.", examples=["f98c6cfc-6f3a-4f3c-9a55-0f3f0f7f4a52"]
    ),
]
_EVENTS = "text/event-stream"
_EVENT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "event": {"enum": ["run", "end"]},
        "id": {"type": "string", "description": "For `Last-Event-ID`."},
        "data": {"type": "string", "description": "A RunStatus, as JSON."},
    },
    "required": ["event", "id", "data"],
}
"""What each event of a stream is."""


class NewRunAsked(BaseModel):
    """A run of a group over a file, which can be registered with it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"project_name": "acme", "file_name": "orders", "validation_name": "checks"}
            ]
        }
    )

    project_name: ProjectMember
    file_name: str = Field(
        max_length=LONGEST,
        description="A named-file, whose newest version is meant, or a reference to one version.",
        examples=["orders"],
    )
    validation_name: str = Field(max_length=LONGEST, description="A group.", examples=["checks"])
    file_location: str | None = Field(
        default=None,
        max_length=8192,
        description="Where a file lies that is registered first: the run is of just this version.",
    )
    file_template: str | None = Field(default=None, max_length=LONGEST)
    method: Method | None = Field(default="collect_paths", description="Null is collect_paths.")
    run_template: str | None = Field(
        default=None,
        max_length=LONGEST,
        description="Of the run's directory, such as `:1/:run_dir`.",
    )
    delimiter: str | None = Field(default=None, max_length=8, examples=[None])
    quotechar: str | None = Field(default=None, max_length=8, examples=[None])


class RunBegun(BaseModel):
    """A run that was accepted."""

    run_uuid: str = Field(examples=["f98c6cfc-6f3a-4f3c-9a55-0f3f0f7f4a52"])
    registration_reference: str | None = Field(
        description="Of the version, if a file was registered with it and has been already."
    )


class RunPage(BaseModel):
    """Runs, newest first."""

    runs: list[RunStatus]
    total: int = Field(description="How many there are on all pages.")
    next_cursor: str | None = Field(default=None, description="Of the next page, if there is one.")


class InstanceShown(BaseModel):
    """One statement of a run, and where what it left is found."""

    identity: str
    reference: str
    valid: bool
    completed: bool
    error_count: int
    files: list[str]
    links: dict[str, str]


class RunResult(BaseModel):
    """What a run came to."""

    run_uuid: str
    reference: str
    valid: bool
    completed: bool
    error_count: int
    reason: str | None
    instances: list[InstanceShown]
    links: dict[str, str]


@router.post(
    "",
    status_code=status.HTTP_202_ACCEPTED,
    operation_id="start_run",
    summary="Run a group over a file",
)
def start_run(
    service: ServiceDep,
    caller: CallerDep,
    request: Request,
    response: Response,
    body: NewRunAsked,
    idempotency_key: IdempotencyHeader = None,
) -> RunBegun:
    """Accept a run: from this answer on it is there, whatever happens to the server.

    With `file_location` the file is registered, a local one at once, and just that version is run.
    """
    hosted = hosted_of(service, caller, body.project_name, "run")
    run = NewRun(
        group=body.validation_name,
        method=body.method,
        template=body.run_template,
        delimiter=body.delimiter,
        quotechar=body.quotechar,
    )
    asked = asked_for(request, caller, idempotency_key, body)
    asker = asker_of(caller)
    if body.file_location is None:
        accepted = accept_run(service, hosted, asker, body.file_name, run, asked=asked)
    else:
        caller.need("register")
        file = NewFile(name=body.file_name, source=body.file_location, template=body.file_template)
        accepted = accept_file(service, hosted, asker, file, run, asked=asked)
    mark(request, response, accepted)
    return RunBegun(run_uuid=accepted.job or "", registration_reference=accepted.registration)


@router.get("", operation_id="list_runs", summary="List runs")
def list_runs(  # noqa: PLR0913, PLR0917 - each narrows
    service: ServiceDep,
    caller: CallerDep,
    validation_name: Annotated[str | None, Query(max_length=LONGEST)] = None,
    file_name: Annotated[
        str | None, Query(max_length=LONGEST, description="As it was given to the run.")
    ] = None,
    project_name: Annotated[str | None, Query(max_length=LONGEST)] = None,
    state: Annotated[
        StatusQuery, Query(alias="status", description="`unfinished` are queued and running.")
    ] = "unfinished",
    since: SinceQuery = None,
    until: UntilQuery = None,
    limit: LimitQuery = 1000,
    cursor: CursorQuery = None,
) -> RunPage:
    """List runs of the projects that the key may look into, newest first; times are of accepting.

    Without `status` only such that have not ended.
    """
    found = follow.hosted_for(service, caller)
    wanted = follow.wanted_of(
        found,
        project_name=project_name,
        states=_states(state),
        group=_text(validation_name),
        file=_text(file_name),
        since=moment_of(since),
        until=moment_of(until),
    )
    jobs = service.jobs.page(wanted, limit + 1, before=place_of(cursor))
    names = {each.project: each.name for each in found}
    return RunPage(
        runs=[run_status(job, names[job.project]) for job in jobs[:limit]],
        total=service.jobs.count(wanted),
        next_cursor=cursor_of(jobs[limit - 1].seq) if len(jobs) > limit else None,
    )


@router.get("/{run_uuid}", operation_id="get_run", summary="Tell how a run stands")
def get_run(service: ServiceDep, caller: CallerDep, run_uuid: RunPath) -> RunStatus:
    """Tell how a run stands, from the moment it was accepted."""
    caller.need("read")
    job, hosted = follow.job_of(service, caller, str(run_uuid))
    return run_status(job, hosted.name)


@router.get(
    "/{name}/reference", operation_id="get_run_reference", summary="Get the reference of a run"
)
def get_reference(
    service: ServiceDep,
    caller: CallerDep,
    name: GroupNamePath,
    uuid: UuidQuery,
    project_name: ProjectQuery,
) -> ReferenceAnswer:
    """Return the reference of what a run left; 404 while it goes on, 409 when it failed."""
    hosted = hosted_of(service, caller, project_name, "read")
    job, its = follow.job_of(service, caller, str(uuid))
    if its.project != hosted.project or job.wish.group != name:
        raise NotFound(f"Run '{uuid}' not found under {shown(name)}")
    if job.is_open:
        raise NotFound(f"Run '{uuid}' is still active; reference not yet available")
    if job.reference is None:
        raise Conflict(f"Run '{uuid}' {job.state}: {job.error}", hint="its status tells more")
    return ReferenceAnswer(reference=job.reference)


@router.post(
    "/{run_uuid}/cancel",
    status_code=status.HTTP_202_ACCEPTED,
    operation_id="cancel_run",
    summary="Cancel a run",
)
def cancel_run(service: ServiceDep, caller: CallerDep, run_uuid: RunPath) -> RunStatus:
    """End a run that waits at once, and one that goes on as soon as its worker has ended it.

    One that has ended is a conflict.
    """
    job, hosted = follow.cancel(service, caller, str(run_uuid))
    return run_status(job, hosted.name)


@router.get(
    "/{run_uuid}/events",
    operation_id="follow_run",
    summary="Follow a run",
    response_class=Response,
    responses={
        200: {
            "description": "Server-sent events: `run` with the status whenever it changes, `end`.",
            "content": {_EVENTS: {"schema": _EVENT}},
        },
        204: {"description": "It has ended, and the last event is known: there will be none."},
    },
)
async def follow_run(
    service: ServiceDep,
    caller: CallerDep,
    run_uuid: RunPath,
    last_event_id: Annotated[
        str | None, Header(max_length=64, description="The id of the last event that is known.")
    ] = None,
) -> Response:
    """Follow a run to its end: its status now, and again whenever it changes."""
    caller.need("read")
    job, hosted = await run_in_threadpool(follow.job_of, service, caller, str(run_uuid))
    if not job.is_open and last_event_id == follow.last_event(job, hosted.name):
        return Response(status_code=status.HTTP_204_NO_CONTENT)
    service.streams.take(caller.key.owner)
    told = follow.events(service, job, hosted.name, last_event_id)
    return _Stream(service, caller, told)


@router.get(
    "/{run_uuid}/result",
    operation_id="get_run_result",
    summary="Tell what a run came to",
    responses=answers(404, 409),
)
def get_result(service: ServiceDep, caller: CallerDep, run_uuid: RunPath) -> RunResult:
    """Tell what a run came to, statement by statement, with links to what each left."""
    caller.need("read")
    job, hosted = follow.job_of(service, caller, str(run_uuid))
    if job.is_open:
        raise NotFound(f"Run '{run_uuid}' is still active; there is no result yet")
    if job.reference is None:
        raise Conflict(f"Run '{run_uuid}' {job.state}: {job.error}", hint="its status tells more")
    row, run = archived.run_of_job(service.project(hosted.project), job)
    path = archived.path_of(row)
    at, query = archived.link_of(row.group, path), f"?project_name={quote(hosted.name, safe='')}"
    return RunResult(
        run_uuid=str(run_uuid),
        reference=run.reference,
        valid=run.valid,
        completed=run.completed,
        error_count=run.error_count,
        reason=run.reason,
        instances=[_shown(hosted.name, row.group, path, each) for each in run.instances],
        links={"run": f"{at}{query}", "trace": f"{at}/trace{query}"},
    )


def _shown(project_name: str, group: str, path: str, instance: Instance) -> InstanceShown:
    return InstanceShown(
        identity=instance.identity,
        reference=instance.reference,
        valid=instance.valid,
        completed=instance.completed,
        error_count=instance.error_count,
        files=archived.files_of(instance),
        links=archived.links_of(project_name, group, path, instance),
    )


def _states(said: StatusQuery) -> list[JobState] | None:
    match said:
        case "unfinished":
            return list(OPEN)
        case "any":
            return None
        case "queued" | "running" | "done" | "failed" | "cancelled":
            return [said]


def _text(said: str | None) -> str | None:
    return None if said is None else checked_text(said)


class _Stream(StreamingResponse):
    """A stream that nobody on the way may hold back, and whose slot is free when it ends."""

    def __init__(self, service: Service, caller: Caller, told: AsyncIterator[bytes]) -> None:
        super().__init__(told, media_type=_EVENTS, headers={"X-Accel-Buffering": "no"})
        self._free = partial(service.streams.give_back, caller.key.owner)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._free()
