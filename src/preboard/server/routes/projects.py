"""`/v2/projects`: projects, their config and their env (spec/server.md 4)."""

from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Path, Query, status
from pydantic import BaseModel, ConfigDict, Field
from starlette.convertors import PathConvertor, register_url_convertor

from preboard.catalog.service.hosting import Hosted
from preboard.server.auth import CallerDep, ServiceDep, hosted_of
from preboard.server.pagination import AllQuery, CursorQuery, Total, cursor_of, key_of
from preboard.server.routes.keys import Message
from preboard.server.service import Service
from preboard.server.services import owned, projects
from preboard.server.shapes import moment

router = APIRouter(prefix="/projects", tags=["v2:projects"])


class _EnvKey(PathConvertor):
    """A name in the env: it may hold slashes, and ends in none, so such paths lead on as others."""

    regex = ".*[^/]"


register_url_convertor("key", _EnvKey())

NAME_RULE: dict[str, Any] = {
    "pattern": r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,127}$",
    "not": {"pattern": r"\.\.|[. ]$"},
}
"""The rule of names in the words of a schema; `checked_server_name` is what checks it."""
NamePath = Annotated[
    str, Path(description="The name of a project of this key's owner.", examples=["acme"])
]
SectionPath = Annotated[
    str, Path(description="Upper and lower case count.", examples=["errors"], max_length=200)
]
FieldPath = Annotated[
    str,
    Path(
        description="In upper or lower case.",
        examples=["csvpath"],
        max_length=200,
        json_schema_extra={"pattern": r"^[A-Za-z_][A-Za-z0-9_.-]{0,127}$"},
    ),
]
EnvKeyPath = Annotated[
    str, Path(description="A name in the env.", examples=["SFTP_PASSWORD"], max_length=128)
]


class Value(BaseModel):
    """A text, as it is stored."""

    value: str = Field(examples=["collect, fail"])


class ConfigText(BaseModel):
    """A whole config.ini."""

    value: str = Field(examples=["[errors]\ncsvpath = collect, fail\n"])


class EnvText(BaseModel):
    """A whole env: a flat JSON object of texts, as a text."""

    value: str = Field(examples=['{"SFTP_USER": "acme"}'])


class Names(BaseModel):
    """Names of projects in the order of their creation."""

    names: list[str] = Field(examples=[["acme", "globex"]])
    total: Total
    next_cursor: str | None = Field(default=None, description="Of the next page, if there is one.")


class NewProject(BaseModel):
    """A project that is to be made."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "acme"}, {"name": "acme", "config_str": None}]}
    )

    name: str = Field(examples=["acme"], json_schema_extra=NAME_RULE)
    config_str: str | None = Field(
        default=None, description="Its config.ini; without one that of new projects."
    )


class Project(BaseModel):
    """A project, and how much there is in it."""

    id: str = Field(examples=["6f1e7c5e-9d0f-4e43-8d0b-5a4f0c0e1d77"])
    name: str = Field(examples=["acme"])
    created: str = Field(examples=["2026-11-21T07:03:14.266583Z"])
    files: int = Field(description="Named-files.", examples=[3])
    groups: int = Field(description="Named-paths groups.", examples=[2])
    runs: int = Field(examples=[118])
    local_files: bool = Field(description="Whether it may take files from the server's disk.")
    most_running: int | None = Field(
        description="Runs that go on at once; null for the limit of the server.", examples=[None]
    )


class ProjectChange(BaseModel):
    """What is to be another of a project; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"most_running": 2}]})

    name: str | None = Field(default=None, description="Null stays.", json_schema_extra=NAME_RULE)
    most_running: int | None = Field(
        default=None, ge=1, le=projects.MOST_AT_ONCE, description="Null: the server's limit."
    )


@router.get("", operation_id="list_projects", summary="List projects")
def list_projects(
    service: ServiceDep,
    caller: CallerDep,
    limit: AllQuery = None,
    cursor: CursorQuery = None,
    prefix: Annotated[
        str, Query(max_length=128, pattern=r"^[A-Za-z0-9 ._-]*$", description="Of the names.")
    ] = "",
) -> Names:
    """List the projects that the key can use, in the order of their creation."""
    caller.need("read")
    after = None
    if cursor:
        created, project = key_of(cursor, str, str)
        after = (str(created), str(project))
    found = service.hosting.page(
        caller.key.owner,
        prefix=prefix,
        among=caller.key.projects,
        after=after,
        most=None if limit is None else limit + 1,
    )
    more = limit is not None and len(found) > limit
    page = found[:limit]
    return Names(
        names=[each.name for each in page],
        total=service.hosting.count(caller.key.owner, prefix=prefix, among=caller.key.projects),
        next_cursor=cursor_of(page[-1].created, page[-1].project) if more else None,
    )


