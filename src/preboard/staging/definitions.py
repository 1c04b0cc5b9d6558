"""The definition of a named-file: template, what happens on arrival, sources (framework.md 1.1).

The catalog holds its text, definition.json is the view of it; what somebody writes into that file
by hand is taken in when it is needed next. Keys that are not known are kept.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from preboard.catalog.directories import DEFINITION
from preboard.config.names import checked_name, shown
from preboard.errors import ConfigError, NotFound
from preboard.storage.local import confined
from preboard.storage.templates import checked_template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from preboard.staging.names import NameDirectories

RUN_METHODS = ("collect_paths", "fast_forward_paths", "collect_by_line", "fast_forward_by_line")
LONGEST_DEFINITION = 1_000_000
MOST_BYTES = 4_000_000
_OF_A_SOURCE = frozenset({"address", "port", "username", "password"})


class Definitions:
    """The definitions of a project's named-files."""

    def __init__(self, directories: NameDirectories) -> None:
        self.directories = directories
        self.catalog = directories.catalog

    def get(self, name: str) -> dict[str, Any]:
        """Return the definition of a name; `{}` when it has none.

        Raises:
            NotFound: there is no such named-file.
            ConfigError, NameRefused: definition.json was edited, and can't be.
        """
        text = self._current(name)
        if text is None:
            raise NotFound(f"there is no named-file {shown(name)}")
        return dict(json.loads(text))

    def template(self, name: str) -> str:
        """Return the template that registrations under a name follow, `""` for none.

        Raises:
            ConfigError, NameRefused: definition.json was edited, and can't be.
        """
        text = self._current(name)
        return json.loads(text).get("template") or "" if text else ""

    def set(self, name: str, definition: Mapping[str, Any]) -> None:
        """Make this the definition of a name, which is made if it is new.

        Raises:
            NameRefused: the name or the template can't be.
            ConfigError: a key that is known has no such value, or it is no JSON.
        """
        checked_name(name, "named-file")
        text = checked_definition(name, definition)
        with self.catalog.database.writing() as connection:
            self.directories.lock(connection, name)
            self.catalog.files.define(connection, name, text)
        self.directories.write(name)

    def _current(self, name: str) -> str | None:
        """Return the text of a definition, None if there is no such name; an edit is taken in."""
        files = self.catalog.files
        text = files.definition(name)
        if text is None or self._edited(name, text) is None:
            return text
        # Once more with the lock, which whoever writes the file holds, too.
        with self.catalog.database.writing() as connection:
            files.hold(connection, name)
            text = files.definition_in(connection, name)
            if text is None or not files.is_written(connection, name):
                return text
            edited = self._edited(name, text)
            if edited is None:
                return text
            files.define(connection, name, edited)
        self.directories.write(name)
        return edited

    def _edited(self, name: str, text: str) -> str | None:
        """Return what definition.json holds, None if it is what the catalog has, or not there."""
        path = confined(self.directories.space, name, DEFINITION)
        try:
            if path.stat().st_size > MOST_BYTES:
                raise ConfigError(
                    f"{DEFINITION} of {shown(name)} is larger than {MOST_BYTES:,} bytes"
                )
            found = json.loads(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError) as error:
            raise ConfigError(
                f"{DEFINITION} of {shown(name)} can't be read as JSON: {error}",
                hint="mend it, or delete it: it is written anew with the next definition",
            ) from error
        return None if found == json.loads(text) else checked_definition(name, found)


def checked_definition(name: str, definition: object) -> str:
    """Return a definition as JSON.

    Raises:
        NameRefused: the template can't be.
        ConfigError: a key that is known has no such value, or it is no JSON object.
    """
    if not isinstance(definition, dict):
        raise ConfigError(
            f"the definition of {shown(name)} is no JSON object", hint='{"template": "..."}'
        )
    template = definition.get("template")
    if template is not None and not isinstance(template, str):
        raise ConfigError(f"the template of {shown(name)} is no text")
    checked_template(template or "", "filename")
    _check_arrival(name, definition.get("on_arrival"))
    _check_sources(name, definition.get("sources"))
    try:
        text = json.dumps(definition, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigError(f"the definition of {shown(name)} is no JSON: {error}") from error
    if len(text) > LONGEST_DEFINITION:
        raise ConfigError(
            f"the definition of {shown(name)} is longer than {LONGEST_DEFINITION:,} characters"
        )
    return text


def run_on_arrival(definition: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the group that is run over each new version of a name, and how; None for none.

    A version that is the newest already is no arrival (spec/framework.md 5.9).

    >>> run_on_arrival({"on_arrival": {"named_paths_group": "checks"}})
    ('checks', 'collect_paths')
    """
    arrival = definition.get("on_arrival") or {}
    group = arrival.get("named_paths_group")
    return (group, arrival.get("run_method") or RUN_METHODS[0]) if group else None


def _check_arrival(name: str, arrival: object) -> None:
    if arrival is None:
        return
    group = arrival.get("named_paths_group") if isinstance(arrival, dict) else None
    method = arrival.get("run_method") if isinstance(arrival, dict) else None
    if not isinstance(group, str) or method not in (None, *RUN_METHODS):
        raise ConfigError(
            f"on_arrival of {shown(name)} names no group, or no run method that there is",
            hint='{"named_paths_group": "...", "run_method": "..."}, a method of '
            + ", ".join(RUN_METHODS),
        )


def _check_sources(name: str, sources: object) -> None:
    if sources is None:
        return
    servers = list(sources.items()) if isinstance(sources, dict) else [("", None)]
    for label, server in servers:
        if not isinstance(server, dict) or not server.keys() <= _OF_A_SOURCE:
            raise ConfigError(
                f"the source {shown(str(label))} of {shown(name)} is no server",
                hint='{"address": "host", "port": 22, "username": "...", "password": "..."}',
            )
