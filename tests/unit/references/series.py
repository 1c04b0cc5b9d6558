"""The named-files and groups that the cases of references are about (framework.md 3.1, 3.3)."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from msgspec import UNSET

from preboard.catalog.catalog import Catalog
from preboard.catalog.database import Database
from preboard.catalog.runs import InstanceRow, RunRow
from preboard.catalog.versions import Version
from preboard.clock import iso
from preboard.manifests.archive import InstanceManifest, RunManifest
from preboard.manifests.staging import VersionEntry

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TIMES = (
    datetime(2024, 12, 31, 23, tzinfo=UTC),
    datetime(2025, 1, 1, 10, tzinfo=UTC),
    datetime(2025, 1, 1, 18, 30, tzinfo=UTC),
    datetime(2025, 3, 5, 9, tzinfo=UTC),
    NOW - timedelta(days=1),
    NOW - timedelta(hours=1),
)
RUN_TIMES = (TIMES[0], TIMES[1], TIMES[3], TIMES[4], TIMES[5])
FILES = ("orders.csv", "orders.csv", "orders.csv", "invoices.csv", "orders.csv", "orders.csv")
TREE = ("eu/2024", "eu/2025", "us/2025", "us/2025", "eu/2025", "eu/2025")


def catalog(root) -> Catalog:
    """Return a catalog with `food`, `tree`, `g` and `tg`."""
    made = Catalog(Database(f"sqlite:///{root / 'catalog.db'}"), "project", root)
    made.enter(iso(NOW))
    with made.database.writing() as connection:
        for name in ("food", "tree"):
            made.files.lock(connection, name, iso(NOW))
            for seq, (time, file) in enumerate(zip(TIMES, FILES, strict=True)):
                home = file if name == "food" else f"{TREE[seq]}/{file}"
                made.versions.add(connection, _version(name, seq, time, home))
        for seq, time in enumerate(RUN_TIMES):
            _run(made, connection, f"g{seq}", seq, "g", "", time)
        for seq, (place, time) in enumerate(
            zip(TREE, (TIMES[1], TIMES[3], TIMES[4]), strict=False)
        ):
            _run(made, connection, f"t{seq}", 10 + seq, "tg", f"{place}/", time)
    return made


def fingerprint(label: str) -> str:
    """Return the fingerprint of the version of `food` that the cases call v0, v1 ..."""
    return hashlib.sha256(label.encode()).hexdigest()


def _version(name, seq, time, home) -> Version:
    print_ = fingerprint(f"v{seq}")
    entry = VersionEntry(
        type="csv", reference=f"${name}.files.{print_}", file=f"{home}/{print_}.csv",
        file_home=home, fingerprint=print_, uuid=str(uuid4()), time=iso(time), origin=home,
        template="", manifest_path="", file_name=home.rpartition("/")[2], username="u",
        hostname="h", size=1, provenance=UNSET,
    )  # fmt: skip
    return Version(
        id=entry.uuid, name=name, seq=seq, time=iso(time), fingerprint=print_, size=1, home=home,
        file=entry.file, origin=home, entry=entry,
    )  # fmt: skip


def _run(made, connection, label, seq, group, below, time) -> None:
    directory = f"{time:%Y-%m-%d_%H-%M-%S}"
    manifest = RunManifest(
        time=iso(time), uuid=label, run_uuid=label, serial=True, status="complete",
        run_home=f"archive/{group}/{below}{directory}", named_results_name=group,
        named_paths_name=group, named_paths_uuid="l", named_paths_fingerprint="f",
        named_file_name="food", named_file_uuid=None, named_file_path=None, named_file_size=None,
        named_file_last_change=None, named_file_fingerprint="", named_file_fingerprint_on_file="",
        hostname="h", username="u", method="collect_paths", template="", manifest_path="",
        preboard_version="preboard",
    )  # fmt: skip
    row = RunRow(
        id=label, seq=seq, group=group, load="l", version=None,
        home=f"{group}/{below}{directory}", directory=directory, time=iso(time),
        state="complete", owner="o", valid=None, completed=None, errors=None, reason=None,
        manifest=manifest,
    )  # fmt: skip
    made.runs.add(connection, row)
    for place, identity in enumerate(("alpha", "beta")):
        instance = InstanceRow(
            id=f"{label}-{identity}", run=label, place=place, identity=identity,
            manifest=_instance(label, row, place, identity),
        )  # fmt: skip
        made.runs.add_instances(connection, [instance])


def _instance(label, row, place, identity) -> InstanceManifest:
    return InstanceManifest(
        time=row.time, uuid=f"{label}-{identity}", serial=True, archive_name="archive",
        named_results_name=row.group, named_paths_uuid="l", run=row.directory, run_uuid=label,
        run_home=row.home, instance_identity=identity, instance_index=str(place),
        instance_home=f"{row.home}/{identity}", method="collect_paths",
        source_mode_preceding=False, actual_data_file="", origin_data_file=None,
        named_file_name="food", manifest_path="",
    )  # fmt: skip
