"""Results as v2 tells them: which there are, where each is addressed, and what it left."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from preboard.archive.files import PRINTER, PRINTOUTS
from preboard.archive.runs import MANIFEST
from preboard.config.names import shown
from preboard.errors import NotFound
from preboard.runs.result import run_of
from preboard.server.services import results
from preboard.server.services.accepting import checked_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preboard.catalog.runs import RunRow
    from preboard.catalog.service.jobs import Job
    from preboard.project.project import Project
    from preboard.runs.result import Instance, Run

ARCHIVE = "/v2/archive"
SELECTOR = r":[a-z0-9:_-]+"
"""A pattern of what means a run in the place of its directory, such as `:last`."""
_DOCUMENTS = {
    "data": "data.csv", "unmatched": "unmatched.csv", "errors": "errors.json",
    "meta": "meta.json", "variables": "vars.json", "printouts": PRINTOUTS,
}  # fmt: skip
"""The operations on an instance, and the files that they tell."""


def path_of(run: RunRow) -> str:
    """Return what addresses a run below its group: its directory, behind those of its template."""
    return run.home.partition("/")[2]


def run_at(project: Project, group: str, directory: str) -> Run:
    """Return a run of a group, by its directory, the path to it, or a selector such as `:last`.

    Raises:
        NotFound: there is none: never another one is taken for it (weakness B9).
        BadReference: the selector is none.
        InputError: several are meant.
    """
    if re.fullmatch(SELECTOR, directory):
        return results.meant_by(project, f"${checked_text(group)}.results.{directory}").run
    return results.run_in(project, group, directory)


def instance_at(project: Project, group: str, directory: str, identity: str) -> Instance:
    """Return one statement of the run of `run_at`.

    Raises:
        NotFound: there is no such run, or it has no such statement.
        BadReference, InputError: as `run_at`.
    """
    run = run_at(project, group, directory)
    try:
        return run.instance(checked_text(identity))
    except NotFound as error:
        raise NotFound(
            f"Csvpath {shown(identity)} not found in run {shown(directory, 200)}", hint=error.hint
        ) from error


def run_of_job(project: Project, job: Job) -> tuple[RunRow, Run]:
    """Return the run that a job made.

    Raises:
        NotFound: it was removed.
    """
    row = None if job.run is None else project.catalog.runs.by_id(job.run)
    if row is None:
        raise NotFound(f"what the run '{job.id}' left is gone")
    return row, run_of(row, project.catalog.runs.instances(row.id), project.place)


def files_of(instance: Instance) -> list[str]:
    """Return the names of the files that an instance left."""
    return [*sorted(instance.manifest.file_fingerprints or {}), MANIFEST]


def links_of(project_name: str, group: str, path: str, instance: Instance) -> dict[str, str]:
    """Return where what an instance left is told, by the names of the operations."""
    left = instance.manifest.file_fingerprints or {}
    at = f"{link_of(group, path)}/{quote(instance.identity, safe='')}"
    query = f"?project_name={quote(project_name, safe='')}"
    found = {word: f"{at}/{word}{query}" for word, name in _DOCUMENTS.items() if name in left}
    found["errors"] = f"{at}/errors{query}"
    found |= {f"raw:{name}": f"{at}/raw/{quote(name)}{query}" for name in files_of(instance)}
    return found


def link_of(group: str, path: str) -> str:
    """Return where a run is told."""
    return f"{ARCHIVE}/{quote(group, safe='')}/{quote(path)}"


def printouts_text(instance: Instance, stream: str | None) -> bytes:
    """Return what an instance printed: the whole file, or the section of a stream.

    Raises:
        NotFound: it printed nothing, or nothing to this stream.
        Refused: it is too much for one answer.
    """
    content = results.small_content(results.file_in(instance, PRINTOUTS))
    if stream is None:
        return content
    lines = list(_section(content, checked_text(stream)))
    if not lines:
        raise NotFound(
            f"nothing was printed to {shown(stream)} in this run",
            hint="there is " + ", ".join(sorted(instance.printouts)[:20]),
        )
    return b"".join(lines[1:])


def _section(content: bytes, stream: str) -> Iterator[bytes]:
    """Give the lines of a section of printouts.txt, its heading first."""
    is_in = False
    for line in content.splitlines(keepends=True):
        text = line.decode(errors="replace").removesuffix("\n")
        if text.startswith(PRINTER):
            is_in = text.removeprefix(PRINTER) == stream
        if is_in:
            yield line
