"""A run while it is being written, from its directory to its publication.

Start: one transaction enters the run as `running`, who does it, and the statements that begin with
it; then come the directories, made by nobody else, and the manifests with `started`. End: all files
and the manifests with their fingerprints, fsynced together, then the transaction that makes the run
visible. A process that dies before the run's manifest says how it ended leaves a run that
`archive.sweep` marks as aborted; one that dies behind it leaves one that the sweep ends as the
manifest says, if all is as the manifests say.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, TypeVar
from uuid import uuid4

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace
from sqlalchemy.exc import IntegrityError

from preboard.archive.homes import place_of, run_directories
from preboard.catalog.runs import InstanceRow, Outcome, RunRow, State
from preboard.catalog.service.jobs import Attempt
from preboard.clock import iso, utc_now
from preboard.config.names import checked_identity
from preboard.errors import StoreError, Superseded
from preboard.manifests.archive import ArchiveEntry, InstanceManifest, RunManifest
from preboard.storage.local import (
    READ_ONLY,
    confined,
    make_new_directory,
    replace_file,
    sync_all,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection

    from preboard.catalog.catalog import Catalog
    from preboard.manifests.archive import RunStatus
    from preboard.storage.place import Place

MANIFEST = "manifest.json"
EXTRA = "_extra_data"
"""What a caller wants to be found beside the results: no instance can be called so."""
WRITABLE = 0o644
Known = TypeVar("Known")
_Note: TypeAlias = "Callable[[Connection, Attempt, dict[str, object]], bool]"

log = logging.getLogger("preboard.archive")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStart:
    """What is known of a run when it starts; `manifest` lacks its directory.

    `attempt` is that of the job that the run is made for, under a server.
    """

    group: str
    load: str
    version: str | None
    directories: tuple[str, ...]
    started: datetime
    manifest: RunManifest
    attempt: Attempt | None = None


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


def _nobody(_: RunRow) -> Sequence[InstanceManifest]:
    return ()


class Archive:
    """The archive of a project, for writing."""

    def __init__(self, catalog: Catalog, place: Place, owner: str) -> None:
        self.catalog = catalog
        self.place = place
        self.owner = owner
        self.ledger = f"{place.archive}/{MANIFEST}"

    def begin(
        self, start: RunStart, first: Callable[[RunRow], Sequence[InstanceManifest]] = _nobody
    ) -> OpenRun:
        """Enter a run as running and give it its directory.

        `first` gives the manifests of the instances that are entered with it; `open` begins them.

        Raises:
            Superseded: the job that it is made for is in other hands.
            StoreError: there is no directory for it.
        """
        root = self.place.path(self.place.archive)
        below = "/".join((start.group, *start.directories))
        taken: set[str] = set()
        while True:
            entered = self._enter(start, below, confined(root, below), first, taken)
            if entered is None:
                continue
            row, instances = entered
            if make_new_directory(root / row.home):
                return OpenRun(self, row, root / row.home, instances)
            self._give_up(row)
            start = _anew(start)

    def _enter(
        self,
        start: RunStart,
        below: str,
        real: Path,
        first: Callable[[RunRow], Sequence[InstanceManifest]],
        taken: set[str],
    ) -> tuple[RunRow, list[InstanceRow]] | None:
        """Enter a run with a directory and its first instances.

        None if another run came first: what it took is noted in `taken`.
        """
        directory = ""
        try:
            with self.catalog.database.writing() as connection:
                directory = self._free_directory(connection, start, below, real, taken)
                row = self._row(connection, start, below, directory)
                self.catalog.runs.add(connection, row)
                self._of_job(connection, row, self.catalog.jobs.change, {"run": row.id})
                instances = [_instance_row(each) for each in first(row)]
                self.enter_instances(connection, row, instances)
        except IntegrityError:
            taken.add(directory)
            return None
        return row, instances

    def _free_directory(
        self, connection: Connection, start: RunStart, below: str, real: Path, taken: set[str]
    ) -> str:
        """Return the first name behind that of the group's last run that nobody has."""
        last = self.catalog.runs.last_home(connection, start.group) or ""
        above, _, directory = last.rpartition("/")
        tried = place_of(directory, start.started) + 1 if above == below else 0
        for name in run_directories(start.started, tried):
            # Another program may have made it, or another run whose directory is not made yet.
            if name not in taken and not os.path.lexists(real / name):
                return name
        raise StoreError(f"there is no directory for a run of {start.group!r} left in this second")

    def _row(self, connection: Connection, start: RunStart, below: str, directory: str) -> RunRow:
        home = f"{below}/{directory}"
        text = f"{self.place.archive}/{home}"
        manifest = replace(start.manifest, run_home=text, manifest_path=f"{text}/{MANIFEST}")
        return RunRow(
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
            job=start.attempt.job if start.attempt else None,
            attempt=start.attempt.number if start.attempt else None,
        )

    def enter_instances(
        self, connection: Connection, run: RunRow, started: Sequence[InstanceRow]
    ) -> None:
        """Enter instances that start, each with an entry in the ledger, in a transaction."""
        if started:
            self.catalog.runs.add_instances(connection, started)
            entries = [msgspec.json.encode(self._ledger_entry(run, each)) for each in started]
            self.catalog.documents.add_all(connection, self.ledger, entries)

    def _give_up(self, row: RunRow) -> None:
        """End a run whose directory another program made, in the moment since it was looked for."""
        reason = "another program made its directory"
        manifest = replace(
            row.manifest,
            status="aborted",
            reason=reason,
            time_completed=iso(utc_now()),
            all_completed=False,
            all_valid=False,
            all_expected_files=False,
        )
        self.end(row, "aborted", manifest, reason=reason)

    def _ledger_entry(self, run: RunRow, instance: InstanceRow) -> ArchiveEntry:
        manifest, place = instance.manifest, self.place
        return ArchiveEntry(
            # The one document whose times have a blank in them (framework.md 1.3).
            time=manifest.time.replace("T", " "),
            run_uuid=manifest.run_uuid,
            run_home=manifest.run_home,
            identity=manifest.instance_identity,
            uuid=manifest.uuid,
            named_paths_name=run.manifest.named_paths_name,
            named_file_name=manifest.named_file_name,
            manifest_path=self.ledger,
            archive_name=manifest.archive_name,
            archive_path=place.archive,
            named_files_root=place.files,
            named_paths_root=place.groups,
            template=run.manifest.template,
        )

    def end(
        self,
        row: RunRow,
        state: State,
        manifest: RunManifest,
        ended: Sequence[InstanceRow] = (),
        reason: str | None = None,
    ) -> bool:
        """Note in one transaction how a run and its instances ended; False if it was noted.

        The job that the run was made for ends with it, unless the run was aborted: then it goes on
        with another attempt.

        Raises:
            Superseded: another attempt of the job has begun; nothing is noted.
        """
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
            self.catalog.runs.end_instances(connection, ended)
            is_ended = self.catalog.runs.end(connection, row.id, outcome)
            if is_ended and state != "aborted":
                self._of_job(connection, row, self.catalog.jobs.end, _end_of_job(row, outcome))
            return is_ended

    @staticmethod
    def _of_job(
        connection: Connection, row: RunRow, note: _Note, values: dict[str, object]
    ) -> None:
        """Note something of the job of a run in the caller's transaction, if the run is of one."""
        if row.job is None or row.attempt is None:
            return
        if not note(connection, Attempt(row.job, row.attempt), values):
            raise Superseded(
                f"the job {row.job} is no longer in the hands of attempt {row.attempt}"
            )


