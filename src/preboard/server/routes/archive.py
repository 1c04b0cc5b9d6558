"""`/v2/archive`: what came of runs (spec/server.md 7).

The directory of a run may lie deeper, as its template says: `{run_dir}` takes slashes, and ends in
the part that is a time, or is a selector. Of several such parts the last one ends it, so what a
template calls its directories, `raw` or `files`, is never taken for an operation.
"""

import base64
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.convertors import PathConvertor, register_url_convertor

from preboard.archive.files import DATA, UNMATCHED
from preboard.archive.homes import RUN_DIRECTORY
from preboard.catalog.runs import Ended
from preboard.runs.result import Instance
from preboard.server import downloads
from preboard.server.asking import (
    LONGEST,
    GroupNamePath,
    ProjectQuery,
    SinceQuery,
    UntilQuery,
    moment_of,
)
from preboard.server.auth import CallerDep, ServiceDep, hosted_of
from preboard.server.pagination import AllQuery, CursorQuery, LimitQuery, Total, cursor_of, place_of
from preboard.server.routes.projects import Value
from preboard.server.routes.registrations import RAW, NamePage, page_of
from preboard.server.services import archived, results
from preboard.server.services.accepting import checked_text
from preboard.server.shapes import moment

router = APIRouter(prefix="/archive", tags=["v2:archive"])


class _RunDirectory(PathConvertor):
    regex = f"(?:.*/)?{RUN_DIRECTORY}|{archived.SELECTOR}"


register_url_convertor("run", _RunDirectory())
_AT = "/{name}/{run_dir:run}"
_OF = _AT + "/{csvpath_id}"
RunDirPath = Annotated[
    str,
    Path(
        max_length=LONGEST,
        description="The directory of a run, with those of its template; or `:last`, `:first`.",
        examples=["2026-11-21_07-12-53"],
    ),
]
CsvpathPath = Annotated[
    str,
    Path(max_length=LONGEST, description="The identity of a statement.", examples=["us_only"]),
]
FilePath = Annotated[
    str,
    Path(max_length=LONGEST, description="Below the instance's directory.", examples=["data.csv"]),
]
StateQuery = Annotated[
    Literal["complete", "failed"] | None, Query(description="How the run ended.")
]
ValidQuery = Annotated[bool | None, Query(description="What was found of the data.")]


class RunShown(BaseModel):
    """A run that ended."""

    name: str = Field(examples=["2026-11-21_07-12-53"])
    uuid: str
    run_uuid: str | None = Field(description="Of the job that made it, as `/v2/runs` knows it.")
    reference: str = Field(examples=["$checks.results.2026-11-21_07-12-53"])
    time: str
    state: str = Field(examples=["complete"])
    valid: bool | None
    completed: bool | None
    error_count: int | None


class RunNames(BaseModel):
    """Runs of a group, newest first."""

    names: list[str] = Field(examples=[["2026-11-21_07-12-53", "2026-11-20_07-12-51"]])
    runs: list[RunShown]
    total: Total
    next_cursor: str | None = Field(default=None, description="Of the next page, if there is one.")


class Identities(BaseModel):
    """The statements of a run, in their order."""

    names: list[str] = Field(examples=[["us_only", "amounts"]])


class Errors(BaseModel):
    """What a statement found wrong."""

    errors: list[dict[str, Any]]


class Meta(BaseModel):
    """The meta.json of an instance."""

    meta: dict[str, Any]


class Variables(BaseModel):
    """The variables of a statement, as they were at its end."""

    variables: dict[str, Any]


class TraceShown(BaseModel):
    """Where a result comes from: run, text of the group, version of the file."""

    trace: dict[str, Any]


@router.get("", operation_id="list_archive", summary="List what has results")
def list_archive(
    service: ServiceDep,
    caller: CallerDep,
    project_name: ProjectQuery,
    limit: AllQuery = None,
    cursor: CursorQuery = None,
) -> NamePage:
    """List the groups that have runs, in their order."""
    hosted = hosted_of(service, caller, project_name, "read")
    return page_of(service.project(hosted.project).catalog.runs.groups(), limit, cursor)


@router.get("/{name}", operation_id="list_archived_runs", summary="List the runs of a group")
def list_archived_runs(  # noqa: PLR0913, PLR0917 - each narrows
    service: ServiceDep,
    caller: CallerDep,
    name: GroupNamePath,
    project_name: ProjectQuery,
    state: StateQuery = None,
    valid: ValidQuery = None,
    since: SinceQuery = None,
    until: UntilQuery = None,
    limit: LimitQuery = 1000,
    cursor: CursorQuery = None,
) -> RunNames:
    """List the runs of a group that ended, newest first; times are of their start."""
    hosted = hosted_of(service, caller, project_name, "read")
    runs = service.project(hosted.project).catalog.runs
    wanted = Ended(
        group=checked_text(name),
        state=state,
        valid=valid,
        since=moment_of(since),
        until=moment_of(until),
    )
    found = runs.page(wanted, limit + 1, below=place_of(cursor))
    page = found[:limit]
    return RunNames(
        names=[archived.path_of(each) for each in page],
        runs=[
            RunShown(
                name=archived.path_of(each),
                uuid=each.id,
                run_uuid=each.job,
                reference=each.reference,
                time=moment(each.time) or "",
                state=each.state,
                valid=each.valid,
                completed=each.completed,
                error_count=each.errors,
            )
            for each in page
        ],
        total=runs.count(wanted),
        next_cursor=cursor_of(page[-1].seq) if len(found) > limit else None,
    )


