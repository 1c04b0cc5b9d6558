"""The durable engine: the only module that knows DBOS.

Engine and catalog share one database, so that a job and its place in the queue are one transaction.
A workflow carries the id of a job and nothing else, and has one body, `carry_out`, which may be
begun any number of times: what it does is fenced by the number of the attempt.

Choices that the engine needs (design of the server, D1 to D10): executor ids that stay, so that a
worker that comes back takes up its own work; a version of the application that only changes with
the body of the workflow; an explicit priority, since times on SQLite have no fractions; the
workflow's id as the key that makes enqueueing repeatable.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from dbos import DBOS, DBOSClient, DBOSConfig
from sqlalchemy import create_engine, event, make_url, update

from preboard.catalog.database import BUSY_TIMEOUT_S, take_write_lock
from preboard.clock import elapsed_s
from preboard.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dbos import EnqueueOptions
    from sqlalchemy import URL, Connection, Engine, Update
    from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor

NAME = "preboard"
WORKFLOW = "job"
VERSION = "1"
"""Of the workflow's body. Another one leaves the jobs of the old version to old workers."""
CLASSES = (1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 24, 32)
"""Queues with smaller limits than the one that holds for all projects."""
_POOL = 12
_FORGOTTEN_AT_ONCE = 500
_LOCKED = ("INSERT", "UPDATE", "DELETE", "SELECT count(")
_RARELY_S = 1.0
"""Between two looks at the queues of projects with small limits."""
_BUSY_PART = 0.5
"""Of the slots: when so many are taken, the queue is looked at after this part of the time."""
_BUSY_S = 2.0
"""How long a worker counts as busy, and says so."""


def queue_of(most: int | None, per_project: int) -> str:
    """Return the queue of a project that may have so many jobs going on at once.

    >>> queue_of(None, 4), queue_of(3, 4), queue_of(50, 4)
    ('runs', 'runs-3', 'runs')
    """
    fitting = [each for each in CLASSES if each < per_project and most is not None and each <= most]
    return "runs" if most is None or most >= per_project else f"runs-{max(fitting, default=1)}"


class Sender:
    """What accepts work: it puts jobs into the queue and takes them out, and runs none."""

    def __init__(self, database_url: str | URL) -> None:
        self._engine = _own_engine(database_url)
        self._client = DBOSClient(system_database_engine=self._engine, application_name=NAME)

    def enqueue(
        self,
        connection: Connection,
        job: str,
        queue: str,
        partition: str,
        place: int,
        *,
        again: str | None = None,
    ) -> None:
        """Enqueue a job in the caller's transaction, once; lower places come first.

        Once more for each `again`, a time: what it was enqueued as before has ended by then.
        """
        options: EnqueueOptions = {
            "workflow_name": WORKFLOW,
            "queue_name": queue,
            "workflow_id": f"{job}.{again}" if again else job,
            "app_version": VERSION,
            "queue_partition_key": partition,
            "priority": place,
        }
        self._client.enqueue_in_transaction(connection, options, job)

    def move(self, connection: Connection, partition: str, queue: str) -> None:
        """Let what waits of a partition wait in another queue, in the caller's transaction.

        The engine has no call for it, hence its table.
        """
        waiting = self._workflows()
        change = update(waiting).where(
            waiting.c.queue_partition_key == partition, waiting.c.status == "ENQUEUED"
        )
        self._change(connection, change.values(queue_name=queue))

    def gather(self, connection: Connection, per_project: int) -> None:
        """Let all that stands in queues to which nobody listens any more wait where somebody does.

        The limit of the server was higher when it was enqueued, or is on another host.
        """
        former = [queue_of(most, most + 1) for most in CLASSES if most >= per_project]
        waiting = self._workflows()
        change = update(waiting).where(
            waiting.c.queue_name.in_(former), waiting.c.status.in_(("ENQUEUED", "PENDING"))
        )
        self._change(connection, change.values(queue_name="runs"))

    def _workflows(self) -> Any:
        return self._client._sys_db.tables.workflow_status  # noqa: SLF001 - see `move`

    def _change(self, connection: Connection, change: Update) -> None:
        schema = self._client._sys_db.schema  # noqa: SLF001 - see `move`
        named = {"schema_translate_map": {self._workflows().schema: schema}}
        connection.execute(change, execution_options=named)

    def cancel(self, job: str) -> None:
        """Take a job out of the queue."""
        self._client.cancel_workflow(job)

    def forget_ended(self, accepted_before: str) -> int:
        """Drop what the engine remembers of jobs that have ended; returns of how many.

        What became of them stands in the catalog.
        """
        ended = self._client.list_workflows(
            status=["SUCCESS", "ERROR", "CANCELLED"],
            end_time=accepted_before,
            limit=_FORGOTTEN_AT_ONCE,
            load_input=False,
            load_output=False,
        )
        jobs = [each.workflow_id for each in ended]
        if jobs:
            self._client.delete_workflows(jobs)
        return len(jobs)

    def close(self) -> None:
        """Close the connections."""
        self._client.destroy()
        self._engine.dispose()


