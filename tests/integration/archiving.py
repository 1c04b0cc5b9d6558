"""Processes that run groups, for the tests of what happens when several do, or one is killed."""

from __future__ import annotations

import io
import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.integration.registering import forked, read_all

from preboard.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable

STATEMENTS = [
    '~ id: one unmatched-mode: keep transfer-mode: data > to ~ $[1*][ @to = "one.csv" #b == "x" ]',
    '~ id: two source-mode: preceding ~ $[*][ int(#0) print.once("p") ]',
    "~ id: three ~ $[*][ fail_all.onmatch() no() ]",
]  # fmt: skip


def fill(root: Path, lines: int = 300) -> None:
    """Make a project with a file and a group."""
    Project.create(root).close()
    load(root, lines)


def load(root: Path, lines: int = 300) -> None:
    """Put a file and a group into a project."""
    rows = "".join(f"{number},{'xy'[number % 2]}\n" for number in range(lines))
    with Project.open(root) as project:
        project.register("rows", io.BytesIO(f"a,b\n{rows}".encode()), file_name="rows.csv")
        project.load_group("checks", STATEMENTS)


def some_runs(root: Path, count: int, method: str = "collect_paths") -> Callable[[int], None]:
    """Return the work of some runs; each is told when it is done."""

    def work(out: int) -> None:
        with Project.open(root) as project:
            for _ in range(count):
                run = project.run("rows", "checks", method=method)
                os.write(out, f"{run.id} {run.home.name}\n".encode())

    return work


def runs_for_ever(root: Path) -> Callable[[int], None]:
    """Return the work of running until the process is killed."""

    def work(out: int) -> None:
        with Project.open(root) as project:
            os.write(out, b"\n")
            while True:
                run = project.run("rows", "checks")
                os.write(out, f"{run.id} {run.home.name}\n".encode())

    return work


def kill_in_rounds(root: Path, rounds: int, seed: int, within_s: float = 0.12) -> dict[str, int]:
    """Let a process run and kill it at a random instant, again and again; look after each.

    Returns how many runs came to which end.
    """
    chance = random.Random(seed)  # noqa: S311 - instants, no secrets
    done: set[str] = set()
    for _ in range(rounds):
        child, out = forked(runs_for_ever(root))
        os.read(out, 1)
        time.sleep(chance.uniform(0, within_s))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        done.update(line for line in read_all(out) if line)
        check(root, done)
    return ends(root)


def ends(root: Path) -> dict[str, int]:
    """Return how many runs of a project came to which end, by the manifests on disk."""
    found: dict[str, int] = {}
    for path in (root / "archive/checks").glob("*/manifest.json"):
        status = json.loads(path.read_text())["status"]
        found[status] = found.get(status, 0) + 1
    return found


def check(root: Path, done: set[str]) -> None:
    """Open the project, which tidies up, and see that nothing is lost and nothing is left over."""
    with Project.open(root) as project:
        rows = list(project.catalog.runs.each())
        complete = {f"{row.id} {row.directory}" for row in rows if row.state == "complete"}
        assert done <= complete, f"told as done and lost: {done - complete}"
        assert project.catalog.runs.going_on() == []
        assert project.verify() == []
        assert project.catalog.documents.is_same("archive/manifest.json")
        assert not list(root.rglob("*.part")), "half-written files are left"
        homes = {row.directory for row in rows}
        for home in (root / "archive").glob("checks/*"):
            if home.name not in homes:  # aborted: nothing but what says so
                assert [path.name for path in home.iterdir()] == ["manifest.json"]
                manifest = json.loads((home / "manifest.json").read_text())
                assert manifest["status"] == "aborted"


if __name__ == "__main__":
    began = time.monotonic()
    where, times = Path(sys.argv[1]), int(sys.argv[2])
    if not (where / "config").exists():
        fill(where)
    made = kill_in_rounds(where, times, seed=int(sys.argv[3]))
    print(f"{times} rounds, {made}, {time.monotonic() - began:.1f} s")  # noqa: T201