@router.post(
    "", status_code=status.HTTP_201_CREATED, operation_id="create_project", summary="Make a project"
)
def create_project(service: ServiceDep, caller: CallerDep, body: NewProject) -> Message:
    """Make a project with its config; what the server decides in a config is forced on it."""
    owned.make_project(service, caller, body.name, body.config_str)
    return Message(message=f"Project '{body.name}' created.")


@router.get("/{name}", operation_id="get_project", summary="Tell of a project")
def get_project(service: ServiceDep, caller: CallerDep, name: NamePath) -> Project:
    """Tell what a project is and how much there is in it."""
    return _told(service, hosted_of(service, caller, name, "read"))


@router.patch("/{name}", operation_id="change_project", summary="Rename or limit a project")
def change_project(
    service: ServiceDep, caller: CallerDep, name: NamePath, body: ProjectChange
) -> Project:
    """Give a project another name, or another number of runs that go on at once."""
    hosted = hosted_of(service, caller, name, "admin")
    if body.name is not None and body.name != hosted.name:
        owned.rename_project(service, caller, hosted, body.name)
    if "most_running" in body.model_fields_set:
        owned.limit_project(service, caller, hosted, body.most_running)
    return _told(service, hosted_of(service, caller, body.name or hosted.name, "admin"))


@router.delete("/{name}", operation_id="delete_project", summary="Delete a project")
def delete_project(
    service: ServiceDep, caller: CallerDep, name: NamePath, later: BackgroundTasks
) -> Message:
    """Delete a project with all that is in it, results included; what runs is cancelled."""
    hosted = owned.remove_project(service, caller, name)
    later.add_task(projects.finish_removal, service, hosted)
    return Message(message=f"Project '{name}' deleted.")


@router.get("/{name}/config", operation_id="get_config", summary="Read the config")
def get_config(service: ServiceDep, caller: CallerDep, name: NamePath) -> ConfigText:
    """Return the config.ini of a project as it is stored."""
    return ConfigText(value=owned.config_of(service, caller, name))


@router.put("/{name}/config", operation_id="set_config", summary="Set the config")
def set_config(service: ServiceDep, caller: CallerDep, name: NamePath, body: ConfigText) -> Message:
    """Store a whole config.ini; what the server decides in it is forced, comments stay."""
    owned.set_config(service, caller, name, body.value)
    return Message(message=f"Config updated for project '{name}'.")


@router.get(
    "/{name}/config/{section}/{field}", operation_id="get_config_field", summary="Read a field"
)
def get_field(
    service: ServiceDep, caller: CallerDep, name: NamePath, section: SectionPath, field: FieldPath
) -> Value:
    """Return one field of a project's config."""
    return Value(value=owned.field_of(service, caller, name, section, field))


@router.patch(
    "/{name}/config/{section}/{field}", operation_id="set_config_field", summary="Set a field"
)
def set_field(
    service: ServiceDep,
    caller: CallerDep,
    name: NamePath,
    section: SectionPath,
    field: FieldPath,
    body: Value,
) -> Message:
    """Set one field of a project's config, by the rules that a whole text has."""
    owned.set_field(service, caller, name, section, field, body.value)
    return Message(message=f"Config field '{section}.{field}' updated for project '{name}'.")


@router.get("/{name}/env", operation_id="get_env", summary="Read the env")
def get_env(service: ServiceDep, caller: CallerDep, name: NamePath) -> EnvText:
    """Return the env of a project, a flat JSON object, as it is stored."""
    return EnvText(value=owned.env_of(service, caller, name))


@router.put("/{name}/env", operation_id="set_env", summary="Set the env")
def set_env(service: ServiceDep, caller: CallerDep, name: NamePath, body: EnvText) -> Message:
    """Store a whole env: a JSON object of texts."""
    owned.set_env(service, caller, name, body.value)
    return Message(message=f"Env updated for project '{name}'.")


@router.get("/{name}/env/{env_key:key}", operation_id="get_env_value", summary="Read a value")
def get_env_value(
    service: ServiceDep, caller: CallerDep, name: NamePath, env_key: EnvKeyPath
) -> Value:
    """Return one value of a project's env."""
    return Value(value=owned.env_value_of(service, caller, name, env_key))


@router.patch("/{name}/env/{env_key:key}", operation_id="set_env_value", summary="Set a value")
def set_env_value(
    service: ServiceDep, caller: CallerDep, name: NamePath, env_key: EnvKeyPath, body: Value
) -> Message:
    """Set one value of a project's env, and leave the others."""
    owned.set_env_value(service, caller, name, env_key, body.value)
    return Message(message=f"Env key '{env_key}' updated for project '{name}'.")


def _told(service: Service, hosted: Hosted) -> Project:
    counts = service.hosting.counts(hosted.project)
    return Project(
        id=hosted.project,
        name=hosted.name,
        created=moment(hosted.created) or "",
        files=counts.files,
        groups=counts.groups,
        runs=counts.runs,
        local_files=service.allows_local_files(hosted.project),
        most_running=hosted.most_running,
    )
