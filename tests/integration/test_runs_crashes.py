"""Runs of several processes at once, and of processes that are killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from tests.integration import postgres
from tests.integration.archiving import check, fill, kill_in_rounds, load, some_runs
from tests.integration.registering import forked, read_all
from tests.integration.test_concurrency import project_with

from preboard.manifests.arrays import read_array
from preboard.project.project import Project

if TYPE_CHECKING:
    from pathlib import Path

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    fill(tmp_path / "acme")
    return tmp_path / "acme"


def runs_at_once(root: Path, workers: int, count: int) -> None:
    """Let processes run a group at once, and look at the ledger all the while."""
    children = [forked(some_runs(root, count)) for _ in range(workers)]
    ledger = root / "archive/manifest.json"
    seen = 0
    going = dict(children)
    while going:
        for child in list(going):
            if os.waitpid(child, os.WNOHANG)[0]:
                del going[child]
        entries = read_array(ledger) or []
        assert len(entries) >= seen, "entries went away"
        seen = len(entries)
        time.sleep(0.01)
    done = {line for _, out in children for line in read_all(out)}
    assert len(done) == workers * count
    assert len({line.split()[1] for line in done}) == workers * count, "a directory was shared"
    entries = json.loads(ledger.read_text())
    assert len(entries) == workers * count * 3
    assert len({entry["uuid"] for entry in entries}) == len(entries)
    assert {entry["run_uuid"] for entry in entries} == {line.split()[0] for line in done}
    check(root, done)


@forks
def test_runs_of_several_processes_have_directories_and_entries_of_their_own(root: Path) -> None:
    runs_at_once(root, workers=4, count=4)


@forks
@pytest.mark.skipif(not postgres.is_installed(), reason="there is no PostgreSQL")
def test_the_same_with_postgresql(tmp_path: Path) -> None:
    with postgres.server() as url:
        project_with(tmp_path / "acme", url)
        load(tmp_path / "acme")
        runs_at_once(tmp_path / "acme", workers=3, count=3)
        kill_in_rounds(tmp_path / "acme", rounds=4, seed=3)


@forks
@pytest.mark.slow
def test_the_same_with_eight_and_many(root: Path) -> None:
    runs_at_once(root, workers=8, count=40)


@forks
def test_a_run_that_is_killed_at_a_random_instant_is_ended_by_the_next(root: Path) -> None:
    kill_in_rounds(root, rounds=20, seed=1)


@forks
@pytest.mark.slow
def test_the_same_a_few_hundred_times(root: Path) -> None:
    ends = kill_in_rounds(root, rounds=250, seed=2)
    assert ends["aborted"] > 50
    assert "started" not in ends


@pytest.mark.skipif(os.name == "nt", reason="signals are sent")
@pytest.mark.parametrize(
    ("number", "reason"), [(signal.SIGTERM, "SystemExit"), (signal.SIGINT, "KeyboardInterrupt")]
)
def test_a_program_that_is_told_to_end_says_so_in_its_run(
    tmp_path: Path, number: signal.Signals, reason: str
) -> None:
    fill(tmp_path / "acme", lines=1_000_000)
    program = [sys.executable, "-m", "preboard", "run", "rows", "checks"]
    with subprocess.Popen(
        program, cwd=tmp_path / "acme", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        homes = tmp_path / "acme/archive/checks"
        until = time.monotonic() + 60
        while not list(homes.glob("*/one/data.csv")) and time.monotonic() < until:
            time.sleep(0.01)  # until it reads, which takes seconds
        process.send_signal(number)
        assert process.wait(20) == 128 + number
    with Project.open(tmp_path / "acme") as project:
        run = project.result("checks")
        assert run.state == "failed"
        assert run.reason == f"the run was broken off: {reason}"
        assert project.verify() == []
