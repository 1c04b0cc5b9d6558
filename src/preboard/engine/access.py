"""What the statements of a run without a project may reach outside of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TABLES = Path("parquet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What statements may reach outside of their run.

    Attributes:
        env: the names that env() sees, with their values; it sees nothing of the environment else.
        connections: connection strings by the names that select() and sql_in() use for them.
        sqlite_files: select() and sql_in() may name a SQLite file themselves, which is only read.
        tables: the directory that parquet() writes to; None: it writes nothing.
        table_rows: the rows that parquet() writes at once.
    """

    env: Mapping[str, str] = field(default_factory=dict)
    connections: Mapping[str, str] = field(default_factory=dict)
    sqlite_files: bool = True
    tables: Path | str | None = TABLES
    table_rows: int = 25_000


DEFAULT_ACCESS = Access()
