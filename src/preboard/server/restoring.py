"""Making a restored home fit for a server: database looked at, views on disk written anew."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from preboard.catalog.database import Database
from preboard.catalog.service.hosting import Hosting
from preboard.catalog.service.tables import hosted, workers
from preboard.catalog.service.workers import Leases
from preboard.catalog.tables import names
from preboard.errors import ConfigError, Conflict, NotFound, StoreError
from preboard.jobs.terms import terms_of
from preboard.project.project import Project
from preboard.server.confining import check_catalog, check_project
from preboard.server.homes import note_database
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


def make_fit(settings: ServerSettings, contents: Contents) -> int:
    """Bring the files of each project to what the catalog says; returns how many projects.

    Raises:
        Conflict: a server works with the database.
        NotFound: the database knows nothing of the backup.
        Tampered: the catalog names places outside the home.
        StoreError: the database is damaged, or newer than this program.
    """
    if settings.database_url is None:
        _check_sqlite(settings)
    database = _opened(settings)
    try:
        if settings.database_url is not None:
            _check_given(database, contents)
        check_catalog(database)
        with database.writing() as connection:
            # What is on disk may be ahead of the catalog: all views are behind now.
            connection.execute(update(names).values(written=False))
            # Whoever starts first takes over what the workers of then had begun.
            connection.execute(update(workers).values(lease_until=0.0))
        found = Hosting(database).all()
        for each in found:
            _bring_back(settings, database, each.project)
        note_database(settings.home, settings.catalog_url)
        return len(found)
    finally:
        database.close()


def _opened(settings: ServerSettings) -> Database:
    """Open the database; in an empty one no tables are made: pg_restore would stumble over them."""
    try:
        return Database(settings.catalog_url, make=False)
    except NotFound as error:
        hint = "restore it first, as with pg_restore" if settings.database_url else None
        raise NotFound(error.message, hint=hint) from error


def _check_given(database: Database, contents: Contents) -> None:
    """See that a database that is not in the backup is the one of the backup, and nobody's now."""
    live = [each.executor for each in Leases(database).all() if each.live]
    if live:
        raise Conflict(
            f"the worker {live[0]!r} is alive",
            hint="stop all hosts of this database first; what pg_restore just brought looks alive "
            "for half a minute",
        )
    paths = (PurePosixPath(name).parts for name in contents.files)
    archived = {parts[1] for parts in paths if parts[0] == "projects"}
    with database.reading() as connection:
        known = set(connection.execute(select(hosted.c.project)).scalars())
    if archived and not archived & known:
        raise NotFound(
            f"the database knows none of the {len(archived)} projects of the backup",
            hint="restore the database of that backup first, as with pg_restore",
        )


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
    root = settings.projects / project
    check_project(root)
    with Project.open(root, terms=terms) as opened:  # and tidies up
        for name in opened.catalog.groups.all():  # a text that was loaded later is no edit
            opened.groups.directories.write(name, over_edits=True)
        documents = opened.catalog.documents
        for path in documents.all():
            if not documents.is_same(path):
                documents.rewrite(path)
