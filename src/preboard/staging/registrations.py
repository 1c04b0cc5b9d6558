"""Registering: bytes become an immutable version of a named-file (spec/framework.md 1.1).

In: a name and a source. Out: a `Version`. The bytes are streamed once, hashed, and durable under
their fingerprint before the transaction that makes the version exist; manifests are written from
the catalog afterwards. A crash leaves a version or none: bytes that were linked but not accepted
are found and removed by `staging.sweep`.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
from sqlalchemy.exc import IntegrityError

from preboard.catalog.directories import MANIFEST
from preboard.catalog.versions import Version
from preboard.clock import utc_now
from preboard.config.names import checked_name, shown, storable
from preboard.errors import Conflict, NameRefused, PreboardError, StoreError, Tampered
from preboard.manifests.staging import Provenance
from preboard.staging.definitions import Definitions
from preboard.staging.entries import Stored, failure_entry, ledger_entry, version_entry
from preboard.staging.names import NameDirectories
from preboard.staging.profile import profile_of
from preboard.staging.sources import RESERVED, SourceLike, SourceRules, arrival
from preboard.staging.sweep import settle
from preboard.storage.incoming import Incoming
from preboard.storage.local import confined, fingerprint_of, put_new, unwritable
from preboard.storage.templates import checked_template

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection

    from preboard.catalog.catalog import Catalog
    from preboard.manifests.staging import Profile
    from preboard.staging.sources import Arrival
    from preboard.storage.place import Place
    from preboard.storage.remote.told import Told

LONGEST_PROVENANCE = 2_000

FileState = tuple[int, ...]
"""What changes when a file does."""

log = logging.getLogger("preboard.staging")


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What is to be registered, and what is known of it.

    `template` None means that of the name's definition. `id` is a UUID that was handed out before;
    registering the same bytes with it again gives the version that it made. `watch` is called with
    the bytes that were stored so far. `also` is called with the version in the transaction that
    makes it exist, or finds that it does: what it writes there is true with it, or not at all.
    """

    name: str
    source: SourceLike
    file_name: str | None = None
    template: str | None = None
    id: str | None = None
    provenance: Provenance | None = None
    watch: Callable[[int], object] | None = None
    also: Callable[[Connection, Version], object] | None = None


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where bytes go: `home` below the directory of the name, `file` below that of all names.

    `same` is the state of a file that lies there and was seen to hold just these bytes.
    """

    home: str
    file: str
    same: FileState | None = None


class Staging:
    """The named-files of a project, for writing."""

    def __init__(
        self,
        catalog: Catalog,
        place: Place,
        owner: str,
        rules: SourceRules,
        most_bytes: int | None = None,
    ) -> None:
        self.catalog = catalog
        self.place = place
        self.space = place.path(place.files)
        self.owner = owner
        self.rules = rules
        self.most_bytes = most_bytes
        self.names = NameDirectories(catalog, place, owner)
        self.definitions = Definitions(self.names)
        self.ledger = f"{place.files}/{MANIFEST}"

    def register(self, what: Registration, base: Path) -> Version:
        """Store a source as the newest version of a name; returns it.

        A source that is just what the newest version is, under the same path and sheet, gives that
        version: nothing is written. Relative paths are looked for below `base`. Whatever is
        refused is noted in the ledger.

        Raises:
            NameRefused: the name, the file's name or the template can't be.
            NotFound: there is no such file.
            InputError: the source can't be read, or has no such sheet.
            Refused: the project takes no such sources, or it is too large.
            Conflict: the id is taken by another registration.
            Tampered: the same bytes were stored before, and are not what they were.
            StoreError: the disk is full or can't be written.
        """
        try:
            checked_name(what.name, "named-file")
            checked = replace(what, id=_checked_id(what.id), provenance=_checked(what.provenance))
            return self._register(checked, base)
        except PreboardError as error:
            self._note_failure(what, error)
            raise
        except OSError as error:
            failure = unwritable(error, "the file can't be stored")
            self._note_failure(what, failure)
            raise failure from error

    def _register(self, what: Registration, base: Path) -> Version:
        with (
            arrival(what.source, what.file_name, self.rules, base) as found,
            Incoming(self.space, self.owner, what.name) as incoming,
        ):
            known = _with_told(what.provenance, found.told)
            what = replace(what, template=self._template(what), provenance=known)
            home = self._home(what, found)
            incoming.take(found.stream, self.most_bytes, what.watch)
            profile = profile_of(incoming.path, found.file_name, found.mark)
            spot = self._spot(what, found, home, incoming)
            try:
                with self.catalog.database.writing() as connection:
                    is_behind = self.names.lock(connection, what.name)
                    version, is_new = self._enter(connection, what, found, spot, incoming, profile)
                    if what.also is not None:
                        what.also(connection, version)
            except BaseException as error:
                self._take_back(what.name, incoming)
                if isinstance(error, IntegrityError):  # the id is one of another name, or removed
                    raise _taken(what) from error
                raise
        if is_new:
            self.catalog.documents.write(self.names.manifest(what.name), self.ledger)
        if is_behind:
            self.names.write(what.name)
        return version

    def _take_back(self, name: str, incoming: Incoming) -> None:
        """Remove bytes that were linked to their place, but were not accepted."""
        try:
            settle(self.catalog, self.space, incoming.path, name)
        except (StoreError, OSError) as error:
            incoming.keep()
            log.warning("%s has yet to be tidied up: %s", incoming.path.name, error)

    def _template(self, what: Registration) -> str:
        given = what.template
        return self.definitions.template(what.name) if given is None else given

    def _home(self, what: Registration, found: Arrival) -> str:
        """Return the directory of the version below that of the name."""
        template = checked_template(what.template or "", "filename")
        parts = (*template.directories(found.parts, utc_now()), found.file_name)
        if parts[0].casefold() in RESERVED:
            raise NameRefused(
                f"template {what.template!r} gives {shown(parts[0])}, which is a document's name"
            )
        home = "/".join(parts)
        confined(self.space, what.name, home)
        return home

    def _enter(
        self,
        connection: Connection,
        what: Registration,
        found: Arrival,
        spot: _Spot,
        incoming: Incoming,
        profile: Profile,
    ) -> tuple[Version, bool]:
        """Decide, in the transaction that holds the name's lock: the version, and if it is new."""
        known = self._known(connection, what, spot.home, incoming.fingerprint, found.mark)
        if known is not None:
            return known, False
        stored = self._put(spot, incoming)
        entry = version_entry(
            what.name,
            found,
            stored,
            self.place,
            id=what.id,
            template=what.template or "",
            provenance=what.provenance,
            profile=profile,
        )
        version = Version(
            id=entry.uuid,
            name=what.name,
            seq=self.catalog.versions.next_seq(connection, what.name),
            time=entry.time,
            fingerprint=stored.fingerprint,
            size=stored.size,
            home=stored.home,
            file=stored.file,
            mark=found.mark,
            origin=entry.origin,
            entry=entry,
        )
        self.catalog.versions.add(connection, version)
        documents = self.catalog.documents
        documents.add(connection, self.names.manifest(what.name), msgspec.json.encode(entry))
        ledger = ledger_entry(self.ledger, self.place, version)
        documents.add(connection, self.ledger, msgspec.json.encode(ledger))
        return version, True

    def _spot(self, what: Registration, found: Arrival, home: str, incoming: Incoming) -> _Spot:
        """Return where the bytes go. What lies there already is read now: others wait for the lock.

        It is not, if the newest version is this one: then nothing is put there.
        """
        extension = found.file_name.partition(".")[2]
        last = f"{incoming.fingerprint}.{extension}" if extension else incoming.fingerprint
        file = str(PurePosixPath(what.name, home, last))
        target = confined(self.space, file)
        state = _state_of(target)
        if state is None:
            return _Spot(home, file)
        with self.catalog.database.reading() as connection:
            known = self._known(connection, what, home, incoming.fingerprint, found.mark)
        if known is not None or fingerprint_of(target) != incoming.fingerprint:
            return _Spot(home, file)
        return _Spot(home, file, state)

    def _put(self, spot: _Spot, incoming: Incoming) -> Stored:
        """Give the bytes their place, unless they have it."""
        target = confined(self.space, spot.file)
        if (
            not put_new(incoming.path, target)
            and (spot.same is None or _state_of(target) != spot.same)
            and fingerprint_of(target) != incoming.fingerprint
        ):
            raise Tampered(
                f"the stored bytes of {spot.file} are not what their name says",
                hint="verify tells what else was changed",
            )
        return Stored(
            fingerprint=incoming.fingerprint, size=incoming.size, home=spot.home, file=spot.file
        )

    def _known(
        self, connection: Connection, what: Registration, home: str, fingerprint: str, mark: str
    ) -> Version | None:
        """Return the version that this registration is already.

        Only the newest counts: when A comes again after B, A is the newest once more.
        """
        if what.id is not None:
            made = self.catalog.versions.by_id_in(connection, what.id)
            if made is not None and (made.name, made.fingerprint) != (what.name, fingerprint):
                raise _taken(what)
            if made is not None:
                return made
        latest = self.catalog.versions.latest(connection, what.name)
        if latest is None:
            return None
        was = latest.fingerprint, latest.home.casefold(), latest.mark
        return latest if was == (fingerprint, home.casefold(), mark) else None

    def _note_failure(self, what: Registration, error: PreboardError) -> None:
        """Put a registration that was not made into the ledger, for those who look for it."""
        entry = failure_entry(
            self.ledger,
            self.place,
            name=what.name,
            source=what.source,
            template=what.template,
            id=what.id,
            error=error,
        )
        try:
            with self.catalog.database.writing() as connection:
                self.catalog.documents.add(connection, self.ledger, msgspec.json.encode(entry))
        except StoreError as trouble:  # the error that is on its way is the one to be told of
            log.warning("a failed registration can't be noted: %s", trouble)
            return
        self.catalog.documents.write(self.ledger)


