"""The named-files of a project: what `Project` offers of the first data space."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from preboard.archive.verify import verify_archive
from preboard.config.environment import user_name
from preboard.config.names import shown
from preboard.errors import NotFound
from preboard.manifests.staging import Provenance
from preboard.references.resolve import Resolver
from preboard.staging.batches import Selection, read_mapping, register_files, register_mapping
from preboard.staging.definitions import run_on_arrival
from preboard.staging.registrations import Registration, Staging
from preboard.staging.verify import verify_documents, verify_files

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, BinaryIO

    from sqlalchemy import Connection

    from preboard.catalog.catalog import Catalog
    from preboard.catalog.versions import Version
    from preboard.config.settings import Settings
    from preboard.project.logs import ProjectLog
    from preboard.storage.findings import Finding
    from preboard.storage.place import Place


class NamedFiles:
    """Named-files: registered, listed, configured, removed, verified."""

    settings: Settings
    place: Place
    catalog: Catalog
    staging: Staging
    log: ProjectLog

    def register(
        self,
        name: str,
        source: str | Path | BinaryIO,
        *,
        file_name: str | None = None,
        template: str | None = None,
        id: str | None = None,  # noqa: A002 - what manifests and users call it
        provenance: Provenance | None = None,
        progress: Callable[[int], object] | None = None,
        also: Callable[[Connection, Version], object] | None = None,
    ) -> Version:
        """Store a file as the newest version of a named-file.

        Args:
            name: of the named-file; made if it is new.
            source: path, URL, or binary file object. `book.xlsx#sheet` means one worksheet.
            file_name: what the file is called, if not as its path or the object's name says.
            template: directories between the name and the file, such as `:1/:filename`; else that
                of the name's definition.
            id: a UUID that was handed out for this registration.
            provenance: who sent it and how, as far as it is known.
            progress: called with the bytes that were stored so far.
            also: called in the transaction that makes the version exist; what it writes there is
                true with the version, or not at all.

        Raises:
            NameRefused, NotFound, InputError, Refused, Conflict, Tampered, StoreError: as
                `preboard.staging.registrations.Staging.register`.
        """
        what = Registration(
            name=name,
            source=source,
            file_name=file_name,
            template=template,
            id=id,
            provenance=_told(provenance),
            watch=progress,
            also=also,
        )
        with self.log.doing(f"register {shown(name)}") as outcome:
            version = self.staging.register(what, Path.cwd())
            outcome.is_(
                f"{version.reference}, {version.size} bytes from {shown(version.origin, 200)}"
            )
        return version

    def register_directory(
        self,
        directory: str | Path,
        *,
        name: str | None = None,
        recurse: bool = True,
        regex: str | None = None,
        template: str | None = None,
        provenance: Provenance | None = None,
        progress: Callable[[int], object] | None = None,
    ) -> list[Version]:
        """Register the files of a directory, in the order of their paths.

        Args:
            directory: which. Hidden files are left out, and such with other extensions than
                `csv_files` in [extensions] of config.ini.
            name: of the named-file that all go under; without it each goes under its own stem.
            recurse: also the directories in it.
            regex: only files whose path it is found in.
            template: as for `register`.
            provenance: as for `register`.
            progress: as for `register`, with the bytes of each file.

        Raises:
            PartlyRegistered: some were refused; it says which and why, and holds the versions.
            NotFound, InputError, Refused: there is no such directory, or it may not be read.
        """
        selection = Selection(
            extensions=self.settings.data_extensions, recurse=recurse, pattern=regex
        )
        plain = Registration(
            name=name or "",
            source="",
            template=template,
            provenance=_told(provenance),
            watch=progress,
        )
        with self.log.doing(f"register files of {shown(str(directory), 200)}") as outcome:
            versions = register_files(self.staging, Path(directory), selection, plain, Path.cwd())
            outcome.is_(", ".join(version.reference for version in versions) or "none")
        return versions

    def register_mapping(self, mapping: Mapping[str, Any] | str | Path) -> list[Version]:
        """Register what a mapping of names to paths says, given as such or as a JSON file.

        `{"orders": "in/orders.csv", "_config": {"orders": {"template": ":1/:filename"}}}`. Paths in
        a JSON file are relative to it, else to the working directory.

        Raises:
            PartlyRegistered: some were refused; it says which and why, and holds the versions.
            ConfigError: it has not the form of a mapping, or a definition in it can't be.
            NotFound, InputError: the JSON file can't be read.
        """
        if isinstance(mapping, str | Path):
            path = Path.cwd() / mapping
            found = read_mapping(path, mapping)
            return register_mapping(self.staging, found, (path.parent, Path.cwd()))
        return register_mapping(self.staging, mapping, (Path.cwd(),))

    def named_files(self) -> list[str]:
        """Return the names that files were registered under, in order."""
        return self.catalog.files.all()

    def versions(self, name: str) -> list[Version]:
        """Return the versions of a named-file in order of arrival.

        Raises:
            NotFound: there is no such named-file.
        """
        if not self.catalog.files.exists(name):
            raise NotFound(f"there is no named-file {shown(name)}")
        return list(self.catalog.versions.each(name))

    def version(self, reference: str) -> Version:
        """Return the version that a name or a reference means; of several the newest.

        Raises:
            NotFound: there is none.
            BadReference: the text is no reference to files.
        """
        found = Resolver(self.catalog).versions(reference)
        if not found:
            raise NotFound(f"{shown(reference, 200)} leads to no version")
        return found[-1]

    def named_file_definition(self, name: str) -> dict[str, Any]:
        """Return the definition of a named-file: template, on_arrival, sources.

        Raises:
            NotFound: there is no such named-file.
        """
        return self.staging.definitions.get(name)

    def run_on_arrival(self, name: str) -> tuple[str, str] | None:
        """Return the group that is run over each new version of a name, and how; None for none."""
        if not self.catalog.files.exists(name):
            return None
        return run_on_arrival(self.named_file_definition(name))

    def configure_named_file(self, name: str, definition: Mapping[str, Any]) -> None:
        """Make this the definition of a named-file, in place of what it had.

        Raises:
            NameRefused: the name or the template can't be.
            ConfigError: a key that is known has no such value.
        """
        with self.log.doing(f"configure {shown(name)}") as outcome:
            self.staging.definitions.set(name, definition)
            outcome.is_(", ".join(definition) or "nothing")

    def remove_named_file(self, name: str) -> None:
        """Remove a named-file with all its versions and its directory.

        Results that were made of it stay, and so does what they say about it.

        Raises:
            NotFound: there is no such named-file.
        """
        with self.log.doing(f"remove named-file {shown(name)}") as outcome:
            self.staging.names.remove(name)
            outcome.is_("gone")

    def verify(self, progress: Callable[[int], object] | None = None) -> list[Finding]:
        """Return what is not as it was accepted: bytes, and manifests on disk; `[]` when all is.

        All stored bytes are read; `progress` is called with how many there were so far.
        """
        read = None if progress is None else _summing(progress)
        return [
            *verify_files(self.catalog, self.place, read),
            *verify_documents(self.catalog),
            *verify_archive(self.catalog, self.place, read),
        ]


def _summing(progress: Callable[[int], object]) -> Callable[[int], None]:
    """Return what takes sizes, and tells their sum so far."""
    total = 0

    def add(size: int) -> None:
        nonlocal total
        total += size
        progress(total)

    return add


def _told(provenance: Provenance | None) -> Provenance:
    """Return the provenance, with the one who registers if nobody else is named."""
    told = provenance or Provenance()
    return told if told.registered_by else replace(told, registered_by=user_name())
