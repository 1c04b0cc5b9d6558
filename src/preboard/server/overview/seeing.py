"""What the pages show, as plain values: everything is text of others, and escaped by the pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from preboard.catalog.service.glance import Glance
from preboard.catalog.service.jobs import Wanted
from preboard.server.services.archived import link_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from preboard.catalog.service.glance import Arrived, Judged
    from preboard.catalog.service.hosting import Hosted
    from preboard.catalog.service.jobs import Job
    from preboard.catalog.service.keys import Key
    from preboard.server.service import Service

MOST = 20
MOST_PROJECTS = 200


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads somewhere."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class ArrivalRow:
    """A version of a named-file."""

    time: str
    project: str
    file: Link
    size: str
    origin: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run; `verdict` is a word, `mark` what the page makes of it."""

    time: str
    project: str
    page: Link
    file: str
    state: str
    verdict: str
    mark: str


@dataclass(frozen=True, slots=True)
class Overview:
    """What is on the first page. `only` is the project that it is limited to."""

    projects: Sequence[Link]
    more_projects: bool
    only: str | None
    arrivals: Sequence[ArrivalRow]
    runs: Sequence[RunRow]


@dataclass(frozen=True, slots=True)
class RunPage:
    """One run: what it was, and what came of each statement."""

    row: RunRow
    facts: Sequence[tuple[str, str]]
    judged: Sequence[tuple[Judged, str, Sequence[Link]]]
    links: Sequence[Link]


def overview(service: Service, key: Key, only: str | None) -> Overview:
    """Return what a key may see, newest first; `only` names a project."""
    visible = _visible(service, key)
    shown = visible if only is None else [each for each in visible if each.name == only]
    names = {each.project: each.name for each in shown}
    ids = list(names)
    arrived = Glance(service.database).newest_versions(ids, MOST)
    runs = service.jobs.page(Wanted(projects=ids, kind="run"), MOST)
    links = [Link(each.name, f"/?{urlencode({'project': each.name})}") for each in visible]
    return Overview(
        projects=links[:MOST_PROJECTS],
        more_projects=len(links) > MOST_PROJECTS,
        only=only,
        arrivals=[_arrival(each, names[each.project]) for each in arrived],
        runs=[_run(each, names[each.project]) for each in runs],
    )


def run_page(service: Service, key: Key, job: str) -> RunPage | None:
    """Return one run, None if there is none that the key may see."""
    found = service.jobs.by_id(job)
    names = {each.project: each.name for each in _visible(service, key)}
    if found is None or found.project not in names or found.kind != "run":
        return None
    project = names[found.project]
    glance = Glance(service.database)
    done = found.run if found.run and found.reference else None
    judged = [] if done is None else glance.instances(done)
    home = "" if done is None else glance.run_home(done)
    said = (
        ("asked by", found.asked_by),
        ("method", found.wish.method),
        ("version", found.registration or found.version),
        ("results", found.reference),
        ("accepted", _moment(found.created)),
        ("began", _moment(found.started)),
        ("ended", _moment(found.ended)),
        ("attempts", str(found.attempt)),
        ("errors", None if found.errors is None else str(found.errors)),
        ("reason", found.reason),
        ("error", found.error),
    )
    return RunPage(
        row=_run(found, project),
        facts=[(name, value) for name, value in said if value],
        judged=[(each, _word(each.valid), _results(home, each, project)) for each in judged],
        links=[Link("as JSON", f"/v2/runs/{quote(found.id)}")],
    )


def _visible(service: Service, key: Key) -> list[Hosted]:
    if "read" not in key.scopes:
        return []
    return service.hosting.page(key.owner, among=key.projects)


def _arrival(version: Arrived, project: str) -> ArrivalRow:
    reference = f"${version.name}.files.{version.fingerprint}"
    query = urlencode({"project_name": project, "reference": reference})
    return ArrivalRow(
        time=_moment(version.time),
        project=project,
        file=Link(version.name, f"/v2/registrations/{quote(version.name, safe='')}?{query}"),
        size=_size(version.size),
        origin=version.origin,
        fingerprint=version.fingerprint[:12],
    )


def _run(job: Job, project: str) -> RunRow:
    verdict = _word(job.valid) if job.state == "done" else ""
    mark = {"valid": "good", "INVALID": "bad"}.get(verdict)
    return RunRow(
        time=_moment(job.created),
        project=project,
        page=Link(job.wish.group or "", f"/overview/runs/{quote(job.id)}"),
        file=job.wish.file,
        state=job.state,
        verdict=verdict,
        mark=mark or {"failed": "bad", "cancelled": "off"}.get(job.state, "open"),
    )


def _results(home: str, judged: Judged, project: str) -> list[Link]:
    """Return where the results of a statement are told; `home` is the directory of its run."""
    group, _, path = home.partition("/")
    if not path:
        return []
    base = f"{link_of(group, path)}/{quote(judged.identity, safe='')}"
    query = urlencode({"project_name": project})
    return [Link(what, f"{base}/{what}?{query}") for what in ("errors", "variables", "meta")]


def _word(valid: bool | None) -> str:
    return "" if valid is None else "valid" if valid else "INVALID"


def _moment(time: str | None) -> str:
    """Return a moment to the second.

    >>> _moment("2026-11-21T07:03:14.266583+00:00")
    '2026-11-21 07:03:14'
    """
    return "" if time is None else time[:19].replace("T", " ")


def _size(size: int) -> str:
    """Return a size as people read it.

    >>> _size(512), _size(2048), _size(3 << 30)
    ('512 B', '2.0 kB', '3.2 GB')
    """
    if size < 1000:  # noqa: PLR2004
        return f"{size} B"
    amount = float(size)
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if amount < 1000:  # noqa: PLR2004
            return f"{amount:.1f} {unit}"
    return f"{amount / 1000:.1f} TB"
