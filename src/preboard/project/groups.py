"""The named-paths groups of a project: what `Project` offers of the second data space."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from preboard.config.names import shown
from preboard.groups.sources import GroupRules, Source, wanted_group, wanted_groups

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from preboard.catalog.catalog import Catalog
    from preboard.catalog.loads import Load
    from preboard.config.settings import Settings
    from preboard.groups.loading import Groups
    from preboard.project.logs import ProjectLog
    from preboard.project.terms import Terms


class NamedGroups:
    """Groups: loaded, listed, configured, removed."""

    settings: Settings
    catalog: Catalog
    groups: Groups
    log: ProjectLog
    terms: Terms | None

    def load_group(
        self, name: str, source: Source, *, template: str | None = None, append: bool = False
    ) -> Load:
        """Make the statements of a source the text of a group.

        Args:
            name: of the group; made if it is new.
            source: a file of statements, a directory of such, a JSON definition, text, or a list
                of statements.
            template: directories between the group and its runs, such as `:1/:run_dir`.
            append: put the statements behind those that the group has.

        Raises:
            NameRefused: the name or the template can't be.
            BrokenGroup: a statement is wrong, or two have one identity; nothing is changed.
            NotFound, InputError, Refused: the source can't be read, or may not be.
            ConfigError: the definition has not the form of one.
        """
        with self.log.doing(f"load {shown(name)}") as outcome:
            wanted = wanted_group(name, source, self._group_rules, Path.cwd())
            load = self.groups.load(wanted, template=template, append=append)
            outcome.is_(_told(load))
        return load

    def load_groups(self, source: str | Path, *, template: str | None = None) -> list[Load]:
        """Load every group of a source: one for each file of a directory, or those of a definition.

        A file's group is called by its stem. When one of the groups is broken, none is loaded.

        Raises:
            BrokenGroup: `others` are further groups that are broken.
            NameRefused, NotFound, InputError, Refused, ConfigError: as for `load_group`.
        """
        with self.log.doing(f"load groups of {shown(str(source), 200)}") as outcome:
            wanted = wanted_groups(source, self._group_rules, Path.cwd())
            loads = self.groups.load_all(wanted, template=template)
            outcome.is_("; ".join(f"{load.name}: {_told(load)}" for load in loads))
        return loads

    def group_names(self) -> list[str]:
        """Return the names of the groups, in order."""
        return self.catalog.groups.all()

    def group_history(
        self, name: str, *, after: int | None = None, most: int | None = None
    ) -> list[Load]:
        """Return every text that a group had, the first one first; the last is in force.

        A group.csvpaths that was edited by hand is taken in first.

        Args:
            name: of the group.
            after: the place (`seq`) of a text, behind which they begin.
            most: how many; None for all.

        Raises:
            NotFound: there is no such group.
            BrokenGroup: the edited text is wrong.
        """
        with self.log.doing(f"history of {shown(name)}"):
            self.groups.current(name)
            return list(self.groups.history(name, after=after, most=most))

    def group_settings(self, name: str) -> dict[str, Any]:
        """Return the settings of a group: template, scripts, webhooks, transfers, destinations."""
        return self.groups.settings(name)

    def configure_group(self, name: str, settings: Mapping[str, Any]) -> list[str]:
        """Make these the settings of a group, in place of all it had; returns warnings.

        Raises:
            NotFound: there is no such group.
            ConfigError, NameRefused: a setting can't be.
        """
        with self.log.doing(f"configure {shown(name)}") as outcome:
            warnings = self.groups.configure(name, settings)
            outcome.is_(", ".join(settings) or "nothing")
        return warnings

    def remove_group(self, name: str) -> None:
        """Remove a group with its directory.

        Results that were made with it stay, and so do the texts that they name.

        Raises:
            NotFound: there is no such group.
        """
        with self.log.doing(f"remove group {shown(name)}") as outcome:
            self.groups.remove(name)
            outcome.is_("gone")

    @property
    def _group_rules(self) -> GroupRules:
        roots = None if self.terms is None else self.terms.roots
        inputs = self.settings.inputs
        return GroupRules(inputs.allows_local, self.settings.statement_extensions, roots)


def _told(load: Load) -> str:
    return f"{load.entry.named_paths_count} statements, {load.fingerprint}, load {load.id}"
