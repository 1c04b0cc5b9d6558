"""definition.json of named-files and of groups (spec/framework.md 1.1, 1.2).

What people write: keys that are not known are kept, and everything may be left out.
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Struct, UnsetType, field


class Server(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A server that files are fetched from, or results are sent to."""

    address: str | UnsetType = UNSET
    port: int | str | UnsetType = UNSET
    username: str | UnsetType = UNSET
    password: str | UnsetType = UNSET


class Arrival(Struct, frozen=True, kw_only=True):
    """What is run when a version of a named-file arrives."""

    named_paths_group: str
    run_method: str | UnsetType | None = UNSET


class FileDefinition(Struct, frozen=True, kw_only=True):
    """What was decided for a named-file."""

    template: str | UnsetType | None = UNSET
    on_arrival: Arrival | UnsetType | None = UNSET
    sources: dict[str, Server] | UnsetType | None = UNSET


class HookHeader(Struct, frozen=True, kw_only=True):
    """A header of the request of a webhook."""

    name: str
    value: str


class Hook(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A webhook."""

    url: str | UnsetType | None = UNSET
    payload: str | UnsetType | None = UNSET
    headers: list[HookHeader] | UnsetType | None = UNSET


class Scripts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The scripts that are run behind a run, by what it came to."""

    on_complete_all: str | UnsetType | None = UNSET
    on_complete_valid: str | UnsetType | None = UNSET
    on_complete_invalid: str | UnsetType | None = UNSET
    on_complete_error: str | UnsetType | None = UNSET


class Hooks(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The webhooks that are called behind a run, by what it came to."""

    on_complete_all: Hook | UnsetType | None = UNSET
    on_complete_valid: Hook | UnsetType | None = UNSET
    on_complete_invalid: Hook | UnsetType | None = UNSET
    on_complete_error: Hook | UnsetType | None = UNSET


class GroupSettings(Struct, frozen=True, kw_only=True):
    """What was decided for a group."""

    template: str | UnsetType | None = UNSET
    scripts: Scripts | UnsetType | None = UNSET
    webhooks: Hooks | UnsetType | None = UNSET
    transfers: dict[str, Any] | UnsetType | None = UNSET
    destinations: dict[str, Server] | UnsetType | None = UNSET


class GroupsConfig(Struct, frozen=True, kw_only=True):
    """`_config` of a definition of groups."""

    groups: dict[str, GroupSettings]


class GroupDefinition(Struct, frozen=True, kw_only=True):
    """Definitions of groups; beside `_config` the name of each has the paths of its members."""

    config: GroupsConfig | UnsetType = field(default=UNSET, name="_config")
