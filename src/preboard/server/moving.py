"""Moving a server to another database: catalog and queue, in one transaction.

No server runs meanwhile. Jobs that have not ended are enqueued anew in the new database under their
own ids; what one had begun there is no attempt of it any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, make_url, select, text

from preboard.catalog.database import Database
from preboard.catalog.service.jobs import OPEN
from preboard.catalog.service.tables import hosted, jobs, keys, workers
from preboard.catalog.service.workers import Leases
from preboard.catalog.tables import metadata, projects
from preboard.clock import utc_now
from preboard.errors import Conflict, NotFound
from preboard.jobs.engine import Sender, prepare, queue_of
from preboard.server.homes import has_database, note_database
from preboard.server.settings import DATABASE_FILE

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

    from preboard.server.settings import ServerSettings

_ROWS = 500


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved; `former` is what the old database file is called now, "" if it was none."""

    rows: int
    jobs: int
    former: str


def bring_up_to_date(settings: ServerSettings) -> None:
    """Bring the tables of catalog and engine up to date.

    Raises:
        StoreError: the database can't be used, or is newer than this program.
    """
    Database(settings.catalog_url).close()
    prepare(settings.catalog_url)
    note_database(settings.home, settings.catalog_url)


def move(settings: ServerSettings, to: str) -> Moved:
    """Copy all that a server knows into another database, which is empty.

    Raises:
        NotFound: there is no database to move.
        Conflict: a worker is alive, or the other database holds a server already.
        StoreError: one of them can't be used; then nothing is copied.
    """
    if settings.database_url is None and not has_database(settings.home):
        raise NotFound(f"{settings.home} has no database to move")
    bring_up_to_date(settings)
    source, target = Database(settings.catalog_url), Database(to)
    sender: Sender | None = None
    try:
        live = [each.executor for each in Leases(source).all() if each.live]
        if live:
            raise Conflict(f"the worker {live[0]!r} is alive", hint="stop all hosts first")
        prepare(to)
        sender = Sender(to)
        with source.reading() as old, target.writing() as new:
            _need_empty(new)
            rows = sum(_copy(old, new, table) for table in metadata.sorted_tables)
            enqueued = _enqueue(new, sender, settings.running_per_project)
            if target.dialect == "postgresql":
                _continue_counters(new)
    finally:
        if sender is not None:
            sender.close()
        source.close()
        target.close()
    former = _set_aside(settings)
    note_database(settings.home, to)
    return Moved(rows, enqueued, former)


def shown_url(url: str) -> str:
    """Return a URL as it may be shown."""
    return make_url(url).render_as_string(hide_password=True)


def _need_empty(new: Connection) -> None:
    for table in (projects, keys, jobs):
        if new.execute(select(func.count()).select_from(table)).scalar_one():
            raise Conflict(
                "the other database holds a server already", hint="move into an empty one"
            )


def _copy(old: Connection, new: Connection, table: Table) -> int:
    """Copy the rows of a table; returns how many."""
    if table is workers:  # nobody works
        return 0
    copied = 0
    found = old.execution_options(yield_per=_ROWS).execute(select(table))
    for rows in found.mappings().partitions(_ROWS):
        new.execute(table.insert(), [dict(row) for row in rows])
        copied += len(rows)
    return copied


def _enqueue(new: Connection, sender: Sender, per_project: int) -> int:
    """Put the jobs that have not ended into the queue of the new engine; returns how many."""
    query = (
        select(jobs.c.id, jobs.c.project, jobs.c.seq, hosted.c.most_running)
        .join_from(jobs, hosted, hosted.c.project == jobs.c.project, isouter=True)
        .where(jobs.c.state.in_(OPEN))
        .order_by(jobs.c.seq)
    )
    rows = new.execute(query).all()
    for row in rows:
        queue = queue_of(row.most_running, per_project)
        sender.enqueue(new, row.id, queue, row.project, row.seq)
    return len(rows)


def _continue_counters(new: Connection) -> None:
    """Let the counters of PostgreSQL go on behind the rows that were copied."""
    for table in metadata.sorted_tables:
        column = table.autoincrement_column
        if column is None or not any(each.autoincrement is True for each in table.columns):
            continue
        last = new.execute(select(func.max(column))).scalar()
        if last is not None:
            sequence = text("SELECT setval(pg_get_serial_sequence(:of, :at), :last)")
            new.execute(sequence, {"of": table.name, "at": column.name, "last": last})


def _set_aside(settings: ServerSettings) -> str:
    """Give the old database file another name: started with it, a server would do all again."""
    if settings.database_url is not None:
        return ""
    former = f"{DATABASE_FILE}.moved-{utc_now():%Y%m%d%H%M%S}"
    (settings.home / DATABASE_FILE).rename(settings.home / former)
    for ending in ("-wal", "-shm"):
        left = settings.home / f"{DATABASE_FILE}{ending}"
        if left.exists():
            left.rename(settings.home / f"{former}{ending}")
    return former
