"""A worker: takes jobs from the queue, each into a child of its own, until it is told to stop.

    python -m preboard.jobs.worker SLOT      settings as JSON on standard input, which stays open

Its end, however it comes, is the end of its children. When it starts again under its name, what it
had begun is taken up by another attempt.
"""

from __future__ import annotations

import fcntl
import gc
import logging
import os
import signal
import sys
from threading import Event, Thread
from uuid import uuid4

from sqlalchemy.exc import SQLAlchemyError

from preboard.catalog.database import Database
from preboard.catalog.service.workers import Leases
from preboard.clock import elapsed_s, iso, utc_now
from preboard.config.environment import host_name
from preboard.errors import ConfigError, Conflict, PreboardError
from preboard.jobs.attempts import LOOK_S, Attempts
from preboard.jobs.children import Children
from preboard.jobs.engine import Receiver
from preboard.jobs.janitor import Janitor
from preboard.jobs.logs import log_to_stderr
from preboard.jobs.settings import JobSettings
from preboard.jobs.supervisor import REFUSED
from preboard.storage.local import make_directory

_RENEWALS = 6
"""In the time that a lease holds."""
_TROUBLE_S = 1.0
FAILED = 1
"""The exit code of a worker that could not begin, and may another time."""
_NICENESS = 5
"""Runs give way to requests on a machine that has both: an answer is waited for."""

log = logging.getLogger("preboard.jobs")


class Worker:
    """One worker process."""

    def __init__(self, settings: JobSettings, slot: int, stop: Event) -> None:
        self.settings = settings
        self.slot = slot
        self.executor = f"{settings.host}/{slot}"
        self.boot = str(uuid4())
        self.stop = stop
        self._descriptor = self._only_one()
        self.database = Database(settings.database_url)
        self.leases = Leases(self.database)
        self.children = Children(settings)
        self.attempts = Attempts(settings, self.database, self.executor, self.children)

    def run(self) -> None:
        """Work until told to stop, then finish what goes on, as far as there is time.

        Raises:
            Conflict: another host works under this name.
            StoreError: the catalog can't be used, or no process comes up that runs are forked from.
        """
        self._enter()
        self.children.open()
        receiver = Receiver(self.settings.database_url, self.executor)
        receiver.listen(
            self.attempts.carry_out,
            slots=self.settings.slots,
            per_project=self.settings.per_project,
            poll_s=self.settings.poll_s,
        )
        self.leases.note(self.executor, self.boot, takes_jobs=True)
        Thread(target=self._keep_lease, name="lease", daemon=True).start()
        if self.slot == 0:
            janitor = Janitor(self.settings, self.database, receiver.adopt)
            Thread(target=janitor.run, args=(self.stop,), name="janitor", daemon=True).start()
        gc.collect()
        gc.freeze()  # what was loaded is not looked through again and again
        log.info("worker %s takes jobs", self.executor)
        self._watch(receiver)
        self._drain(receiver)

    def _watch(self, receiver: Receiver) -> None:
        """Look after the children until told to stop."""
        while not self.stop.wait(LOOK_S):
            try:
                if not self.children.is_up:
                    log.error("the fork server died: another is started")
                    self.children.open()
                self.attempts.look()
                receiver.keep_pace()
            except (PreboardError, SQLAlchemyError) as error:
                log.warning("%s", error)
                self.stop.wait(_TROUBLE_S)

    def _drain(self, receiver: Receiver) -> None:
        """Take no more jobs; wait for those that go on, and leave the rest to the next start."""
        self.leases.note(self.executor, self.boot, takes_jobs=False)
        until = elapsed_s() + self.settings.drain_s
        closing = Thread(target=receiver.close, args=(self.settings.drain_s,), daemon=True)
        closing.start()
        while self.children.going_on() and elapsed_s() < until:
            self.attempts.look()
            Event().wait(LOOK_S)
        left = self.children.going_on()
        if left:
            log.warning("%d jobs are cut off, and begun again at the next start", len(left))
        # A job that ended without the engine noting it is found to have ended, when it is begun.
        closing.join(_TROUBLE_S)
        self.attempts.stopping.set()
        self.children.close()
        self.leases.leave(self.executor, self.boot)
        log.info("worker %s stops", self.executor)
        logging.shutdown()
        os._exit(0)  # not the way of the interpreter: it would wait for threads that wait for ever

    def _enter(self) -> None:
        """Take the lease of this worker's name."""
        other = self.leases.enter(
            self.executor, host_name(), self.boot, iso(utc_now()), self.settings.lease_s
        )
        if other is not None:
            raise Conflict(
                f"the host {other!r} works as {self.executor!r}",
                hint="each host needs a name of its own: --host-name",
            )

    def _keep_lease(self) -> None:
        """Renew the lease; what can't be said to live must not go on."""
        renewed = elapsed_s()
        while not self.stop.wait(self.settings.lease_s / _RENEWALS):
            try:
                if not self.leases.renew(self.executor, self.boot, self.settings.lease_s):
                    log.warning("the lease of %s was taken over: it is entered anew", self.executor)
                    self._enter()
                    self.leases.note(self.executor, self.boot, takes_jobs=True)
                renewed = elapsed_s()
            except (PreboardError, SQLAlchemyError) as error:
                log.warning("the lease of %s can't be renewed: %s", self.executor, error)
                if elapsed_s() - renewed > self.settings.lease_s * 2 / 3:
                    for child in self.children.going_on():
                        self.children.kill(child)

    def _only_one(self) -> int:
        """Wait until no other process on this machine is this worker."""
        directory = self.settings.home / "workers"
        make_directory(directory)
        path = directory / f"{self.executor.replace('/', '-')}.lock"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return descriptor


def main() -> None:
    """Run the worker that the command line names."""
    settings = JobSettings.from_json(sys.stdin.buffer.readline())
    log_to_stderr(settings.log_level, settings.home)
    stop = Event()
    os.nice(_NICENESS)
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the supervisor says when it is over
    Thread(target=_end_with_supervisor, name="supervisor", daemon=True).start()
    try:
        Worker(settings, int(sys.argv[1]), stop).run()
    except PreboardError as error:
        log.error("%s", error)  # noqa: TRY400 - its text says it all
        logging.shutdown()
        # What will never be otherwise ends the server; all else is tried again by it.
        os._exit(REFUSED if isinstance(error, Conflict | ConfigError) else FAILED)


def _end_with_supervisor() -> None:
    """End when standard input does: the supervisor is gone, and another may start soon."""
    while sys.stdin.buffer.read(1):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
