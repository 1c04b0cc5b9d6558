"""`/csvpath` of v1: files, groups and runs, answered when they are done (spec/server.md 6)."""

from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from preboard.catalog.service.jobs import Job
from preboard.server.asking import IdempotencyHeader, mark
from preboard.server.auth import Caller, CallerDep, ServiceDep, hosted_of
from preboard.server.problems import answers
from preboard.server.service import Service
from preboard.server.services import results
from preboard.server.services.accepting import Accepted, asker_of
from preboard.server.services.registering import (
    NewFile,
    NewGroup,
    accept_file,
    load_group,
    reference_of,
)
from preboard.server.services.running import NewRun, accept_run
from preboard.server.services.waiting import checked
from preboard.server.v1.asking import OfProject, OfRun, asked_with, both_ways

router = APIRouter(prefix="/csvpath")

MethodName = Literal[
    "fast_forward_paths", "collect_paths", "fast_forward_by_line", "collect_by_line"
]
_WAITS = answers(500, 504)


class FileWish(OfProject):
    """A file that is to be registered."""

    name: str = Field(examples=["orders"])
    file_location: str = Field(examples=["s3://partner/orders.csv"])
    template: str | None = None


class GroupWish(OfProject):
    """A group that is to be loaded."""

    name: str = Field(examples=["check"])
    file_location: str = Field(examples=["https://rules.example.com/check.csvpaths"])
    append: bool = False
    template: str | None = None


class RunWish(OfProject):
    """A run that is to be made; `method` null is collect_paths."""

    file_name: str = Field(examples=["orders"])
    path_name: str = Field(examples=["check"])
    method: MethodName | None = "collect_paths"
    template: str | None = None


class ArrivalWish(OfProject):
    """A file that is to be registered, and the group that is run over it."""

    file_location: str = Field(examples=["sftp://partner.example.com/orders.csv"])
    file_name: str = Field(examples=["orders"])
    csvpaths_group_name: str = Field(examples=["check"])
    method: MethodName | None = "collect_paths"
    file_template: str | None = None
    run_template: str | None = None


class PrintoutsWish(OfRun):
    """A run whose printouts are wanted; without a stream those of the default one."""

    printstream: str | None = None


class Referenced(BaseModel):
    """What was made, by its reference."""

    reference: str = Field(examples=["$check.results.2026-11-21_07-11-05"])


class Arrived(BaseModel):
    """What was registered, and the run that was made of it."""

    message: str = Field(examples=["File registered and run initiated successfully"])
    run_reference: str = Field(examples=["$check.results.2026-11-21_07-11-13"])
    register_reference: str = Field(examples=["$inbound.files.abbc1a"])


class RunPath(BaseModel):
    """The directory of a run, or of one of its csvpaths."""

    path: str


class RunErrors(BaseModel):
    """The errors of a run, or of one of its csvpaths."""

    errors: list[dict[str, Any]]


class RunMetadata(BaseModel):
    """Metadata, manifests and runtime data by the identities of csvpaths."""

    metadata: dict[str, dict[str, Any]]


class RunVariables(BaseModel):
    """The variables of a run together, or of one of its csvpaths."""

    variables: dict[str, Any]


class RunPrintouts(BaseModel):
    """The lines that a run printed to one stream."""

    printouts: list[str]


@router.post(
    "/register_file", operation_id="v1_register_file", summary="Register a file", responses=_WAITS
)
@router.post("/register", operation_id="v1_register", summary="Register a file", responses=_WAITS)
async def register_file(
    service: ServiceDep,
    caller: CallerDep,
    request: Request,
    response: Response,
    wish: FileWish,
    idempotency_key: IdempotencyHeader = None,
) -> Referenced:
    """Register a file as the newest version of a name."""
    accepted = await run_in_threadpool(_register, service, caller, wish, idempotency_key)
    mark(request, response, accepted)
    if accepted.registration is not None:
        return Referenced(reference=accepted.registration)
    job = await _ended(service, accepted)
    return Referenced(reference=job.registration or "")


@router.post(
    "/register_csvpath_group",
    operation_id="v1_register_csvpath_group",
    summary="Load a group of csvpaths",
)
def register_csvpath_group(service: ServiceDep, caller: CallerDep, wish: GroupWish) -> Referenced:
    """Load the csvpaths of a file, a directory or a definition as a group."""
    hosted = hosted_of(service, caller, wish.project_name, "register")
    new = NewGroup(
        name=wish.name, location=wish.file_location, append=wish.append, template=wish.template
    )
    return Referenced(reference=reference_of(load_group(service, hosted, asker_of(caller), new)))


