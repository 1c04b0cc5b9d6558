"""Are the results of runs still what was published?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.archive.runs import EXTRA, MANIFEST
from preboard.archive.sweep import read_manifest
from preboard.manifests.archive import InstanceManifest, RunManifest
from preboard.storage.findings import Finding
from preboard.storage.local import fingerprint_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from preboard.catalog.catalog import Catalog
    from preboard.catalog.runs import InstanceRow, RunRow
    from preboard.storage.place import Place

_WRITE_BITS = 0o222


def verify_archive(
    catalog: Catalog, place: Place, read: Callable[[int], object] | None = None
) -> Iterator[Finding]:
    """Read every file of every run that ended, and look for files that are none's.

    A run that goes on, and one that was aborted, has no results. `read` is called with the sizes of
    what was read.
    """
    for row in catalog.runs.each():
        yield from verify_run(row, catalog.runs.instances(row.id), place, read)


def verify_run(
    row: RunRow,
    instances: list[InstanceRow],
    place: Place,
    read: Callable[[int], object] | None = None,
) -> Iterator[Finding]:
    """Compare what lies in the directory of a run with what the catalog says."""
    shown = f"{place.archive}/{row.home}"
    home = place.path(place.archive) / row.home
    reference = row.reference
    is_same = read_manifest(home, RunManifest) == row.manifest
    yield from _file(home / MANIFEST, f"{shown}/{MANIFEST}", reference, is_same=is_same)
    known = {MANIFEST, EXTRA, *(each.identity for each in instances)}
    yield from _strangers(home, known, shown, reference)
    for each in instances:
        below = f"{shown}/{each.identity}"
        yield from _instance(
            each, home / each.identity, below, f"{reference}.{each.identity}", read
        )


def _instance(
    row: InstanceRow,
    home: Path,
    shown: str,
    reference: str,
    read: Callable[[int], object] | None,
) -> Iterator[Finding]:
    is_same = read_manifest(home, InstanceManifest) == row.manifest
    yield from _file(home / MANIFEST, f"{shown}/{MANIFEST}", reference, is_same=is_same)
    prints = row.manifest.file_fingerprints or {}
    for name, fingerprint in prints.items():
        is_same = fingerprint_of(home / name, read) == fingerprint
        yield from _file(home / name, f"{shown}/{name}", reference, is_same=is_same)
    yield from _strangers(home, {MANIFEST, *prints}, shown, reference)


def _file(path: Path, shown: str, reference: str, *, is_same: bool) -> Iterator[Finding]:
    if path.is_symlink() or not path.is_file():
        yield Finding(shown, "missing", reference)
    elif not is_same:
        yield Finding(shown, "changed", reference)
    elif path.stat().st_mode & _WRITE_BITS:
        yield Finding(shown, "writable", reference)


def _strangers(home: Path, known: set[str], shown: str, reference: str) -> Iterator[Finding]:
    if home.is_dir():
        for path in sorted(home.iterdir()):
            if path.name not in known:
                yield Finding(f"{shown}/{path.name}", "unknown", reference)
