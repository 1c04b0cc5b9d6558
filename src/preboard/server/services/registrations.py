"""Named-files as v2 tells of them: the versions that are meant, and how a registration stands.

What was accepted has a UUID from the first answer on, and leads to its end: done, with the
reference, also when the bytes were there already; or failed, with the error (weaknesses B1, B8).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from preboard.catalog.span import Span
from preboard.config.names import did_you_mean, shown
from preboard.errors import BadReference, NotFound
from preboard.jobs.queue import following_id
from preboard.references.resolve import Resolver
from preboard.references.syntax import is_reference, parse_reference
from preboard.server.services.accepting import checked_text

if TYPE_CHECKING:
    from pathlib import Path

    from preboard.catalog.service.hosting import Hosted
    from preboard.catalog.service.jobs import Job
    from preboard.catalog.versions import Version
    from preboard.project.project import Project
    from preboard.server.service import Service

_ALL = Span()
Progress = Literal["pending", "done", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a registration stands; `job` is what does it, where something does."""

    uuid: str
    status: Progress
    reference: str | None = None
    job: Job | None = None
    run: str | None = None
    """The id of the run that is made of it, as far as that is known."""


def checked_reference(name: str, reference: str | None) -> str:
    """Return what is meant of a named-file: a reference that is one of it, else its newest version.

    Raises:
        BadReference: the text is none, or one of another name.
    """
    if reference is None:
        return name
    checked_text(reference)
    told = reference.partition("#")[0]
    if is_reference(reference):
        told = parse_reference(reference).name.partition("#")[0]
    if told != name:
        raise BadReference(
            reference, 0, f"Reference name {shown(told)} does not match path name {shown(name)}"
        )
    return reference


def versions_in(project: Project, name: str, reference: str | None) -> list[Version]:
    """Return the versions of a named-file that a reference means; without one the newest.

    Raises:
        BadReference: the text is none, or one of another name.
        NotFound: there is no such named-file.
    """
    if not project.catalog.files.exists(checked_text(name)):
        raise NotFound(
            f"there is no named-file {shown(name)}",
            hint=did_you_mean(name, project.catalog.files.all()),
        )
    meant = checked_reference(name, reference)
    if meant == name:  # one that has a definition and no version yet is no error
        newest = project.catalog.versions.pick(name, _ALL, -1)
        return [] if newest is None else [newest]
    return Resolver(project.catalog).versions(meant)


def version_in(project: Project, name: str, reference: str | None) -> Version:
    """Return the one version of a named-file that is meant.

    Raises:
        BadReference: the text is none, or one of another name.
        NotFound: there is none, or there are several.
    """
    found = versions_in(project, name, reference)
    if not found:
        raise NotFound("No file found", hint=f"{shown(name)} has no such version")
    if len(found) > 1:
        raise NotFound("Reference must point to 1 file", hint=f"it points to {len(found)}")
    return found[0]


def stored_at(project: Project, version: Version) -> Path:
    """Return where the bytes of a version lie."""
    return project.place.path(version.entry.file)


def standing(service: Service, hosted: Hosted, name: str, uuid: str) -> Standing:
    """Return how a registration of a named-file stands, by the UUID that its answer gave.

    Raises:
        NotFound: there is none of this name.
    """
    job = service.jobs.by_id(uuid)
    if job is not None and job.project == hosted.project and job.wish.source is not None:
        if job.wish.file != name:
            raise _unknown(name, uuid)
        if job.registration is not None:
            return Standing(
                uuid=uuid,
                status="done",
                reference=job.registration,
                job=job,
                run=_run_of(service, job),
            )
        return Standing(uuid=uuid, status="pending" if job.is_open else "failed", job=job)
    version = service.project(hosted.project).catalog.versions.by_id(uuid)
    if version is None or version.name != name:
        raise _unknown(name, uuid)
    return Standing(uuid=uuid, status="done", reference=version.reference)


def _run_of(service: Service, job: Job) -> str | None:
    if job.kind == "run":
        return job.id
    following = following_id(job.id)
    return None if service.jobs.by_id(following) is None else following


def _unknown(name: str, uuid: str) -> NotFound:
    return NotFound(f"No completed registration found for uuid '{uuid}' under {shown(name)}")