def _state_of(path: Path) -> FileState | None:
    """Return the state of a file, None if it is not there."""
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _taken(what: Registration) -> Conflict:
    return Conflict(f"the registration {what.id} is already another version")


def _checked_id(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        canonical = str(UUID(text))
    except (ValueError, AttributeError, TypeError):
        canonical = ""
    if not canonical or canonical != text.lower():
        raise NameRefused(
            f"{shown(str(text))} can't be the id of a registration",
            hint="give a UUID, with its hyphens",
        )
    return canonical


def _with_told(provenance: Provenance | None, told: Told) -> Provenance | None:
    """Return what is known of the origin, with what the place says that it was fetched from."""
    said = {"etag": told.etag, "version_id": told.version, "modified": told.modified}
    seen = {key: value for key, value in said.items() if value}
    if not seen:
        return provenance
    return msgspec.structs.replace(provenance or Provenance(), **seen)


def _checked(provenance: Provenance | None) -> Provenance | None:
    """Return what was told of the origin, as it can be stored."""
    if provenance is None:
        return None
    told = {key: value for key, value in msgspec.structs.asdict(provenance).items() if value}
    for key, value in told.items():
        if not isinstance(value, str) or len(value) > LONGEST_PROVENANCE:
            raise NameRefused(
                f"the {key} of the provenance is no text of at most {LONGEST_PROVENANCE} characters"
            )
    return Provenance(**{key: storable(value) for key, value in told.items()})
