"""`/v2/registrations`: named-files, registered from where they lie, and told (spec/server.md 7)."""

import base64
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import msgspec
from fastapi import APIRouter, Query, Request, Response, status
from msgspec import UNSET
from pydantic import BaseModel, ConfigDict, Field

from preboard.catalog.versions import Version
from preboard.errors import Conflict, NotFound
from preboard.server import downloads
from preboard.server.asking import (
    LONGEST,
    FileNamePath,
    IdempotencyHeader,
    ProjectMember,
    ProjectQuery,
    ReferenceQuery,
    asked_for,
    mark,
)
from preboard.server.auth import CallerDep, ServiceDep, hosted_of
from preboard.server.pagination import AllQuery, CursorQuery, Total, cursor_of, key_of
from preboard.server.problems import answers
from preboard.server.routes.keys import Message
from preboard.server.routes.projects import Value
from preboard.server.services import registrations, results
from preboard.server.services.accepting import asker_of, checked_text
from preboard.server.services.owned import audit
from preboard.server.services.registering import NewFile, accept_file
from preboard.server.shapes import moment

router = APIRouter(prefix="/registrations", tags=["v2:registrations"])

UuidQuery = Annotated[UUID, Query(description="From the answer to the registration.")]
RAW: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The bytes.",
        "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
        "headers": {
            "ETag": {"schema": {"type": "string"}},
            "Accept-Ranges": {"schema": {"type": "string"}},
        },
    },
    206: {
        "description": "The bytes that the header Range asks for.",
        "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
    },
    304: {"description": "They have it: If-None-Match names its ETag."},
    **answers(416),
}
"""What operations answer that stream files."""


