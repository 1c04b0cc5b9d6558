"""What has to be looked after now and then: hosts that never return, schedules, leftovers.

One worker of each host has a janitor. Each of its acts is one conditional change of the catalog, so
that any number of janitors may act at once.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select
from sqlalchemy.exc import SQLAlchemyError

from preboard.catalog.service.deliveries import Deliveries
from preboard.catalog.service.jobs import OPEN
from preboard.catalog.service.tables import jobs
from preboard.catalog.service.workers import Leases
from preboard.catalog.tables import runs
from preboard.clock import elapsed_s, iso, utc_now
from preboard.errors import PreboardError
from preboard.jobs.queue import Queue
from preboard.jobs.schedules import start_due
from preboard.jobs.terms import terms_of
from preboard.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from preboard.catalog.database import Database
    from preboard.jobs.settings import JobSettings

_TICK_S = 1.0
_TIDY_S = 5.0
_FORGET_S = 30.0
_REMEMBERED = timedelta(days=1)

log = logging.getLogger("preboard.jobs")


class Janitor:
    """The janitor of one worker; `adopt` enqueues anew what an executor left."""

    def __init__(
        self, settings: JobSettings, database: Database, adopt: Callable[[str], int]
    ) -> None:
        self.settings = settings
        self.database = database
        self.adopt = adopt
        self.leases = Leases(database)
        self._tidied = 0.0
        self._forgot = 0.0

    def run(self, stop: Event) -> None:
        """Look after everything until told to stop; what fails is tried again."""
        queue = Queue(self.database, self.settings.database_url, self.settings.per_project)
        while not stop.wait(_TICK_S):
            acts = (
                self._take_over,
                lambda: start_due(queue),
                queue.take_up,
                self._tidy_up,
                lambda: self._forget(queue),
            )
            for act in acts:
                try:
                    act()
                except (PreboardError, SQLAlchemyError) as error:
                    log.warning("the janitor has to try again: %s", error)

    def _forget(self, queue: Queue) -> None:
        """Look at what is old: queues of former limits, jobs that ended, what was asked once."""
        if elapsed_s() - self._forgot < _FORGET_S:
            return
        self._forgot = elapsed_s()
        queue.gather()
        queue.forget_ended(iso(utc_now() - _REMEMBERED))
        Deliveries(self.database).sweep(utc_now())

    def _take_over(self) -> None:
        """Adopt the work of workers whose leases ran out.

        Their leases go behind that: if this process dies in between, the next look does it again.
        """
        for executor, until in self.leases.expired():
            count = self.adopt(executor)
            self.leases.forget(executor, until)
            log.warning("the worker %s is gone: %d jobs of it are begun again", executor, count)

    def _tidy_up(self) -> None:
        """End the runs that attempts left when they died or were superseded."""
        if elapsed_s() - self._tidied < _TIDY_S:
            return
        self._tidied = elapsed_s()
        for project in self._with_leftovers():
            home = self.settings.projects / project
            if not home.is_dir():
                continue
            terms = terms_of(
                self.database,
                project,
                home=self.settings.home,
                local_roots=self.settings.local_roots,
                private_hosts=self.settings.private_hosts,
            )
            Project.open(home, terms=terms).close()

    def _with_leftovers(self) -> list[str]:
        """Return the projects that have a run going on whose job does not."""
        left = (
            select(runs.c.project)
            .join(jobs, jobs.c.id == runs.c.job)
            .where(
                runs.c.state == "running",
                or_(
                    jobs.c.state.not_in(OPEN),
                    and_(jobs.c.state == "running", jobs.c.attempt != runs.c.attempt),
                ),
            )
            .distinct()
        )
        with self.database.reading() as connection:
            return list(connection.execute(left).scalars())