class Receiver:
    """What does the work: it takes jobs from the queues and carries each out in a thread."""

    def __init__(self, database_url: str | URL, executor: str) -> None:
        self._engine = _own_engine(database_url, lasts=False)
        self._going_on: set[str] = set()
        self._pace: _Pace | None = None
        DBOS(config=_config(self._engine, executor))

    def listen(
        self,
        carry_out: Callable[[str], None],
        *,
        slots: int,
        per_project: int,
        poll_s: float,
    ) -> None:
        """Begin to take jobs; what this executor left unfinished is taken up again."""
        self._pace = _Pace(slots, poll_s)

        @DBOS.workflow(name=WORKFLOW)
        def job(which: str) -> None:
            self._going_on.add(which)
            try:
                carry_out(which)
            finally:
                self._going_on.discard(which)

        limits = {queue_of(most, per_project): most for most in CLASSES if most < per_project}
        limits["runs"] = per_project
        DBOS.listen_queues(list(limits))
        DBOS.launch()
        _pass_on_log()
        for queue, most in limits.items():
            DBOS.register_queue(
                queue,
                worker_concurrency=slots,
                partition_concurrency=most,
                polling_interval_sec=poll_s if queue == "runs" else max(poll_s, _RARELY_S),
                on_conflict="always_update",
            )

    def keep_pace(self) -> None:
        """Look at the queue more often while there is much to do; to be called often."""
        wanted_s = None if self._pace is None else self._pace.change(len(self._going_on))
        if wanted_s is not None:
            queue = DBOS.retrieve_queue("runs")
            if queue is not None:
                queue.set_polling_interval_sec(wanted_s)

    def adopt(self, executor: str) -> int:
        """Enqueue anew what an executor that never returns has left; returns how many jobs.

        The engine offers this to a service of its vendor only, hence the private call: its version
        is bounded in pyproject.toml, and the kill tests would show if it went. It logs what it
        could not do, and says nothing of it.

        Raises:
            StoreError: some are left.
        """
        count = len(DBOS._recover_pending_workflows([executor]))  # noqa: SLF001 - see above
        left = DBOS.list_workflows(
            status="PENDING", executor_id=executor, app_version=VERSION,
            limit=1, load_input=False, load_output=False,
        )  # fmt: skip
        if left:
            raise StoreError(f"what the worker {executor} left can't be begun again yet")
        return count

    def close(self, wait_s: float = 0) -> None:
        """Take no more jobs, and wait for those that go on."""
        DBOS.destroy(workflow_completion_timeout_sec=int(wait_s))
        self._engine.dispose()


class _Pace:
    """How long the pause between two looks at the queue is.

    A slot that is free waits for the next look. The pause is noted in the database for all workers:
    one that is busy says so again and again, one that was takes it back.
    """

    def __init__(self, slots: int, poll_s: float) -> None:
        self._slots = slots
        self._poll_s = poll_s
        self._is_busy = False
        self._busy_at = self._told_at = -_BUSY_S

    def change(self, going_on: int) -> float | None:
        """Return the pause in seconds if it is to be noted now, with so many jobs going on."""
        now = elapsed_s()
        if going_on >= self._slots * _BUSY_PART:
            self._busy_at = now
        is_busy = now - self._busy_at < _BUSY_S
        if is_busy == self._is_busy and (not is_busy or now - self._told_at <= _BUSY_S):
            return None
        self._is_busy, self._told_at = is_busy, now
        return self._poll_s * (_BUSY_PART if is_busy else 1)


def prepare(database_url: str | URL) -> None:
    """Make or migrate the tables of the engine."""
    engine = _own_engine(database_url)
    DBOS(config=_config(engine, "preparing"))
    DBOS.listen_queues([])
    DBOS.launch()
    DBOS.destroy()
    engine.dispose()


def _pass_on_log() -> None:
    """Let the engine tell what it tells where this process does."""
    log = logging.getLogger("dbos")
    log.handlers.clear()
    log.propagate = True


def _config(engine: Engine, executor: str) -> DBOSConfig:
    logging.getLogger("dbos").setLevel(logging.WARNING)
    return {
        "name": NAME,
        "system_database_engine": engine,
        "system_database_url": str(engine.url),
        "executor_id": executor,
        "application_version": VERSION,
        "log_level": "WARNING",
        "use_listen_notify": False,
        "enable_otlp": False,
    }


def _own_engine(url: str | URL, *, lasts: bool = True) -> Engine:
    """Return connections as the engine wants them: it begins its transactions itself.

    Without `lasts` a power cut may take back on SQLite what they wrote last: who took a job and
    that it came back, which the job's own row knows better.
    """
    parsed = make_url(url)
    if not parsed.drivername.startswith("sqlite"):
        return create_engine(parsed, pool_pre_ping=True, pool_size=_POOL)
    engine = create_engine(parsed, connect_args={"timeout": BUSY_TIMEOUT_S}, pool_size=_POOL)
    event.listen(engine, "connect", partial(_set_up_sqlite, "FULL" if lasts else "NORMAL"))
    event.listen(engine, "before_cursor_execute", _lock_in_time)
    return engine


def _set_up_sqlite(synchronous: str, connection: DBAPIConnection, _record: Any) -> None:
    connection.isolation_level = "IMMEDIATE"
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", f"synchronous={synchronous}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _lock_in_time(
    connection: Connection, _cursor: DBAPICursor, statement: str, *_more: Any
) -> None:
    """Take the lock of the database before a change, and before what goes on is counted.

    The driver begins a transaction at the first change only, and is slow to get the lock. Two
    workers that count what goes on in a partition, and then take jobs each, would exceed its limit
    together.
    """
    held = connection.connection.driver_connection
    if statement.startswith(_LOCKED) and held is not None and not held.in_transaction:
        take_write_lock(connection)