class NewRegistration(BaseModel):
    """A file that is to be registered from where it lies."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"project_name": "acme", "file_location": "s3://partner/orders/2026-11-21.csv"}
            ]
        }
    )

    project_name: ProjectMember
    file_location: str = Field(
        max_length=8192,
        description="An address, or a path below the server's local roots.",
        examples=["sftp://files.example.com/out/orders.csv"],
    )
    template: str | None = Field(
        default=None, max_length=LONGEST, description="Of its directory, such as `:1/:filename`."
    )


class NamePage(BaseModel):
    """Names in their order."""

    names: list[str] = Field(examples=[["orders", "returns"]])
    total: Total
    next_cursor: str | None = Field(default=None, description="Of the next page, if there is one.")


class Begun(BaseModel):
    """A registration that was accepted."""

    uuid: str = Field(examples=["f98c6cfc-6f3a-4f3c-9a55-0f3f0f7f4a52"])


class ReferenceAnswer(BaseModel):
    """What something can be addressed with."""

    reference: str = Field(examples=["$orders.files.9f86d081884c7d65"])


class RegistrationStatus(BaseModel):
    """How a registration stands."""

    uuid: str
    name: str = Field(examples=["orders"])
    status: Literal["pending", "done", "failed"]
    reference: str | None = Field(description="Of the version, when it is done.")
    reason: str | None = Field(description="A code for why it failed.")
    error: str | None = Field(description="Why it failed, in words.")
    run_uuid: str | None = Field(description="Of the run that is made of it, where that is known.")


class VersionShown(BaseModel):
    """One version of a named-file."""

    reference: str
    uuid: str
    time: str
    size: int = Field(description="In bytes.")
    fingerprint: str = Field(description="The SHA-256 of its bytes.")
    file_name: str = Field(examples=["orders.csv"])
    provenance: dict[str, str] = Field(
        description="Where it came from, as far as its sender told and the server knows.",
        examples=[{"account": "alder", "protocol": "SFTP", "address": "203.0.113.9"}],
    )


class Versions(BaseModel):
    """Where versions of a named-file lie, and what they are."""

    files: list[str] = Field(description="Paths on the server's machine.")
    versions: list[VersionShown]


class Definition(BaseModel):
    """What is said of a named-file or of a group, whatever arrives."""

    definition: dict[str, Any] = Field(
        examples=[{"on_arrival": {"named_paths_group": "checks", "run_method": "collect_paths"}}]
    )


class NewDefinition(Definition):
    """What is to be said, in place of all that was."""

    project_name: ProjectMember


@router.get("", operation_id="list_registrations", summary="List named-files")
def list_registrations(
    service: ServiceDep,
    caller: CallerDep,
    project_name: ProjectQuery,
    limit: AllQuery = None,
    cursor: CursorQuery = None,
) -> NamePage:
    """List the names that files were registered under, in their order."""
    hosted = hosted_of(service, caller, project_name, "read")
    return page_of(service.project(hosted.project).named_files(), limit, cursor)


@router.post(
    "/{name}",
    status_code=status.HTTP_202_ACCEPTED,
    operation_id="register_file",
    summary="Register a file from where it lies",
)
def register_file(
    service: ServiceDep,
    caller: CallerDep,
    request: Request,
    response: Response,
    name: FileNamePath,
    body: NewRegistration,
    idempotency_key: IdempotencyHeader = None,
) -> Begun:
    """Have a file fetched and registered; the UUID leads to what comes of it.

    What can't be, as far as it shows without reading the file, is refused at once.
    """
    hosted = hosted_of(service, caller, body.project_name, "register")
    file = NewFile(name=name, source=body.file_location, template=body.template)
    asked = asked_for(request, caller, idempotency_key, body)
    accepted = accept_file(
        service, hosted, asker_of(caller), file, asked=asked, id=str(uuid4()), later=True
    )
    mark(request, response, accepted)
    return Begun(uuid=accepted.job or accepted.version or "")


@router.get("/{name}", operation_id="get_registration", summary="Tell of versions of a named-file")
def get_registration(
    service: ServiceDep,
    caller: CallerDep,
    name: FileNamePath,
    project_name: ProjectQuery,
    reference: ReferenceQuery = None,
) -> Versions:
    """Tell the versions that a reference means; without one the newest."""
    hosted = hosted_of(service, caller, project_name, "read")
    project = service.project(hosted.project)
    found = registrations.versions_in(project, name, reference)
    return Versions(
        files=[str(registrations.stored_at(project, each)) for each in found],
        versions=[shown_version(each) for each in found],
    )


@router.delete("/{name}", operation_id="delete_registration", summary="Remove a named-file")
def delete_registration(
    service: ServiceDep, caller: CallerDep, name: FileNamePath, project_name: ProjectQuery
) -> Message:
    """Remove a named-file with all its versions; results that were made of them stay."""
    hosted = hosted_of(service, caller, project_name, "register")
    service.project(hosted.project).remove_named_file(checked_text(name))
    audit(service, caller, hosted, "file.remove", name)
    return Message(message=f"Named-file '{name}' deleted.")


@router.get(
    "/{name}/reference",
    operation_id="get_registration_reference",
    summary="Get the reference of a registration",
)
def get_reference(
    service: ServiceDep,
    caller: CallerDep,
    name: FileNamePath,
    uuid: UuidQuery,
    project_name: ProjectQuery,
) -> ReferenceAnswer:
    """Return the reference of a version; 404 as long as it is not there, 409 when it failed."""
    hosted = hosted_of(service, caller, project_name, "read")
    found = registrations.standing(service, hosted, name, str(uuid))
    if found.status == "failed":
        why = found.job.error if found.job is not None else None
        raise Conflict(f"Registration '{uuid}' failed: {why}", hint="its status tells more")
    if found.reference is None:
        raise NotFound(
            f"No completed registration found for uuid '{uuid}' under '{name}'",
            hint="it is not done yet",
        )
    return ReferenceAnswer(reference=found.reference)


@router.get("/{name}/status", operation_id="get_registration_status", summary="Tell how one stands")
def get_status(
    service: ServiceDep,
    caller: CallerDep,
    name: FileNamePath,
    uuid: UuidQuery,
    project_name: ProjectQuery,
) -> RegistrationStatus:
    """Tell how a registration stands: pending, done, or failed and why."""
    hosted = hosted_of(service, caller, project_name, "read")
    found = registrations.standing(service, hosted, name, str(uuid))
    job, has_failed = found.job, found.status == "failed"
    return RegistrationStatus(
        uuid=found.uuid,
        name=name,
        status=found.status,
        reference=found.reference,
        reason=job.reason if job is not None and has_failed else None,
        error=job.error if job is not None and has_failed else None,
        run_uuid=found.run,
    )


@router.get(
    "/{name}/content", operation_id="get_registration_content", summary="Get a version in base64"
)
def get_content(
    service: ServiceDep,
    caller: CallerDep,
    name: FileNamePath,
    project_name: ProjectQuery,
    reference: ReferenceQuery = None,
) -> Value:
    """Return the bytes of a version in base64; large ones are for `raw`."""
    hosted = hosted_of(service, caller, project_name, "read")
    project = service.project(hosted.project)
    version = registrations.version_in(project, name, reference)
    content = results.small_content(registrations.stored_at(project, version))
    return Value(value=base64.b64encode(content).decode())


@router.head("/{name}/raw", include_in_schema=False)
@router.get(
    "/{name}/raw",
    operation_id="get_registration_raw",
    summary="Stream a version",
    response_class=Response,
    responses=RAW,
)
def get_raw(
    service: ServiceDep,
    caller: CallerDep,
    request: Request,
    name: FileNamePath,
    project_name: ProjectQuery,
    reference: ReferenceQuery = None,
) -> Response:
    """Stream the bytes of a version as they were registered, or a range of them."""
    hosted = hosted_of(service, caller, project_name, "read")
    project = service.project(hosted.project)
    version = registrations.version_in(project, name, reference)
    told = downloads.Download(
        path=registrations.stored_at(project, version),
        name=version.entry.file_name,
        fingerprint=version.fingerprint,
    )
    return downloads.answer(request, told)


@router.get(
    "/{name}/definition", operation_id="get_registration_definition", summary="Get its definition"
)
def get_definition(
    service: ServiceDep, caller: CallerDep, name: FileNamePath, project_name: ProjectQuery
) -> Definition:
    """Return the definition of a named-file: template, on_arrival, sources."""
    hosted = hosted_of(service, caller, project_name, "register")
    project = service.project(hosted.project)
    return Definition(definition=project.named_file_definition(checked_text(name)))


@router.put(
    "/{name}/definition", operation_id="set_registration_definition", summary="Set its definition"
)
def set_definition(
    service: ServiceDep, caller: CallerDep, name: FileNamePath, body: NewDefinition
) -> Definition:
    """Set the definition of a named-file, which is made if it is new.

    `on_arrival` names a group that is run over every version that arrives: it needs the scope
    `run`, too.
    """
    hosted = hosted_of(service, caller, body.project_name, "register")
    if body.definition.get("on_arrival"):
        caller.need("run")
    project = service.project(hosted.project)
    project.configure_named_file(name, body.definition)
    audit(service, caller, hosted, "file.define", name)
    return Definition(definition=project.named_file_definition(name))


def shown_version(version: Version) -> VersionShown:
    """Return a version as v2 shows it."""
    provenance = version.entry.provenance
    return VersionShown(
        reference=version.reference,
        uuid=version.id,
        time=moment(version.time) or "",
        size=version.size,
        fingerprint=version.fingerprint,
        file_name=version.entry.file_name,
        provenance={} if provenance is UNSET else msgspec.to_builtins(provenance),
    )


def page_of(names: list[str], limit: int | None, cursor: str | None) -> NamePage:
    """Return a page of names in their order."""
    after = "" if cursor is None else str(key_of(cursor, str)[0])
    found = sorted(name for name in names if name > after)
    is_more = limit is not None and len(found) > limit
    page = found[:limit]
    more = cursor_of(page[-1]) if is_more else None
    return NamePage(names=page, total=len(names), next_cursor=more)
