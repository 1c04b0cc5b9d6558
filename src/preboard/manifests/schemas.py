"""Every JSON document of a project: where it lies, what it is, and its JSON Schema.

In: the records of this package and `meanings`. Out: `DOCUMENTS`, and `schema_of`, from which the
published schemas and the page about documents are made. Readers must let keys pass that they do not
know: newer versions add some.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import UNSET, Struct

from preboard.manifests.archive import ArchiveEntry, ErrorEntry, InstanceManifest, RunManifest
from preboard.manifests.definitions import FileDefinition, GroupDefinition
from preboard.manifests.groups import GroupsLedgerEntry, LoadEntry
from preboard.manifests.meanings import meaning_of
from preboard.manifests.meta import MetaDocument
from preboard.manifests.staging import FilesLedgerEntry, VersionEntry

DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True, slots=True)
class Document:
    """A kind of document; `path` is where it lies by default, `type` what it holds."""

    name: str
    path: str
    type: Any
    meaning: str


DOCUMENTS: tuple[Document, ...] = (
    Document(
        "files-ledger",
        "inputs/named_files/manifest.json",
        list[FilesLedgerEntry],
        "Every registration, made or refused, in order.",
    ),
    Document(
        "named-file-manifest",
        "inputs/named_files/NAME/manifest.json",
        list[VersionEntry],
        "The versions of a named-file, in order of arrival.",
    ),
    Document(
        "named-file-definition",
        "inputs/named_files/NAME/definition.json",
        FileDefinition,
        "What was decided for a named-file; {} for nothing.",
    ),
    Document(
        "groups-ledger",
        "inputs/named_paths/manifest.json",
        list[GroupsLedgerEntry],
        "Every load of a group, in order.",
    ),
    Document(
        "group-manifest",
        "inputs/named_paths/GROUP/manifest.json",
        list[LoadEntry],
        "The texts that a group had, in order; the last one is in force.",
    ),
    Document(
        "group-definition",
        "inputs/named_paths/GROUP/definition.json",
        GroupDefinition,
        "The members of groups as they were given, and their settings.",
    ),
    Document(
        "archive-ledger",
        "archive/manifest.json",
        list[ArchiveEntry],
        "Every statement of every run that started, in order.",
    ),
    Document(
        "run-manifest",
        "archive/GROUP/RUN/manifest.json",
        RunManifest,
        "A run: written when it starts, and again when it ends.",
    ),
    Document(
        "instance-manifest",
        "archive/GROUP/RUN/IDENTITY/manifest.json",
        InstanceManifest,
        "A statement of a run: written when it starts, and again when it ends.",
    ),
    Document(
        "meta",
        "archive/GROUP/RUN/IDENTITY/meta.json",
        MetaDocument,
        "What the comment of a statement says, and where the statement stood at its end.",
    ),
    Document(
        "vars",
        "archive/GROUP/RUN/IDENTITY/vars.json",
        dict[str, Any],
        "The variables of a statement at its end.",
    ),
    Document(
        "errors",
        "archive/GROUP/RUN/IDENTITY/errors.json",
        list[ErrorEntry],
        "The errors that a statement found, in order; [] for none.",
    ),
    Document(
        "extra",
        "archive/GROUP/RUN/_extra_data/extra.json",
        dict[str, str],
        "What the caller of a run wanted to be kept with it; only then there is one.",
    ),
)


def schema_of(document: Document) -> dict[str, Any]:
    """Return the JSON Schema of a document, each key with its meaning."""
    (schema,), parts = msgspec.json.schema_components(
        (document.type,), ref_template="#/$defs/{name}"
    )
    for name, part in parts.items():
        part["required"] = _always(_records()[name])
        for key, about in part["properties"].items():
            about["description"] = meaning_of(name, key)
    if document.type is GroupDefinition:
        # Its other keys are names of groups, which a record can't say.
        members = {"type": "array", "items": {"type": "string"}}
        parts["GroupDefinition"]["additionalProperties"] = members
    whole = {
        "$schema": DIALECT,
        "title": document.name,
        "description": document.meaning,
        **schema,
    }
    return {**whole, "$defs": parts} if parts else whole


def _records() -> dict[str, type[Struct]]:
    """Return the records of this package by their names."""
    package = __name__.rpartition(".")[0]
    return {kind.__name__: kind for kind in Struct.__subclasses__() if _is_in(kind, package)}


def _is_in(kind: type, package: str) -> bool:
    return kind.__module__.startswith(f"{package}.")


def _always(record: type[Struct]) -> list[str]:
    """Return the keys that a record is never written without."""
    leaves_out = record.__struct_config__.omit_defaults
    return [
        each.encode_name
        for each in msgspec.structs.fields(record)
        if each.required or not (leaves_out or each.default is UNSET)
    ]
