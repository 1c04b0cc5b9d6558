"""Who did what: one row for each change that was asked for over HTTP, or on the machine.

No row holds a secret, a value of a project's environment, or the text of a file.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from preboard.catalog.service.tables import audit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from preboard.catalog.database import Database

_LONGEST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What somebody did. `key` is the id and the name of a key, or who else it was.

    `project` is the id of one, `target` what it was done to, `outcome` is `done` or why not.
    """

    time: str
    key: str
    action: str
    outcome: str = "done"
    address: str | None = None
    project: str | None = None
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the audit, with its place in it."""

    seq: int
    deed: Deed


class Audit:
    """The audit of a server."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, deed: Deed) -> None:
        """Note a deed."""
        with self.database.writing() as connection:
            self.add_in(connection, deed)

    def add_in(self, connection: Connection, deed: Deed) -> None:
        """Note a deed in the transaction that does it."""
        row = {
            name: value[:_LONGEST] if isinstance(value, str) else value
            for name, value in asdict(deed).items()
        }
        connection.execute(insert(audit).values(row))

    def count(self) -> int:
        """Return how many entries there are."""
        with self.database.reading() as connection:
            return connection.execute(select(func.count()).select_from(audit)).scalar_one()

    def page(self, most: int, *, before: int | None = None) -> Sequence[Entry]:
        """Return entries, newest first; `before` is the place of the last one before them."""
        query = select(audit).order_by(audit.c.seq.desc()).limit(most)
        if before is not None:
            query = query.where(audit.c.seq < before)
        with self.database.reading() as connection:
            return [
                Entry(
                    row.seq,
                    Deed(
                        time=row.time,
                        key=row.key,
                        action=row.action,
                        outcome=row.outcome,
                        address=row.address,
                        project=row.project,
                        target=row.target,
                    ),
                )
                for row in connection.execute(query)
            ]
