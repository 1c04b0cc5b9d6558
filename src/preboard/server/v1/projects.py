"""`/projects`: projects in the shapes of the older API (spec/server.md 4, 9)."""

from fastapi import APIRouter, BackgroundTasks
from pydantic import BaseModel, ConfigDict, Field

from preboard.server.auth import CallerDep, ServiceDep
from preboard.server.routes.keys import Message
from preboard.server.services import owned, projects

router = APIRouter(prefix="/projects")


class ProjectName(BaseModel):
    """Which project."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "acme"}]})

    name: str


class NewProject(ProjectName):
    """A project that is to be made."""

    config_str: str | None = None


class ConfigText(ProjectName):
    """A config to be stored."""

    config_str: str = Field(examples=["[errors]\ncsvpath = collect, fail\n"])


class EnvText(ProjectName):
    """An env to be stored."""

    env_str: str = Field(examples=['{"SFTP_USER": "acme"}'])


class EnvValue(ProjectName):
    """A value of an env to be stored."""

    key: str = Field(examples=["SFTP_USER"])
    value: str = Field(examples=["acme"])


class FilePath(ProjectName):
    """Which file."""

    file_path: str = Field(examples=["docs/readme.txt"])


class NewFile(FilePath):
    """A file to be stored; its content is base64."""

    file_content: str = Field(examples=["aWQscHJpY2UK"])


class ProjectNames(BaseModel):
    """Names in the order of creation."""

    names: list[str]


class FileContent(BaseModel):
    """The content of a file in base64."""

    file_content: str


@router.get("/get_project_names", operation_id="v1_get_project_names", summary="List projects")
@router.post("/get_project_names", operation_id="v1_post_project_names", summary="List projects")
def get_project_names(service: ServiceDep, caller: CallerDep) -> ProjectNames:
    """List the projects that the key can use."""
    return ProjectNames(names=owned.names_of(service, caller))


@router.post("/new_project", operation_id="v1_new_project", summary="Make a project")
def new_project(service: ServiceDep, caller: CallerDep, body: NewProject) -> Message:
    """Make a project with its config."""
    owned.make_project(service, caller, body.name, body.config_str)
    return Message(message=f"Config '{body.name}' created.")


@router.post("/delete_project", operation_id="v1_delete_project", summary="Delete a project")
def delete_project(
    service: ServiceDep, caller: CallerDep, body: ProjectName, later: BackgroundTasks
) -> Message:
    """Delete a project with all that is in it."""
    hosted = owned.remove_project(service, caller, body.name)
    later.add_task(projects.finish_removal, service, hosted)
    return Message(message=f"Project '{body.name}' deleted.")


@router.get("/get_project_config", operation_id="v1_get_project_config", summary="Read the config")
@router.post(
    "/get_project_config", operation_id="v1_post_get_project_config", summary="Read the config"
)
def get_project_config(service: ServiceDep, caller: CallerDep, body: ProjectName) -> str:
    """Return the config of a project as a JSON string."""
    return owned.config_of(service, caller, body.name)


@router.post("/set_project_config", operation_id="v1_set_project_config", summary="Set the config")
def set_project_config(service: ServiceDep, caller: CallerDep, body: ConfigText) -> Message:
    """Store the config of a project."""
    owned.set_config(service, caller, body.name, body.config_str)
    return Message(message=f"Config updated for project '{body.name}'.")


@router.get("/get_env_file", operation_id="v1_get_env_file", summary="Read the env")
@router.post("/get_env_file", operation_id="v1_post_get_env_file", summary="Read the env")
def get_env_file(service: ServiceDep, caller: CallerDep, body: ProjectName) -> str:
    """Return the env of a project as a JSON string."""
    return owned.env_of(service, caller, body.name)


@router.post("/set_env_file", operation_id="v1_set_env_file", summary="Set the env")
def set_env_file(service: ServiceDep, caller: CallerDep, body: EnvText) -> Message:
    """Store the env of a project."""
    owned.set_env(service, caller, body.name, body.env_str)
    return Message(message=f"Env updated for project '{body.name}'.")


@router.post("/set_env_key", operation_id="v1_set_env_key", summary="Set a value of the env")
def set_env_key(service: ServiceDep, caller: CallerDep, body: EnvValue) -> Message:
    """Set one value of the env of a project."""
    owned.set_env_value(service, caller, body.name, body.key, body.value)
    return Message(message=f"Env key '{body.key}' updated for project '{body.name}'.")


@router.post("/add_file", operation_id="v1_add_file", summary="Store a file")
def add_file(service: ServiceDep, caller: CallerDep, body: NewFile) -> Message:
    """Store a file of a project."""
    owned.put_file(service, caller, body.name, body.file_path, body.file_content)
    return Message(message=f"File '{body.file_path}' added to project '{body.name}'.")


@router.post("/get_file", operation_id="v1_get_project_file", summary="Read a file")
def get_file(service: ServiceDep, caller: CallerDep, body: FilePath) -> FileContent:
    """Return the content of a file of a project in base64."""
    content = owned.encoded_file(service, caller, body.name, body.file_path)
    return FileContent(file_content=content)
