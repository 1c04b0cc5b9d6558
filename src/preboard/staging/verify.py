"""Do the stored bytes still have the fingerprints that they were accepted with?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.catalog.directories import DEFINITION, MANIFEST, README
from preboard.storage.findings import Finding
from preboard.storage.incoming import FOLDER
from preboard.storage.local import fingerprint_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from preboard.catalog.catalog import Catalog
    from preboard.storage.place import Place

_DOCUMENTS = frozenset({MANIFEST, DEFINITION, README})


def verify_files(
    catalog: Catalog, place: Place, read: Callable[[int], object] | None = None
) -> Iterator[Finding]:
    """Read the bytes of every version, and look for files that are none's.

    `read` is called with the sizes of what was read.
    """
    space = place.path(place.files)
    names = catalog.files.all()
    for path in sorted(space.iterdir()) if space.is_dir() else ():
        if path.name not in (*names, MANIFEST, FOLDER):
            yield Finding(f"{place.files}/{path.name}", "unknown")
    for name in names:
        known = set()
        for version in catalog.versions.each(name):
            if version.file in known:
                continue
            known.add(version.file)
            path = space / version.file
            if not path.is_file() or path.is_symlink():
                yield Finding(version.entry.file, "missing", version.reference)
            elif fingerprint_of(path, read) != version.fingerprint:
                yield Finding(version.entry.file, "changed", version.reference)
        for file in _strangers(space, space / name, known):
            # A registration may have been accepted meanwhile.
            with catalog.database.reading() as connection:
                if not catalog.versions.holds_file(connection, file):
                    yield Finding(f"{place.files}/{file}", "unknown")


def verify_documents(catalog: Catalog) -> Iterator[Finding]:
    """Compare the manifests and ledgers on disk with what the catalog says that they hold."""
    for path in catalog.documents.all():
        is_same = catalog.documents.is_same(path)
        if is_same is None:
            yield Finding(path, "missing")
        elif not is_same:
            yield Finding(path, "changed")


def _strangers(space: Path, home: Path, known: set[str]) -> Iterator[str]:
    for path in sorted(home.rglob("*")):
        is_document = path.parent == home and path.name in _DOCUMENTS
        if is_document or path.is_dir() or FOLDER in path.parts:
            continue
        file = path.relative_to(space).as_posix()
        if file not in known:
            yield file
