"""Processes that register, for the tests of what happens when several do, or when they are killed.

Forked from one process that has imported everything: a child is at work within milliseconds.
"""

from __future__ import annotations

import io
import os
import random
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from preboard.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = ("orders", "stock", "returns")


def register(project: Project, name: str, text: str, template: str = "") -> str:
    """Register a text; return the id of the registration."""
    source = io.BytesIO(text.encode())
    return project.register(name, source, file_name="in/day/file.csv", template=template).id


def forked(work: Callable[[int], None]) -> tuple[int, int]:
    """Start a process that works and writes to a pipe; return its id and the pipe's other end."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    status = 1
    try:
        os.close(reading)
        work(writing)
        status = 0
    except BaseException:  # noqa: BLE001 - nothing of the child may run on in the parent's place
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def read_all(descriptor: int) -> list[str]:
    """Return the whole lines that a child wrote before it ended."""
    with os.fdopen(descriptor, "rb") as file:
        text = file.read().decode()
    return text.split("\n")[:-1]


def all_of(root: Path, name: str, worker: int, count: int) -> Callable[[int], None]:
    """Return the work of registering some texts under one name."""

    def work(out: int) -> None:
        with Project.open(root) as project:
            for number in range(count):
                done = register(project, name, f"worker,number\n{worker},{number}\n")
                os.write(out, f"{done}\n".encode())

    return work


def for_ever(root: Path, worker: int) -> Callable[[int], None]:
    """Return the work of registering, and now and then removing, until the process is killed."""

    def work(out: int) -> None:
        with Project.open(root) as project:
            os.write(out, b"\n")
            number = 0
            while True:
                number += 1
                name = NAMES[number % len(NAMES)]
                template = ":1/:filename" if number % 2 else ""
                done = register(project, name, f"a,b\n{worker},{number}\n", template)
                os.write(out, f"{done}\n".encode())
                register(project, "short-lived", f"a,b\n{worker},{number}\n")
                if number % 3 == 0:
                    project.remove_named_file("short-lived")

    return work


def kill_in_rounds(root: Path, rounds: int, seed: int, within_s: float = 0.05) -> set[str]:
    """Let a process work and kill it at a random instant, again and again; look after each.

    Half of the rounds may take four times as long, so that there is more to be lost.

    Returns the registrations that were accepted. What is left of the last one is not repaired yet.
    """
    chance = random.Random(seed)  # noqa: S311 - instants, no secrets
    accepted: set[str] = set()
    for number in range(rounds):
        child, out = forked(for_ever(root, number))
        os.read(out, 1)
        time.sleep(chance.uniform(0, within_s * chance.choice((1, 4))))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        accepted.update(line for line in read_all(out) if line)
        check(root, accepted)
    return accepted


def check(root: Path, accepted: set[str]) -> None:
    """Open the project, which tidies up, and see that nothing is lost and nothing is left over."""
    with Project.open(root) as project:
        known = [version for name in project.named_files() for version in project.versions(name)]
        lost = accepted - {version.id for version in known}
        assert not lost, f"accepted and lost: {lost}"
        found = project.verify()
        assert found == [], found
        for name in project.named_files():
            entries = project.staging.names.manifest(name)
            assert project.catalog.documents.is_same(entries)
        assert list((root / "inputs/named_files/.incoming").iterdir()) == []
        assert not list(root.rglob("*.part")), "half-written files are left"
        owners = {path.stem for path in project.place.owners.iterdir()}
        assert owners == {project.owner.id}, "locks of dead processes are left"


if __name__ == "__main__":
    began = time.monotonic()
    where, times = Path(sys.argv[1]), int(sys.argv[2])
    if not (where / "config").exists():
        Project.create(where).close()
    made = kill_in_rounds(where, times, seed=int(sys.argv[3]))
    print(f"{times} rounds, {len(made)} accepted, none lost, {time.monotonic() - began:.1f} s")  # noqa: T201
