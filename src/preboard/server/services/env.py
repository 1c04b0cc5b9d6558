"""The env of a hosted project: a flat JSON object of texts that stands in for the environment.

Spec: server.md 4. Its values are secrets: no message and no log tells one. What is stored fits the
config: with an env that does not, the project could not be opened.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from preboard.config.editing import sections_in
from preboard.config.ini import settings_of
from preboard.config.names import shown
from preboard.errors import ConfigError, NotFound
from preboard.server.services.config_rules import near
from preboard.server.services.kept import changing, config_text, env_text, keep_env

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MOST_BYTES = 256 << 10
LONGEST_KEY = 128
_UNFIT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]|/$")
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
_FIELD = re.compile(r"\[[^]]*\] [^\s:]+")


def set_env(root: Path, text: str) -> None:
    """Put a text in place of the env of a project.

    Raises:
        ConfigError: it is no flat JSON object of texts, too long, or does not fit the config.
    """
    values = read_env(text)
    with changing(root):
        _check_config(root, values)
        keep_env(root, text)


def env_value(root: Path, key: str) -> str:
    """Return a value of the env of a project.

    Raises:
        NotFound: it has no such key.
    """
    values = read_env(env_text(root))
    try:
        return values[key]
    except KeyError as error:
        raise NotFound(f"the env has no key {shown(key)}", hint=near(key, values)) from error


def set_env_value(root: Path, key: str, value: str) -> None:
    """Set one value in the env of a project, and leave the others.

    Raises:
        ConfigError: there can't be such a key, or the env would be too long or not fit the config.
    """
    _check_key(key)
    with changing(root):
        values = {**read_env(env_text(root)), key: value}
        text = json.dumps(values, indent=2)
        read_env(text)
        _check_config(root, values)
        keep_env(root, f"{text}\n")


def read_env(text: str) -> dict[str, str]:
    """Return what an env says.

    Raises:
        ConfigError: it is no flat JSON object of texts, or too long.
    """
    try:
        size = len(text.encode())
        found = json.loads(text, object_pairs_hook=_object) if size <= MOST_BYTES else None
    except json.JSONDecodeError as error:
        raise ConfigError(
            f"the env is no JSON: {error.msg}, line {error.lineno}, column {error.colno}",
            hint='{"NAME": "value"}',
        ) from error
    except (ValueError, RecursionError):
        # Whatever it says of a value: that is not for a message.
        raise ConfigError("the env is no JSON that can be read") from None
    if size > MOST_BYTES:
        raise ConfigError(f"the env is larger than {MOST_BYTES:,} bytes")
    if not isinstance(found, dict):
        raise ConfigError("the env is no JSON object", hint='{"NAME": "value"}')
    for key, value in found.items():
        _check_key(key)
        if not isinstance(value, str) or _NO_TEXT.search(value):
            raise ConfigError(
                f"the env is not flat: the value of {shown(key)} is no text",
                hint='{"NAME": "value"}; numbers in quotes',
            )
    return found


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise ConfigError(f"the env has the key {shown(name)} twice")
        found[name] = value
    return found


def _check_key(key: str) -> None:
    if not 0 < len(key) <= LONGEST_KEY or _UNFIT.search(key):
        raise ConfigError(
            f"{shown(key)} can't be a key of the env",
            hint=f"1 to {LONGEST_KEY} characters on one line, the last one no slash",
        )


def _check_config(root: Path, values: Mapping[str, str]) -> None:
    """See that the config of the project can be read with an env.

    Raises:
        ConfigError: it can't.
    """
    try:
        settings_of(root, sections_in(config_text(root)), env=values)
    except ConfigError as error:
        # Its words hold the value: the name of the field is told alone.
        field = _FIELD.match(error.message)
        raise ConfigError(
            "the config can't be read with this env" + (f": {field[0]}" if field else ""),
            hint="give the name that stands in the config a value that can be there",
        ) from None
