"""The files of a hosted project, beside its data spaces: put, read, listed, deleted.

Spec: server.md 4. Contents come and go as base64 in JSON; a file can be streamed, too, which is how
large ones are had.
"""

from __future__ import annotations

import base64
import binascii
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from stat import S_ISREG
from typing import TYPE_CHECKING

from preboard.clock import iso
from preboard.config.names import shown
from preboard.errors import Conflict, InputError, NotFound, Refused
from preboard.server.services.paths import (
    is_reachable,
    readable_path,
    tells_definition,
    writable_path,
)
from preboard.storage.local import replace_file, sync_directory, unwritable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preboard.project.project import Project

MOST_IN_JSON = 64 << 20
"""Bytes of a file that are told as base64: they are in memory, twice."""
_MODE = 0o600
_KIB = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """A file of a project; `modified` is an ISO text in UTC."""

    path: str
    size: int
    modified: str


def decoded(value: str, most_bytes: int) -> bytes:
    """Return the bytes of a content in base64, after a look at how many they are.

    Raises:
        InputError: it is no base64, or holds more bytes than are taken.
    """
    if len(value) // 4 * 3 - value[-2:].count("=") > most_bytes:
        raise InputError(f"File size exceeds the limit of {most_bytes // _KIB}KB")
    try:
        return base64.b64decode(value.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise InputError(
            "the content is no base64", hint="the alphabet of RFC 4648, padded, without line ends"
        ) from error


def put_file(project: Project, told: str, content: bytes) -> bool:
    """Store a file of a project; returns whether there was none at this path.

    Raises:
        NameRefused: the path leads out of the project, or to what is protected.
        Conflict: there is a directory of this path, or a file in the place of a directory.
        StoreError: it can't be written.
    """
    path = writable_path(project.root, told, _spaces(project))
    is_new = not path.exists()
    try:
        replace_file(path, content, mode=_MODE)
    except (IsADirectoryError, NotADirectoryError, FileExistsError, PermissionError) as error:
        raise Conflict(
            f"{shown(told, 200)} can't be stored",
            hint="a directory, or a file above, is in its way",
        ) from error
    except OSError as error:
        raise unwritable(error, f"{shown(told, 200)} can't be stored") from error
    return is_new


def is_definition(project: Project, told: str) -> bool:
    """Say whether a path is that of a definition, whose `sources` may hold passwords.

    Raises:
        NameRefused: the path leads out of the project, or to what is protected.
    """
    inputs = project.settings.inputs
    return tells_definition(project.root, told, (inputs.files, inputs.groups))


def found_file(project: Project, told: str) -> Path:
    """Return where a file of a project lies.

    Raises:
        NameRefused: the path leads out of the project, or to what is protected.
        NotFound: there is no such file.
    """
    path = readable_path(project.root, told)
    try:
        is_file = S_ISREG(path.lstat().st_mode)
    except OSError:
        is_file = False
    if not is_file:
        raise NotFound(f"there is no file {shown(told, 200)}", hint="directories are not told")
    return path


def read_encoded(project: Project, told: str) -> str:
    """Return the content of a file of a project in base64.

    Raises:
        NameRefused, NotFound: as `found_file`.
        Refused: the file is too large for it.
    """
    path = found_file(project, told)
    try:
        with path.open("rb") as file:
            content = file.read(MOST_IN_JSON + 1)
    except OSError as error:
        raise NotFound(f"{shown(told, 200)} can't be read: {error.strerror}") from error
    if len(content) > MOST_IN_JSON:
        raise Refused(
            f"{shown(told, 200)} has more than {MOST_IN_JSON >> 20} MiB, too much for JSON",
            hint="GET /v2/projects/{name}/files/{path}?raw=true streams it",
        )
    return base64.b64encode(content).decode()


def delete_file(project: Project, told: str) -> None:
    """Delete a file of a project.

    Raises:
        NameRefused, NotFound: as `found_file`.
        StoreError: it can't be deleted.
    """
    path = writable_path(project.root, told, _spaces(project))
    found_file(project, told)
    try:
        path.unlink(missing_ok=True)
        sync_directory(path.parent)
    except OSError as error:
        raise unwritable(error, f"{shown(told, 200)} can't be deleted") from error


def list_files(
    project: Project, *, prefix: str = "", after: str = "", most: int = 1_000
) -> list[FileEntry]:
    """Return files of a project in the order of their paths, part by part.

    Args:
        project: which.
        prefix: with which their paths begin.
        after: the path of the last one of the page before.
        most: how many.
    """
    found = []
    for path, status in _walk(project.root, PurePosixPath(), prefix, PurePosixPath(after).parts):
        modified = iso(datetime.fromtimestamp(status.st_mtime, UTC))
        found.append(FileEntry(path=str(path), size=status.st_size, modified=modified))
        if len(found) == most:
            break
    return found


def _walk(
    root: Path, above: PurePosixPath, prefix: str, after: tuple[str, ...]
) -> Iterator[tuple[PurePosixPath, os.stat_result]]:
    """Go over the files below a directory; links are not followed, what can't match is left out."""
    try:
        with os.scandir(root / above) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError:  # gone in the meantime
        return
    for entry in entries:
        path = above / entry.name
        text = str(path)
        if path.parts < after[: len(path.parts)] or not is_reachable(path):
            continue
        if entry.is_dir(follow_symlinks=False):
            if f"{text}/".startswith(prefix) or prefix.startswith(f"{text}/"):
                yield from _walk(root, path, prefix, after)
        elif (
            entry.is_file(follow_symlinks=False)
            and text.startswith(prefix)
            and path.parts > after
            and _is_text(text)
        ):
            yield path, entry.stat(follow_symlinks=False)


def _is_text(path: str) -> bool:
    """Say whether a name on disk can be told: one that is no UTF-8 can't."""
    return not any("\ud800" <= sign <= "\udfff" for sign in path)


def _spaces(project: Project) -> tuple[str, ...]:
    inputs = project.settings.inputs
    return (inputs.files, inputs.groups, project.settings.archive, "logs")
