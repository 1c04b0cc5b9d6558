"""`/v2/files`: a file is sent, registered, and run in one request."""

from functools import partial
from typing import Annotated, Any, BinaryIO

from fastapi import APIRouter, Query, Request, Response, status
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from preboard.config.names import checked_name
from preboard.errors import InputError
from preboard.server.asking import (
    LONGEST,
    FileNamePath,
    IdempotencyHeader,
    asked_with_file,
    mark,
)
from preboard.server.auth import CallerDep, ServiceDep, hosted_of
from preboard.server.problems import answers
from preboard.server.routes.runs import Method
from preboard.server.services.accepting import Accepted, asker_of
from preboard.server.services.registering import NewFile, accept_file
from preboard.server.services.running import NewRun, check_run
from preboard.server.uploads.bodies import FORM, Body
from preboard.server.uploads.feed import fed

router = APIRouter(prefix="/files", tags=["v2:registrations"])

_Said = Annotated[str | None, Query(max_length=LONGEST)]


class Wanted(BaseModel):
    """What becomes of a file that is sent."""

    model_config = ConfigDict(extra="forbid")

    project_name: str = Field(max_length=LONGEST, examples=["acme"])
    file_name: str | None = Field(
        default=None,
        max_length=LONGEST,
        description="What the file is called, if its part of the form, or Content-Disposition, "
        "does not say; with directories for `template`.",
    )
    template: str | None = Field(
        default=None, max_length=LONGEST, description="Of its directory, such as `:1/:filename`."
    )
    group: str | None = Field(
        default=None, max_length=LONGEST, description="A group that is run over just this version."
    )
    method: Method | None = None
    run_template: str | None = Field(
        default=None, max_length=LONGEST, description="Of the run's directory, as `:1/:run_dir`."
    )
    delimiter: str | None = Field(default=None, max_length=8)
    quotechar: str | None = Field(default=None, max_length=8)


class Uploaded(BaseModel):
    """A file that was registered, and the run that was started with it."""

    reference: str = Field(examples=["$orders.files.9f86d081884c7d65"])
    uuid: str = Field(description="Of the registration.")
    fingerprint: str = Field(description="The SHA-256 of its bytes.")
    size: int = Field(description="In bytes.")
    is_new: bool = Field(description="Whether it was not the newest version already.")
    run_uuid: str | None = Field(description="Of the run that was started, if one was.")


def _form_schema() -> dict[str, Any]:
    members = dict(Wanted.model_json_schema()["properties"])
    members["file"] = {"type": "string", "format": "binary", "description": "Comes last."}
    return {"type": "object", "properties": members, "required": ["file"]}


@router.post(
    "/{name}",
    status_code=status.HTTP_201_CREATED,
    operation_id="upload_file",
    summary="Send a file",
    responses=answers(408, 415),
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "The file as it is, or a form with fields and, as its last part, it.",
            "content": {
                "text/csv": {"schema": {"type": "string", "format": "binary", "minLength": 1}},
                "application/octet-stream": {
                    "schema": {"type": "string", "format": "binary", "minLength": 1}
                },
                FORM: {"schema": _form_schema()},
            },
        }
    },
)
async def upload_file(  # noqa: PLR0913, PLR0917 - each a parameter of the operation
    service: ServiceDep,
    caller: CallerDep,
    request: Request,
    response: Response,
    name: FileNamePath,
    project_name: Annotated[
        str | None, Query(max_length=LONGEST, description="Needed, here or in the form.")
    ] = None,
    file_name: _Said = None,
    template: _Said = None,
    group: Annotated[
        str | None, Query(max_length=LONGEST, description="Run over just this version.")
    ] = None,
    method: Annotated[Method | None, Query()] = None,
    run_template: _Said = None,
    delimiter: Annotated[str | None, Query(max_length=8)] = None,
    quotechar: Annotated[str | None, Query(max_length=8)] = None,
    idempotency_key: IdempotencyHeader = None,
) -> Uploaded:
    """Send a file, which is stored as it comes and registered when it is whole.

    With `group` the run is accepted in the same transaction; else what the definition of the name
    says of arrivals is done. `Content-Digest`, or `X-Content-SHA256` for the file alone, is
    compared. What breaks off leaves nothing.
    """
    caller.need("register")
    checked_name(name, "named-file")
    said: dict[str, str | None] = {
        "project_name": project_name, "file_name": file_name, "template": template, "group": group,
        "method": method, "run_template": run_template, "delimiter": delimiter,
        "quotechar": quotechar,
    }  # fmt: skip
    with service.uploads.taken(caller.key.owner):
        body = Body(request, service.settings.most_upload_bytes)
        await body.begin()
        # What is not declared is refused with the rest: a wish that is misspelt is not done.
        wanted = _wanted({**request.query_params, **said}, body.fields)
        hosted = await run_in_threadpool(
            hosted_of, service, caller, wanted.project_name, "register"
        )
        run = _run(wanted)
        if run is not None:
            caller.need("run")
            project = await run_in_threadpool(service.project, hosted.project)
            await run_in_threadpool(check_run, project, run)
        called = wanted.file_name or body.file_name or body.name_for(name)
        if called is None:
            raise InputError(
                "nobody says what the file is called",
                hint="file_name=orders.csv in the query, or a Content-Disposition with a filename",
            )
        said_of_it = wanted.model_copy(update={"file_name": called})  # wherever it is said
        asked = asked_with_file(request, caller, idempotency_key, said_of_it)

        def take(stream: BinaryIO) -> Accepted:
            file = NewFile(name=name, source=stream, file_name=called, template=wanted.template)
            return accept_file(service, hosted, asker_of(caller), file, run, asked=asked)

        accepted = await fed(body.blocks(), take)
    mark(request, response, accepted)
    project = await run_in_threadpool(service.project, hosted.project)
    find = partial(project.catalog.versions.of_result, accepted.version or "")
    version = await run_in_threadpool(find)
    assert version is not None  # noqa: S101 - the catalog forgets no version that was accepted
    return Uploaded(
        reference=version.reference,
        uuid=version.id,
        fingerprint=version.fingerprint,
        size=version.size,
        is_new=accepted.is_new,
        run_uuid=accepted.job,
    )


def _wanted(said: dict[str, str | None], fields: dict[str, str]) -> Wanted:
    """Return what is wanted; what a form says goes before the query."""
    given = {name: text for name, text in said.items() if text is not None}
    try:
        return Wanted.model_validate(given | fields)
    except ValidationError as error:
        raise RequestValidationError(
            [
                each | {"loc": ("query" if each["loc"][0] in given else "body", *each["loc"])}
                for each in error.errors(include_url=False)
            ]
        ) from error


def _run(wanted: Wanted) -> NewRun | None:
    if wanted.group is None:
        return None
    return NewRun(
        group=wanted.group,
        method=wanted.method,
        template=wanted.run_template,
        delimiter=wanted.delimiter,
        quotechar=wanted.quotechar,
    )
