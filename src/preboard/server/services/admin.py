"""What an administrator switches, and what goes on in the whole server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.catalog.service.jobs import OPEN, Wanted
from preboard.catalog.service.keys import id_in
from preboard.errors import Conflict, NotFound
from preboard.server.auth import UNKNOWN_PROJECT
from preboard.server.faults import Forbidden
from preboard.server.services import configs
from preboard.server.shapes import names_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from preboard.catalog.service.hosting import Hosted
    from preboard.catalog.service.jobs import Job
    from preboard.server.auth import Caller
    from preboard.server.service import Service

_GOING_ON = Wanted(states=OPEN, kind="run")


def switch_local_files(service: Service, caller: Caller, *, allowed: bool) -> None:
    """Switch local files on or off for the server, in all its processes; off is off for all.

    Raises:
        Forbidden: the settings of the server list no roots.
    """
    if allowed and not service.settings.local_roots:
        raise Forbidden(
            "local files are not allowed by the settings of this server",
            hint="local_roots in server.toml lists the directories that may be read",
        )
    configs.switch_all_local_files(service, allowed=allowed)
    service.audit.add(caller.deed("local-files.on" if allowed else "local-files.off"))


def switch_local_files_of(
    service: Service, caller: Caller, name: str, owner: str | None, *, allowed: bool
) -> Hosted:
    """Switch local files on or off for one project.

    Raises:
        Forbidden: they are off for the server.
        NotFound: there is no such project.
        Conflict: several owners have one of that name.
    """
    hosted = project_named(service, name, owner)
    if allowed and not (service.settings.local_roots and service.switches.local_files()):
        raise Forbidden(
            "Local files are not allowed on this server.",
            hint="PUT /v2/admin/local-files switches them on",
        )
    configs.switch_local_files(service, hosted, allowed=allowed)
    action = "project.local-files.on" if allowed else "project.local-files.off"
    service.audit.add(caller.deed(action, project=hosted.project, target=hosted.name))
    return hosted


def project_named(service: Service, name: str, owner: str | None) -> Hosted:
    """Return a project of any owner; `owner` is the id of one, or of a key of it.

    Raises:
        NotFound: there is none of that name.
        Conflict: there are several, and no owner is given.
    """
    found = service.hosting.named(name) if name.isascii() and "\0" not in name else []
    if owner is not None:
        key = service.keys.by_public_id(id_in(owner)) if owner.isascii() else None
        wanted = owner if key is None else key.owner
        found = [hosted for hosted in found if hosted.owner == wanted]
    if not found:
        raise NotFound(UNKNOWN_PROJECT)
    if len(found) > 1:
        raise Conflict(
            f"{len(found)} owners have a project {name!r}",
            hint=f"?owner= is one of {', '.join(hosted.owner for hosted in found[:10])}",
        )
    return found[0]


def count_active_runs(service: Service) -> int:
    """Return how many runs have not ended."""
    return service.jobs.count(_GOING_ON)


def active_runs(
    service: Service, most: int, after: int | None = None
) -> tuple[Sequence[Job], dict[str, str]]:
    """Return runs of all projects that have not ended, oldest first, and the projects' names."""
    found = service.jobs.page(_GOING_ON, most, before=after, newest_first=False)
    return found, names_of(service.hosting, found)
