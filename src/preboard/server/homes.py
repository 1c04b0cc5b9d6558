"""The home of a server: one server at a time has it, and it lies where a database can lie."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import make_url

from preboard.catalog.database import sqlite_url
from preboard.errors import ConfigError, Conflict, StoreError
from preboard.server.settings import DATABASE_FILE, make_home
from preboard.storage.local import replace_file, unwritable
from preboard.storage.locks import lock_if_free

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preboard.server.settings import ServerSettings

OVER_THE_NETWORK: Final = frozenset({
    "9p", "afs", "beegfs", "ceph", "cifs", "fuse.ceph", "fuse.gcsfuse", "fuse.glusterfs",
    "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "gfs2", "glusterfs", "gpfs", "lustre", "nfs", "nfs4",
    "ocfs2", "smb2", "smb3", "smbfs",
})  # fmt: skip
"""File systems whose locks and shared memory are not those of one machine."""
ELSEWHERE: Final = "catalog.elsewhere"
"""The file of a home that says that its catalog is in no database of its own."""
_ELSEWHERE_TEXT = """\
The catalog of this server is in another database. Commands are told which by --database-url, by
PREBOARD_DATABASE_URL or by database_url in server.toml; without it they refuse.
"""
_MOUNTS = Path("/proc/self/mountinfo")
_OCTAL = re.compile(r"\\([0-7]{3})")


def prepare_home(settings: ServerSettings) -> None:
    """Make the home, and see that a server can work in it.

    Raises:
        StoreError: it can't be written, or SQLite would lie on a network file system.
    """
    try:
        make_home(settings)
        probe = settings.home / f".probe-{os.getpid()}"
        probe.touch(mode=0o600)
        probe.unlink()
    except OSError as error:
        raise unwritable(error, f"the home {settings.home} can't be used") from error
    if settings.database_url is not None:
        return
    kind = file_system_of(settings.home, _mounts())
    if kind in OVER_THE_NETWORK:
        raise StoreError(
            f"{settings.home} lies on a network file system ({kind}), where SQLite loses data",
            hint="--home on a local disk, or --database-url postgresql://...",
        )


def has_database(home: Path) -> bool:
    """Say whether there is a database of its own in a home."""
    own = home / DATABASE_FILE
    return own.exists() and own.stat().st_size > 0


def need_database(settings: ServerSettings) -> None:
    """See that settings without a database mean a home whose catalog is its own.

    Raises:
        ConfigError: its catalog is elsewhere.
    """
    if settings.database_url is None and os.path.exists(settings.home / ELSEWHERE):  # noqa: PTH110 - False for what can't be looked at
        raise ConfigError(
            f"the catalog of {settings.home} is in another database, and none is named",
            hint="give --database-url, or PREBOARD_DATABASE_URL as the server has it",
        )


def note_database(home: Path, url: str) -> None:
    """Note in a home whether its catalog is elsewhere; one that has a database keeps it.

    Raises:
        StoreError: it can't be written.
    """
    try:
        if make_url(url) == sqlite_url(home / DATABASE_FILE):
            (home / ELSEWHERE).unlink(missing_ok=True)
        elif not has_database(home):
            replace_file(home / ELSEWHERE, _ELSEWHERE_TEXT.encode())
    except OSError as error:
        raise unwritable(error, f"the home {home} can't be used") from error


def file_system_of(path: Path, mounts: str) -> str | None:
    """Return the kind of file system that a path lies on, by the text of /proc/self/mountinfo.

    >>> file_system_of(Path("/srv/pb"), "36 35 98:0 / /srv rw - nfs4 host:/x rw")
    'nfs4'
    """
    best, kind = -1, None
    for line in mounts.splitlines():
        before, found, after = line.partition(" - ")
        words = before.split(" ")
        if not found or len(words) < 5:  # noqa: PLR2004 - the place of the mount point
            continue
        point = Path(_OCTAL.sub(lambda code: chr(int(code[1], 8)), words[4]))
        # Of those on one point the last is the one that is seen.
        if (path == point or point in path.parents) and len(point.parts) >= best:
            best, kind = len(point.parts), after.split(" ")[0]
    return kind


def _mounts() -> str:
    try:
        return _MOUNTS.read_text(errors="replace")
    except OSError:  # not on this system
        return ""


def free_bytes(directory: Path) -> int:
    """Return how much can be written to the disk of a directory."""
    return shutil.disk_usage(directory).free


@contextmanager
def only_server(settings: ServerSettings) -> Iterator[None]:
    """Hold the home: no other server has it as long as this one lives, however it ends.

    Servers of several hosts share a home only where PostgreSQL holds the catalog.

    Raises:
        Conflict: another one has it.
    """
    name = "server" if settings.database_url is None else f"server-{settings.worker_host}"
    with _held(settings.home / f"{name}.lock"):
        yield


@contextmanager
def no_server(home: Path) -> Iterator[None]:
    """Hold a home as if by every server that there ever was in it.

    Raises:
        Conflict: a server has it.
    """
    with ExitStack() as stack:
        for path in sorted({home / "server.lock", *home.glob("server-*.lock")}):
            stack.enter_context(_held(path))
        yield


@contextmanager
def _held(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not lock_if_free(descriptor):
            pid = os.read(descriptor, 20).decode(errors="replace").strip()
            whose = f"the process {pid}" if pid.isdecimal() else "another process"
            raise Conflict(
                f"a server has {path.parent} already: {whose}",
                hint="stop that one first, or give this one another --home",
            )
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
