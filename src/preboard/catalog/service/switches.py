"""What an administrator switches while the server runs; every process reads it when it matters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from preboard.catalog.service.tables import hosted, settings

if TYPE_CHECKING:
    from preboard.catalog.database import Database

LOCAL_FILES = "local_files"
"""The switch that lets projects take files of the machine, if they may, too."""
YES = "yes"


class Switches:
    """The switches of a server, as texts under names."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def get(self, name: str) -> str | None:
        """Return what stands under a name, None if nothing does."""
        with self.database.reading() as connection:
            return connection.execute(
                select(settings.c.value).where(settings.c.name == name)
            ).scalar()

    def put(self, name: str, value: str) -> None:
        """Write a value under a name."""
        insert = self.database.insert(settings).values(name=name, value=value)
        put = insert.on_conflict_do_update(index_elements=["name"], set_={"value": value})
        with self.database.writing() as connection:
            connection.execute(put)

    def put_new(self, name: str, value: str) -> None:
        """Write a value under a name that has none yet."""
        insert = self.database.insert(settings).values(name=name, value=value)
        with self.database.writing() as connection:
            connection.execute(insert.on_conflict_do_nothing(index_elements=["name"]))

    def drop(self, name: str) -> None:
        """Take away what stands under a name."""
        with self.database.writing() as connection:
            connection.execute(delete(settings).where(settings.c.name == name))

    def set_local_files(self, *, allowed: bool) -> None:
        """Say whether any project may take files from the disk of the server.

        Off is off for every project: what each was allowed is taken back, so that on is no more
        than a first step (spec/server.md 5).
        """
        insert = self.database.insert(settings)
        value = YES if allowed else "no"
        put = insert.values(name=LOCAL_FILES, value=value).on_conflict_do_update(
            index_elements=["name"], set_={"value": value}
        )
        with self.database.writing() as connection:
            connection.execute(put)
            if not allowed:
                connection.execute(update(hosted).values(local_files=False))

    def local_files(self) -> bool | None:
        """Say whether local files are on for the server, None if nobody has said."""
        found = self.get(LOCAL_FILES)
        return None if found is None else found == YES
