"""What requests reach: the database with all stores over it, the projects, the queue.

There is one `Service` in a process. It is made at the start and passed on; nothing finds it by
itself.
"""

from __future__ import annotations

import logging
import secrets
import weakref
from collections import OrderedDict
from threading import Event, Lock
from typing import TYPE_CHECKING

from preboard.catalog.database import Database
from preboard.catalog.service.audit import Audit
from preboard.catalog.service.deliveries import Deliveries
from preboard.catalog.service.hooks import Arrivals, Hooks
from preboard.catalog.service.hosting import Hosting
from preboard.catalog.service.jobs import Jobs
from preboard.catalog.service.keys import Keys, hash_of
from preboard.catalog.service.seen import Seen
from preboard.catalog.service.sessions import EndedSessions
from preboard.catalog.service.switches import LOCAL_FILES, YES, Switches
from preboard.clock import utc_now
from preboard.errors import NotFound
from preboard.jobs.known import stamp_of
from preboard.jobs.queue import Queue
from preboard.jobs.terms import terms_of
from preboard.project.project import Project
from preboard.server.confirming import Confirmations
from preboard.server.metrics import Metrics
from preboard.server.rates import Rate
from preboard.server.readiness import Readiness
from preboard.server.services.waiting import Waiting
from preboard.server.sessions import Sessions
from preboard.server.settings import make_home
from preboard.server.slots import Slots

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from preboard.project.terms import Terms
    from preboard.server.settings import ServerSettings

MOST_OPEN = 256
"""Projects that are kept open: each holds a log and a lock file."""
MOST_UPLOADS = 64
"""Files that come in at once, each to a thread; one owner may send a quarter of them."""
MOST_STREAMS = 256
"""Streams of events that are open at once; one owner may have a sixteenth of them."""
MOST_FETCHED = 8
"""Statements that are fetched from elsewhere at once, each by a thread that others wait for; for
one owner a quarter of them."""
BOOTSTRAP = "bootstrap"
"""The switch that holds the hash of the token for the first key."""

log = logging.getLogger("preboard.server")

Stamp = tuple[object, ...]


class Service:
    """A server's state, shared by all requests of its process."""

    def __init__(
        self,
        settings: ServerSettings,
        *,
        stop: Callable[[], None] | None = None,
    ) -> None:
        """Open the home, which is made if it is not there, and the database in it.

        Args:
            settings: those of the server.
            stop: ends the whole server, all its processes.
        """
        make_home(settings)
        self.settings = settings
        self.started = utc_now()
        self.closing = Event()
        """Set when the server begins to end: answers that would go on for long end then."""
        self.database = Database(settings.catalog_url)
        self.keys = Keys(self.database)
        self.hosting = Hosting(self.database)
        self.jobs = Jobs(self.database)
        self.waiting = Waiting(self.jobs)
        self.audit = Audit(self.database)
        self.deliveries = Deliveries(self.database)
        self.switches = Switches(self.database)
        self.hooks = Hooks(self.database)
        self.arrivals = Arrivals(self.database)
        self.seen = Seen(self.database)
        self.confirmations = Confirmations(self.arrivals, settings.private_hosts)
        self.sessions = Sessions(settings.home, EndedSessions(self.database))
        self.metrics = Metrics(self.database)
        self.readiness = Readiness(settings, self.database, self.closing)
        if settings.local_files:
            self.switches.put_new(LOCAL_FILES, YES)
        self.requests = Rate(settings.requests_per_s, settings.request_burst)
        per_minute = settings.refusals_per_minute
        self.refusals = Rate(per_minute / 60, per_minute)
        self.uploads = Slots("uploads", MOST_UPLOADS, MOST_UPLOADS // 4)
        self.streams = Slots("streams of events", MOST_STREAMS, MOST_STREAMS // 16)
        self.fetches = Slots("fetches of statements", MOST_FETCHED, MOST_FETCHED // 4)
        self._queue: Queue | None = None
        self._stop = stop
        self._projects: OrderedDict[str, tuple[Stamp, Project]] = OrderedDict()
        self._lock, self._queue_lock = Lock(), Lock()

    @property
    def queue(self) -> Queue:
        """Return what jobs are handed to; its engine is started when it is first needed."""
        with self._queue_lock:
            if self._queue is None:
                url, most = self.settings.catalog_url, self.settings.running_per_project
                self._queue = Queue(self.database, url, most)
            return self._queue

    def stop(self) -> bool:
        """End the whole server, when what goes on is done; False if nobody can."""
        if self._stop is None:
            return False
        self._stop()
        return True

    def directory(self, project: str) -> Path:
        """Return the directory of a project, by its id."""
        return self.settings.projects / project

    def allows_local_files(self, project: str) -> bool:
        """Say whether a project may take local files now, as every process of the server sees it.

        Three say so: the settings of the server by listing roots, its switch, and the project's.
        """
        return bool(self.terms(project).roots.allowed)

    def project(self, project: str) -> Project:
        """Return an opened project by its id, opened anew when its settings have changed.

        It stays open for others; whoever has it must not close it.

        Raises:
            NotFound: there is no such project.
            ConfigError: its config.ini can't be read.
        """
        terms = self.terms(project)
        stamp = (terms.roots, *stamp_of(self.directory(project)))
        known = self._known(project, stamp)
        if known is not None:
            return known
        opened = self._open(project, terms)
        with self._lock:
            found = self._projects.get(project)
            if found is not None and found[0] == stamp:  # another request was quicker
                return found[1]
            # Requests that still have the former one go on with it; it is let go behind the last.
            self._projects[project] = (stamp, opened)
            self._projects.move_to_end(project)
            while len(self._projects) > MOST_OPEN:
                self._projects.popitem(last=False)
        return opened

    def forget_project(self, project: str) -> None:
        """Let go of an opened project: it was removed."""
        with self._lock:
            self._projects.pop(project, None)

    def make_bootstrap_token(self) -> str | None:
        """Return a new token for the first key, None if there is a key; only its hash is kept."""
        if self.keys.count():
            self.switches.drop(BOOTSTRAP)
            return None
        token = secrets.token_urlsafe(32)
        self.switches.put(BOOTSTRAP, hash_of(token))
        return token

    def close(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._projects.clear()
        with self._queue_lock:
            queue, self._queue = self._queue, None
        self.confirmations.close()
        if queue is not None:
            queue.close()
        self.database.close()

    def _known(self, project: str, stamp: Stamp) -> Project | None:
        with self._lock:
            known = self._projects.get(project)
            if known is None or known[0] != stamp:
                return None
            self._projects.move_to_end(project)
            return known[1]

    def _open(self, project: str, terms: Terms) -> Project:
        directory = self.directory(project)
        if not directory.is_dir():
            raise NotFound("Unknown project name")
        opened = Project.open(directory, terms=terms, repair=False)
        # `close` would bind the project itself: then it would never be let go.
        weakref.finalize(opened, _let_go, opened.log.close, opened.owner.close)
        return opened

    def terms(self, project: str) -> Terms:
        """Return the terms of a project as they are now."""
        return terms_of(
            self.database,
            project,
            home=self.settings.home,
            local_roots=self.settings.local_roots,
            private_hosts=self.settings.private_hosts,
        )


def _let_go(*closings: Callable[[], None]) -> None:
    for close in closings:
        try:
            close()
        except OSError:
            log.exception("an opened project could not be let go")
