"""`/v2/hooks`: what servers of files call when one arrived, and how that is set up.

docs/how-to/arrivals/ tells of definitions and senders.
"""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema
from starlette.concurrency import run_in_threadpool

from preboard.catalog.service.hooks import Hook, Outcome
from preboard.server.arrivals.adapters import ADAPTERS
from preboard.server.arrivals.arrival import Incoming
from preboard.server.asking import IdempotencyHeader, note_jobs
from preboard.server.auth import CallerDep, ServiceDep, hosted_of, refuse_often
from preboard.server.faults import HookUnknown
from preboard.server.idempotency import ONCE
from preboard.server.pagination import CursorQuery, LimitQuery, Total, cursor_of, key_of, place_of
from preboard.server.problems import MEDIA_TYPE
from preboard.server.routes.keys import Message
from preboard.server.routes.projects import NAME_RULE, NamePath
from preboard.server.service import Service
from preboard.server.services import arriving, hooks
from preboard.server.services.arriving import mapping_of
from preboard.server.services.hooks import MOST_GRACE, HookSecret
from preboard.server.shapes import moment

router = APIRouter(tags=["v2:arrivals"])

_EXAMPLE: dict[str, Any] = {
    "project": "acme",
    "adapter": "sftpgo",
    "secret": {"header": "X-Preboard-Token"},
    "paths": "/orders/**/*.csv",
    "named_file": "orders",
    "group": "order-checks",
    "location": "sftp://sftp.example.com:2022{path}",
}
_TEXT = {"type": "string", "minLength": 1, "maxLength": 1000}
_TEXTS = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "maxItems": 50}]}
_RULE: dict[str, Any] = {
    "paths": {**_TEXTS, "description": "Patterns of what is taken; all if there are none."},
    "except": {**_TEXTS, "description": "Patterns of what is not."},
    "named_file": {**_TEXT, "description": "Under which name files are registered."},
    "group": {**_TEXT, "description": "Which statements run over them."},
    "method": {**_TEXT, "examples": ["collect_paths"]},
    "template": _TEXT,
    "file_template": _TEXT,
    "location": {**_TEXT, "description": "Where a file is fetched, if not as the event tells."},
    "partner": _TEXT,
}
DEFINITION_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "HookDefinition",
    "description": "Whom to listen to, and what becomes of the files.",
    "required": ["project"],
    "if": {"required": ["poll"]},
    "else": {"required": ["adapter", "secret"]},
    "additionalProperties": False,
    "properties": {
        "project": {"type": "string", **NAME_RULE},
        "name": {"type": "string", "minLength": 1, "maxLength": 128},
        "description": {"type": "string", "maxLength": 1000},
        "adapter": {"type": "string", "enum": list(ADAPTERS)},
        "settings": {"type": "object", "description": "What the adapter must know."},
        "secret": {"type": "object", "description": "Where the sender puts the secret."},
        "event_id": {"type": "string", "description": "A JSON pointer to the id of an event."},
        "answer": {"type": "integer", "enum": [200, 202]},
        "poll": {"type": "object", "description": "A folder to look into, instead of an adapter."},
        "rules": {
            "type": "array",
            "minItems": 1,
            "maxItems": 100,
            "items": {
                "type": "object",
                "required": ["named_file"],
                "additionalProperties": False,
                "properties": _RULE,
            },
        },
        **_RULE,
    },
    "examples": [_EXAMPLE],
}
Definition = Annotated[dict[str, Any], WithJsonSchema(DEFINITION_SCHEMA)]
HookPath = Annotated[
    str,
    Path(
        max_length=100,
        description="The id of a hook.",
        examples=["1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"],
    ),
]
OutcomeQuery = Annotated[Outcome | None, Query(description="Only arrivals that came to this.")]
_UNFIT: dict[int | str, dict[str, Any]] = {
    422: {
        "description": "The document is none; `pointer` names the place.",
        "content": {
            MEDIA_TYPE: {
                "schema": {
                    "anyOf": [
                        {"$ref": "#/components/schemas/Problem"},
                        {"$ref": "#/components/schemas/Misfits"},
                    ]
                }
            }
        },
    }
}


