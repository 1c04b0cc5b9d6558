"""What manifest.json of a name and the ledger of all names say of a registration."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from uuid import uuid4

from msgspec import UNSET

from preboard.clock import iso, utc_now
from preboard.config.environment import host_name, user_name
from preboard.config.masking import masked_text
from preboard.config.names import storable
from preboard.manifests.staging import FilesLedgerEntry, VersionEntry

if TYPE_CHECKING:
    from preboard.catalog.versions import Version
    from preboard.errors import PreboardError
    from preboard.manifests.staging import Profile, Provenance
    from preboard.staging.sources import Arrival
    from preboard.storage.place import Place

_LONGEST_NOTED = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Bytes with the place that they have: `home` is below the name, `file` below all names."""

    fingerprint: str
    size: int
    home: str
    file: str


def version_entry(
    name: str,
    found: Arrival,
    stored: Stored,
    place: Place,
    *,
    id: str | None,  # noqa: A002 - what manifests and users call it
    template: str,
    provenance: Provenance | None,
    profile: Profile,
) -> VersionEntry:
    """Return the entry of a version in the manifest of its name."""
    return VersionEntry(
        type=PurePosixPath(found.file_name).suffix[1:] or "Unknown type",
        reference=f"${name}.files.{stored.fingerprint}",
        file=f"{place.files}/{stored.file}",
        file_home=f"{place.files}/{name}/{stored.home}",
        fingerprint=stored.fingerprint,
        uuid=id or str(uuid4()),
        time=iso(utc_now()),
        origin=storable(found.origin),
        mark=found.mark or UNSET,
        template=template,
        manifest_path=f"{place.files}/{name}/manifest.json",
        file_name=found.file_name,
        username=user_name(),
        hostname=host_name(),
        size=stored.size,
        provenance=provenance or UNSET,
        profile=profile,
    )


def ledger_entry(ledger: str, place: Place, version: Version) -> FilesLedgerEntry:
    """Return the entry of a version in the ledger of all names."""
    entry = version.entry
    return FilesLedgerEntry(
        time=entry.time,
        uuid=entry.uuid,
        file_manifest=entry.manifest_path,
        username=entry.username,
        hostname=entry.hostname,
        type=entry.type,
        named_file_name=version.name,
        origin_path=entry.origin,
        fingerprint=entry.fingerprint,
        reference=entry.reference,
        file_path=entry.file,
        file_home=entry.file_home,
        file_name=entry.file_name,
        name_home=f"{place.files}/{version.name}",
        template=entry.template,
        mark=entry.mark,
        manifest_path=ledger,
    )


def failure_entry(
    ledger: str,
    place: Place,
    *,
    name: str,
    source: object,
    template: str | None,
    id: str | None,  # noqa: A002
    error: PreboardError,
) -> FilesLedgerEntry:
    """Return the ledger's entry of a registration that was not made.

    All of it may be hostile, the name too: it is text here, and cut.
    """
    origin = source if isinstance(source, str | Path) else getattr(source, "name", "")
    return FilesLedgerEntry(
        time=iso(utc_now()),
        uuid=_noted(id) if id else str(uuid4()),
        file_manifest=None,
        username=user_name(),
        hostname=host_name(),
        type=None,
        named_file_name=_noted(name),
        origin_path=_noted(masked_text(str(origin))),
        fingerprint=None,
        reference=None,
        file_path=None,
        file_home=None,
        file_name=None,
        name_home=f"{place.files}/{_noted(name)}",
        template=_noted(template or ""),
        manifest_path=ledger,
        status="Registration failed",
        reason=_noted(error),
    )


def _noted(value: object) -> str:
    return storable(str(value)[:_LONGEST_NOTED])
