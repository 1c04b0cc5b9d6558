"""Whoever is killed, and whenever: deliveries are runs are publications, none lost, none twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import func, select
from tests.integration import postgres
from tests.integration.jobs.accepting import content, delivery
from tests.integration.jobs.working import Workplace, children_of, until, workplace

from preboard.catalog.service.tables import jobs
from preboard.catalog.tables import runs, versions

ACCEPTING = Path(__file__).with_name("accepting.py")
EACH = 6
VICTIMS = ("server", "worker", "child", "fork server", "all")


class Kills:
    """Rounds of killing in one home: two workers, and a server that accepts deliveries."""

    def __init__(self, place: Workplace, seed: int) -> None:
        self.place = place
        self.random = random.Random(seed)  # noqa: S311 - no secret
        self.accepted = 0
        self.workers = {slot: place.start_worker(slot) for slot in range(2)}

    def round(self, victim: str) -> None:
        """Accept some deliveries, kill, start again what is dead, and wait for the end."""
        first, last = self.accepted, self.accepted + EACH
        server = self._serve(first, last)
        time.sleep(self.random.uniform(0, 0.25))
        self._kill(victim, server)
        if server.poll() is None:
            server.wait(30)
        for slot, worker in self.workers.items():
            if worker.poll() is not None:
                self.workers[slot] = self.place.start_worker(slot)
        assert self._serve(first, last).wait(30) == 0  # the sender tries again
        self.accepted = last
        for number in range(first, last):
            job = self.place.ended(delivery(number), 60)
            assert (job.state, job.valid, job.errors) == ("done", False, 1), job

    def _serve(self, first: int, last: int) -> subprocess.Popen[bytes]:
        server = subprocess.Popen(
            [sys.executable, ACCEPTING, self.place.home, self.place.url, self.place.project,
             str(first), str(last)],
            stdout=subprocess.PIPE,
        )  # fmt: skip
        assert server.stdout is not None
        server.stdout.readline()
        server.stdout.close()
        return server

    def _kill(self, victim: str, server: subprocess.Popen[bytes]) -> None:
        worker = self.workers[self.random.randrange(2)]
        if victim in ("server", "all"):
            server.kill()
        if victim in ("child", "fork server"):
            forks = children_of(worker.pid)
            inner = set().union(*(children_of(each) for each in forks))
            for each in inner if victim == "child" else forks - inner:
                with suppress(ProcessLookupError):
                    os.kill(each, signal.SIGKILL)
        killed = {"worker": [worker], "all": list(self.workers.values())}
        for process in killed.get(victim, []):
            self.place.kill_worker(process)

    def check(self) -> None:
        """Check that everything was accepted once, run once, published once, and tidied up."""
        place = self.place
        until(lambda: self._count(runs, runs.c.state == "running") == 0 or None)
        assert self._count(jobs) == self.accepted
        assert self._count(versions, versions.c.name == "deliveries") == self.accepted
        assert self._count(runs, runs.c.state.in_(("complete", "failed"))) == self.accepted
        query = select(runs.c.job, runs.c.version).where(runs.c.state == "complete")
        with place.database.reading() as connection:
            found = {row.job: row.version for row in connection.execute(query)}
        assert found == {delivery(n): delivery(n) for n in range(self.accepted)}
        with place.open() as project:
            assert project.verify() == []
            for number in range(0, self.accepted, 7):
                version = project.catalog.versions.by_id(delivery(number))
                assert version is not None
                assert project.place.path(version.entry.file).read_bytes() == content(number)
        assert not list(place.home.glob("projects/*/inputs/named_files/.*.part"))

    def _count(self, table, *conditions) -> int:
        query = select(func.count()).select_from(table).where(*conditions)
        with self.place.database.reading() as connection:
            return connection.execute(query).scalar_one()


def killed(place: Workplace, rounds: int, seed: int) -> None:
    """Go through some rounds, each victim as often as the others."""
    kills = Kills(place, seed)
    for number in range(rounds):
        kills.round(VICTIMS[number % len(VICTIMS)])
    kills.check()


def test_nothing_is_lost_or_done_twice(tmp_path):
    with workplace(tmp_path / "home") as place:
        killed(place, rounds=5, seed=1)


@pytest.mark.skipif(not postgres.is_installed(), reason="needs a PostgreSQL to start")
def test_nothing_is_lost_or_done_twice_on_postgres(tmp_path):
    with postgres.server() as url, workplace(tmp_path / "home", url) as place:
        killed(place, rounds=5, seed=2)


@pytest.mark.slow
def test_nothing_is_lost_or_done_twice_in_a_hundred_rounds(tmp_path):
    with workplace(tmp_path / "home") as place:
        killed(place, rounds=100, seed=3)


@pytest.mark.slow
@pytest.mark.skipif(not postgres.is_installed(), reason="needs a PostgreSQL to start")
def test_nothing_is_lost_or_done_twice_in_a_hundred_rounds_on_postgres(tmp_path):
    with postgres.server() as url, workplace(tmp_path / "home", url) as place:
        killed(place, rounds=100, seed=4)
