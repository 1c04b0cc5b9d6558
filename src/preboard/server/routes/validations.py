"""`/v2/validations`: named-paths groups, loaded, told and removed (spec/server.md 7)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, status
from pydantic import BaseModel, ConfigDict, Field, model_validator

from preboard.catalog.service.hosting import Hosted
from preboard.config.names import did_you_mean, shown
from preboard.errors import BadReference, InputError, NotFound
from preboard.groups.members import statements_in
from preboard.project.project import Project
from preboard.references.resolve import Resolver
from preboard.references.syntax import is_reference, parse_reference
from preboard.server.asking import (
    LONGEST,
    GroupNamePath,
    ProjectMember,
    ProjectQuery,
    ReferenceQuery,
)
from preboard.server.auth import Caller, CallerDep, ServiceDep, hosted_of
from preboard.server.pagination import AllQuery, CursorQuery, LimitQuery, Total, cursor_of, place_of
from preboard.server.routes.keys import Message
from preboard.server.routes.registrations import (
    Definition,
    NamePage,
    NewDefinition,
    ReferenceAnswer,
    page_of,
)
from preboard.server.service import Service
from preboard.server.services.accepting import asker_of, checked_text
from preboard.server.services.owned import audit
from preboard.server.services.registering import NewGroup, load_group, reference_of
from preboard.server.shapes import moment

router = APIRouter(prefix="/validations", tags=["v2:validations"])

_STATEMENT = '~ id: us_only ~ $[*][ #country == "US" ]'


class NewValidation(BaseModel):
    """Statements that are to be a group: from a location, or as they are."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"project_name": "acme", "csvpaths": [_STATEMENT]},
                {"project_name": "acme", "file_location": "s3://rules/checks.csvpaths"},
            ],
            "oneOf": [{"required": ["file_location"]}, {"required": ["csvpaths"]}],
        }
    )

    project_name: ProjectMember
    file_location: str | None = Field(
        default=None,
        max_length=8192,
        description="An address, or a path below the server's local roots.",
    )
    csvpaths: str | list[str] | None = Field(
        default=None, description="The statements themselves: one text as of a file, or a list."
    )
    append: bool = Field(default=False, description="Put them behind those that there are.")
    template: str | None = Field(
        default=None, max_length=LONGEST, description="Of the runs, such as `:1/:run_dir`."
    )

    @model_validator(mode="after")
    def _one(self) -> "NewValidation":
        if (self.file_location is None) == (self.csvpaths is None):
            raise ValueError("give either file_location or csvpaths")
        return self


class Paths(BaseModel):
    """Statements of a group."""

    paths: list[str] = Field(examples=[[_STATEMENT]])
    identities: list[str] = Field(examples=[["us_only"]])


class LoadShown(BaseModel):
    """One text that a group had."""

    uuid: str
    time: str
    fingerprint: str = Field(description="The SHA-256 of the text.")
    csvpaths_count: int
    text: str


class History(BaseModel):
    """The texts that a group had, the first one first; the last of all is in force."""

    loads: list[LoadShown]
    total: Total
    next_cursor: str | None = Field(default=None, description="Of the next page, if there is one.")


class DefinitionSet(Definition):
    """The settings of a group, and what is to be minded of them."""

    warnings: list[str]


@router.get("", operation_id="list_validations", summary="List groups")
def list_validations(
    service: ServiceDep,
    caller: CallerDep,
    project_name: ProjectQuery,
    limit: AllQuery = None,
    cursor: CursorQuery = None,
) -> NamePage:
    """List the names of the groups, in their order."""
    hosted = hosted_of(service, caller, project_name, "read")
    return page_of(service.project(hosted.project).group_names(), limit, cursor)


@router.post(
    "/{name}",
    status_code=status.HTTP_201_CREATED,
    operation_id="load_validation",
    summary="Load a group",
)
def load_validation(
    service: ServiceDep, caller: CallerDep, name: GroupNamePath, body: NewValidation
) -> ReferenceAnswer:
    """Make statements the text of a group; when one of them is wrong, nothing is changed."""
    hosted = hosted_of(service, caller, body.project_name, "register")
    given = body.csvpaths
    new = NewGroup(
        name=name,
        location=body.file_location,
        texts=statements_in(given) if isinstance(given, str) else given or (),
        append=body.append,
        template=body.template,
    )
    return _loaded(service, caller, hosted, new)


async def _sent(request: Request) -> bytes:
    """Return the body as it is: one that says nothing of its type would be taken for JSON."""
    return await request.body()


