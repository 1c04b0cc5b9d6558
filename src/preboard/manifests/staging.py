"""The JSON documents of inputs/named_files (spec/framework.md 1.1).

The order of the fields is the order of the keys. What the specification calls absent is left out
when it is not set.
"""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, Struct, UnsetType, field


class Column(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the cells of one column look like, as far as they were looked at."""

    name: str
    type: str
    """integer, decimal, boolean, date, datetime, text, or empty: the narrowest that holds all."""
    empty: int = 0
    """Cells that are empty, of the lines that were looked at."""
    longest: int = 0
    """Characters of the longest cell."""


class Profile(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a version looked like when it arrived."""

    format: str
    delimiter: str | None = None
    quotechar: str | None = None
    encoding: str | None = None
    header: list[str] = field(default_factory=list)
    lines: int = 0
    """Records with data, the header line included."""
    sampled: int = 0
    """Data lines that the columns were judged by."""
    columns: list[Column] = field(default_factory=list)
    unread: str | None = None
    """Why the bytes could not be read as data, if they could not: they are kept all the same."""


class Provenance(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a version came from, as far as the one who registered it told."""

    partner: str | None = None
    account: str | None = None
    protocol: str | None = None
    address: str | None = None
    event_id: str | None = None
    event_time: str | None = None
    original_path: str | None = None
    registered_by: str | None = None
    """The name of an API key, or the user of the operating system."""
    etag: str | None = None
    """What the store or web server calls this state of the file, where it was fetched from one."""
    version_id: str | None = None
    modified: str | None = None
    """When it was last changed there, in UTC."""


class VersionEntry(Struct, frozen=True, kw_only=True):
    """A version in a named-file's manifest.json."""

    type: str
    reference: str
    file: str
    file_home: str
    fingerprint: str
    uuid: str
    time: str
    origin: str = field(name="from")
    mark: str | UnsetType = UNSET
    template: str
    manifest_path: str
    file_name: str
    username: str
    hostname: str
    size: int
    provenance: Provenance | UnsetType = UNSET
    profile: Profile | UnsetType = UNSET


class FilesLedgerEntry(Struct, frozen=True, kw_only=True):
    """A registration, made or not, in the manifest.json of all named-files."""

    time: str
    uuid: str
    file_manifest: str | None
    username: str
    hostname: str
    ip_address: str | UnsetType = UNSET
    type: str | None
    named_file_name: str
    origin_path: str
    fingerprint: str | None
    reference: str | None
    file_path: str | None
    file_home: str | None
    file_name: str | None
    name_home: str
    template: str
    mark: str | UnsetType = UNSET
    manifest_path: str
    status: Literal["Registration failed"] | UnsetType = UNSET
    reason: str | UnsetType = UNSET