class OpenRun:
    """A run that goes on: its directory, its instances."""

    def __init__(
        self, archive: Archive, row: RunRow, home: Path, entered: Sequence[InstanceRow] = ()
    ) -> None:
        self.archive = archive
        self.row = row
        self.home = home
        self.instances = [OpenInstance(each, home / each.identity) for each in entered]
        self._final = row.manifest
        write_document(home, row.manifest, durable=False)

    def open(self) -> list[OpenInstance]:
        """Begin the instances that were entered with the run."""
        return self._opened(list(self.instances))

    def start(self, manifests: Sequence[InstanceManifest]) -> list[OpenInstance]:
        """Start some more instances."""
        rows = [_instance_row(manifest) for manifest in manifests]
        started = [OpenInstance(row, self.home / row.identity) for row in rows]
        self.instances += started  # whatever happens now, `fail` knows of them
        with self.archive.catalog.database.writing() as connection:
            self.archive.enter_instances(connection, self.row, rows)
        return self._opened(started)

    def _opened(self, started: list[OpenInstance]) -> list[OpenInstance]:
        """Give instances their directories and manifests, and show them in the ledger."""
        for instance in started:
            if not make_new_directory(instance.home):
                raise StoreError(f"{instance.manifest.instance_home} is there already")
            write_document(instance.home, instance.manifest, durable=False)
        self.archive.catalog.documents.write(self.archive.ledger)
        return started

    def keep_extra(self, texts: Mapping[str, str]) -> None:
        """Keep what the caller wants to be found beside the results."""
        content = json.dumps(texts, indent=2).encode() + b"\n"
        make_new_directory(self.home / EXTRA)
        replace_file(self.home / EXTRA / "extra.json", content, durable=False, alone=True)

    def settle(self) -> None:
        """Put all of the run on disk, with the manifest that says what its instances came to."""
        self._settle(self._ended("complete"))

    def _settle(self, manifest: RunManifest) -> None:
        self._final = manifest
        for instance in self.instances:
            write_document(instance.home, instance.manifest, durable=False, final=True)
        write_document(self.home, manifest, durable=False, final=True)
        sync_run(self.home, [instance.row.identity for instance in self.instances])

    def publish(self) -> RunManifest:
        """Make the run visible; returns its manifest.

        `settle` comes before: whatever goes wrong from here on, the run is whole.

        Raises:
            Superseded: the job that it was made for is in other hands.
            StoreError: another process took this one for dead, and aborted the run.
        """
        manifest = self._final
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
        for instance in self.instances:  # what was not read to its end could not be checked
            if not instance.manifest.completed and instance.manifest.valid:
                instance.end(replace(instance.manifest, valid=False))
        manifest = replace(
            self._ended("failed"), reason=reason, all_valid=False, all_completed=False
        )
        try:
            self._settle(manifest)
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


