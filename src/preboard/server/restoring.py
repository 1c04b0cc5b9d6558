"""Making a restored home fit for a server: database looked at, views on disk written anew."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from sqlalchemy import update

from preboard.catalog.database import Database
from preboard.catalog.service.hosting import Hosting
from preboard.catalog.service.tables import workers
from preboard.catalog.tables import names
from preboard.errors import ConfigError, StoreError
from preboard.jobs.terms import terms_of
from preboard.project.project import Project
from preboard.server.settings import DATABASE_FILE

if TYPE_CHECKING:
    from preboard.server.backups import Contents
    from preboard.server.settings import ServerSettings


def check_settings(settings: ServerSettings, contents: Contents) -> None:
    """See that a backup and the settings speak of the same kind of database.

    Raises:
        ConfigError: they do not.
    """
    if contents.database == "postgresql" and settings.database_url is None:
        raise ConfigError(
            "the catalog of this backup is in PostgreSQL, and no database is named",
            hint="restore the database with pg_restore, then give --database-url",
        )
    if contents.database == "sqlite" and settings.database_url is not None:
        raise ConfigError(
            "this backup holds its catalog, and the settings name another database",
            hint="restore without --database-url, then `preboard migrate --to URL`",
        )


def make_fit(settings: ServerSettings) -> int:
    """Bring the files of each project to what the catalog says; returns how many projects.

    Raises:
        StoreError: the database is damaged, or newer than this program.
    """
    if settings.database_url is None:
        _check_sqlite(settings)
    database = Database(settings.catalog_url)
    try:
        with database.writing() as connection:
            # What is on disk may be ahead of the catalog: all views are behind now.
            connection.execute(update(names).values(written=False))
            connection.execute(workers.delete())
        hosted = Hosting(database).all()
        for each in hosted:
            _bring_back(settings, database, each.project)
        return len(hosted)
    finally:
        database.close()


def _check_sqlite(settings: ServerSettings) -> None:
    try:
        with closing(sqlite3.connect(settings.home / DATABASE_FILE)) as connection:
            found = connection.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as error:
        raise StoreError(f"the database of the backup can't be read: {error}") from error
    if found != "ok":
        raise StoreError(f"the database of the backup is damaged: {found}")


def _bring_back(settings: ServerSettings, database: Database, project: str) -> None:
    terms = terms_of(
        database,
        project,
        home=settings.home,
        local_roots=settings.local_roots,
        private_hosts=settings.private_hosts,
    )
    with Project.open(settings.projects / project, terms=terms) as opened:  # and tidies up
        for name in opened.catalog.groups.all():  # a text that was loaded later is no edit
            opened.groups.directories.write(name, over_edits=True)
        documents = opened.catalog.documents
        for path in documents.all():
            if not documents.is_same(path):
                documents.rewrite(path)
