"""The config of a hosted project: read, set whole or by field, by one set of rules.

Spec: server.md 4 and 5. What is stored can be opened: a text that could not be is refused.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from preboard.config.editing import edited, sections_in
from preboard.config.ini import settings_of
from preboard.config.names import shown
from preboard.errors import ConfigError, NotFound
from preboard.server.services.config_rules import LOCAL_FILES, Where, field_of, forced, with_field
from preboard.server.services.kept import changing, config_text, keep_config

if TYPE_CHECKING:
    from preboard.catalog.service.hosting import Hosted
    from preboard.config.settings import Settings
    from preboard.server.service import Service


def get_config(service: Service, hosted: Hosted) -> str:
    """Return the config of a project."""
    return config_text(service.directory(hosted.project))


def get_field(service: Service, hosted: Hosted, section: str, field: str) -> str:
    """Return a field of the config of a project.

    Raises:
        NotFound: there is none.
    """
    return field_of(get_config(service, hosted), (section, field))


def set_config(service: Service, hosted: Hosted, text: str) -> None:
    """Put a text in place of the config of a project, with what the server forces on it.

    Raises:
        ConfigError: it can't be.
    """
    root = service.directory(hosted.project)
    with changing(root):
        stored = forced(text, _where(service, hosted))
        _check(service, hosted, stored)
        keep_config(root, stored)


def set_field(service: Service, hosted: Hosted, section: str, field: str, value: str) -> None:
    """Set one field of the config of a project.

    Raises:
        NotFound: there is no such section.
        ConfigError: the field is the server's, or can't have this value.
    """
    root = service.directory(hosted.project)
    with changing(root):
        place = (section, field)
        stored = with_field(config_text(root), place, value, _where(service, hosted))
        _check(service, hosted, stored)
        keep_config(root, stored)


def switch_local_files(service: Service, hosted: Hosted, *, allowed: bool) -> None:
    """Let a project take files from the disk of the server, or not; its config tells the same.

    Raises:
        NotFound: it was removed in the meantime.
    """
    service.hosting.set_local_files(hosted.project, allowed=allowed)
    _tell_local_files(service, hosted, allowed=allowed)


def switch_all_local_files(service: Service, *, allowed: bool) -> None:
    """Switch local files on or off for the server; off is off for every project, at once."""
    had = [hosted for hosted in service.hosting.all() if hosted.local_files]
    service.switches.set_local_files(allowed=allowed)
    for hosted in had if not allowed else ():
        with suppress(NotFound):  # removed in the meantime
            _tell_local_files(service, hosted, allowed=False)


def _tell_local_files(service: Service, hosted: Hosted, *, allowed: bool) -> None:
    root = service.directory(hosted.project)
    with changing(root):
        told = edited(config_text(root), {LOCAL_FILES: "yes" if allowed else "no"})
        keep_config(root, forced(told, _where(service, hosted)))


def _where(service: Service, hosted: Hosted) -> Where:
    return Where(
        root=service.directory(hosted.project),
        local_files=service.allows_local_files(hosted.project),
        integrations=frozenset(service.settings.integrations),
    )


def _check(service: Service, hosted: Hosted, stored: str) -> None:
    """See that the project can be opened with a config, and finds what it has.

    Raises:
        ConfigError: a value can't be, or a space would be moved that holds something.
    """
    root = service.directory(hosted.project)
    new = settings_of(root, sections_in(stored))
    try:
        old = settings_of(root, sections_in(config_text(root)))
    except ConfigError:  # the env has changed so that it can't be read: this is how it is mended
        return
    moved = [name for name in _spaces(old) if _spaces(old)[name] != _spaces(new)[name]]
    if not moved:
        return
    counts = service.hosting.counts(hosted.project)
    held = {
        "[inputs] files": counts.files,
        "[inputs] csvpaths": counts.groups,
        "[results] archive": counts.runs,
    }
    for name in moved:
        if held[name]:
            raise ConfigError(
                f"{name} can't be another directory: {shown(_spaces(old)[name])} holds what the "
                "project has",
                hint="make a new project for other directories",
            )


def _spaces(settings: Settings) -> dict[str, str]:
    return {
        "[inputs] files": settings.inputs.files,
        "[inputs] csvpaths": settings.inputs.groups,
        "[results] archive": settings.archive,
    }
