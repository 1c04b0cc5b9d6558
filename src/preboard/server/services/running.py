"""Accepting runs: what can't be run is refused before, and a run is bound to what is there now.

The name of a file means its newest version at the moment when the run is accepted, whatever
arrives before it begins (weakness B3 of the reference).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from preboard.catalog.service.jobs import Wish
from preboard.config.names import did_you_mean, shown
from preboard.errors import ConfigError, InputError, NotFound
from preboard.readers.dialect import Dialect
from preboard.references.resolve import Resolver
from preboard.references.syntax import is_reference, parse_reference
from preboard.runs.method import Method
from preboard.runs.planning import group_name
from preboard.server.services.accepting import (
    Accepted,
    Earlier,
    checked_text,
    earlier,
    keep,
    new_job,
)
from preboard.staging.definitions import RUN_METHODS
from preboard.storage.templates import checked_template

if TYPE_CHECKING:
    from preboard.catalog.service.deliveries import Asked
    from preboard.catalog.service.hosting import Hosted
    from preboard.catalog.versions import Version
    from preboard.project.project import Project
    from preboard.references.resolve import Result
    from preboard.server.service import Service
    from preboard.server.services.accepting import Asker

DEFAULT_METHOD = Method.COLLECT_PATHS.value

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """How a group is to be run. `method` None is collect_paths, `template` None the group's."""

    group: str
    method: str | None = None
    template: str | None = None
    delimiter: str | None = None
    quotechar: str | None = None
    timeout_s: float | None = None

    def wish(self, file: str) -> Wish:
        """Return what a job is to do with it over a file."""
        return Wish(
            file=file,
            group=self.group,
            method=self.method or DEFAULT_METHOD,
            template=self.template,
            delimiter=self.delimiter,
            quotechar=self.quotechar,
            timeout_s=self.timeout_s,
        )


@dataclass(frozen=True, slots=True)
class Bound:
    """What a file means now: as a job is told it, and the version, if it is one."""

    file: str
    version: Version | None


def accept_run(
    service: Service,
    hosted: Hosted,
    asker: Asker,
    file: str,
    run: NewRun,
    *,
    asked: Asked | None = None,
) -> Accepted:
    """Accept a run of a group over a file; returns with `job`, the id of the run.

    Args:
        service: the server.
        hosted: the project.
        asker: who asks.
        file: the name of a named-file, or a reference that means one version or one result.
        run: the group, and how.
        asked: what was asked with an idempotency key, if there was one.

    Raises:
        NotFound: there is no such file, group or statement.
        BadReference: a reference is none.
        InputError: the reference means several files, or no file.
        ConfigError: there is no such method, or the delimiter or quotechar can't be.
        NameRefused: the template can't be.
        Conflict: something else was asked with this idempotency key.
    """
    known = earlier(service, asked)
    if known is not None:
        return known
    project = service.project(hosted.project)
    check_run(project, run)
    bound = bound_file(project, file)
    job = new_job(hosted, asker, run.wish(bound.file), version=bound.version)
    accepted = Accepted(job=job.id)
    queue = service.queue
    try:
        with service.database.writing() as connection:
            keep(service, connection, asked, accepted)
            queue.enqueue(connection, job)
    except Earlier as first:
        return first.accepted
    return accepted


def check_run(project: Project, run: NewRun) -> None:
    """See that a run can be made, as far as can be told without its file.

    Raises:
        NotFound: there is no such group or statement.
        BadReference: the reference to the group is none.
        ConfigError, NameRefused: as `accept_run`.
    """
    if run.method not in (None, *RUN_METHODS):
        raise ConfigError(
            f"there is no run method {shown(str(run.method))}",
            hint="one of " + ", ".join(RUN_METHODS),
        )
    if run.delimiter is not None or run.quotechar is not None:
        Dialect(
            delimiter="," if run.delimiter is None else run.delimiter,
            quotechar='"' if run.quotechar is None else run.quotechar,
        )
    checked_template(run.template or "", "run_dir")
    name = group_name(checked_text(run.group))
    if not project.catalog.groups.exists(name):
        raise NotFound(
            f"there is no group {shown(name)}",
            hint=did_you_mean(name, project.catalog.groups.all()),
        )
    if name != run.group:  # some of its statements
        load = project.groups.current(name)
        Resolver(project.catalog).members(run.group, project.groups.group(load))


def bound_file(project: Project, file: str) -> Bound:
    """Return what a file means now.

    Raises:
        NotFound: there is no such version or result.
        BadReference: the reference is none.
        InputError: it means several, or what holds no lines.
    """
    resolver = Resolver(project.catalog)
    if is_reference(checked_text(file)) and parse_reference(file).kind == "results":
        return Bound(_result_reference(file, _only(file, resolver.results(file))), None)
    return Bound(file, _only(file, resolver.versions(file)))


def _only(text: str, found: list[Found]) -> Found:
    if not found:
        raise NotFound(f"{shown(text, 200)} leads to no file")
    if len(found) > 1:
        raise InputError(
            f"{shown(text, 200)} means {len(found)} files", hint="a run reads one: such as :last"
        )
    return found[0]


def _result_reference(text: str, result: Result) -> str:
    if result.instance is None or result.file not in (None, "data", "unmatched"):
        raise InputError(
            f"{shown(text, 200)} holds no lines",
            hint="name a statement of a run: its data.csv is read, with :unmatched the other",
        )
    told = f"{result.run.reference}.{result.instance.identity}"
    return told if result.file is None else f"{told}:{result.file}"
