"""What lies outside of a run, as far as functions may reach it.

The protocols of what the engine, or the project around it, offers: the environment, databases, the
other statements of a group, files that are written. Without a project most of it is closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from preboard.language.values import Value


@dataclass(frozen=True, slots=True)
class Bound:
    """A value in a condition; a list stands for its items in parentheses."""

    value: Value


ColumnKind = Literal["text", "integer", "decimal", "boolean", "date", "datetime", "none"]
"""What the values of a column of a written table are; `none` holds nothing but None."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table that a statement writes."""

    name: str
    kind: ColumnKind


class Table(Protocol):
    """A table that is written row by row; it is there, whole, when the run has ended."""

    def unfit(self, row: Sequence[Value]) -> tuple[int, str] | None:
        """Return the first value that does not fit the rows before, and what would; else None."""

    def append(self, row: Sequence[Value]) -> None:
        """Add a row that fits: a value for each column, None where there is none."""


class Database(Protocol):
    """A database that may be read. What it refuses is a Fault."""

    def values(self, table: str, column: str, where: Sequence[str | Bound] = ()) -> list[Value]:
        """Return a column of a table in the database's order.

        `where` is a condition in SQL, cut where values stand in it.
        """

    def holds(self, table: str, column: str, value: Value) -> bool:
        """Say whether a column holds a value; None finds a NULL."""


class Results(Protocol):
    """The latest results of a group; of the group that is running, what it has so far.

    What statements of the group have under one name is that of the last of them.
    """

    def variables(self) -> Mapping[str, Value]:
        """Return the variables of all statements. What cannot be read is a Fault, here as below."""

    def metadata(self) -> Mapping[str, Value]:
        """Return the metadata of all statements."""

    def fields(self) -> Mapping[str, Value]:
        """Return the runtime fields: those of the file as they are, others by identity."""

    def column(self, header: str, identity: str | None) -> list[Value]:
        """Return the values of a header over the lines that a statement collected.

        `identity` names the statement; a group of one needs none.
        """


class Services(Protocol):
    """What a run may reach outside of itself."""

    def env(self, name: str) -> str | None:
        """Return the value of a name that the run may see, None if there is none."""

    def database(self, connect: str) -> Database:
        """Return the database of a connection string, or of a connection that the project names.

        Raises:
            Fault: this run may not open it, or it cannot be opened.
        """

    def field(self, name: str) -> Value:
        """Return a runtime field that only the run of a group has; KeyError if there is none."""

    def stop_all(self) -> None:
        """End the other statements of the group, too."""

    def fail_all(self) -> None:
        """Mark the data invalid for every statement of the group."""

    def skip_all(self) -> None:
        """Keep the statements behind this one from seeing the line, in a run by lines."""

    def advance_all(self, lines: int) -> None:
        """Let the other statements jump over the next lines, too, in a run by lines."""

    def keep_original(self) -> str | None:
        """Put a copy of the source file beside the results; return its path.

        Without results there is none.

        Raises:
            Fault: the file is not the one that was registered.
        """

    def table(self, name: str, columns: Sequence[Column]) -> Table:
        """Begin the table `name`.parquet beside the results, or in the place of one that is there.

        Raises:
            Fault: this run writes no tables, or another statement of it writes that one.
        """

    def asset(self, name: str, data_file: str) -> bytes:
        """Return the bytes of a file that a statement names, such as a schema.

        In a project it is one of the group's files, else a path or a name beside the data file.

        Raises:
            Fault: there is none, it cannot be read, or it is too large.
        """

    def render(self, template: str, output: str, values: Mapping[str, Value]) -> None:
        """Fill in a template, a file of the group, and write it to a file beside the results.

        Raises:
            Fault: this run writes no files, or the template is missing or wrong.
        """

    def results(self, group: str) -> Results:
        """Return the latest results of a group.

        Raises:
            Fault: there are no such results.
        """
