"""Bytes on their way in: streamed once, hashed, then linked to the name that they get.

They lie in `.incoming` of the space they are for, on its file system, so that they can be linked
into place. A part that a dead owner left is found by its name, and by the inode it shares with what
was linked but perhaps never accepted.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, Self
from uuid import uuid4

from preboard.errors import InputError, Refused
from preboard.storage.local import (
    READ_ONLY,
    make_directory,
    sync_directory,
    sync_file,
    unwritable,
)
from preboard.storage.locks import is_alive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType
    from typing import BinaryIO

FOLDER = ".incoming"
_CHUNK = 1 << 20
_SYNCED_EARLY = 1 << 18
"""Bytes from which a part is put on disk before anybody waits for it; smaller ones go with the
directory that they are linked into (`local.put_new`)."""


class Incoming:
    """One stream of bytes that becomes a file; `fingerprint` and `size` are known behind `take`."""

    def __init__(self, space: Path, owner: str, name: str) -> None:
        make_directory(space / FOLDER)
        self.path = space / FOLDER / f"{owner}.{uuid4().hex}.{name}"
        self.fingerprint = ""
        self.size = 0
        self._is_kept = False

    def take(
        self,
        stream: BinaryIO,
        most_bytes: int | None = None,
        watch: Callable[[int], object] | None = None,
    ) -> None:
        """Read the stream to its end; `watch` is called with the bytes so far.

        Raises:
            InputError: it can't be read, or gives no bytes.
            Refused: there are more bytes than may be.
            StoreError: the disk is full or can't be written.
        """
        digest = hashlib.sha256()
        try:
            with self.path.open("xb", buffering=0) as file:
                for chunk in _chunks(stream):
                    self.size += len(chunk)
                    if most_bytes is not None and self.size > most_bytes:
                        raise Refused(
                            f"the file is larger than {most_bytes:,} bytes",
                            hint="the limit is max_file_bytes in [inputs] of config.ini",
                        )
                    digest.update(chunk)
                    _write(file, chunk)
                    if watch is not None:
                        watch(self.size)
                if self.size >= _SYNCED_EARLY:
                    sync_file(file.fileno())
            self.path.chmod(READ_ONLY)
        except OSError as error:
            raise unwritable(error, "the file can't be stored") from error
        self.fingerprint = digest.hexdigest()

    def keep(self) -> None:
        """Leave the part when it is closed: what becomes of it is for the sweep to say."""
        self._is_kept = True

    def close(self) -> None:
        """Take the temporary name away; what was linked stays."""
        if self._is_kept:
            return
        with suppress(OSError):  # a part that stays is swept when its owner is gone
            self.path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    """Give what a stream of the caller holds; whatever is wrong with it is an error of the input.

    Raises:
        InputError: it can't be read to its end, or gives something else than bytes.
    """
    while True:
        try:
            chunk = stream.read(_CHUNK)
        except (OSError, ValueError, EOFError) as error:
            raise InputError(f"the source can't be read to its end: {error}") from error
        if not isinstance(chunk, bytes | bytearray):
            raise InputError(
                f"the source gives {type(chunk).__name__}, no bytes",
                hint='open the file with mode "rb"',
            )
        if not chunk:
            return
        yield bytes(chunk)


def _write(file: BinaryIO, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[file.write(view) :]


def put_aside(directory: Path, space: Path, owner: str, name: str) -> Path | None:
    """Move a directory of the space out of the way, to be removed at leisure by `discard`.

    Returns where it is now, None if it was not there.
    """
    make_directory(space / FOLDER)
    aside = space / FOLDER / f"{owner}.{uuid4().hex}.{name}"
    try:
        directory.rename(aside)
    except FileNotFoundError:
        return None
    sync_directory(space)
    return aside


def discard(path: Path) -> None:
    """Remove a part, or a directory that was put aside; it may be gone already."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def left_over(space: Path, owners: Path) -> Iterator[tuple[Path, str]]:
    """Give each part whose owner is dead, with the name that it was for; so for what lies aside."""
    folder = space / FOLDER
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        owner, _, rest = path.name.partition(".")
        name = rest.partition(".")[2]
        if not is_alive(owners, owner):
            yield path, name


def linked_to(part: Path, below: Path) -> list[Path]:
    """Return the files below a directory that share their bytes with a part.

    There are none when the part is gone, since another process tidies up as well.
    """
    try:
        about = part.lstat()
    except FileNotFoundError:
        return []
    if about.st_nlink == 1 or not S_ISREG(about.st_mode) or not below.is_dir():
        return []
    found = (path for path in below.rglob("*") if path.is_file() and not path.is_symlink())
    return [path for path in found if path.stat().st_ino == about.st_ino]


def prune(directory: Path) -> None:
    """Remove the directories below one that are empty, and itself if it is empty then."""
    for where, _, _ in os.walk(directory, topdown=False):
        with suppress(OSError):  # not empty
            Path(where).rmdir()