def _anew(start: RunStart) -> RunStart:
    """Return a start as that of another run."""
    uuid = new_id()
    return dataclasses.replace(start, manifest=replace(start.manifest, uuid=uuid, run_uuid=uuid))


def _instance_row(manifest: InstanceManifest) -> InstanceRow:
    return InstanceRow(
        id=manifest.uuid,
        run=manifest.run_uuid,
        place=int(manifest.instance_index),
        identity=checked_identity(manifest.instance_identity),
        manifest=manifest,
    )


def sync_run(home: Path, identities: Iterable[str]) -> None:
    """Put a run on disk: its directory, its manifest, and those of its instances with all files."""
    paths = [str(home.parent), str(home), str(home / MANIFEST)]
    extra = [EXTRA] if (home / EXTRA).is_dir() else []
    for below in (*identities, *extra):
        directory = str(home / below)
        paths.append(directory)
        paths += [f"{directory}/{name}" for name in os.listdir(directory)]  # noqa: PTH208 - names
    sync_all(paths)


def _end_of_job(row: RunRow, outcome: Outcome) -> dict[str, object]:
    failed = outcome.state == "failed"
    return {
        "state": "failed" if failed else "done",
        "ended": outcome.time,
        "reference": row.reference,
        "valid": False if failed else outcome.valid,
        "completed": False if failed else outcome.completed,
        "errors": outcome.errors,
        "reason": "run_failed" if failed else None,
        "error": outcome.reason,
    }


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
    replace_file(f"{home}/{MANIFEST}", content, durable=durable, mode=mode, alone=alone)


def _known(value: Known | UnsetType) -> Known | None:
    return None if value is UNSET else value