class HookShown(BaseModel):
    """A hook; its secret is never shown again."""

    id: str = Field(examples=["1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"])
    name: str = Field(examples=["sftpgo 1b9d6bcd"])
    project: str = Field(examples=["acme"])
    url: str | None = Field(
        description="What the sender calls; null for a hook that looks into a folder.",
        examples=["https://preboard.example.com/v2/hooks/1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"],
    )
    definition: Definition
    paused: bool
    created: str = Field(examples=["2026-11-21T07:12:53.882416Z"])
    last_used: str | None = Field(description="To the minute.")
    next_look: str | None = Field(description="When its folder is looked at next.")
    last_error: str | None = Field(description="Why its folder can't be looked at.")


class HookMade(HookShown):
    """A hook with its secret: the only time that it is shown."""

    secret: str | None = Field(description="Null if there is none, or the env had one already.")
    secret_variable: str | None = Field(
        description="Where the project's env has the secret, if senders sign with it."
    )


class HookPage(BaseModel):
    """Hooks in the order they were made."""

    hooks: list[HookShown]
    total: Total
    next_cursor: str | None = None


class HookChange(BaseModel):
    """What is to change; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"paused": True}]})

    paused: bool | None = None
    definition: Definition | None = None


class HookRotation(BaseModel):
    """How a secret is changed."""

    grace_s: float = Field(
        default=0,
        ge=0,
        le=MOST_GRACE.total_seconds(),
        description="Seconds for which the former secret is good, too.",
    )


class Taken(BaseModel):
    """A file that was taken."""

    run_uuid: str = Field(description="Of what fetches it and runs; the first one's if it was.")
    path: str = Field(examples=["/orders/may.csv"])
    named_file: str = Field(examples=["orders"])
    group: str | None = Field(examples=["order-checks"])
    duplicate: bool = Field(description="Whether it was announced before: nothing was done now.")
    note: str | None = Field(description="What is otherwise than the hook says.")


class NotTaken(BaseModel):
    """A file that was not taken."""

    path: str = Field(examples=["/orders/june.csv.part"])
    reason: str = Field(examples=["still being written: its name ends in .part"])


class Heard(BaseModel):
    """What became of each file that a request announced."""

    runs: list[Taken]
    left: list[NotTaken] = Field(description="Not wanted.")
    refused: list[NotTaken] = Field(description="Wanted, but they may not be fetched.")


class HandshakeAnswer(BaseModel):
    """The answer to a sender that asks first whether events are wanted."""

    validationResponse: str | None = None  # noqa: N815 - what Event Grid calls it
    topic: str | None = None


class ArrivalShown(BaseModel):
    """What became of a file that arrived."""

    time: str = Field(examples=["2026-11-21T07:12:53.882416Z"])
    hook_id: str
    path: str = Field(description="Empty for what is about the hook itself.")
    outcome: Outcome
    reason: str | None
    event_id: str | None
    run_uuid: str | None


class ArrivalPage(BaseModel):
    """Arrivals, newest first."""

    arrivals: list[ArrivalShown]
    total: Total
    next_cursor: str | None = None


@router.post(
    "/hooks", status_code=201, operation_id="create_hook", summary="Make a hook", responses=_UNFIT
)
def create_hook(
    request: Request,
    caller: CallerDep,
    service: ServiceDep,
    definition: Annotated[Definition, Body()],
    owner: Annotated[
        str | None, Query(max_length=64, description="Of the project; for admin keys.")
    ] = None,
) -> HookMade:
    """Make a hook, whose secret this answer shows for the only time."""
    setattr(request.state, ONCE, True)
    return _made(request, service, hooks.make_hook(service, caller, definition, owner))


@router.get("/hooks", operation_id="list_hooks", summary="List hooks")
def list_hooks(
    request: Request,
    caller: CallerDep,
    service: ServiceDep,
    project: Annotated[str | None, Query(max_length=128, description="Only its hooks.")] = None,
    limit: LimitQuery = 100,
    cursor: CursorQuery = None,
) -> HookPage:
    """List the hooks of all projects that the key can use, or of one."""
    after = None
    if cursor is not None:
        created, last = key_of(cursor, str, str)
        after = (str(created), str(last))
    found, total = hooks.hooks_of(service, caller, limit + 1, project=project, after=after)
    page = found[:limit]
    more = cursor_of(page[-1].created, page[-1].id) if len(found) > limit else None
    shown = [HookShown(**_shown(request, service, hook)) for hook in page]
    return HookPage(hooks=shown, total=total, next_cursor=more)


@router.get("/hooks/{hook_id}", operation_id="get_hook", summary="Show a hook")
def get_hook(
    request: Request, caller: CallerDep, service: ServiceDep, hook_id: HookPath
) -> HookShown:
    """Show a hook, and why its folder can't be looked at, if it can't."""
    hook, _ = hooks.hook_of(service, caller, hook_id, "read")
    return HookShown(**_shown(request, service, hook))


@router.patch(
    "/hooks/{hook_id}", operation_id="change_hook", summary="Change a hook", responses=_UNFIT
)
def change_hook(
    request: Request,
    caller: CallerDep,
    service: ServiceDep,
    hook_id: HookPath,
    change: HookChange,
) -> HookMade:
    """Pause a hook, let it go on, or give it another definition of the same project.

    While it is paused its sender is told to come again, and its folder is not looked at.
    """
    changed = hooks.change_hook(
        service, caller, hook_id, paused=change.paused, definition=change.definition
    )
    return _made(request, service, changed)


@router.post(
    "/hooks/{hook_id}/rotate", operation_id="rotate_hook", summary="Give a hook another secret"
)
def rotate_hook(
    request: Request,
    caller: CallerDep,
    service: ServiceDep,
    hook_id: HookPath,
    wish: HookRotation | None = None,
) -> HookMade:
    """Give a hook another secret, which this answer shows for the only time."""
    setattr(request.state, ONCE, True)
    grace = timedelta(seconds=wish.grace_s if wish else 0)
    return _made(request, service, hooks.rotate_secret(service, caller, hook_id, grace))


@router.delete("/hooks/{hook_id}", operation_id="delete_hook", summary="Remove a hook")
def delete_hook(caller: CallerDep, service: ServiceDep, hook_id: HookPath) -> Message:
    """Remove a hook; what arrived by it stays."""
    hooks.remove_hook(service, caller, hook_id)
    return Message(message=f"Hook {hook_id} removed.")


@router.get(
    "/hooks/{hook_id}/arrivals", operation_id="list_hook_arrivals", summary="List what arrived"
)
def list_hook_arrivals(
    caller: CallerDep,
    service: ServiceDep,
    hook_id: HookPath,
    outcome: OutcomeQuery = None,
    limit: LimitQuery = 100,
    cursor: CursorQuery = None,
) -> ArrivalPage:
    """List what arrived by a hook and what became of it, newest first."""
    hook, hosted = hooks.hook_of(service, caller, hook_id, "read")
    return _arrivals(service, hosted.project, hook.id, outcome, limit, cursor)


@router.get("/projects/{name}/arrivals", operation_id="list_arrivals", summary="List what arrived")
def list_arrivals(
    caller: CallerDep,
    service: ServiceDep,
    name: NamePath,
    outcome: OutcomeQuery = None,
    limit: LimitQuery = 100,
    cursor: CursorQuery = None,
) -> ArrivalPage:
    """List what arrived by all hooks of a project and what became of it, newest first."""
    hosted = hosted_of(service, caller, name, "read")
    return _arrivals(service, hosted.project, None, outcome, limit, cursor)


@router.post(
    "/hooks/{hook_id}",
    operation_id="call_hook",
    summary="Tell of files that arrived",
    response_model=None,
    responses={
        200: {"model": Heard | HandshakeAnswer, "description": "Heard, and durable."},
        202: {"model": Heard, "description": "Heard, and durable."},
        **_UNFIT,
    },
    openapi_extra={
        "requestBody": {
            "description": "As the sender writes it; the hook's adapter reads it.",
            "content": {"application/json": {"schema": {}}},
        }
    },
)
async def call_hook(
    request: Request,
    service: ServiceDep,
    hook_id: HookPath,
    idempotency_key: IdempotencyHeader = None,
) -> JSONResponse:
    """Tell of files that arrived: each is fetched and registered once, however often it is told.

    No API key is needed, but the secret of the hook, where its definition says.
    """
    body = await request.body()
    return await run_in_threadpool(_heard, request, service, hook_id, body, idempotency_key)


@router.options(
    "/hooks/{hook_id}",
    operation_id="ask_hook",
    summary="Ask whether events are wanted",
    response_model=None,
    responses={200: {"description": "They are: the headers say so."}, **_UNFIT},
)
def ask_hook(request: Request, service: ServiceDep, hook_id: HookPath) -> JSONResponse:
    """Ask whether events are wanted, as CloudEvents has it; the secret is needed here, too."""
    return _heard(request, service, hook_id, b"")


def _heard(
    request: Request, service: Service, which: str, body: bytes, key: str | None = None
) -> JSONResponse:
    incoming = Incoming(
        body=body,
        headers={name.lower(): value for name, value in request.headers.items()},
        query=dict(request.query_params),
        method=request.method,
    )
    try:
        answer = arriving.hear(service, which, incoming, key)
    except HookUnknown as error:
        if error.counts:
            refuse_often(service, request)
        raise
    note_jobs(request, *answer.jobs)
    return JSONResponse(answer.body, status_code=answer.status, headers=answer.headers)


def _made(request: Request, service: Service, told: HookSecret) -> HookMade:
    return HookMade(
        **_shown(request, service, told.hook), secret=told.secret, secret_variable=told.variable
    )


def _shown(request: Request, service: Service, hook: Hook) -> dict[str, Any]:
    mapping, definition = mapping_of(hook.mapping), hooks.definition_of(hook)
    hosted = service.hosting.by_id(hook.project)
    project = mapping.project if hosted is None else hosted.name  # it may be called otherwise now
    return {
        "id": hook.id,
        "name": hook.name,
        "project": project,
        "url": None if mapping.poll else f"{request.base_url}v2/hooks/{hook.id}",
        "definition": {**definition, "project": project},
        "paused": hook.paused,
        "created": moment(hook.created),
        "last_used": moment(hook.last_used),
        "next_look": None if hook.paused else moment(hook.next_poll),
        "last_error": hook.last_error,
    }


def _arrivals(
    service: Service,
    project: str,
    hook: str | None,
    outcome: Outcome | None,
    limit: int,
    cursor: str | None,
) -> ArrivalPage:
    found = service.arrivals.page(
        limit + 1, project=project, hook=hook, outcome=outcome, before=place_of(cursor)
    )
    shown = [
        ArrivalShown(
            time=moment(row.time) or "",
            hook_id=row.hook,
            path=row.path,
            outcome=row.outcome,
            reason=row.reason,
            event_id=row.event_id,
            run_uuid=row.job,
        )
        for row in found[:limit]
    ]
    more = cursor_of(found[limit - 1].seq) if len(found) > limit else None
    total = service.arrivals.count(project=project, hook=hook, outcome=outcome)
    return ArrivalPage(arrivals=shown, total=total, next_cursor=more)
