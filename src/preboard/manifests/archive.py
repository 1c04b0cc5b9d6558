"""The JSON documents of the archive (spec/framework.md 1.3).

The order of the fields is the order of the keys; what is not set yet, or not for every run, is left
out.
"""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

RunStatus = Literal["started", "complete", "failed", "aborted"]
"""`failed`: an error of the run itself ended it; `aborted`: its process died."""


class ArchiveEntry(Struct, frozen=True, kw_only=True):
    """An instance that started, in the manifest.json of the archive."""

    time: str
    run_uuid: str
    run_home: str
    identity: str
    uuid: str
    named_paths_name: str
    named_file_name: str
    manifest_path: str
    archive_name: str
    archive_path: str
    named_files_root: str
    named_paths_root: str
    template: str


class RunManifest(Struct, frozen=True, kw_only=True):
    """A run, in its manifest.json: written when it starts and when it ends."""

    time: str
    uuid: str
    run_uuid: str
    serial: bool
    time_completed: str | UnsetType = UNSET
    all_completed: bool | UnsetType = UNSET
    all_valid: bool | UnsetType = UNSET
    error_count: int | UnsetType = UNSET
    all_expected_files: bool | UnsetType = UNSET
    status: RunStatus
    reason: str | UnsetType = UNSET
    """Why it failed or was aborted."""
    run_home: str
    named_results_name: str
    named_paths_name: str
    named_paths_uuid: str
    named_paths_fingerprint: str
    named_file_name: str
    named_file_uuid: str | None
    named_file_path: str | None
    named_file_size: int | None
    named_file_last_change: float | None
    named_file_fingerprint: str
    named_file_fingerprint_on_file: str
    hostname: str
    username: str
    ip_address: str | None = None
    method: str
    template: str
    manifest_path: str
    preboard_version: str


class ImportEntry(Struct, frozen=True, kw_only=True):
    """A statement whose components an instance ran as its own: import()."""

    named_paths_name: str
    identity: str
    named_paths_uuid: str
    named_paths_fingerprint: str


class InstanceManifest(Struct, frozen=True, kw_only=True):
    """One statement of a run, in the manifest.json of its directory."""

    time: str
    uuid: str
    serial: bool
    archive_name: str
    named_results_name: str
    named_paths_uuid: str
    run: str
    run_uuid: str
    run_home: str
    instance_identity: str
    instance_index: str
    instance_home: str
    file_fingerprints: dict[str, str] | None = None
    files_expected: bool = False
    number_of_files_expected: int = 0
    number_of_files_generated: int = 0
    valid: bool | Literal[""] = ""
    completed: bool = False
    reason: str | UnsetType = UNSET
    """Why the file was not read to its end, when an error kept the statement from that."""
    error_count: int = 0
    method: str
    source_mode_preceding: bool
    preceding_instance_identity: str | UnsetType = UNSET
    actual_data_file: str
    origin_data_file: str | None
    named_file_name: str
    imports: list[ImportEntry] | UnsetType = UNSET
    """What import() put into the statement."""
    referenced_runs: list[str] | UnsetType = UNSET
    """The runs whose results the statement looked at."""
    transfers: list[tuple[str, str, str, str, str]] | UnsetType = UNSET
    """File, variable, from, to, mode (`w` or `a`)."""
    failed_transfers: list[tuple[str, str, str]] | UnsetType = UNSET
    """File, variable, why it was not handed on."""
    manifest_path: str


class ErrorEntry(Struct, frozen=True, kw_only=True):
    """An error of a line, in errors.json. The last five keys are ours."""

    line_count: int
    match_count: int
    scan_count: int
    source: str
    message: str
    named_paths_name: str
    named_file_name: str
    identity: str
    filename: str
    time: str
    run_dir: str
    expanded_message: str
    text_line: int
    column: str | int | None
    value: str | None
    expected: str | None
    rule: str | None
