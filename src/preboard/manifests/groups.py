"""The JSON documents of inputs/named_paths (spec/framework.md 1.2)."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType


class SourceControl(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where the text of a group stands under version control."""

    commit: str
    path: str
    """Of the file or directory that was loaded, below the top of the work tree."""
    modified: bool = False
    """It was not as the commit has it."""
    remote: str | None = None
    """Without user and password."""


class LoadEntry(Struct, frozen=True, kw_only=True):
    """A text that a group had, in its manifest.json."""

    archive_name: str
    named_paths_name: str
    named_paths_home: str
    group_file_path: str
    file: str
    source_path: str | UnsetType = UNSET
    named_paths: list[str]
    named_paths_identities: list[str]
    named_paths_count: int
    fingerprint: str
    time: str
    uuid: str
    manifest_path: str
    template: str | UnsetType = UNSET
    username: str
    hostname: str
    source_control: SourceControl | UnsetType = UNSET


class GroupsLedgerEntry(Struct, frozen=True, kw_only=True):
    """A load in the manifest.json of all groups."""

    named_paths_name: str
    named_paths_home: str
    group_file_path: str
    source_path: str | None
    fingerprint: str
    time: str
    uuid: str
    username: str
    hostname: str
    ip_address: str | UnsetType = UNSET
    paths_manifest: str
    manifest_path: str
