"""Which paths of a hosted project its callers may reach: spec/server.md 4, weaknesses A1 and A8.

In: the path that a caller gives, below the project's directory. Out: where the file lies. What is
protected is protected under every way to write it: parts are compared without regard to case and
to how letters are encoded, and once more with symbolic links followed.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from preboard.catalog.directories import DEFINITION
from preboard.config.ini import CONFIG_FILE
from preboard.config.names import can_name_a_file, shown
from preboard.errors import NameRefused
from preboard.storage.local import confined
from preboard.storage.place import OWN

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_PATH = 1_000
LONGEST_PART = 200
MOST_PARTS = 32
_IN_A_NAME = 2
"""Parts below a space: a name, and a document in its directory."""
UNREACHABLE = (str(PurePosixPath(CONFIG_FILE).parent), OWN)
"""The settings, which have operations of their own, and what is the program's."""


def readable_path(root: Path, told: str) -> Path:
    """Return the path of a file that may be read.

    Raises:
        NameRefused: it is no path inside the project, or that of a protected file.
    """
    return _path(root, told, UNREACHABLE, "access")


def writable_path(root: Path, told: str, spaces: Iterable[str]) -> Path:
    """Return the path of a file that may be written or deleted.

    Args:
        root: the project's directory.
        told: what the caller gave.
        spaces: the directories of what is registered, loaded and found: what lies in them is
            written by registrations, loads and runs alone.

    Raises:
        NameRefused: as `readable_path`.
    """
    return _path(root, told, (*UNREACHABLE, *spaces), "modify")


def tells_definition(root: Path, told: str, spaces: Iterable[str]) -> bool:
    """Say whether a file tells what was decided for a named-file or a group.

    Beside definition.json that is whatever of theirs is hidden: on its way, or put aside.

    Args:
        root: the project's directory.
        told: what the caller gave.
        spaces: the directories of named-files and groups.

    Raises:
        NameRefused: as `readable_path`.
    """
    path = readable_path(root, told)
    return any(_is_definition(seen, one) for one in spaces for seen in _seen(root, path))


def is_reachable(relative: PurePosixPath) -> bool:
    """Say whether a file of a project may be told of."""
    return not any(_lies_in(relative.parts, one) for one in UNREACHABLE)


def _path(root: Path, told: str, protected: Iterable[str], what: str) -> Path:
    plain = PurePosixPath(told)
    parts = plain.parts
    if (
        not 0 < len(parts) <= MOST_PARTS
        or len(told) > LONGEST_PATH
        or not all(can_name_a_file(part, LONGEST_PART) for part in parts)
    ):
        raise NameRefused(
            f"Invalid file path: {cited(told)}",
            hint="a path below the project's directory, with forward slashes",
        )
    try:
        path = confined(root, *parts)
    except NameRefused as error:
        raise NameRefused(
            f"Invalid file path: {cited(told)}", hint=error.hint or error.message
        ) from error
    if any(_lies_in(seen, one) for one in protected for seen in _seen(root, path)):
        raise NameRefused(f"Cannot {what} protected file: {cited(told)}")
    return path


def _seen(root: Path, path: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the parts of a path below the project's directory, as given and with links followed.

    No link leads out of it: `confined` saw to that.
    """
    return path.relative_to(root).parts, path.resolve().relative_to(root.resolve()).parts


def cited(told: str) -> str:
    r"""Return a path from outside as it may stand in a message, without quotes.

    >>> cited("docs/a.txt"), cited("a\nb")
    ('docs/a.txt', 'a\\nb')
    """
    return shown(told, 200)[1:-1]


def _lies_in(parts: tuple[str, ...], directory: str) -> bool:
    above = [_plain(part) for part in PurePosixPath(directory).parts]
    return [_plain(part) for part in parts[: len(above)]] == above


def _is_definition(parts: tuple[str, ...], space: str) -> bool:
    if not _lies_in(parts, space):
        return False
    below = parts[len(PurePosixPath(space).parts) :]
    is_named = len(below) == _IN_A_NAME and _plain(below[-1]) == DEFINITION
    return is_named or any(part.startswith(".") for part in below)


def _plain(part: str) -> str:
    """Return a part of a path as a file system may compare it that tells fewer apart."""
    folded = unicodedata.normalize("NFKC", part).casefold()
    return "".join(sign for sign in folded if unicodedata.category(sign) != "Cf").rstrip(". ")
