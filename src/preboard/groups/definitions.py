"""definition.json of a group: its members as given, and `_config` (spec/framework.md 1.2).

Two forms of `_config` are read: `_config.groups.<group>` with scripts, webhooks, transfers; and the
older flat one, `_config.<group>` with on_complete_all_script and the like, which is converted. The
whole of a JSON definition is kept with each group that it defines.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from preboard.config.names import shown
from preboard.errors import ConfigError
from preboard.groups.sources import CONFIG
from preboard.storage.templates import checked_template

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

OCCASIONS = ("on_complete_all", "on_complete_valid", "on_complete_invalid", "on_complete_error")
KNOWN = frozenset({"template", "scripts", "webhooks", "transfers", "destinations"})
LONGEST_DEFINITION = 1_000_000

_OF_A_HOOK = frozenset({"url", "payload", "headers"})
_OF_A_SERVER = frozenset({"address", "port", "username", "password"})


def checked_definition(
    group: str, definition: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """Return what definition.json holds for a group, and warnings about what was not understood.

    Raises:
        ConfigError: a part of `_config` has not the form that it must have, or it is no JSON.
        NameRefused: the template can't be.
    """
    config = definition.get(CONFIG, {})
    newer = config.get("groups", {}) if isinstance(config, dict) else None
    if not isinstance(newer, dict):
        raise ConfigError(f"{CONFIG} has not the form of one", hint='{"groups": {"name": {...}}}')
    members = {key: value for key, value in definition.items() if key != CONFIG} or {group: []}
    older = {key: value for key, value in config.items() if key != "groups"}
    warnings = [
        f"{CONFIG}: {shown(key)} is no group here" for key in older if key not in {group, *members}
    ]
    groups: dict[str, Any] = {}
    for name in sorted({group, *members} & (newer.keys() | older.keys())):
        settings, odd = _settings(name, newer.get(name, {}), older.get(name, {}))
        groups[name] = settings
        if name == group:
            _check(group, settings)
            warnings += odd
    kept = {name: settings for name, settings in {**newer, **groups}.items() if settings}
    whole = {**members, CONFIG: {"groups": kept}} if kept else members
    _check_size(group, whole)
    return whole, warnings


def settings_in(group: str, definition: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a group from its definition.json, `{}` when it has none."""
    found = definition.get(CONFIG, {}).get("groups", {}).get(group, {})
    return dict(found)


def with_settings(
    group: str, definition: Mapping[str, Any], settings: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a definition in which these are the settings of a group."""
    members = {key: value for key, value in definition.items() if key != CONFIG}
    groups = {**definition.get(CONFIG, {}).get("groups", {}), group: dict(settings)}
    kept = {name: value for name, value in groups.items() if value}
    return {**members, CONFIG: {"groups": kept}} if kept else members


def _settings(name: str, newer: object, older: object) -> tuple[dict[str, Any], list[str]]:
    """Return the settings of one group in the newer form."""
    if not isinstance(newer, dict) or not isinstance(older, dict):
        raise ConfigError(f"the settings of the group {shown(name)} are no JSON object")
    converted, warnings = _converted(name, older)
    merged = {**converted, **newer}
    warnings += [
        f"{CONFIG}.groups.{name}: {shown(key)} is not known" for key in merged if key not in KNOWN
    ]
    return merged, warnings


def _converted(name: str, flat: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the settings of the older form in the newer one."""
    settings: dict[str, Any] = {}
    warnings: list[str] = []
    for key, value in flat.items():
        if key in KNOWN:
            settings[key] = value
        elif occasion := _occasion(key, "_script"):
            settings.setdefault("scripts", {})[occasion] = value
        elif occasion := _occasion(key, "_webhook_url"):
            settings.setdefault("webhooks", {}).setdefault(occasion, {})["url"] = value
        elif occasion := _occasion(key, "_webhook"):
            settings.setdefault("webhooks", {}).setdefault(occasion, {})["payload"] = value
        else:
            warnings.append(f"{CONFIG}.{name}: {shown(key)} is not known")
    return settings, warnings


def _occasion(key: str, ending: str) -> str | None:
    """Return the occasion that a key of the older form begins with: `all` or `on_complete_all`."""
    if not key.endswith(ending):
        return None
    full = f"on_complete_{key.removesuffix(ending).removeprefix('on_complete_')}"
    return full if full in OCCASIONS else None


def _check(group: str, settings: Mapping[str, Any]) -> None:
    template = settings.get("template") or ""
    if not isinstance(template, str):
        raise ConfigError(f"the template of the group {shown(group)} is no text")
    checked_template(template, "run_dir")
    for occasion, script in _each(group, settings, "scripts", OCCASIONS):
        if not isinstance(script, str):
            raise ConfigError(f"the script {occasion} of the group {shown(group)} is no text")
    for occasion, hook in _each(group, settings, "webhooks", OCCASIONS):
        if not isinstance(hook, dict) or not hook.keys() <= _OF_A_HOOK:
            raise ConfigError(
                f"the webhook {occasion} of the group {shown(group)} has not the form of one",
                hint='{"url": "...", "payload": "name > value", "headers": [{"name": "X", '
                '"value": "v"}]}',
            )
    for label, server in _each(group, settings, "destinations", None):
        if not isinstance(server, dict) or not server.keys() <= _OF_A_SERVER:
            raise ConfigError(
                f"the destination {shown(label)} of the group {shown(group)} is no server",
                hint='{"address": "host", "port": 22, "username": "...", "password": "..."}',
            )
    _each(group, settings, "transfers", None)


def _each(
    group: str, settings: Mapping[str, Any], part: str, keys: Iterable[str] | None
) -> list[tuple[str, Any]]:
    """Return what a part holds under its keys, null left out."""
    found = settings.get(part)
    if found is None:
        return []
    if not isinstance(found, dict):
        raise ConfigError(f"{part} of the group {shown(group)} is no JSON object")
    odd = [] if keys is None else sorted(found.keys() - set(keys))
    if odd:
        raise ConfigError(
            f"{part} of the group {shown(group)} has {shown(odd[0])}",
            hint="one of " + ", ".join(OCCASIONS),
        )
    return [(key, value) for key, value in found.items() if value is not None]


def _check_size(group: str, definition: Mapping[str, Any]) -> None:
    try:
        text = json.dumps(definition, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigError(
            f"the definition of the group {shown(group)} is no JSON: {error}"
        ) from error
    if len(text) > LONGEST_DEFINITION:
        raise ConfigError(
            f"the definition of the group {shown(group)} is longer than "
            f"{LONGEST_DEFINITION:,} characters"
        )
