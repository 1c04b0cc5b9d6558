"""`/find` of v1: files and results by reference (spec/server.md 6).

Paths are told as clients of the older API know them: absolute, and always below the project.
"""

import base64

from fastapi import APIRouter
from pydantic import BaseModel, Field

from preboard.project.project import Project
from preboard.server.auth import Caller, CallerDep, ServiceDep, hosted_of
from preboard.server.service import Service
from preboard.server.services import results
from preboard.server.v1.asking import OfReference, both_ways

router = APIRouter()


class Files(BaseModel):
    """Where files are, oldest first."""

    files: list[str]


class FileContent(BaseModel):
    """The content of a file."""

    file: str = Field(description="In base64.")


class CompletedRuns(BaseModel):
    """Where runs are, oldest first."""

    runs: list[str]


class Results(BaseModel):
    """Where the data of a run are."""

    results: list[str]


class ResultContent(BaseModel):
    """The data of a csvpath."""

    result: str = Field(description="The text of data.csv.")


@both_ways(router, "find_files", "Find files", "/find/find_files")
def find_files(service: ServiceDep, caller: CallerDep, asked: OfReference) -> Files:
    """Tell where the versions are that a reference means; a name means its newest."""
    project = _project(service, caller, asked)
    return Files(files=[str(path) for path in results.version_paths(project, asked.reference)])


@both_ways(router, "get_file", "Read a file", "/find/get_file")
def get_file(service: ServiceDep, caller: CallerDep, asked: OfReference) -> FileContent:
    """Return the content of the one version that a reference means."""
    project = _project(service, caller, asked)
    content = results.version_content(project, asked.reference)
    return FileContent(file=base64.b64encode(content).decode())


@both_ways(
    router,
    "find_completed_runs",
    "Find runs",
    "/find/find_completed_runs",
    "/csvpath/find_completed_runs",
)
def find_completed_runs(
    service: ServiceDep, caller: CallerDep, asked: OfReference
) -> CompletedRuns:
    """Tell where the runs are that a reference means, if they came to their end."""
    project = _project(service, caller, asked)
    return CompletedRuns(
        runs=[str(path) for path in results.completed_runs(project, asked.reference)]
    )


@both_ways(router, "find_results", "Find results", "/find/find_results")
def find_results(service: ServiceDep, caller: CallerDep, asked: OfReference) -> Results:
    """Tell where the data of a run are; of several runs the first one counts."""
    meant = results.first_meant_by(_project(service, caller, asked), asked.reference)
    return Results(results=[str(path) for path in results.data_paths(meant)])


@both_ways(router, "get_result", "Read a result", "/find/get_result")
def get_result(service: ServiceDep, caller: CallerDep, asked: OfReference) -> ResultContent:
    """Return the data of the one csvpath that a reference means."""
    meant = results.first_meant_by(_project(service, caller, asked), asked.reference)
    return ResultContent(result=results.data_text(meant))


def _project(service: Service, caller: Caller, asked: OfReference) -> Project:
    return service.project(hosted_of(service, caller, asked.project_name, "read").project)
