"""How a project directory begins and is found again."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING
from uuid import uuid4

from preboard.config.ini import CONFIG_FILE
from preboard.errors import Conflict, NotFound, StoreError
from preboard.storage.local import make_directory, put_new, replace_file
from preboard.storage.place import OWN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

IDENTITY = "project.json"


def make_project(root: Path) -> None:
    """Make a project in a directory: its config.ini, its spaces, its id.

    Raises:
        Conflict: there is a project already.
        StoreError: the directory can't be written.
    """
    if (root / CONFIG_FILE).exists():
        raise Conflict(f"{root} is a project already")
    try:
        for directory in ("inputs/named_files", "inputs/named_paths", "archive", "logs"):
            make_directory(root / directory)
        text = files("preboard.project").joinpath("default_config.ini").read_bytes()
        project_id(root)
        replace_file(root / CONFIG_FILE, text)
    except OSError as error:
        raise StoreError(f"a project can't be made in {root}: {error.strerror or error}") from error


def project_id(root: Path) -> str:
    """Return the id of a project; one that has none gets it, once."""
    path = root / OWN / IDENTITY
    if not path.exists():
        new = path.with_name(f".{uuid4().hex}.part")
        replace_file(new, json.dumps({"id": str(uuid4())}).encode() + b"\n")
        put_new(new, path)  # whoever comes second takes the first one's
        new.unlink()
    try:
        return str(json.loads(path.read_bytes())["id"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{OWN}/{IDENTITY} can't be read: {error}") from error


def found_project(start: Path) -> Path:
    """Return the project that a directory lies in, itself or one above.

    Raises:
        NotFound: there is none.
    """
    for directory in _upward(start.resolve()):
        if (directory / CONFIG_FILE).is_file():
            return directory
    raise NotFound(
        f"{start} lies in no project", hint="preboard init DIR makes one; --project names one"
    )


def _upward(start: Path) -> Iterator[Path]:
    yield start
    yield from start.parents
