"""Loading: statements become the text that a group has from now on (spec/framework.md 1.2).

Every text that a group ever had stays in the catalog, so that a run always names exactly what it
ran. group.csvpaths, definition.json and the manifests are views. A group.csvpaths that somebody
edited by hand is taken as a new text when the group is read next, or refused when it is broken.
"""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

import msgspec
from msgspec import UNSET

from preboard.catalog.directories import MANIFEST
from preboard.catalog.loads import Load
from preboard.clock import iso, utc_now
from preboard.config.environment import host_name, user_name
from preboard.config.names import checked_name, did_you_mean, shown
from preboard.errors import NotFound
from preboard.groups.definitions import checked_definition, settings_in, with_settings
from preboard.groups.directories import GROUP_FILE, GroupDirectories
from preboard.groups.faults import BrokenGroup
from preboard.groups.members import checked_group, statements_in
from preboard.groups.source_control import source_control_of
from preboard.groups.sources import Wanted
from preboard.manifests.groups import GroupsLedgerEntry, LoadEntry
from preboard.storage.templates import checked_template

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from sqlalchemy import Connection

    from preboard.catalog.catalog import Catalog
    from preboard.groups.members import Group
    from preboard.storage.place import Place

log = logging.getLogger("preboard.groups")


class Groups:
    """The groups of a project."""

    def __init__(self, catalog: Catalog, place: Place, owner: str) -> None:
        self.catalog = catalog
        self.place = place
        self.directories = GroupDirectories(catalog, place, owner)
        self.ledger = f"{place.groups}/{MANIFEST}"

    def load(self, wanted: Wanted, *, template: str | None = None, append: bool = False) -> Load:
        """Make these the statements of a group, or put them behind those it has.

        A text that the group has already is noted in the ledger of all groups only.

        Raises:
            NameRefused: the name or the template can't be.
            BrokenGroup: a statement is wrong, or two have one identity.
            ConfigError: the definition has not the form of one.
        """
        name = checked_name(wanted.name, "named-paths group")
        checked_template(template or "", "run_dir")
        self.directories.file(name)
        definition, warnings = checked_definition(name, wanted.definition)
        for warning in warnings:
            log.warning("group %s: %s", name, warning)
        told = template or settings_in(name, definition).get("template")
        load = None
        while load is None:  # until nobody else loaded the group while statements were appended
            behind = self._current(name) if append else None
            old = [] if behind is None else statements_in(behind.text)
            group = checked_group(name, [*old, *wanted.statements])
            entry = self._entry(group, wanted, told)
            with self.catalog.database.writing() as connection:
                self.directories.lock(connection, name)
                latest = self.catalog.loads.latest_in(connection, name)
                if append and _id(latest) != _id(behind):
                    continue
                self._keep_config(connection, name, definition, template)
                load = self._enter(connection, group, entry, latest)
        self._show(name)
        return replace(load, warnings=tuple(warnings))

    def load_all(self, wanted: Sequence[Wanted], *, template: str | None = None) -> list[Load]:
        """Load several groups; when one of them can't be, none is.

        Raises:
            NameRefused, BrokenGroup, ConfigError: as for `load`; `BrokenGroup.others` are further
                groups that are broken.
        """
        broken = []
        for each in wanted:
            checked_name(each.name, "named-paths group")
            checked_definition(each.name, each.definition)
            try:
                checked_group(each.name, each.statements)
            except BrokenGroup as error:
                broken.append(error)
        if broken:
            first, *others = broken
            raise BrokenGroup(first.name, first.faults, others)
        return [self.load(each, template=template) for each in wanted]

    def current(self, name: str) -> Load:
        """Return the text that a group has now; one that was edited by hand is taken in first.

        Raises:
            NotFound: there is no such group.
            BrokenGroup: the edited text is wrong.
        """
        load = self._current(name)
        if load is None:
            hint = did_you_mean(name, self.catalog.groups.all())
            raise NotFound(f"there is no group {shown(name)}", hint=hint)
        return load

    def group(self, load: Load) -> Group:
        """Return the members of a text."""
        return checked_group(load.name, statements_in(load.text))

    def history(
        self, name: str, *, after: int | None = None, most: int | None = None
    ) -> Iterator[Load]:
        """Return the texts that a group had, the first one first.

        Raises:
            NotFound: there is no such group.
        """
        if not self.catalog.groups.exists(name):
            raise NotFound(f"there is no group {shown(name)}")
        return self.catalog.loads.each(name, after=after, most=most)

    def settings(self, name: str) -> dict[str, Any]:
        """Return the settings of a group: template, scripts, webhooks, transfers."""
        text = self.catalog.groups.definition(name)
        return settings_in(name, json.loads(text)) if text else {}

    def configure(self, name: str, settings: Mapping[str, Any]) -> list[str]:
        """Make these the settings of a group, in place of all it had; returns warnings.

        Raises:
            NotFound: there is no such group.
            ConfigError, NameRefused: a setting can't be.
        """
        with self.catalog.database.writing() as connection:
            self.catalog.groups.hold(connection, name)
            text = self.catalog.groups.definition_in(connection, name)
            if text is None:
                raise NotFound(f"there is no group {shown(name)}")
            whole = with_settings(name, json.loads(text), settings)
            definition, warnings = checked_definition(name, whole)
            self.catalog.groups.define(connection, name, json.dumps(definition))
        self.directories.write(name)
        return warnings

    def remove(self, name: str) -> None:
        """Take a group away, with its directory; results that were made with it stay.

        Raises:
            NotFound: there is no such group.
        """
        self.directories.remove(name)

    def repair(self) -> list[str]:
        """Bring up to date what a dead process left; returns the names of the groups."""
        return self.directories.repair()

    def manifest(self, name: str) -> str:
        """Return the path of a group's manifest."""
        return self.directories.manifest(name)

    def _current(self, name: str) -> Load | None:
        """Return the text that a group has now, None if there is no such group."""
        load = self.catalog.loads.latest(name)
        if load is None:
            return None
        if not load.written:
            self.directories.write(name)
        text = self.directories.edited(load)
        if text is None:
            return load
        newest = self.catalog.loads.latest(name)
        if _id(newest) != load.id:  # it was no edit: another process loaded in between
            return self._current(name)
        return self._take_in(name, load, text)

    def _take_in(self, name: str, load: Load, text: str) -> Load | None:
        """Make a text that was edited by hand that of the group; returns what the group has now."""
        try:
            group = checked_group(name, statements_in(text))
        except BrokenGroup as error:
            raise BrokenGroup(
                name, error.faults, where=f"{GROUP_FILE}, which was edited"
            ) from error
        entry = self._entry(group, Wanted(name, []), None)
        with self.catalog.database.writing() as connection:
            self.catalog.groups.hold(connection, name)
            latest = self.catalog.loads.latest_in(connection, name)
            if latest is None or latest.id != load.id:  # removed, or loaded, in the meantime
                return latest
            if latest.fingerprint != group.fingerprint:
                load = self._enter(connection, group, entry, latest)
                log.warning("group %s: %s was edited, and is taken in", name, GROUP_FILE)
        self._show(name)
        return load

    def _keep_config(
        self, connection: Connection, name: str, definition: dict[str, Any], template: str | None
    ) -> None:
        """Set the definition; settings stay when the new one says nothing of them."""
        text = self.catalog.groups.definition_in(connection, name)
        settings = settings_in(name, definition)
        if not settings and text:
            settings = settings_in(name, json.loads(text))
        if template is not None:
            settings["template"] = template
        whole = with_settings(name, definition, settings)
        self.catalog.groups.define(connection, name, json.dumps(whole))

    def _enter(
        self, connection: Connection, group: Group, entry: LoadEntry, latest: Load | None
    ) -> Load:
        load = latest
        if latest is None or latest.fingerprint != group.fingerprint:
            load = Load(
                id=entry.uuid,
                name=group.name,
                seq=self.catalog.loads.next_seq(connection, group.name),
                time=entry.time,
                fingerprint=group.fingerprint,
                text=group.text,
                entry=entry,
            )
            self.catalog.loads.add(connection, load)
        documents = self.catalog.documents
        # The ledger last, as everywhere: two that lock documents in other orders would block.
        if load is not latest:
            documents.add(connection, self.manifest(group.name), msgspec.json.encode(entry))
        ledger = _ledger_entry(self.ledger, entry)
        documents.add(connection, self.ledger, msgspec.json.encode(ledger))
        assert load is not None  # noqa: S101 - the latest, or the new one
        return load

    def _entry(self, group: Group, wanted: Wanted, template: str | None) -> LoadEntry:
        home = f"{self.place.groups}/{group.name}"
        path = wanted.path
        return LoadEntry(
            archive_name=self.place.archive.rpartition("/")[2],
            named_paths_name=group.name,
            named_paths_home=home,
            group_file_path=f"{home}/{GROUP_FILE}",
            file=f"{home}/{GROUP_FILE}",
            source_path=wanted.origin or UNSET,
            named_paths=[member.statement.text for member in group.members],
            named_paths_identities=group.identities,
            named_paths_count=len(group.members),
            fingerprint=group.fingerprint,
            time=iso(utc_now()),
            uuid=str(uuid4()),
            manifest_path=self.manifest(group.name),
            template=template or UNSET,
            username=user_name(),
            hostname=host_name(),
            source_control=(source_control_of(path, wanted.files) if path else None) or UNSET,
        )

    def _show(self, name: str) -> None:
        """Write the views of a group from the catalog, over what somebody edited meanwhile."""
        self.directories.write(name, over_edits=True)
        self.catalog.documents.write(self.manifest(name), self.ledger)


def _id(load: Load | None) -> str | None:
    return None if load is None else load.id


def _ledger_entry(ledger: str, entry: LoadEntry) -> GroupsLedgerEntry:
    return GroupsLedgerEntry(
        named_paths_name=entry.named_paths_name,
        named_paths_home=entry.named_paths_home,
        group_file_path=entry.group_file_path,
        source_path=None if entry.source_path is UNSET else entry.source_path,
        fingerprint=entry.fingerprint,
        time=entry.time,
        uuid=entry.uuid,
        username=entry.username,
        hostname=entry.hostname,
        paths_manifest=entry.manifest_path,
        manifest_path=ledger,
    )
