"""A run while it is being written, from its directory to its publication.

Start: a row in the catalog that says `running` and who does it, then the directory, made by nobody
else, then the manifest with `started`. End: all files fsynced with their fingerprints in the
manifests, the run's manifest last, then the transaction that makes the run visible. A process that
dies before the run's manifest says how it ended leaves a run that `archive.sweep` marks as aborted;
one that dies behind it leaves one that the sweep ends as the manifest says.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace
from sqlalchemy.exc import IntegrityError

from preboard.archive.homes import run_directories
from preboard.catalog.runs import InstanceRow, Outcome, RunRow, State
from preboard.clock import iso, utc_now
from preboard.config.names import checked_identity
from preboard.errors import StoreError
from preboard.manifests.archive import ArchiveEntry, InstanceManifest, RunManifest
from preboard.storage.local import (
    READ_ONLY,
    confined,
    make_new_directory,
    replace_file,
    sync_all,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from preboard.catalog.catalog import Catalog
    from preboard.manifests.archive import RunStatus
    from preboard.storage.place import Place

MANIFEST = "manifest.json"
WRITABLE = 0o644
Known = TypeVar("Known")

log = logging.getLogger("preboard.archive")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStart:
    """What is known of a run when it starts; `manifest` lacks its directory."""

    group: str
    load: str
    version: str | None
    directories: tuple[str, ...]
    started: datetime
    manifest: RunManifest


@dataclass(slots=True)
class OpenInstance:
    """One statement of an open run, with the directory of its files."""

    row: InstanceRow
    home: Path

    @property
    def manifest(self) -> InstanceManifest:
        """Return its manifest as it is now."""
        return self.row.manifest

    def end(self, manifest: InstanceManifest) -> None:
        """Take the manifest that says what the instance came to."""
        self.row = InstanceRow(
            id=self.row.id,
            run=self.row.run,
            place=self.row.place,
            identity=self.row.identity,
            manifest=manifest,
        )


class Archive:
    """The archive of a project, for writing."""

    def __init__(self, catalog: Catalog, place: Place, owner: str) -> None:
        self.catalog = catalog
        self.place = place
        self.owner = owner
        self.ledger = f"{place.archive}/{MANIFEST}"

    def begin(self, start: RunStart) -> OpenRun:
        """Give a run its directory and enter it as running.

        Raises:
            StoreError: there is no directory for it.
        """
        root = self.place.path(self.place.archive)
        below = "/".join((start.group, *start.directories))
        real = confined(root, below)
        for directory in run_directories(start.started):
            home = f"{below}/{directory}"
            if os.path.lexists(real / directory):  # in the catalog, or made by another program
                continue
            row = self._enter(start, home, directory)
            if row is None:
                continue
            if make_new_directory(root / home):
                return OpenRun(self, row, root / home)
            with self.catalog.database.writing() as connection:  # somebody else's directory
                self.catalog.runs.forget(connection, row.id)
        raise StoreError(f"there is no directory for a run of {start.group!r} left in this second")

    def _enter(self, start: RunStart, home: str, directory: str) -> RunRow | None:
        """Enter a run with a directory; None if another run has it."""
        text = f"{self.place.archive}/{home}"
        manifest = replace(start.manifest, run_home=text, manifest_path=f"{text}/{MANIFEST}")
        try:
            with self.catalog.database.writing() as connection:
                row = RunRow(
                    id=manifest.uuid,
                    seq=self.catalog.runs.next_seq(connection),
                    group=start.group,
                    load=start.load,
                    version=start.version,
                    home=home,
                    directory=directory,
                    time=manifest.time,
                    state="running",
                    owner=self.owner,
                    valid=None,
                    completed=None,
                    errors=None,
                    reason=None,
                    manifest=manifest,
                )
                self.catalog.runs.add(connection, row)
        except IntegrityError:  # another process took the directory, which is not made yet
            return None
        return row

    def end(
        self,
        row: RunRow,
        state: State,
        manifest: RunManifest,
        ended: Sequence[InstanceRow] = (),
        reason: str | None = None,
    ) -> bool:
        """Note in one transaction how a run and its instances ended; False if it was noted."""
        outcome = Outcome(
            state=state,
            time=iso(utc_now()),
            valid=_known(manifest.all_valid),
            completed=_known(manifest.all_completed),
            errors=_known(manifest.error_count),
            reason=reason,
            manifest=manifest,
        )
        with self.catalog.database.writing() as connection:
            for instance in ended:
                self.catalog.runs.end_instance(connection, instance)
            return self.catalog.runs.end(connection, row.id, outcome)


class OpenRun:
    """A run that goes on: its directory, its instances."""

    def __init__(self, archive: Archive, row: RunRow, home: Path) -> None:
        self.archive = archive
        self.row = row
        self.home = home
        self.instances: list[OpenInstance] = []
        write_document(home, row.manifest, durable=False)

    def start(self, manifests: Sequence[InstanceManifest]) -> list[OpenInstance]:
        """Start some instances: directories, manifests, an entry each in the archive's ledger."""
        opened = [self._opened(manifest) for manifest in manifests]
        catalog = self.archive.catalog
        with catalog.database.writing() as connection:
            for instance in opened:
                catalog.runs.add_instance(connection, instance.row)
            entries = [msgspec.json.encode(self._ledger_entry(each.manifest)) for each in opened]
            catalog.documents.add_all(connection, self.archive.ledger, entries)
        catalog.documents.write(self.archive.ledger)
        return opened

    def _opened(self, manifest: InstanceManifest) -> OpenInstance:
        row = InstanceRow(
            id=manifest.uuid,
            run=self.row.id,
            place=int(manifest.instance_index),
            identity=manifest.instance_identity,
            manifest=manifest,
        )
        instance = OpenInstance(row, self.home / checked_identity(manifest.instance_identity))
        self.instances.append(instance)  # whatever happens now, `fail` knows of it
        if not make_new_directory(instance.home):
            raise StoreError(f"{manifest.instance_home} is there already")
        write_document(instance.home, manifest, durable=False)
        return instance

    def keep_extra(self, texts: Mapping[str, str]) -> None:
        """Keep what the caller wants to be found beside the results."""
        content = json.dumps(texts, indent=2).encode() + b"\n"
        replace_file(self.home / "_extra_data" / "extra.json", content)

    def settle(self) -> None:
        """Put all that the instances left on disk, before the run's manifest says that it is."""
        paths = [self.home.parent, self.home]
        for instance in self.instances:
            write_document(instance.home, instance.manifest, durable=False, final=True)
            paths += [instance.home, *instance.home.iterdir()]
        sync_all(paths)

    def publish(self) -> RunManifest:
        """Make the run visible, as what its instances came to; returns its manifest.

        `settle` comes before: whatever goes wrong from here on, the run is whole.

        Raises:
            StoreError: another process took this one for dead, and aborted the run.
        """
        manifest = self._ended("complete")
        write_document(self.home, manifest, final=True)
        rows = [instance.row for instance in self.instances]
        if not self.archive.end(self.row, "complete", manifest, rows):
            raise StoreError(
                f"the run {manifest.run_home} was ended by another process",
                hint="is the project on a disk without locks?",
            )
        self.row = dataclasses.replace(self.row, state="complete", manifest=manifest)
        return manifest

    def fail(self, reason: str) -> RunManifest:
        """End the run with an error of its own; what its instances have so far stays.

        Where the disk does not take that, the catalog is told all the same.
        """
        self._forget_unknown()
        manifest = replace(
            self._ended("failed"), reason=reason, all_valid=False, all_completed=False
        )
        try:
            self.settle()
            write_document(self.home, manifest, final=True)
        except OSError:
            log.exception("what the failed run %s left can't be written", manifest.run_home)
        rows = [instance.row for instance in self.instances]
        self.archive.end(self.row, "failed", manifest, rows, reason)
        self.row = dataclasses.replace(self.row, state="failed", reason=reason, manifest=manifest)
        return manifest

    def _forget_unknown(self) -> None:
        """Drop the instances that were about to start: the catalog does not have them."""
        known = {row.id for row in self.archive.catalog.runs.instances(self.row.id)}
        for instance in self.instances:
            if instance.row.id not in known:
                shutil.rmtree(instance.home, ignore_errors=True)
        self.instances = [each for each in self.instances if each.row.id in known]

    def _ended(self, status: RunStatus) -> RunManifest:
        manifests = [instance.manifest for instance in self.instances]
        return replace(
            self.row.manifest,
            time_completed=iso(utc_now()),
            all_completed=all(manifest.completed for manifest in manifests),
            all_valid=all(manifest.valid is True for manifest in manifests),
            error_count=sum(manifest.error_count for manifest in manifests),
            all_expected_files=all(manifest.files_expected for manifest in manifests),
            status=status,
        )

    def _ledger_entry(self, manifest: InstanceManifest) -> ArchiveEntry:
        place = self.archive.place
        return ArchiveEntry(
            # The one document whose times have a blank in them (framework.md 1.3).
            time=manifest.time.replace("T", " "),
            run_uuid=manifest.run_uuid,
            run_home=manifest.run_home,
            identity=manifest.instance_identity,
            uuid=manifest.uuid,
            named_paths_name=self.row.manifest.named_paths_name,
            named_file_name=manifest.named_file_name,
            manifest_path=self.archive.ledger,
            archive_name=manifest.archive_name,
            archive_path=place.archive,
            named_files_root=place.files,
            named_paths_root=place.groups,
            template=self.row.manifest.template,
        )


def new_id() -> str:
    """Return an id for a run or an instance."""
    return str(uuid4())


def write_document(
    home: Path,
    document: RunManifest | InstanceManifest,
    *,
    durable: bool = True,
    final: bool = False,
    alone: bool = True,
) -> None:
    """Write the manifest.json of a run or an instance, in place of the one before.

    Args:
        home: its directory.
        document: what it holds.
        durable: as for `replace_file`.
        final: nobody may write it from now on.
        alone: as for `replace_file`: the run goes on, in this process.
    """
    content = msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
    mode = READ_ONLY if final else WRITABLE
    replace_file(home / MANIFEST, content, durable=durable, mode=mode, alone=alone)


def _known(value: Known | UnsetType) -> Known | None:
    return None if value is UNSET else value
