"""Files on a local disk: whole or absent, and on disk before anything points at them.

A file is written under a temporary name, fsynced, and linked or renamed into place; then its
directory is fsynced. A crash leaves the file as it was or as it should be, and perhaps a temporary
one, never half of one.
"""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path, PurePath, PurePosixPath
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING, Final

from preboard.clock import elapsed_s
from preboard.config.names import shown
from preboard.errors import NameRefused, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

READ_ONLY = 0o444
NO_LINK: Final[int] = getattr(os, "O_NOFOLLOW", 0)
"""For os.open: a symbolic link is no file to write to."""
BINARY: Final[int] = getattr(os, "O_BINARY", 0)
"""For os.open: bytes as they are, also on Windows."""
_AT_ONCE = 64
"""Files that are open together while they are put on disk."""
_THREADS = 8
_FEW = 2
_SLOW_S = 0.02
# The system's word for "will not be needed" is the only one by which it begins to write at once.
_ADVISE = getattr(os, "posix_fadvise", None)
_BLOCK = 1 << 20


def confined(root: Path, *parts: str) -> Path:
    """Return the path of `parts` below `root`; the parts may hold forward slashes.

    Raises:
        NameRefused: the path would leave the root, by `..`, as an absolute path, or through a
            symbolic link.
    """
    relative = PurePosixPath(*parts) if parts else PurePosixPath()
    text = str(relative)
    if relative.is_absolute() or ".." in relative.parts or "\0" in text or "\\" in text:
        raise NameRefused(f"{shown(text)} is no path inside {root.name or root}")
    path = root.joinpath(*relative.parts)
    if _has_link(root, relative.parts) and not path.resolve().is_relative_to(root.resolve()):
        raise NameRefused(
            f"{shown(text)} leads out of {root.name or root}", hint="a symbolic link is on its way"
        )
    return path


def _has_link(root: Path, parts: tuple[str, ...]) -> bool:
    """Say whether a symbolic link is on the way down: without one a path leads where it says."""
    if os.name == "nt":  # there are junctions, too
        return True
    way = str(root)
    for part in parts:
        way = os.path.join(way, part)  # noqa: PTH118 - on the way of every run
        try:
            mode = os.lstat(way).st_mode
        except FileNotFoundError:  # nor is there anything below
            return False
        except OSError:  # what can't be looked at is for the exact way to say
            return True
        if not S_ISDIR(mode) and not S_ISREG(mode):
            return True
    return False


def make_directory(path: Path) -> None:
    """Make a directory and those above it, each entered durably into its parent."""
    if path.is_dir():
        return
    make_directory(path.parent)
    with suppress(FileExistsError):
        path.mkdir()
    sync_directory(path.parent)


def make_new_directory(path: Path) -> bool:
    """Make a directory that nobody has made before; returns False if it exists.

    It is not on disk yet: `sync_all` puts it there with what is in it.
    """
    try:
        os.mkdir(path)  # noqa: PTH102 - quicker than by the Path, as below
    except FileExistsError:
        return False
    except FileNotFoundError:
        make_directory(path.parent)
        return make_new_directory(path)
    return True


def sync_directory(path: Path | str) -> None:
    """Put the entries of a directory on disk, where the system can."""
    if os.name == "nt":  # there is no handle of a directory to sync
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def put_new(temporary: Path, target: Path) -> bool:
    """Give a file its name, unless the name is taken; returns whether it was free.

    `temporary` keeps its own name, too; both lie on one file system. Whoever was first, the file
    and its name are on disk behind this: the one who made it may have died before they were.
    """
    make_directory(target.parent)
    try:
        os.link(temporary, target)
    except FileExistsError:
        is_new = False
    else:
        is_new = True
    sync_all((target, target.parent))
    return is_new


