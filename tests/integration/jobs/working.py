"""A server's home with one project, its queue, and workers as processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

from sqlalchemy import insert, select
from tests.integration.patience import PATIENCE_S

from preboard.catalog.database import Database, sqlite_url
from preboard.catalog.service.jobs import NewJob, Wish
from preboard.catalog.service.tables import hosted
from preboard.catalog.tables import runs
from preboard.jobs.engine import prepare
from preboard.jobs.queue import Queue
from preboard.jobs.settings import JobSettings
from preboard.jobs.terms import terms_of
from preboard.project.layout import make_project, project_id
from preboard.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from preboard.catalog.service.jobs import Job

Found = TypeVar("Found")
LINES = b"id,name,amount\n1,Ann,3\n2,Bob,x\n3,Cid,5\n"
CHECKS = ["~ id: named ~ $[1*][ exists(#name) ]", "~ id: amounts ~ $[1*][ integer(#amount) ]"]
SLOW = ["~ id: slow ~ $[*][ regex(#name, /(\\w+) (\\w+) (\\d+)/) @n = count_lines() ]"]
SLOW_LINES = 500_000


class Workplace:
    """The home, and what acts on it; made by `workplace`."""

    def __init__(self, home: Path, url: str | None = None, **settings: object) -> None:
        self.home = home
        home.mkdir(parents=True, exist_ok=True)
        self.url = url or sqlite_url(home / "preboard.db").render_as_string(hide_password=False)
        self.database = Database(self.url)
        prepare(self.url)
        self.settings = JobSettings(home=home, database_url=self.url, **settings)  # type: ignore[arg-type]
        self.queue = Queue(self.database, self.url, self.settings.per_project)
        self.jobs = self.queue.jobs
        self.project = self.make_project("orders")
        self.workers: list[subprocess.Popen[bytes]] = []

    def make_project(self, name: str) -> str:
        """Make a hosted project with a named-file and a group; returns its id."""
        fresh = self.home / "projects" / "fresh"
        make_project(fresh)
        project = project_id(fresh)
        fresh.rename(self.home / "projects" / project)
        with self.open(project) as opened:
            opened.load_group("checks", CHECKS)
            opened.load_group("slow", SLOW)
            opened.register("orders", BytesIO(LINES), file_name="orders.csv")
        with self.database.writing() as connection:
            row = {"project": project, "owner": "me", "name": name, "created": "now"}
            connection.execute(insert(hosted).values(row))
        return project

    def open(self, project: str | None = None) -> Project:
        """Open a project as the server does."""
        which = project or self.project
        terms = terms_of(self.database, which, home=self.home, local_roots=(), private_hosts=())
        return Project.open(self.home / "projects" / which, terms=terms)

    def register_slow(self) -> None:
        """Register a file that takes many seconds to read."""
        with self.open() as project:
            project.register("large", _many_lines(), file_name="large.csv")

    def accept(
        self,
        *,
        project: str | None = None,
        id: str | None = None,  # noqa: A002 - what it is called everywhere
        **wish: str | None,
    ) -> Job:
        """Accept a job; by default a run of the group over the orders."""
        wanted = {"file": "orders", "group": "checks", **wish}
        return self.queue.accept(
            NewJob(
                id=id or str(uuid4()),
                project=project or self.project,
                wish=Wish(**wanted),  # type: ignore[arg-type]
                asked_by="a test",
            )
        )

    def start_worker(self, slot: int = 0, **changed: object) -> subprocess.Popen[bytes]:
        """Start a worker process."""
        settings = JobSettings(
            **{
                **{name: getattr(self.settings, name) for name in self.settings.__slots__},
                **changed,
            }
        )
        log = (self.home / f"worker-{slot}.log").open("ab")
        process = subprocess.Popen(
            [sys.executable, "-m", "preboard.jobs.worker", str(slot)],
            stdin=subprocess.PIPE,
            stderr=log,
        )
        log.close()
        assert process.stdin is not None
        process.stdin.write(settings.to_json() + b"\n")
        process.stdin.flush()
        self.workers.append(process)
        return process

    def kill_worker(self, process: subprocess.Popen[bytes]) -> None:
        """Kill a worker as a power cut would."""
        process.kill()
        process.wait(10)

    def ended(self, job: Job | str, within_s: float = PATIENCE_S) -> Job:
        """Wait for the end of a job."""
        which = job if isinstance(job, str) else job.id

        def look() -> Job | None:
            found = self.jobs.by_id(which)
            return None if found is None or found.is_open else found

        return until(look, within_s)

    def running(self, job: Job, within_s: float = PATIENCE_S) -> Job:
        """Wait until a job has a run that goes on."""

        def look() -> Job | None:
            found = self.jobs.by_id(job.id)
            return found if found is not None and found.run is not None else None

        return until(look, within_s)

    def published(self, job: Job | str) -> list[str]:
        """Return the references of the runs of a job that can be seen."""
        which = job if isinstance(job, str) else job.id
        query = select(runs.c.home).where(
            runs.c.job == which, runs.c.state.in_(("complete", "failed"))
        )
        with self.database.reading() as connection:
            return list(connection.execute(query).scalars())

    def close(self) -> None:
        """End all workers and let go of everything."""
        for process in self.workers:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGCONT)
            process.kill()
            process.wait(10)
            if process.stdin is not None:
                process.stdin.close()
        self.queue.close()
        self.database.close()


@contextmanager
def workplace(home: Path, url: str | None = None, **settings: object) -> Iterator[Workplace]:
    """Give a workplace for as long as a test needs it."""
    made = Workplace(home, url, **settings)
    try:
        yield made
    finally:
        made.close()


def until(look: Callable[[], Found | None], within_s: float = PATIENCE_S) -> Found:
    """Wait until there is something to be seen."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        found = look()
        if found is not None:
            return found
        time.sleep(0.02)
    raise AssertionError(f"nothing came within {within_s} s")


def children_of(process: int) -> set[int]:
    """Return the processes that a process has started, and those that they have."""
    found: set[int] = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = status.read_text().rpartition(")")[2].split()
            if int(fields[1]) == process and fields[0] != "Z":
                pid = int(status.parent.name)
                found |= {pid} | children_of(pid)
    return found


def _many_lines() -> BytesIO:
    block = b"".join(b"%d,Ann Other %d,%d\n" % (n, n, n) for n in range(1000))
    return BytesIO(b"id,name,amount\n" + block * (SLOW_LINES // 1000))
