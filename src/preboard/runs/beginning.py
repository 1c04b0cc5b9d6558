"""The manifests that a run and its instances begin with (spec/framework.md 1.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec import UNSET

from preboard.archive.files import DATA
from preboard.archive.runs import MANIFEST, RunStart, new_id
from preboard.clock import iso, utc_now
from preboard.config.environment import host_name, user_name
from preboard.errors import NotFound
from preboard.manifests.archive import ImportEntry, InstanceManifest, RunManifest
from preboard.storage.templates import checked_template

if TYPE_CHECKING:
    from datetime import datetime
    from os import stat_result
    from pathlib import Path

    from preboard.catalog.runs import RunRow
    from preboard.catalog.service.jobs import Attempt
    from preboard.groups.members import Import, Member
    from preboard.readers.dialect import Dialect
    from preboard.runs.plan import Plan, Reads
    from preboard.storage.place import Place


@dataclass(frozen=True, slots=True)
class Left:
    """What a statement left for the one behind it to read."""

    identity: str
    data: Path
    dialect: Dialect


def run_start(
    plan: Plan,
    started: datetime,
    fingerprint: str,
    program: str,
    attempt: Attempt | None = None,
) -> RunStart:
    """Return what is known of a run when it starts; `fingerprint` is that of the bytes now.

    Raises:
        NotFound: the file that is to be read is gone.
        NameRefused: the template does not fit the source.
    """
    reads, version = plan.reads, plan.reads.version
    about = _about(reads)
    template = checked_template(plan.template, "run_dir")
    uuid = new_id()
    manifest = RunManifest(
        time=iso(started),
        uuid=uuid,
        run_uuid=uuid,
        serial=not plan.method.by_line,
        status="started",
        run_home="",
        named_results_name=plan.group.name,
        named_paths_name=plan.paths_name,
        named_paths_uuid=plan.load.id,
        named_paths_fingerprint=plan.load.fingerprint,
        named_file_name=reads.name,
        named_file_uuid=None if version is None else version.id,
        named_file_path=reads.shown,
        named_file_size=about.st_size,
        named_file_last_change=about.st_mtime,
        named_file_fingerprint=fingerprint,
        named_file_fingerprint_on_file=reads.fingerprint,
        hostname=host_name(),
        username=user_name(),
        method=plan.method.value,
        template=plan.template,
        manifest_path="",
        preboard_version=program,
    )
    return RunStart(
        group=plan.group.name,
        load=plan.load.id,
        version=manifest.named_file_uuid,
        directories=template.directories(reads.parts, started) if plan.template else (),
        started=started,
        manifest=manifest,
        attempt=attempt,
    )


def _about(reads: Reads) -> stat_result:
    try:
        return reads.path.stat()
    except OSError as error:
        raise NotFound(
            f"{reads.shown} is gone: {error.strerror}", hint="register the file again"
        ) from error


def instance_start(
    plan: Plan, row: RunRow, place: Place, member: Member, left: Left | None
) -> InstanceManifest:
    """Return the manifest an instance starts with; `left` is what it reads, if not the file.

    `row` is its run, as it was entered.
    """
    reads = plan.reads
    home = f"{row.manifest.run_home}/{member.identity}"
    actual = reads.shown if left is None else f"{row.manifest.run_home}/{left.identity}/{DATA}"
    return InstanceManifest(
        time=iso(utc_now()),
        uuid=new_id(),
        serial=not plan.method.by_line,
        archive_name=place.archive.rpartition("/")[2],
        named_results_name=plan.group.name,
        named_paths_uuid=plan.load.id,
        run=row.directory,
        run_uuid=row.id,
        run_home=row.manifest.run_home,
        instance_identity=member.identity,
        instance_index=str(plan.members.index(member)),
        instance_home=home,
        method=plan.method.value,
        source_mode_preceding=member.statement.modes.source_preceding,
        preceding_instance_identity=UNSET if left is None else left.identity,
        actual_data_file=actual,
        origin_data_file=None if reads.version is None else reads.shown,
        named_file_name=reads.name,
        imports=[_entry(each) for each in member.imports] or UNSET,
        manifest_path=f"{home}/{MANIFEST}",
    )


def _entry(imported: Import) -> ImportEntry:
    return ImportEntry(
        named_paths_name=imported.group,
        identity=imported.identity,
        named_paths_uuid=imported.load,
        named_paths_fingerprint=imported.fingerprint,
    )
