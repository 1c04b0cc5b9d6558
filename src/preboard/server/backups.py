"""Backup of a home while its server runs; `unpacking` is its way back.

The catalog is taken first, as it is at one moment; then the files. What the catalog names was on
disk before the catalog named it and is never written again, so that all of it is found afterwards.
What came meanwhile is in the backup, too, but the catalog of the backup knows nothing of it. Views
on disk that are ahead of the catalog are written anew when the backup is restored.

A backup is a tar file. Its last member lists all others with their hashes: one that is cut off, or
that was changed, is not restored.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import tarfile
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Literal

import msgspec
from msgspec import Struct

from preboard import __version__
from preboard.catalog.tables import SCHEMA
from preboard.clock import iso, utc_now
from preboard.errors import Conflict, NotFound, StoreError
from preboard.server.homes import has_database
from preboard.server.settings import DATABASE_FILE
from preboard.storage.local import sync_directory, unwritable
from preboard.storage.place import OWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preboard.server.settings import ServerSettings

LIST = "preboard-backup.json"
FORMAT = 1
_LEFT_OUT = frozenset({"logs", "workers"})


class Kept(Struct, frozen=True):
    """A file of a backup."""

    size: int
    sha256: str


class Contents(Struct, frozen=True, kw_only=True):
    """What a backup says of itself."""

    format: int
    preboard: str
    schema: str
    made: str
    database: Literal["sqlite", "postgresql"]
    files: dict[str, Kept]


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made; `missing` are files that the catalog names and the disk lacks."""

    path: Path
    contents: Contents
    missing: list[str]


def back_up(settings: ServerSettings, target: Path) -> Backup:
    """Write a backup of a home; its server may run.

    Raises:
        NotFound: there is no home, or no database in it.
        Conflict: the target exists, or lies in the home.
        StoreError: something can't be read or written; then there is no backup.
    """
    home = settings.home
    if not (home / "projects").is_dir():
        raise NotFound(f"{home} is no home of a server", hint="--home DIR names one")
    if settings.database_url is None and not has_database(home):
        raise NotFound(f"{home} has no database to back up")
    if target.exists():
        raise Conflict(f"{target} exists", hint="a backup takes the place of nothing")
    if home in target.resolve().parents:
        raise Conflict(f"{target} lies in the home", hint="a backup belongs on another disk")
    part = target.with_name(f".{target.name}.part")
    snapshot = target.with_name(f".{target.name}.db")
    try:
        if settings.database_url is None:
            _snapshot(home / DATABASE_FILE, snapshot)
        contents = _write(settings, part, snapshot)
        missing = _missing(snapshot, contents) if settings.database_url is None else []
        os.link(part, target)  # unless somebody else has made one of that name
        sync_directory(target.parent)
    except FileExistsError as error:
        raise Conflict(f"{target} exists", hint="a backup takes the place of nothing") from error
    except sqlite3.Error as error:
        raise StoreError(f"the database can't be read: {error}") from error
    except OSError as error:
        raise unwritable(error, f"the backup {target} can't be written") from error
    finally:
        part.unlink(missing_ok=True)
        snapshot.unlink(missing_ok=True)
    return Backup(target, contents, missing)


def _snapshot(database: Path, target: Path) -> None:
    """Copy the database as it is at one moment, while others write it."""
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    with (
        closing(sqlite3.connect(database, timeout=60)) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")


def _write(settings: ServerSettings, part: Path, snapshot: Path) -> Contents:
    """Write the tar file; returns its list."""
    files: dict[str, Kept] = {}
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
            if settings.database_url is None:
                files[DATABASE_FILE] = _add(tar, DATABASE_FILE, snapshot)
            for path in _files(settings.home):
                name = path.relative_to(settings.home).as_posix()
                # What is removed or replaced meanwhile is no part of what the catalog names.
                with contextlib.suppress(FileNotFoundError):
                    files[name] = _add(tar, name, path)
            contents = Contents(
                format=FORMAT,
                preboard=__version__,
                schema=SCHEMA,
                made=iso(utc_now()),
                database="sqlite" if settings.database_url is None else "postgresql",
                files=files,
            )
            body = msgspec.json.format(msgspec.json.encode(contents), indent=1)
            about = tarfile.TarInfo(LIST)
            about.size = len(body)
            about.mode = 0o600
            tar.addfile(about, BytesIO(body))
        out.flush()
        os.fsync(out.fileno())
    return contents


def _files(home: Path) -> Iterator[Path]:
    """Give the files of a home that a backup needs, in order; links lead out of it and are none."""
    for directory, names, files in os.walk(home):
        here = Path(directory)
        if here == home:
            names[:] = [name for name in names if name not in _LEFT_OUT]
            files = [name for name in files if not _is_of_process(name)]  # noqa: PLW2901
        elif here.name == OWN:
            names[:] = [name for name in names if name != "owners"]  # locks of processes
        names.sort()
        for name in sorted(files):
            path = here / name
            if path.is_file() and not path.is_symlink():
                yield path


def _is_of_process(name: str) -> bool:
    return name.startswith((DATABASE_FILE, ".")) or name.endswith(".lock")


class _Hashed:
    """A file that is read to the size it had, and hashed on the way."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.hash = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self.file.read(size)
        self.hash.update(block)
        return block


def _add(tar: tarfile.TarFile, name: str, path: Path) -> Kept:
    """Add a file as it is now: one that grows is taken to where it ended."""
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        about = tarfile.TarInfo(name)
        about.size, about.mtime, about.mode = status.st_size, int(status.st_mtime), 0o600
        hashed = _Hashed(file)
        tar.addfile(about, hashed)
    return Kept(about.size, hashed.hash.hexdigest())


def _missing(snapshot: Path, contents: Contents) -> list[str]:
    """Return the stored bytes that the catalog names and that are not in the backup."""
    query = (
        "SELECT v.project, v.name, v.file FROM pb_version v JOIN pb_hosted h "
        "ON h.project = v.project WHERE v.removed IS NULL AND h.removed IS NULL"
    )
    known: dict[tuple[str, str], list[str]] = {}
    for name in contents.files:
        parts = PurePosixPath(name).parts
        if len(parts) > 2 and parts[0] == "projects":  # noqa: PLR2004 - projects, id, file
            known.setdefault((parts[1], parts[-1]), []).append(name)
    with closing(sqlite3.connect(snapshot)) as connection:
        rows = connection.execute(query).fetchall()
    return [
        f"{project}: {name}: {file}"
        for project, name, file in rows
        # Where a project has its named-files is its own affair: the catalog tells the end of it.
        if not any(
            kept.endswith(f"/{file}") for kept in known.get((project, PurePosixPath(file).name), ())
        )
    ]
