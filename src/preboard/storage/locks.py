"""Who is alive: a lock file for each process that works on a project.

What a process has begun (a registration, a run) carries the id of its owner. The system lets go of
the lock when the process ends, however it ends: whoever can take the lock knows that its owner is
gone, and may tidy up behind it. The directory must be on a local disk.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Self
from uuid import uuid4

from preboard.storage.local import make_directory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

_WAIT_S: Final = 0.01

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def lock_if_free(descriptor: int) -> bool:
    """Take the lock of an open file, which ends with it; False if somebody else has it."""
    return _try_lock(descriptor)


@contextmanager
def held(descriptor: int) -> Iterator[None]:
    """Hold the lock of an open file, waiting for whoever else holds it."""
    while not _try_lock(descriptor):
        time.sleep(_WAIT_S)
    try:
        yield
    finally:
        _unlock(descriptor)


class Owner:
    """A living worker on a project; `id` is what its unfinished work is marked with."""

    def __init__(self, directory: Path) -> None:
        make_directory(directory)
        self.directory = directory
        while True:  # until the file that is locked is the one that has the name
            self.id = uuid4().hex
            self._path = directory / f"{self.id}.lock"
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
            if _try_lock(self._descriptor) and self._path.exists():
                break
            os.close(self._descriptor)

    def close(self) -> None:
        """Let go: what still carries this id was left unfinished."""
        if self._descriptor >= 0:
            self._path.unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def is_alive(directory: Path, owner: str) -> bool:
    """Say whether an owner still works; the lock file of a dead one is removed."""
    path = directory / f"{owner}.lock"
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        if not _try_lock(descriptor):
            return True
        path.unlink(missing_ok=True)
        return False
    finally:
        os.close(descriptor)


def dead_owners(directory: Path) -> list[str]:
    """Return the owners whose lock files are left over."""
    if not directory.is_dir():
        return []
    found = sorted(path.stem for path in directory.glob("*.lock"))
    return [owner for owner in found if not is_alive(directory, owner)]
