"""Unpacking a backup: all of it is checked before there is a home."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

import msgspec

from preboard.errors import Conflict, NotFound, StoreError, Tampered
from preboard.server.backups import FORMAT, LIST, Contents, Kept
from preboard.storage.local import sync_directory, unwritable

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK = 1 << 20
_MOST_LIST_BYTES = 1 << 30
# What the library raises for headers that no program writes.
_NO_TAR = (tarfile.TarError, ValueError, OverflowError, RecursionError)


@contextmanager
def unpacked(source: Path, home: Path) -> Iterator[tuple[Path, Contents]]:
    """Give a backup unpacked beside a home, which it becomes behind the block.

    If the block raises, or the process dies, there is no home.

    Raises:
        NotFound: there is no such backup.
        Conflict: the home is there, and not empty.
        Tampered: the backup is not whole, or was changed.
        StoreError: something can't be read or written.
    """
    if not source.is_file():
        raise NotFound(f"there is no backup {source}")
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise Conflict(f"{home} is not empty", hint="a backup is restored into a new home")
    part = home.with_name(f".{home.name}.restoring-{os.getpid()}")
    try:
        part.mkdir(mode=0o700, parents=True)
        contents = _contents(source, part)
        (part / "projects").mkdir(mode=0o700, exist_ok=True)
        yield part, contents
        part.replace(home)
        sync_directory(home.parent)
    except OSError as error:
        raise unwritable(error, f"{home} can't be restored") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _contents(source: Path, part: Path) -> Contents:
    try:
        return _checked(source, part)
    except _NO_TAR as error:
        raise Tampered(f"{source} is no backup, or is cut off: {error}") from error


def _checked(source: Path, part: Path) -> Contents:
    found: dict[str, Kept] = {}
    body: bytes | None = None
    with tarfile.open(source, mode="r:") as tar:
        for member in tar:
            is_plain = member.isreg() and not member.issparse()
            if body is not None or not is_plain or member.name in found:
                raise Tampered(f"{source} has what no backup has: {member.name!r}")
            file = tar.extractfile(member)
            assert file is not None  # noqa: S101 - it is a file
            if member.name == LIST:
                body = file.read(_MOST_LIST_BYTES)
            else:
                found[member.name] = _extract(file, part, member.name)
    if body is None:
        raise Tampered(f"{source} is no backup, or is cut off: it has no {LIST}")
    try:
        contents = msgspec.json.decode(body, type=Contents)
    except msgspec.DecodeError as error:
        raise Tampered(f"{LIST} in {source} can't be read: {error}") from error
    if contents.format != FORMAT:
        raise StoreError(
            f"the backup has the format {contents.format}, this program knows {FORMAT}",
            hint=f"use Preboard {contents.preboard} or a later one",
        )
    differing = sorted(
        name
        for name in found.keys() | contents.files.keys()
        if found.get(name) != contents.files.get(name)
    )
    if differing:
        raise Tampered(
            f"{len(differing)} files of {source} are not what was backed up, such as "
            f"{differing[0]!r}"
        )
    return contents


def _extract(file: IO[bytes], part: Path, name: str) -> Kept:
    place = PurePosixPath(name)
    if place.is_absolute() or not place.parts or ".." in place.parts or "\\" in name:
        raise Tampered(f"a backup has no file {name!r}")
    path = part / place
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    hash_ = hashlib.sha256()
    size = 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        while block := file.read(_BLOCK):
            hash_.update(block)
            size += len(block)
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    return Kept(size, hash_.hexdigest())
