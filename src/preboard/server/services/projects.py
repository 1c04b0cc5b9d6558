"""Projects that the server keeps: made, renamed, limited, removed (spec/server.md 4)."""

from __future__ import annotations

import logging
import shutil
import time
from contextlib import suppress
from importlib.resources import files
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from preboard.catalog.service.hosting import Hosted
from preboard.catalog.service.jobs import OPEN, Wanted
from preboard.clock import elapsed_s, iso, utc_now
from preboard.config.editing import sections_in
from preboard.config.ini import CONFIG_FILE, settings_of
from preboard.config.names import checked_server_name, shown
from preboard.errors import ConfigError, Conflict, NotFound, StoreError
from preboard.project.layout import make_project, project_id
from preboard.server.services.config_rules import Where, forced
from preboard.server.services.kept import EMPTY_ENV, PRIVATE_DIRECTORY, keep_config, keep_env
from preboard.storage.local import make_directory, sync_directory, unwritable
from preboard.storage.place import OWN

if TYPE_CHECKING:
    from pathlib import Path

    from preboard.server.service import Service

MOST_AT_ONCE = 1_000
"""Runs of a project."""
_NEW = ".new-"
_REMOVED = ".removed-"
_OLD_S = 3600
_JOBS_AT_ONCE = 500
_PATIENCE_S = 5
_LOOK_EVERY_S = 0.1
_SWEEP_EVERY_S = 600

log = logging.getLogger("preboard.server")


def create_project(service: Service, owner: str, name: str, config: str | None) -> Hosted:
    """Make a project; nothing is left of one that can't be.

    Its directory is whole before it has its name, and that before the catalog knows of it: what a
    crash leaves in between, `sweep_projects` takes away.

    Args:
        service: the server.
        owner: whose it is.
        name: what its owner calls it.
        config: its config.ini; None for the one that new projects have.

    Raises:
        NameRefused: it can't have that name.
        Conflict: the owner has a project of that name.
        ConfigError: the config can't be.
        StoreError: the directory can't be written.
    """
    checked_server_name(name)
    if service.hosting.by_name(owner, name) is not None:
        raise _taken(name)
    home = service.settings.projects
    began = home / f"{_NEW}{uuid4().hex}"
    try:
        project = _made(began, config, frozenset(service.settings.integrations))
        began.rename(home / project)
        began = home / project
        sync_directory(home)
        new = Hosted(project=project, owner=owner, name=name, created=iso(utc_now()))
        service.hosting.create(new)
    except Conflict as error:  # somebody else came first
        shutil.rmtree(began, ignore_errors=True)
        raise _taken(name) from error
    except OSError as error:
        shutil.rmtree(began, ignore_errors=True)
        raise unwritable(error, f"the project {shown(name)} can't be made") from error
    except BaseException:
        shutil.rmtree(began, ignore_errors=True)
        raise
    return new


def remove_project(service: Service, hosted: Hosted) -> None:
    """Remove a project with all that is in it; what runs in it is cancelled.

    From the first moment on nobody finds it. Its directory is moved aside at once; `finish_removal`
    deletes it, or the next sweep.

    Raises:
        NotFound: somebody removed it in the meantime.
    """
    if not service.hosting.remove(hosted.project, iso(utc_now())):
        raise NotFound("Unknown project name")
    service.forget_project(hosted.project)
    _cancel_jobs(service, hosted.project)
    directory = service.directory(hosted.project)
    with suppress(FileNotFoundError):
        directory.rename(directory.with_name(f"{_REMOVED}{hosted.project}"))
        sync_directory(directory.parent)


def finish_removal(service: Service, hosted: Hosted) -> None:
    """Delete what is left of a removed project; it may take long.

    What still goes on in it is waited for, since it may write once more before it is ended.
    """
    open_jobs = Wanted(projects=(hosted.project,), states=OPEN)
    until = elapsed_s() + _PATIENCE_S
    while service.jobs.count(open_jobs) and elapsed_s() < until:
        time.sleep(_LOOK_EVERY_S)
    directory = service.directory(hosted.project)
    shutil.rmtree(directory, ignore_errors=True)
    _delete(service, directory.with_name(f"{_REMOVED}{hosted.project}"), hosted.project)


