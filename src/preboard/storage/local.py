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
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from preboard.clock import elapsed_s
from preboard.config.names import shown
from preboard.errors import NameRefused, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable

READ_ONLY = 0o444
NO_LINK: Final[int] = getattr(os, "O_NOFOLLOW", 0)
"""For os.open: a symbolic link is no file to write to."""
_AT_ONCE = 8
_SLOW_S = 0.001
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
    real_root = root.resolve()
    if not path.resolve().is_relative_to(real_root):
        raise NameRefused(
            f"{shown(text)} leads out of {root.name or root}", hint="a symbolic link is on its way"
        )
    return path


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
    make_directory(path.parent)
    try:
        path.mkdir()
    except FileExistsError:
        return False
    return True


def sync_directory(path: Path) -> None:
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
    target: Path,
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
    make_directory(target.parent)
    handle, name = _temporary(target, alone=alone)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            if durable:
                file.flush()
                sync_file(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    if durable:
        sync_directory(target.parent)


def _temporary(target: Path, *, alone: bool) -> tuple[int, str]:
    if not alone:
        return tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-", suffix=".part")
    name = str(target.with_name(f".{target.name}.part"))
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | NO_LINK
    return os.open(name, flags, 0o600), name


def sync_all(paths: Iterable[Path]) -> None:
    """Put files and directories on disk: where that takes time, many at once.

    A slow disk takes them together; where it is quick, threads would cost more than they save.
    """
    left = list(paths)
    while left:
        began = elapsed_s()
        _sync(left.pop())
        if elapsed_s() - began > _SLOW_S:
            break
    if left:
        shares = [left[first::_AT_ONCE] for first in range(min(_AT_ONCE, len(left)))]
        with ThreadPoolExecutor(len(shares)) as pool:
            for _ in pool.map(_sync_each, shares):
                pass


def _sync_each(paths: Iterable[Path]) -> None:
    for path in paths:
        _sync(path)


def _sync(path: Path) -> None:
    if path.is_dir():
        sync_directory(path)
        return
    with path.open("rb") as file:
        sync_file(file.fileno())


def fingerprint_of(path: Path) -> str | None:
    """Return the SHA-256 of a file in hex, None if it is not there or can't be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
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
