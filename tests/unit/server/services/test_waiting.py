"""Waiting for jobs: one task looks for all, and tells each who waits."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from preboard.catalog.service.jobs import Job, Wish
from preboard.errors import Conflict, InputError, NotFound, StoreError
from preboard.server.faults import RunFailed, TookTooLong
from preboard.server.services.waiting import Waiting, checked

NOTHING = dict.fromkeys(
    [
        "key", "holder", "cancel", "started", "ended", "progress", "version", "registration", "run",
        "reference", "valid", "completed", "errors", "reason", "error", "again",
    ]
)  # fmt: skip


def job(name, state="done", **more):
    return Job(
        seq=1, id=name, project="p", kind="run", asked_by="me", wish=Wish(file="f"), attempt=1,
        created="now", state=state, **{**NOTHING, **more},
    )  # fmt: skip


class Jobs:
    """Jobs that end when they are told to; `asked` holds what was looked for."""

    def __init__(self):
        self.done = set()
        self.asked = []
        self.trouble = 0

    def ended(self, ids):
        self.asked.append(list(ids))
        if self.trouble:
            self.trouble -= 1
            raise StoreError("no catalog")
        return [job(each) for each in ids if each in self.done]


@pytest.fixture
def jobs():
    return Jobs()


def test_all_that_wait_are_looked_for_together_and_told_of_their_own_job(jobs):
    async def wait():
        waiting = Waiting(jobs)
        threading.Timer(0.05, jobs.done.update, [["a", "b"]]).start()
        return await asyncio.gather(waiting.ended("a", 5), waiting.ended("b", 5))

    assert [each.id for each in asyncio.run(wait())] == ["a", "b"]
    assert sorted(jobs.asked[0]) == ["a", "b"]


def test_who_waits_long_is_looked_for_less_often(jobs):
    async def wait():
        await Waiting(jobs).ended("a", 0.6)

    begun = time.monotonic()
    with pytest.raises(TookTooLong, match="the run a has not ended"):
        asyncio.run(wait())
    assert time.monotonic() - begun < 30
    assert 3 <= len(jobs.asked) <= 40


def test_nothing_is_asked_when_nobody_waits(jobs):
    async def wait():
        waiting = Waiting(jobs)
        jobs.done.add("a")
        await waiting.ended("a", 5)
        asked = len(jobs.asked)
        await asyncio.sleep(0.1)
        assert len(jobs.asked) == asked
        return await waiting.ended("a", 5)

    assert asyncio.run(wait()).id == "a"


def test_who_goes_away_does_not_disturb_who_stays(jobs):
    async def wait():
        waiting = Waiting(jobs)
        gone = asyncio.create_task(waiting.ended("a", 5))
        stays = asyncio.create_task(waiting.ended("b", 5))
        await asyncio.sleep(0.03)
        gone.cancel()
        jobs.done.update(["a", "b"])
        found = await stays
        with pytest.raises(asyncio.CancelledError):
            await gone
        return found

    assert asyncio.run(wait()).id == "b"


def test_a_catalog_that_can_not_be_asked_for_a_while_is_waited_for(jobs):
    async def wait():
        jobs.trouble = 3
        jobs.done.add("a")
        return await Waiting(jobs).ended("a", 5)

    assert asyncio.run(wait()).id == "a"
    assert len(jobs.asked) == 4


def test_a_job_that_is_done_is_returned():
    assert checked(job("a")).id == "a"


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("not-found", NotFound),
        ("cancelled", Conflict),
        ("tampered", Conflict),
        ("crash_loop", RunFailed),
        ("memory", RunFailed),
        ("internal", RunFailed),
        ("input", InputError),
        ("run_failed", InputError),
        (None, InputError),
    ],
)
def test_a_job_that_failed_is_an_error_of_its_kind(reason, kind):
    failed = job("a", "failed", reason=reason, error="it broke", reference="$g.results.x")
    with pytest.raises(kind, match="it broke") as raised:
        checked(failed)
    assert "$g.results.x" in raised.value.hint
