"""`/v2/projects/{name}/files`: the files of a project beside its data (spec/server.md 4)."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from preboard.server import downloads
from preboard.server.auth import CallerDep, ServiceDep, hosted_of
from preboard.server.pagination import CursorQuery, LimitQuery, cursor_of, text_of
from preboard.server.routes.keys import Message
from preboard.server.routes.projects import NamePath
from preboard.server.routes.registrations import RAW
from preboard.server.services import files, owned
from preboard.server.shapes import moment

router = APIRouter(prefix="/projects/{name}/files", tags=["v2:projects"])

FilePath = Annotated[
    str,
    Path(
        description="Below the project's directory, with forward slashes.",
        examples=["docs/readme.txt"],
    ),
]
BASE64 = r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"


class Content(BaseModel):
    """The content of a file."""

    value: str = Field(
        description="In base64.",
        examples=["aWQscHJpY2UK"],
        json_schema_extra={"contentEncoding": "base64", "pattern": BASE64},
    )


_RAW: dict[int | str, dict[str, Any]] = {
    **RAW,
    200: {
        **RAW[200],
        "model": Content,
        "description": "The content in base64, or with `raw` as it is.",
    },
}


class File(BaseModel):
    """A file of a project."""

    path: str = Field(examples=["docs/readme.txt"])
    size: int = Field(description="In bytes.", examples=[9])
    modified: str = Field(examples=["2026-11-21T07:03:14.266583Z"])


class Files(BaseModel):
    """Files in the order of their paths."""

    files: list[File]
    next_cursor: str | None = Field(default=None, description="Of the next page, if there is one.")


@router.get("", operation_id="list_project_files", summary="List files")
def list_files(
    service: ServiceDep,
    caller: CallerDep,
    name: NamePath,
    prefix: Annotated[str, Query(max_length=1000, description="Of the paths.")] = "",
    limit: LimitQuery = 1000,
    cursor: CursorQuery = None,
) -> Files:
    """List the files of a project; its settings are not among them."""
    hosted = hosted_of(service, caller, name, "read")
    project = service.project(hosted.project)
    found = files.list_files(project, prefix=prefix, after=text_of(cursor), most=limit + 1)
    page = found[:limit]
    return Files(
        files=[
            File(path=each.path, size=each.size, modified=moment(each.modified) or "")
            for each in page
        ],
        next_cursor=cursor_of(page[-1].path) if len(found) > limit else None,
    )


@router.head("/{file_path:path}", response_model=None, include_in_schema=False)
@router.get(
    "/{file_path:path}",
    operation_id="get_project_file",
    summary="Read a file",
    response_model=None,
    responses=_RAW,
)
def get_file(
    request: Request,
    service: ServiceDep,
    caller: CallerDep,
    name: NamePath,
    file_path: FilePath,
    raw: Annotated[bool, Query(description="Stream the bytes, also a part of them.")] = False,  # noqa: FBT002 - a query
) -> Content | Response:
    """Return the content of a file, in base64 or as it is.

    The definition.json of a named-file or a group needs the scope `register`, too.
    """
    if not raw:
        return Content(value=owned.encoded_file(service, caller, name, file_path))
    path = owned.file_of(service, caller, name, file_path)
    return downloads.answer(request, downloads.Download(path=path, name=path.name))


@router.put("/{file_path:path}", operation_id="put_project_file", summary="Store a file")
def put_file(
    service: ServiceDep, caller: CallerDep, name: NamePath, file_path: FilePath, body: Content
) -> Message:
    """Store a file of a project, in place of the one of that path if there is one."""
    owned.put_file(service, caller, name, file_path, body.value)
    return Message(message=f"File '{file_path}' stored in project '{name}'.")


@router.delete("/{file_path:path}", operation_id="delete_project_file", summary="Delete a file")
def delete_file(
    service: ServiceDep, caller: CallerDep, name: NamePath, file_path: FilePath
) -> Message:
    """Delete a file of a project."""
    owned.delete_file(service, caller, name, file_path)
    return Message(message=f"File '{file_path}' deleted from project '{name}'.")
