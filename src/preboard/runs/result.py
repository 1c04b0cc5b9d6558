"""What a run came to, as users hold it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from preboard.archive import reading
from preboard.archive.files import DATA, META, UNMATCHED, VARS
from preboard.config.names import shown
from preboard.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from preboard.catalog.runs import InstanceRow, RunRow, State
    from preboard.manifests.archive import ErrorEntry, InstanceManifest, RunManifest
    from preboard.storage.place import Place


@dataclass(frozen=True, slots=True)
class Instance:
    """One statement of a run; `home` is the directory of its files.

    What it left is read from there whenever it is asked for; what it did not leave is empty. Each
    raises NotFound when a file is there but can't be read.
    """

    identity: str
    reference: str
    home: Path
    manifest: InstanceManifest

    @property
    def valid(self) -> bool:
        """Return whether the data is valid by this statement."""
        return self.manifest.valid is True

    @property
    def completed(self) -> bool:
        """Return whether the data was read to its end."""
        return self.manifest.completed

    @property
    def error_count(self) -> int:
        """Return how many errors there are in errors.json."""
        return self.manifest.error_count

    def file(self, name: str) -> Path | None:
        """Return the path of one of its files, such as data.csv, None if it has none."""
        return self.home / name if name in (self.manifest.file_fingerprints or {}) else None

    def lines(self) -> Iterator[list[str]]:
        """Go over the lines of data.csv."""
        return reading.lines(self.home, DATA)

    def unmatched(self) -> Iterator[list[str]]:
        """Go over the lines of unmatched.csv."""
        return reading.lines(self.home, UNMATCHED)

    def errors(self) -> Iterator[ErrorEntry]:
        """Go over the errors."""
        return reading.errors(self.home)

    @property
    def variables(self) -> dict[str, Any]:
        """Return the variables, as JSON holds them."""
        return reading.document(self.home, VARS)

    @property
    def metadata(self) -> dict[str, Any]:
        """Return what the comments of the statement say."""
        return dict(reading.document(self.home, META).get("metadata") or {})

    @property
    def printouts(self) -> dict[str, list[str]]:
        """Return what was printed, line by line, under the name of the printer."""
        return reading.printouts(self.home)


@dataclass(frozen=True, slots=True)
class Run:
    """A run that ended; `home` is its directory, `reference` addresses it."""

    id: str
    reference: str
    state: State
    home: Path
    manifest: RunManifest
    instances: tuple[Instance, ...]

    @property
    def valid(self) -> bool:
        """Return whether the data is valid by every statement, as far as could be checked."""
        return self.state == "complete" and self.manifest.all_valid is True

    @property
    def completed(self) -> bool:
        """Return whether every statement read the data to its end."""
        return self.state == "complete" and self.manifest.all_completed is True

    @property
    def error_count(self) -> int:
        """Return how many errors all statements found."""
        return sum(instance.error_count for instance in self.instances)

    @property
    def reason(self) -> str | None:
        """Return why the run failed, None if it is complete."""
        return self.manifest.reason or None

    def instance(self, word: str) -> Instance:
        """Return an instance by its identity, else by its place.

        Raises:
            NotFound: the run has no such instance.
        """
        for each in self.instances:
            if each.identity == word:
                return each
        for each in self.instances:
            if each.manifest.instance_index == word:
                return each
        raise NotFound(
            f"the run {self.reference} has no instance {shown(word)}",
            hint="it has " + ", ".join(each.identity for each in self.instances[:20]),
        )


def run_of(row: RunRow, instances: list[InstanceRow], place: Place) -> Run:
    """Return a run as the catalog has it."""
    home = place.path(place.archive) / row.home
    reference = row.reference
    return Run(
        row.id,
        reference,
        row.state,
        home,
        row.manifest,
        tuple(
            Instance(
                each.identity, f"{reference}.{each.identity}", home / each.identity, each.manifest
            )
            for each in instances
        ),
    )