def replace_file(
    target: Path | str,
    content: bytes,
    *,
    durable: bool = True,
    alone: bool = False,
    mode: int = 0o644,
) -> None:
    """Write a file in place of another, whole: a reader sees the old one or the new one.

    Args:
        target: what is written; its directory is made.
        content: what it holds then.
        durable: without it a power cut may take it back: for what is written anew before it counts.
        alone: the caller holds a lock, so that nobody else writes this file now. The temporary name
            is always the same then: one that a crash left is used by the next writer.
        mode: who may read and write the file.
    """
    directory, called = os.path.split(target)
    handle, name = _temporary(directory, called, alone=alone)
    try:
        try:
            _write(handle, content)
            if durable:
                sync_file(handle)
        finally:
            os.close(handle)
        os.chmod(name, mode)  # noqa: PTH101
        os.replace(name, target)  # noqa: PTH105
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    if durable:
        sync_directory(directory)


def _temporary(directory: str, called: str, *, alone: bool) -> tuple[int, str]:
    """Open the temporary file for one that is called so, in its directory, made if need be."""
    if not alone:
        make_directory(Path(directory))
        return tempfile.mkstemp(dir=directory, prefix=f".{called}-", suffix=".part")
    name = os.path.join(directory, f".{called}.part")  # noqa: PTH118
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | NO_LINK | BINARY
    try:
        return os.open(name, flags, 0o600), name
    except FileNotFoundError:
        make_directory(Path(directory))
        return os.open(name, flags, 0o600), name


def _write(handle: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]


def sync_all(paths: Iterable[Path | str]) -> None:
    """Put files and directories on disk, together.

    The system begins with all before it is waited for the first: so it needs one turn of its
    journal, and not one for each. Where waiting takes long all the same, as on a disk over a
    network, many wait at once.
    """
    left = [str(path) for path in paths]
    for first in range(0, len(left), _AT_ONCE):
        handles: list[int] = []
        try:
            for path in left[first : first + _AT_ONCE]:
                if os.name == "nt" and Path(path).is_dir():  # there is no handle of it to sync
                    continue
                handles.append(os.open(path, os.O_RDONLY | BINARY))
            _finish(handles)
        finally:
            for handle in handles:
                os.close(handle)


def _finish(handles: list[int]) -> None:
    """Let the system begin to put files on disk, and wait until they are."""
    if _ADVISE is not None and len(handles) > _FEW:
        for handle in handles:
            with suppress(OSError):  # advice
                _ADVISE(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    waited = 0.0
    for place, handle in enumerate(handles, 1):
        began = elapsed_s()
        sync_file(handle)
        if place > 1:  # the first one waits for all that they share
            waited += elapsed_s() - began
        if waited > _SLOW_S and len(handles) - place > _THREADS:
            with ThreadPoolExecutor(_THREADS) as pool:
                for _ in pool.map(sync_file, handles[place:]):
                    pass
            return


def as_given(path: Path, given: str | Path) -> str:
    """Return a path as an error tells it: one that was given relative, from the working directory.

    >>> as_given(Path.cwd() / "../in/a.csv", "../in/a.csv"), as_given(Path("/a.csv"), "/a.csv")
    ('../in/a.csv', '/a.csv')
    """
    if PurePath(given).is_absolute():
        return str(given)
    try:
        return str(path.relative_to(Path.cwd()))
    except (OSError, ValueError):
        return str(path)


def fingerprint_of(path: Path, read: Callable[[int], object] | None = None) -> str | None:
    """Return the SHA-256 of a file in hex, None if it is not there or can't be read.

    `read` is called with the size of each block.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
                if read is not None:
                    read(len(block))
    except OSError:
        return None
    return digest.hexdigest()


def unwritable(error: OSError, what: str) -> StoreError:
    """Return what the system's refusal to write means to a user; `what` is what was to be done."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreError(f"{what}: the disk is full", hint="free some space")
    return StoreError(f"{what}: {error.strerror or error}")


def sync_file(descriptor: int) -> None:
    """Put the content of an open file on disk."""
    os.fsync(descriptor)
