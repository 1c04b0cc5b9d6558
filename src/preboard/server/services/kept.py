"""The two files of settings of a hosted project: read, and replaced whole, one writer at a time.

What a process that is killed leaves is the old file or the new one. Both hold secrets: only the
server's account reads them.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from preboard.config.ini import CONFIG_FILE
from preboard.errors import NotFound, StoreError
from preboard.server.services.config_rules import ENV_FILE
from preboard.storage.local import BINARY, NO_LINK, replace_file, unwritable
from preboard.storage.locks import held
from preboard.storage.place import OWN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PRIVATE = 0o600
PRIVATE_DIRECTORY = 0o700
EMPTY_ENV = "{}"
_LOCK = "settings.lock"


@contextmanager
def changing(root: Path) -> Iterator[None]:
    """Keep everybody else, in whatever process, from changing the settings of a project.

    Raises:
        NotFound: its directory was removed in the meantime.
    """
    try:
        flags = os.O_RDWR | os.O_CREAT | NO_LINK | BINARY
        descriptor = os.open(root / OWN / _LOCK, flags, PRIVATE)
    except FileNotFoundError as error:
        raise NotFound("the project was removed in the meantime") from error
    try:
        with held(descriptor):
            yield
    finally:
        os.close(descriptor)


def config_text(root: Path) -> str:
    """Return the config of a project as it is stored.

    Raises:
        NotFound: its directory was removed in the meantime.
    """
    return _text(root / CONFIG_FILE)


def env_text(root: Path) -> str:
    """Return the env of a project as it is stored, an empty one if it has none.

    Raises:
        NotFound: its directory was removed in the meantime.
    """
    if not (root / ENV_FILE).exists() and (root / CONFIG_FILE).exists():
        return EMPTY_ENV
    return _text(root / ENV_FILE)


def keep_config(root: Path, text: str) -> None:
    """Put a config in place of the one that is stored; in a `changing`."""
    _keep(root / CONFIG_FILE, text)


def keep_env(root: Path, text: str) -> None:
    """Put an env in place of the one that is stored; in a `changing`."""
    _keep(root / ENV_FILE, text)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise NotFound("the project was removed in the meantime") from error
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{path.name} can't be read: {type(error).__name__}") from error


def _keep(path: Path, text: str) -> None:
    try:
        replace_file(path, text.encode(), alone=True, mode=PRIVATE)
    except OSError as error:
        raise unwritable(error, f"{path.name} can't be stored") from error