def sweep_projects(service: Service) -> None:
    """Delete what is left of removed projects, and of those that were never made.

    A directory that the catalog does not know is left when it holds anything: the catalog may have
    been restored from a time before it.
    """
    try:
        living = {hosted.project for hosted in service.hosting.all()}
        for path in sorted(service.settings.projects.iterdir()):
            if path.name not in living:
                _sweep(service, path)
    except (OSError, StoreError):
        log.exception("what is left of projects could not be looked for")  # it waits until the next


def keep_sweeping(service: Service) -> None:
    """Sweep now and then, for as long as the process lives."""
    while True:
        sweep_projects(service)
        time.sleep(_SWEEP_EVERY_S)


def _sweep(service: Service, path: Path) -> None:
    project = path.name.removeprefix(_REMOVED)
    if path.name.startswith(_NEW):
        if _is_old(path):
            shutil.rmtree(path, ignore_errors=True)
    elif _is_id(project) and _may_go(service, path, project):
        _delete(service, path, project)


def rename_project(service: Service, hosted: Hosted, name: str) -> None:
    """Give a project another name.

    Raises:
        NameRefused: it can't have that name.
        Conflict: its owner has a project of that name.
    """
    service.hosting.rename(hosted.project, checked_server_name(name))


def limit_project(service: Service, hosted: Hosted, most_running: int | None) -> None:
    """Say how many runs of a project may go on at once; None for the limit of the server.

    Raises:
        ConfigError: it is no such number.
    """
    if most_running is not None and not 1 <= most_running <= MOST_AT_ONCE:
        raise ConfigError(f"most_running is 1 to {MOST_AT_ONCE:,}, or null")
    queue = service.queue  # its engine must not begin while the transaction holds the database
    service.hosting.set_most_running(hosted.project, most_running)
    with service.database.writing() as connection:
        queue.limits_changed(connection, hosted.project)


def _taken(name: str) -> Conflict:
    return Conflict(f"Config '{name}' already exists for key", hint="choose another name")


def _made(root: Path, config: str | None, integrations: frozenset[str]) -> str:
    """Make the directory of a project, whole; returns its id."""
    make_directory(root.parent)
    root.mkdir(mode=PRIVATE_DIRECTORY)
    given = config
    if given is None:
        given = files("preboard.project").joinpath("default_config.ini").read_text("utf-8")
    text = forced(given, Where(root=root, integrations=integrations))
    make_project(root)
    keep_env(root, EMPTY_ENV)
    keep_config(root, text)
    settings_of(root, sections_in(text))
    return project_id(root)


def _cancel_jobs(service: Service, project: str) -> None:
    wanted = Wanted(projects=(project,), states=OPEN)
    last: int | None = None
    while found := service.jobs.page(wanted, _JOBS_AT_ONCE, before=last, newest_first=False):
        for job in found:
            # One that ended in the meantime needs no end.
            with suppress(Conflict, NotFound):
                service.queue.cancel(job.id, "the project was removed")
        last = found[-1].seq


def _delete(service: Service, path: Path, project: str) -> None:
    try:
        service.hosting.forget(project)
    except StoreError:
        # The directory stays with the rows, so that the next sweep finds both.
        log.exception("the catalog still holds the removed project %s", project)
        return
    shutil.rmtree(path, ignore_errors=True)
    if path.exists():
        log.warning("what is left of the project %s can't be deleted", project)


def _may_go(service: Service, path: Path, project: str) -> bool:
    if service.hosting.by_id(project) is not None:
        return False
    return service.hosting.is_known(project) or (_is_old(path) and _is_unused(path))


def _is_old(path: Path) -> bool:
    """Say whether nobody is making a project in a directory any more."""
    try:
        return utc_now().timestamp() - path.stat().st_mtime > _OLD_S
    except OSError:
        return False


def _is_unused(path: Path) -> bool:
    """Say whether a project holds nothing but its settings."""
    own = (path / OWN, (path / CONFIG_FILE).parent)
    held = (one for one in path.rglob("*") if not one.is_dir())
    return not any(all(not one.is_relative_to(place) for place in own) for one in held)


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