@router.put(
    "/{name}",
    status_code=status.HTTP_201_CREATED,
    operation_id="upload_validation",
    summary="Load a group from the body",
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "A file of statements, between them `---- CSVPATH ----`.",
            "content": {"text/plain": {"schema": {"type": "string", "examples": [_STATEMENT]}}},
        }
    },
)
def upload_validation(
    text: Annotated[bytes, Depends(_sent)],  # first, as every other body is read
    service: ServiceDep,
    caller: CallerDep,
    name: GroupNamePath,
    project_name: ProjectQuery,
    append: Annotated[bool, Query(description="Put them behind those that there are.")] = False,  # noqa: FBT002 - a query
    template: Annotated[str | None, Query(max_length=LONGEST, description="Of the runs.")] = None,
) -> ReferenceAnswer:
    """Make a file of statements the text of a group: `curl --data-binary @checks.csvpaths`."""
    hosted = hosted_of(service, caller, project_name, "register")
    try:
        told = text.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError as error:
        raise InputError(
            f"the text is not UTF-8: byte 0x{text[error.start]:02x} at {error.start}",
            byte_offset=error.start,
            hint="save the file as UTF-8",
        ) from error
    new = NewGroup(name=name, texts=statements_in(told), append=append, template=template)
    return _loaded(service, caller, hosted, new)


@router.get("/{name}", operation_id="get_validation", summary="Get the statements of a group")
def get_validation(
    service: ServiceDep,
    caller: CallerDep,
    name: GroupNamePath,
    project_name: ProjectQuery,
    reference: ReferenceQuery = None,
) -> Paths:
    """Return the statements of a group, all or those that a reference means."""
    hosted = hosted_of(service, caller, project_name, "read")
    project = _known(service, hosted, name)
    if reference is not None:
        _check_reference(name, reference)
    group = project.groups.group(project.groups.current(name))
    try:
        members = Resolver(project.catalog).members(reference or name, group)
    except NotFound:  # no such statement: of none there is a list, too
        members = ()
    return Paths(
        paths=[each.statement.text for each in members],
        identities=[each.identity for each in members],
    )


@router.delete("/{name}", operation_id="delete_validation", summary="Remove a group")
def delete_validation(
    service: ServiceDep, caller: CallerDep, name: GroupNamePath, project_name: ProjectQuery
) -> Message:
    """Remove a group; results that were made with it stay, with the texts that they name."""
    hosted = hosted_of(service, caller, project_name, "register")
    _known(service, hosted, name).remove_group(name)
    audit(service, caller, hosted, "group.remove", name)
    return Message(message=f"Validation group '{name}' deleted.")


@router.get("/{name}/history", operation_id="get_validation_history", summary="Get its texts")
def get_history(
    service: ServiceDep,
    caller: CallerDep,
    name: GroupNamePath,
    project_name: ProjectQuery,
    limit: LimitQuery = 100,
    cursor: CursorQuery = None,
) -> History:
    """Return the texts that a group had since it was made."""
    hosted = hosted_of(service, caller, project_name, "read")
    project = _known(service, hosted, name)
    found = project.group_history(name, after=place_of(cursor), most=limit + 1)
    loads = found[:limit]
    return History(
        loads=[
            LoadShown(
                uuid=each.id,
                time=moment(each.time) or "",
                fingerprint=each.fingerprint,
                csvpaths_count=each.entry.named_paths_count,
                text=each.text,
            )
            for each in loads
        ],
        total=project.catalog.loads.count(name),
        next_cursor=cursor_of(loads[-1].seq) if len(found) > limit else None,
    )


@router.get(
    "/{name}/definition", operation_id="get_validation_definition", summary="Get its settings"
)
def get_definition(
    service: ServiceDep, caller: CallerDep, name: GroupNamePath, project_name: ProjectQuery
) -> Definition:
    """Return the settings of a group: template, transfers, and who is told."""
    hosted = hosted_of(service, caller, project_name, "register")
    return Definition(definition=_known(service, hosted, name).group_settings(name))


@router.put(
    "/{name}/definition", operation_id="set_validation_definition", summary="Set its settings"
)
def set_definition(
    service: ServiceDep, caller: CallerDep, name: GroupNamePath, body: NewDefinition
) -> DefinitionSet:
    """Set the settings of a group, in place of all that it had."""
    hosted = hosted_of(service, caller, body.project_name, "register")
    project = _known(service, hosted, name)
    warnings = project.configure_group(name, body.definition)
    audit(service, caller, hosted, "group.define", name)
    settings: dict[str, Any] = project.group_settings(name)
    return DefinitionSet(definition=settings, warnings=warnings)


def _loaded(service: Service, caller: Caller, hosted: Hosted, new: NewGroup) -> ReferenceAnswer:
    load = load_group(service, hosted, asker_of(caller), new)
    return ReferenceAnswer(reference=reference_of(load))


def _known(service: Service, hosted: Hosted, name: str) -> Project:
    """Return the project, if it has a group of this name."""
    project = service.project(hosted.project)
    if not project.catalog.groups.exists(checked_text(name)):
        raise NotFound(
            f"Validation group {shown(name)} not found",
            hint=did_you_mean(name, project.catalog.groups.all()),
        )
    return project


def _check_reference(name: str, reference: str) -> None:
    checked_text(reference)
    told = reference.partition("#")[0]
    if is_reference(reference):
        told = parse_reference(reference).name
    if told != name:
        raise BadReference(
            reference, 0, f"Reference name {shown(told)} does not match path name {shown(name)}"
        )
