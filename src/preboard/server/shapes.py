"""Jobs as each version of the API shows them (spec/server.md 8)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field

from preboard.catalog.service.jobs import JobState  # noqa: TC001 - read by pydantic
from preboard.catalog.service.keys import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable

    from preboard.catalog.service.hosting import Hosting
    from preboard.catalog.service.jobs import Job


class RunInfo(BaseModel):
    """A run as v1 shows it. Paths of the machine and the hash of the key are not told."""

    run_uuid: str
    start_time: str | None
    end_time: str | None
    run_method: str | None
    pathsname: str | None
    filename: str
    template: str | None
    api_key: str | None = Field(description="The id of the key that asked for it.")
    result_reference: str | None
    project_name: str | None
    config_path: None = None
    run_summary_path: None = None


class RunStatus(BaseModel):
    """A run, from the moment it was accepted."""

    run_uuid: str = Field(examples=["f98c6cfc-6f3a-4f3c-9a55-0f3f0f7f4a52"])
    project_name: str | None = Field(examples=["acme"])
    validation_name: str | None = Field(examples=["check"])
    file_name: str = Field(examples=["orders"])
    run_method: str | None = Field(examples=["collect_paths"])
    start_time: str | None = Field(examples=["2026-11-21T07:12:53.882416Z"])
    end_time: str | None = Field(examples=["2026-11-21T07:12:54.282755Z"])
    result_reference: str | None = Field(examples=["$check.results.2026-11-21_07-12-53"])
    status: JobState = Field(description="`queued`, `running`, `done`, `failed`, or `cancelled`.")
    accepted_time: str = Field(examples=["2026-11-21T07:12:53.871204Z"])
    registration_reference: str | None = Field(description="Of the version that it registered.")
    valid: bool | None = Field(description="Whether the data kept all rules, when it is done.")
    completed: bool | None = Field(description="Whether every line was read, when it is done.")
    error_count: int | None = Field(description="Errors that its statements found.")
    progress: dict[str, Any] | None = Field(description="How far it is, while it is running.")
    attempt: int = Field(description="How often a worker took it.")
    reason: str | None = Field(description="A code for why it failed, or was cancelled.")
    error: str | None = Field(description="Why it failed, in words.")
    next_attempt: str | None = Field(
        description="When a file is fetched that was announced, and could not be fetched yet."
    )


def moment(iso: str | None) -> str | None:
    """Return a time of the catalog as the API tells it.

    >>> moment("2026-11-21T07:12:53.882416+00:00")
    '2026-11-21T07:12:53.882416Z'
    """
    return None if iso is None else iso.removesuffix("+00:00") + "Z"


def run_info(job: Job, project_name: str | None) -> RunInfo:
    """Return a job as v1 shows it."""
    return RunInfo(
        run_uuid=job.id,
        start_time=moment(job.started),
        end_time=moment(job.ended),
        run_method=job.wish.method if job.kind == "run" else None,
        pathsname=job.wish.group,
        filename=job.wish.file,
        template=job.wish.template,
        api_key=None if job.key is None else f"{PREFIX}{job.key}",
        result_reference=job.reference,
        project_name=project_name,
    )


def run_status(job: Job, project_name: str | None) -> RunStatus:
    """Return a job as v2 shows it."""
    return RunStatus(
        run_uuid=job.id,
        project_name=project_name,
        validation_name=job.wish.group,
        file_name=job.wish.file,
        run_method=job.wish.method if job.kind == "run" else None,
        start_time=moment(job.started),
        end_time=moment(job.ended),
        result_reference=job.reference,
        status=job.state,
        accepted_time=moment(job.created) or "",
        registration_reference=job.registration,
        valid=job.valid,
        completed=job.completed,
        error_count=job.errors,
        progress=json.loads(job.progress) if job.progress and job.state == "running" else None,
        attempt=job.attempt,
        reason=job.reason,
        error=job.error,
        next_attempt=moment(job.again),
    )


def names_of(hosting: Hosting, found: Iterable[Job]) -> dict[str, str]:
    """Return the names of the projects of some jobs, by their ids; a removed one has none."""
    names = {}
    for project in {job.project for job in found}:
        hosted = hosting.by_id(project)
        if hosted is not None:
            names[project] = hosted.name
    return names