@router.post("/run", operation_id="v1_run", summary="Run a group over a file", responses=_WAITS)
async def run(
    service: ServiceDep,
    caller: CallerDep,
    request: Request,
    response: Response,
    wish: RunWish,
    idempotency_key: IdempotencyHeader = None,
) -> Referenced:
    """Run a group over a file; the answer comes when the run has ended, valid or not."""
    accepted = await run_in_threadpool(_run, service, caller, wish, idempotency_key)
    mark(request, response, accepted)
    job = await _ended(service, accepted)
    return Referenced(reference=job.reference or "")


@router.post(
    "/register_and_run",
    operation_id="v1_register_and_run",
    summary="Register a file and run a group over it",
    responses=_WAITS,
)
async def register_and_run(
    service: ServiceDep,
    caller: CallerDep,
    request: Request,
    response: Response,
    wish: ArrivalWish,
    idempotency_key: IdempotencyHeader = None,
) -> Arrived:
    """Register a file, and run a group over just this version of it."""
    accepted = await run_in_threadpool(_register_and_run, service, caller, wish, idempotency_key)
    mark(request, response, accepted)
    job = await _ended(service, accepted)
    return Arrived(
        message="File registered and run initiated successfully",
        run_reference=job.reference or "",
        register_reference=job.registration or "",
    )


@both_ways(router, "get_run_path", "Tell where a run is", "/get_run_path")
def get_run_path(service: ServiceDep, caller: CallerDep, asked: OfRun) -> RunPath:
    """Tell the directory of a run, or of one of its csvpaths."""
    return RunPath(path=str(_meant(service, caller, asked).home))


@both_ways(router, "get_run_errors", "Tell the errors of a run", "/get_run_errors")
def get_run_errors(service: ServiceDep, caller: CallerDep, asked: OfRun) -> RunErrors:
    """Tell the errors of all csvpaths of a run, or of one of them."""
    return RunErrors(errors=results.errors_of(_meant(service, caller, asked).instances))


@both_ways(router, "get_run_metadata", "Tell the metadata of a run", "/get_run_metadata")
def get_run_metadata(service: ServiceDep, caller: CallerDep, asked: OfRun) -> RunMetadata:
    """Tell metadata, manifests and runtime data, as they were recorded."""
    return RunMetadata(metadata=results.metadata_of(_meant(service, caller, asked).instances))


@both_ways(router, "get_run_variables", "Tell the variables of a run", "/get_run_variables")
def get_run_variables(service: ServiceDep, caller: CallerDep, asked: OfRun) -> RunVariables:
    """Tell the variables of a run together; of equal names that of the last csvpath counts."""
    return RunVariables(variables=results.variables_of(_meant(service, caller, asked).instances))


@both_ways(router, "get_run_printouts", "Tell what a run printed", "/get_run_printouts")
def get_run_printouts(service: ServiceDep, caller: CallerDep, asked: PrintoutsWish) -> RunPrintouts:
    """Tell the lines that a run printed to one stream."""
    instances = _meant(service, caller, asked).instances
    return RunPrintouts(printouts=results.printouts_of(instances, asked.printstream))


def _register(service: Service, caller: Caller, wish: FileWish, key: str | None) -> Accepted:
    hosted = hosted_of(service, caller, wish.project_name, "register")
    file = NewFile(name=wish.name, source=wish.file_location, template=wish.template)
    asked = asked_with(key, caller, hosted, "register_file", wish)
    return accept_file(service, hosted, asker_of(caller), file, asked=asked)


def _run(service: Service, caller: Caller, wish: RunWish, key: str | None) -> Accepted:
    hosted = hosted_of(service, caller, wish.project_name, "run")
    new = NewRun(group=wish.path_name, method=wish.method, template=wish.template)
    asked = asked_with(key, caller, hosted, "run", wish)
    return accept_run(service, hosted, asker_of(caller), wish.file_name, new, asked=asked)


def _register_and_run(
    service: Service, caller: Caller, wish: ArrivalWish, key: str | None
) -> Accepted:
    hosted = hosted_of(service, caller, wish.project_name, "register")
    caller.need("run")
    file = NewFile(name=wish.file_name, source=wish.file_location, template=wish.file_template)
    new = NewRun(group=wish.csvpaths_group_name, method=wish.method, template=wish.run_template)
    asked = asked_with(key, caller, hosted, "register_and_run", wish)
    return accept_file(service, hosted, asker_of(caller), file, new, asked=asked)


async def _ended(service: Service, accepted: Accepted) -> Job:
    """Return the job of what was accepted, when it is done."""
    assert accepted.job is not None  # noqa: S101 - there is one where this is called
    return checked(await service.waiting.ended(accepted.job, service.settings.answer_wait_s))


def _meant(service: Service, caller: Caller, asked: OfRun) -> results.Meant:
    hosted = hosted_of(service, caller, asked.project_name, "read")
    return results.meant_by(service.project(hosted.project), asked.run_reference)
