"""Events of a run: each state once, beats in between, an end."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from threading import Event
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from preboard.catalog.service.jobs import Job, Wish
from preboard.server.services import follow

if TYPE_CHECKING:
    from preboard.server.service import Service

QUEUED = Job(
    seq=1, id="f98c6cfc", project="p", kind="run", asked_by="me", key=None,
    wish=Wish(file="orders", group="checks"), state="queued", attempt=0, holder=None, cancel=None,
    created="2026-11-21T07:12:53.882416+00:00", started=None, ended=None, progress=None,
    version=None, registration=None, run=None, reference=None, valid=None, completed=None,
    errors=None, reason=None, error=None, again=None,
)  # fmt: skip
RUNNING = replace(QUEUED, state="running", attempt=1)
FARTHER = replace(RUNNING, progress='{"lines": 5}')
DONE = replace(FARTHER, state="done", valid=True)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(follow, "_SOONEST_S", 0.001)
    monkeypatch.setattr(follow, "_LATEST_S", 0.001)


def told(first: Job, *then: Job | None, last_id: str | None = None, closing: Event | None = None):
    """Return the lines of a stream while a run stands so, one after the other."""
    left = list(then)
    service = SimpleNamespace(
        closing=closing or Event(),
        jobs=SimpleNamespace(by_id=lambda _: left.pop(0) if len(left) > 1 else left[0]),
    )

    async def take() -> list[str]:
        stream = follow.events(cast("Service", service), first, "acme", last_id)
        return [block.decode() async for block in stream]

    return asyncio.run(asyncio.wait_for(take(), 10))


def test_how_far_it_is_is_told_while_it_is_running():
    blocks = told(FARTHER, DONE)
    found = [json.loads(line[6:]) for line in "".join(blocks).split("\n") if line[:6] == "data: "]
    assert [(each["status"], each["progress"]) for each in found] == [
        ("running", {"lines": 5}), ("done", None), ("done", None),
    ]  # fmt: skip


def states_of(blocks: list[str]) -> list[tuple[str, str]]:
    found = []
    for block in blocks:
        lines = dict(line.split(": ", 1) for line in block.strip().split("\n"))
        found.append((lines["event"], json.loads(lines["data"])["status"]))
    return found


def test_each_change_is_told_once_to_the_end():
    blocks = told(QUEUED, QUEUED, RUNNING, RUNNING, FARTHER, DONE)
    assert states_of(blocks) == [
        ("run", "queued"), ("run", "running"), ("run", "running"), ("run", "done"), ("end", "done"),
    ]  # fmt: skip


def test_what_is_known_is_not_told_again():
    last = follow.last_event(RUNNING, "acme")
    assert states_of(told(RUNNING, RUNNING, DONE, last_id=last)) == [
        ("run", "done"), ("end", "done"),
    ]  # fmt: skip
    assert states_of(told(DONE, DONE, last_id=follow.last_event(DONE, "acme"))) == [("end", "done")]


def test_a_beat_is_told_when_nothing_happens(monkeypatch):
    monkeypatch.setattr(follow, "BEAT_S", 0.0)
    blocks = told(QUEUED, QUEUED, QUEUED, QUEUED, DONE)
    assert blocks[1].startswith(":")
    assert blocks[1].endswith("\n\n")


def test_a_stream_ends_with_the_server_with_its_time_and_with_the_run(monkeypatch):
    closing = Event()
    closing.set()
    assert states_of(told(QUEUED, QUEUED, closing=closing)) == [("run", "queued")]
    assert states_of(told(QUEUED, None)) == [("run", "queued")]
    monkeypatch.setattr(follow, "LONGEST_S", 0.0)
    assert states_of(told(QUEUED, QUEUED)) == [("run", "queued")]
