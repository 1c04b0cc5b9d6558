"""Measure runs of a project: many small files, one large one, a long history, the whole program.

usage: runs.py [--small 500] [--lines 100000] [--history 100000] [--skip-reference]

A small file has two lines and goes through a group of five statements. W4 is the W2 of workloads.py
through registration and collect_paths, unmatched lines kept. The reference is measured on fewer
files and lines, and counted per file and per line: it gets slower with each. Ratios are of CPU
seconds; waiting for the disk, which only we do, is in the second number.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import generate
from measure import Clock
from reference_setup import SetupFailed, environment, reference_python
from workloads import WORKLOADS

from preboard.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable

Times = dict[str, float]

HERE = Path(__file__).parent
DATA = HERE / ".data"
FIVE = [
    "~ id: equal ~ $[1*][ #b == 1 ]",
    "~ id: typed ~ $[1*][ integer(#a) ]",
    "~ id: count ~ $[*][ @lines = count_lines() ]",
    "~ id: sum ~ $[1*][ sum.all(#b) ]",
    "~ id: tally ~ $[1*][ tally.seen(#b) ]",
]
REFERENCE_FILES = 50
REFERENCE_LINES = 5_000
W4 = "~ id: orders unmatched-mode: keep ~ " + WORKLOADS["W2"].statement
GOALS = {"small": 20.0, "w4": 100.0, "program_s": 0.5, "history": 1.3}


def small_files(directory: Path, count: int) -> list[Path]:
    """Write some small files, each with other bytes."""
    paths = []
    for number in range(count):
        paths.append(directory / f"in-{number}.csv")
        paths[-1].write_text(f"a,b\n{number},1\n{number},2\n", encoding="utf-8")
    return paths


def ours(directory: Path, statements: list[str], files: list[Path]) -> Times:
    """Return the time in which the files are registered and run, one after the other."""
    with Project.create(directory) as project:
        project.load_group("checks", statements)
        clock = Clock()
        for file in files:
            project.register("orders", file, file_name="orders.csv")
            project.run("orders", "checks")
        return clock.read()


def theirs(directory: Path, statements: list[str], files: list[Path]) -> Times:
    """Return the time that the reference needs for the same."""
    directory.mkdir()
    said = directory.with_suffix(".json")
    said.write_text(json.dumps(statements), encoding="utf-8")
    command = [reference_python(), HERE / "reference_runs.py", said, *files]
    done = subprocess.run(
        command, cwd=directory, env=environment(), capture_output=True, check=True, text=True
    )
    measured: Times = json.loads(done.stdout.splitlines()[-1])
    if measured["runs"] != len(files):
        raise SystemExit(f"the reference made {measured['runs']} runs of {len(files)}")
    return measured


def orders(lines: int, *, clean: bool) -> Path:
    """Return a file of orders, made if it is not there."""
    path = DATA / f"orders-{'clean' if clean else 'dirty'}-{lines}.csv"
    if not path.exists():
        DATA.mkdir(exist_ok=True)
        generate.write(lines, path, dirty=0.0 if clean else 0.01)
    return path


def program(root: Path, rounds: int = 7) -> float:
    """Return the seconds of `preboard run` of a small file as a whole process, the median."""
    command = [sys.executable, "-m", "preboard", "run", "orders", "checks", "--project", str(root)]

    def once() -> None:
        subprocess.run(command, check=False, capture_output=True)

    return median(once, rounds)


def median(act: Callable[[], object], rounds: int) -> float:
    """Return the median seconds of an act."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def history(directory: Path, file: Path, entries: int, rounds: int = 40) -> tuple[float, float]:
    """Return the seconds of a run without a history, and with one of so many ledger entries."""
    with Project.create(directory) as project:
        project.load_group("checks", FIVE)
        project.register("orders", file)
        project.run("orders", "checks")
        before = median(lambda: project.run("orders", "checks"), rounds)
        catalog, ledger = project.catalog, project.archive.ledger
        body = catalog.documents.bodies(ledger)[0]
        with catalog.database.writing() as connection:
            for _ in range(entries):
                new = json.loads(body) | {"uuid": str(uuid4())}
                catalog.documents.add(connection, ledger, json.dumps(new).encode())
        catalog.documents.write(ledger)
        project.run("orders", "checks")
        return before, median(lambda: project.run("orders", "checks"), rounds)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description="Measure runs of a project.")
    parser.add_argument("--small", type=int, default=500, help="small files (500)")
    parser.add_argument("--lines", type=int, default=100_000, help="lines of W4 (100000)")
    parser.add_argument("--history", type=int, default=100_000, help="ledger entries (100000)")
    parser.add_argument("--skip-reference", action="store_true", help="measure ours only")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="preboard-bench-", dir=DATA) as scratch:
        measure(args, Path(scratch))


def measure(args: argparse.Namespace, scratch: Path) -> None:
    """Measure each in turn, in a scratch directory."""
    with_reference = not args.skip_reference
    if with_reference:
        try:
            reference_python()
        except SetupFailed as error:
            sys.stderr.write(f"{error}\n")
            with_reference = False
    (scratch / "in").mkdir()
    files = small_files(scratch / "in", args.small)
    mine = ours(scratch / "small", FIVE, files)
    row("small file, registered and run", per_item(mine, len(files)))
    if with_reference:
        slow = theirs(scratch / "small-ref", FIVE, files[:REFERENCE_FILES])
        ratio = ratio_of(slow, REFERENCE_FILES, mine, len(files))
        row("  reference", per_item(slow, REFERENCE_FILES), ratio, GOALS["small"])
    for clean in (True, False):
        kind = "clean" if clean else "dirty"
        mine = ours(scratch / f"w4-{kind}", [W4], [orders(args.lines, clean=clean)])
        row(f"W4 {kind}, {args.lines:,} lines", f"{args.lines / mine['cpu_s']:,.0f} lines/CPU-s")
        if with_reference:
            short = orders(REFERENCE_LINES, clean=clean)
            slow = theirs(scratch / f"w4-{kind}-ref", [W4], [short])
            ratio = ratio_of(slow, REFERENCE_LINES, mine, args.lines)
            row("  reference", f"{REFERENCE_LINES / slow['cpu_s']:,.0f} lines/CPU-s", ratio,
                GOALS["w4"])  # fmt: skip
    row(f"preboard run, whole process (at most {GOALS['program_s']} s)",
        f"{program(scratch / 'small'):.2f} s")  # fmt: skip
    before, behind = history(scratch / "history", files[0], args.history)
    row("run without a history", f"{1000 * before:.1f} ms")
    row(f"  with {args.history:,} entries (at most {GOALS['history']}x)",
        f"{1000 * behind:.1f} ms, {behind / before:.2f}x")  # fmt: skip


def per_item(times: Times, count: int) -> str:
    """Return the CPU time and the wall time of one of so many."""
    cpu, wall = 1000 * times["cpu_s"] / count, 1000 * times["seconds"] / count
    return f"{cpu:.1f} ms CPU, {wall:.1f} ms"


def ratio_of(slow: Times, slow_count: int, quick: Times, quick_count: int) -> float:
    """Return how many times the CPU time of the one the other takes, for each of so many."""
    return (slow["cpu_s"] / slow_count) / (quick["cpu_s"] / quick_count)


def row(what: str, value: str, ratio: float | None = None, goal: float | None = None) -> None:
    """Print a row of the table."""
    end = "" if ratio is None else f"{ratio:8.0f}x  (goal {goal:.0f}x)"
    sys.stdout.write(f"{what:52} {value:>26}{end}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