@router.get(_AT, operation_id="get_archived_run", summary="List the statements of a run")
def get_run(
    service: ServiceDep,
    caller: CallerDep,
    name: GroupNamePath,
    run_dir: RunDirPath,
    project_name: ProjectQuery,
) -> Identities:
    """List the statements of a run in their order."""
    hosted = hosted_of(service, caller, project_name, "read")
    run = archived.run_at(service.project(hosted.project), name, run_dir)
    return Identities(names=[each.identity for each in run.instances])


@router.get(_AT + "/trace", operation_id="trace_run", summary="Tell where a run comes from")
def trace_run(
    service: ServiceDep,
    caller: CallerDep,
    name: GroupNamePath,
    run_dir: RunDirPath,
    project_name: ProjectQuery,
) -> TraceShown:
    """Tell which bytes and which text a run was made of, and of which results these were made."""
    hosted = hosted_of(service, caller, project_name, "read")
    project = service.project(hosted.project)
    run = archived.run_at(project, name, run_dir)
    return TraceShown(trace=project.trace(run.reference).to_json())


def _instance(
    service: ServiceDep,
    caller: CallerDep,
    name: GroupNamePath,
    run_dir: RunDirPath,
    csvpath_id: CsvpathPath,
    project_name: ProjectQuery,
) -> Instance:
    hosted = hosted_of(service, caller, project_name, "read")
    return archived.instance_at(service.project(hosted.project), name, run_dir, csvpath_id)


InstanceDep = Annotated[Instance, Depends(_instance)]


@router.get(_OF + "/errors", operation_id="get_errors", summary="Get the errors of a statement")
def get_errors(
    instance: InstanceDep,
) -> Errors:
    """Return what a statement found wrong, line by line."""
    return Errors(errors=results.errors_of([instance]))


@router.get(_OF + "/meta", operation_id="get_meta", summary="Get the meta.json of a statement")
def get_meta(
    instance: InstanceDep,
) -> Meta:
    """Return what the statement says of itself, and the counters of its run."""
    return Meta(meta=results.meta_of(instance))


@router.get(_OF + "/variables", operation_id="get_variables", summary="Get the variables")
def get_variables(
    instance: InstanceDep,
) -> Variables:
    """Return the variables of a statement."""
    return Variables(variables=results.variables_of([instance]))


@router.get(_OF + "/data", operation_id="get_data", summary="Get the lines that matched, in base64")
def get_data(
    instance: InstanceDep,
) -> Value:
    """Return data.csv; `raw/data.csv` streams it."""
    return _encoded(results.small_content(results.file_in(instance, DATA)))


@router.get(
    _OF + "/unmatched", operation_id="get_unmatched", summary="Get the lines that did not match"
)
def get_unmatched(
    instance: InstanceDep,
) -> Value:
    """Return unmatched.csv in base64; `raw/unmatched.csv` streams it."""
    return _encoded(results.small_content(results.file_in(instance, UNMATCHED)))


@router.get(_OF + "/printouts", operation_id="get_printouts", summary="Get what was printed")
def get_printouts(
    instance: InstanceDep,
    printstream: Annotated[
        str | None, Query(max_length=LONGEST, description="The name of a printer.")
    ] = None,
) -> Value:
    """Return printouts.txt in base64, or what was printed to one stream."""
    return _encoded(archived.printouts_text(instance, printstream))


@router.get(
    _OF + "/files/{path:path}", operation_id="get_result_file", summary="Get any file of it"
)
def get_file(
    instance: InstanceDep,
    path: FilePath,
) -> Value:
    """Return a file that a statement left, in base64."""
    return _encoded(results.small_content(results.file_in(instance, path)))


@router.head(_OF + "/raw/{path:path}", include_in_schema=False)
@router.get(
    _OF + "/raw/{path:path}",
    operation_id="get_result_raw",
    summary="Stream any file of it",
    response_class=Response,
    responses=RAW,
)
def get_raw(
    request: Request,
    instance: InstanceDep,
    path: FilePath,
) -> Response:
    """Stream a file that a statement left, or a range of it."""
    prints = instance.manifest.file_fingerprints or {}
    told = downloads.Download(
        path=results.file_in(instance, path),
        name=PurePosixPath(path).name,
        fingerprint=prints.get(path),
    )
    return downloads.answer(request, told)


# What ends in no run is told as a run that there is not.
router.add_api_route("/{name}/{run_dir:path}", get_run, include_in_schema=False)


def _encoded(content: bytes) -> Value:
    return Value(value=base64.b64encode(content).decode())
