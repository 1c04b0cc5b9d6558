"""Ending the runs of processes that died: as they say if they were whole, else aborted.

A run is whole when its manifest says how it ended and every file of every instance is what the
instance's manifest says. What an aborted run had written is removed, so that nobody takes it for a
result; its manifest stays and says what happened. Two processes may tidy up behind one dead run:
both come to the same, and the second finds nothing to do.
"""

from __future__ import annotations

import logging
import shutil
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec.structs import replace

from preboard.archive.runs import EXTRA, MANIFEST, sync_run, write_document
from preboard.catalog.runs import InstanceRow
from preboard.clock import iso, utc_now
from preboard.errors import Superseded
from preboard.manifests.archive import InstanceManifest, RunManifest
from preboard.storage.local import fingerprint_of
from preboard.storage.locks import is_alive

if TYPE_CHECKING:
    from pathlib import Path

    from preboard.archive.runs import Archive
    from preboard.catalog.runs import RunRow

DIED = "its process died"
_TRIES = 10
Document = TypeVar("Document", RunManifest, InstanceManifest)

log = logging.getLogger("preboard.archive")


def sweep_runs(archive: Archive) -> list[RunRow]:
    """End each run whose owner is dead; returns them as they were."""
    ended = []
    for row in archive.catalog.runs.going_on():
        if is_alive(archive.place.owners, row.owner):
            continue
        home = archive.place.path(archive.place.archive) / row.home
        try:
            _end_dead(archive, row, home)
        except OSError as error:  # the next start tries again
            log.warning("the run %s can't be put on disk: %s", row.home, error)
            continue
        ended.append(row)
    return ended


def _end_dead(archive: Archive, row: RunRow, home: Path) -> None:
    whole = _whole(home, row, archive.catalog.runs.instances(row.id))
    if whole is None:
        _abort(archive, row, home)
        return
    try:
        _end(archive, row, home, *whole)
    except Superseded:  # whole, but another attempt of its job has begun
        _abort(archive, row, home)


def _whole(
    home: Path, row: RunRow, rows: list[InstanceRow]
) -> tuple[RunManifest, list[InstanceRow]] | None:
    """Return the manifests of a run that was whole when its process died."""
    manifest = read_manifest(home, RunManifest)
    if manifest is None or manifest.uuid != row.id:
        return None
    if manifest.status not in ("complete", "failed"):
        return None
    ended = []
    for each in rows:
        instance = read_manifest(home / each.identity, InstanceManifest)
        if instance is None or instance.uuid != each.id:
            return None
        if instance.file_fingerprints is None and manifest.status == "complete":
            return None
        for name, fingerprint in (instance.file_fingerprints or {}).items():
            if fingerprint_of(home / each.identity / name) != fingerprint:
                return None
        ended.append(
            InstanceRow(
                id=each.id,
                run=each.run,
                place=each.place,
                identity=each.identity,
                manifest=instance,
            )
        )
    return manifest, ended


def _end(
    archive: Archive, row: RunRow, home: Path, manifest: RunManifest, rows: list[InstanceRow]
) -> None:
    sync_run(home, [each.identity for each in rows])  # it may have died before that
    if manifest.status == "failed":
        archive.end(row, "failed", manifest, rows, manifest.reason or None)
    else:
        archive.end(row, "complete", manifest, rows)


def _abort(archive: Archive, row: RunRow, home: Path) -> None:
    """Take away what a run had written, and note it as aborted, in this order."""
    manifest = replace(
        row.manifest,
        status="aborted",
        reason=DIED,
        time_completed=iso(utc_now()),
        all_completed=False,
        all_valid=False,
        all_expected_files=False,
    )
    if _is_its(home, row):
        _leave_only(home, manifest)
    archive.end(row, "aborted", manifest, reason=DIED)


def _leave_only(home: Path, manifest: RunManifest) -> None:
    """Empty the directory of a run but for its manifest.

    Another process that does the same now takes away what this one has not renamed yet, and the
    other way round: whoever is last has written the same.
    """
    for left in reversed(range(_TRIES)):
        _empty(home)
        try:
            write_document(home, manifest, alone=False)
        except FileNotFoundError:
            if not left:
                raise
        else:
            return


def _is_its(home: Path, row: RunRow) -> bool:
    """Say whether a directory is that of the run: another program may have made it just then."""
    if not home.is_dir():
        return False
    manifest = read_manifest(home, RunManifest)
    if manifest is not None:
        return manifest.uuid == row.id
    # A power cut can lose the first manifest, or it was not written yet. Nothing of another
    # program's looks like an instance of this run.
    known = {MANIFEST, EXTRA}
    identities = {path.name for path in home.iterdir() if path.name not in known}
    return all(name.startswith(".") or _has_started(home / name, row) for name in identities)


def _has_started(home: Path, row: RunRow) -> bool:
    """Say whether a directory is that of an instance of the run, or was to become one."""
    if not home.is_dir():
        return False
    manifest = read_manifest(home, InstanceManifest)
    return manifest.run_uuid == row.id if manifest is not None else not any(home.iterdir())


def _empty(home: Path) -> None:
    for path in home.iterdir():
        if path.name == MANIFEST:
            continue
        try:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        except FileNotFoundError:  # another process tidies up, too
            continue


def read_manifest(home: Path, kind: type[Document]) -> Document | None:
    """Return the manifest in a directory, None if there is none that can be read."""
    try:
        return msgspec.json.decode((home / MANIFEST).read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError):
        return None
