"""What lies outside of a run, as far as functions may reach it.

The protocols of what the engine, or the project around it, offers: the environment, databases, the
other statements of a group, files that are written. Without a project most of it is closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from preboard.language.values import Value


@dataclass(frozen=True, slots=True)
class Bound:
    """A value in a condition; a list stands for its items in parentheses."""

    value: Value


class Database(Protocol):
    """A database that may be read. What it refuses is a Fault."""

    def values(self, table: str, column: str, where: Sequence[str | Bound] = ()) -> list[Value]:
        """Return a column of a table in the database's order.

        `where` is a condition in SQL, cut where values stand in it.
        """

    def holds(self, table: str, column: str, value: Value) -> bool:
        """Say whether a column holds a value; None finds a NULL."""


class Services(Protocol):
    """What a run may reach outside of itself."""

    def env(self, name: str) -> str | None:
        """Return the value of a name that the run may see, None if there is none."""

    def database(self, connect: str) -> Database:
        """Return the database of a connection string, or of a connection that the project names.

        Raises:
            Fault: this run may not open it, or it cannot be opened.
        """

    def fail_all(self) -> None:
        """Mark the data invalid for every statement of the group."""

    def keep_original(self) -> str | None:
        """Put a copy of the source file beside the results; return its path.

        Without results there is none.

        Raises:
            Fault: the file is not the one that was registered.
        """

    def render(self, template: str, output: str, values: Mapping[str, Value]) -> None:
        """Fill in a template and write it to a file; both are paths in the project.

        Raises:
            Fault: this run writes no files, or the template is missing or wrong.
        """

    def results(self, group: str) -> Mapping[str, Value]:
        """Return variables, metadata and csvpath of the latest run of another group.

        Raises:
            Fault: there are no such results.
        """
