"""Measure Preboard side by side with the reference: the front door of `make bench`.

usage: run.py [--workloads W1 W2] [--lines 100000] [--clean] [--rounds 3] [--memory] [--full]
              [--skip-reference]

Runs go round by round, the reference and ours in turn, each in its own process and an empty
directory. After the first round the outcomes are compared. The table has medians.

Exit status: 0 when all compared outcomes agree, 1 when one differs, a run failed or a workload
asked for by name is refused, 2 on a bad command line.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import generate
from compare import differences
from reference_setup import REFERENCE, SetupFailed, environment, reference_python
from workloads import WORKLOADS, Workload

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).parent
DATA = HERE / ".data"
RESULTS = DATA / "results.json"
PROBE_LINES = 10
GROWTH = 10
IMPORT_ROUNDS = 10
HEAD = "workload", "data", "lines", "reference", "ours", "ratio", "lines/CPU-s", "ref MB", "MB"

Measured = dict[str, Any]


class RunFailed(Exception):  # noqa: N818 - says what happened
    """A measured process ended with an error."""


@dataclass
class Case:
    """One workload on one file, and what was measured on it, one entry a round."""

    workload: Workload
    lines: int
    clean: bool
    with_reference: bool
    reference: list[Measured] = field(default_factory=list)
    ours: list[Measured] = field(default_factory=list)
    differences: list[str] | None = None
    failure: str | None = None

    @property
    def name(self) -> str:
        """Return what this is called in messages."""
        return f"{self.workload.name} {self.kind} {self.lines:,} lines"

    @property
    def kind(self) -> str:
        """Return which data this is."""
        return "clean" if self.clean else "dirty"

    @property
    def ratio(self) -> float | None:
        """Return how many times our CPU seconds the reference needs."""
        theirs, ours = median(self.reference, "cpu_s"), median(self.ours, "cpu_s")
        return theirs / ours if theirs and ours else None

    def summary(self) -> dict[str, Any]:
        """Return what results.json says of this case."""
        return {
            "workload": self.workload.name,
            "data": self.kind,
            "lines": self.lines,
            "ratio": self.ratio,
            "compared": self.differences is not None,
            "differences": self.differences or [],
            "failure": self.failure,
            **{
                side: {
                    "cpu_s": median(runs, "cpu_s"),
                    "seconds": median(runs, "seconds"),
                    "peak_mb": median(runs, "peak_mb"),
                    "rounds": runs,
                }
                for side, runs in (("reference", self.reference), ("ours", self.ours))
                if runs
            },
        }


def main() -> int:
    """Measure what the command line asks for."""
    args = arguments()
    python = None if args.skip_reference else find_reference()
    workloads, failed = supported(args.workloads)
    if not workloads:
        say("nothing to measure")
        return 1
    cases = plan(workloads, args, with_reference=python is not None)
    for number in range(1, args.rounds + 1):
        for case in cases:
            if case.failure is None:
                say(f"round {number} of {args.rounds}: {case.name}")
                measure(case, python, first=number == 1)
    importing = import_times()
    show(cases, importing)
    save(cases, importing)
    return int(failed or any(case.differences or case.failure for case in cases))


def arguments() -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(description="Measure Preboard beside the reference.")
    parser.add_argument(
        "--workloads", nargs="+", choices=WORKLOADS, help="default: all that our registry supports"
    )
    parser.add_argument("--lines", type=_positive, default=100_000)
    parser.add_argument("--clean", action="store_true", help="data without any dirty cell")
    parser.add_argument("--rounds", type=_positive, default=3)
    parser.add_argument(
        "--memory",
        action="store_true",
        help=f"also run ours with {GROWTH} times the lines: growth of memory and CPU time",
    )
    parser.add_argument(
        "--full",
        action="store_true",
        help="give the reference all lines where its time grows with their square (hours)",
    )
    parser.add_argument("--skip-reference", action="store_true", help="measure ours only")
    return parser.parse_args()


def find_reference() -> Path | None:
    """Return the reference's interpreter, None (and say why) where it can't be installed."""
    try:
        return reference_python()
    except SetupFailed as error:
        say(f"{error}Going on without the reference, as with --skip-reference.")
        return None


def supported(asked: list[str] | None) -> tuple[list[Workload], bool]:
    """Return the workloads that our side accepts, and whether that is a failure.

    A refused statement is skipped; it is a failure when it was asked for by name, or when ours
    does anything but refuse it.
    """
    accepted, failed = [], False
    file = data_file(PROBE_LINES, clean=True)
    for name in asked or WORKLOADS:
        try:
            answer = run_ours(WORKLOADS[name], file)
        except RunFailed as error:
            say(f"{name} skipped, it failed on {PROBE_LINES} lines: {error}")
            failed = True
            continue
        if "unsupported" in answer:
            say(f"{name} skipped, our side refuses it: {answer['unsupported']}")
            failed = failed or asked is not None
        else:
            accepted.append(WORKLOADS[name])
    return accepted, failed


def plan(
    workloads: list[Workload], args: argparse.Namespace, *, with_reference: bool
) -> list[Case]:
    """Return the cases: side by side, ours alone beyond the reference's reach, ours grown."""
    cases = []
    for workload in workloads:
        limit = None if args.full else workload.reference_limit(clean=args.clean)
        reach = args.lines if limit is None else min(args.lines, limit)
        if with_reference:
            cases.append(Case(workload, reach, args.clean, with_reference=True))
        if not with_reference or reach < args.lines:
            cases.append(Case(workload, args.lines, args.clean, with_reference=False))
        if args.memory:
            cases.append(Case(workload, args.lines * GROWTH, args.clean, with_reference=False))
        if with_reference and reach < args.lines:
            say(f"{workload.name}: the reference gets {reach:,} lines, its time is quadratic")
    return cases


def measure(case: Case, python: Path | None, *, first: bool) -> None:
    """Run both sides once, and compare what came out when it is the first time."""
    file = data_file(case.lines, clean=case.clean)
    compared = first and case.with_reference
    with tempfile.TemporaryDirectory() as scratch:
        theirs, own = (Path(scratch) / f"{side}.json" for side in ("reference", "ours"))
        try:
            if case.with_reference and python:
                case.reference.append(
                    run_reference(python, case.workload, file, theirs if compared else None)
                )
            case.ours.append(run_ours(case.workload, file, own if compared else None))
        except RunFailed as error:
            case.failure = str(error)
            say(f"{case.name} failed:\n{error}")
            return
        if compared:
            outcomes = (
                side[0] | json.loads(results.read_text(encoding="utf-8"))
                for side, results in ((case.reference, theirs), (case.ours, own))
            )
            case.differences = differences(*outcomes)
            for difference in case.differences:
                say(f"DIFFERENCE in {case.name}: {difference}")


def run_reference(python: Path, workload: Workload, file: Path, results: Path | None) -> Measured:
    """Run the reference once."""
    return _run([str(python), "reference_run.py"], workload, file, results, environment())


def run_ours(workload: Workload, file: Path, results: Path | None = None) -> Measured:
    """Run our side once."""
    return _run([sys.executable, "ours_run.py"], workload, file, results, dict(os.environ))


def _run(
    command: list[str],
    workload: Workload,
    file: Path,
    results: Path | None,
    env: dict[str, str],
) -> Measured:
    python, script = command
    with tempfile.TemporaryDirectory(prefix="bench") as directory:
        link = Path(directory) / "orders.csv"  # a short path, which the reference's grammar takes
        link.symlink_to(file)
        words = [python, str(HERE / script), workload.name, str(link)]
        if results:
            words += ["--results", str(results)]
        done = subprocess.run(
            words,
            cwd=directory,
            env=env | {"PYTHONHASHSEED": "0"},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        tail = "\n".join(done.stderr.splitlines()[-12:])
        raise RunFailed(f"{script} ended with status {done.returncode}:\n{tail}")
    answer: Measured = json.loads(done.stdout.splitlines()[-1])
    return answer


def data_file(lines: int, *, clean: bool) -> Path:
    """Return the generated file, making it on first use."""
    file = DATA / f"orders-{'clean' if clean else 'dirty'}-{lines}.csv"
    if not file.exists():
        DATA.mkdir(exist_ok=True)
        unfinished = file.with_suffix(f".{os.getpid()}.tmp")
        generate.write(lines, unfinished, dirty=0.0 if clean else 0.01, structure=not clean)
        unfinished.replace(file)
    return file.resolve()


def import_times() -> dict[str, float]:
    """Return the medians, in milliseconds, of what `import preboard` adds to a bare start."""
    taken: dict[str, list[tuple[float, float]]] = {"pass": [], "import preboard": []}
    for _ in range(IMPORT_ROUNDS + 1):
        for code, samples in taken.items():
            wall, cpu = time.perf_counter(), _children_cpu()
            subprocess.run([sys.executable, "-P", "-c", code], check=True)
            samples.append((time.perf_counter() - wall, _children_cpu() - cpu))
    # the first round only warms the file cache and writes bytecode
    (bare_wall, bare_cpu), (wall, cpu) = (
        (statistics.median(w for w, _ in samples[1:]), statistics.median(c for _, c in samples[1:]))
        for samples in taken.values()
    )
    return {
        "import_ms": round((wall - bare_wall) * 1000, 1),
        "import_cpu_ms": round((cpu - bare_cpu) * 1000, 1),
        "bare_start_ms": round(bare_wall * 1000, 1),
    }


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def show(cases: list[Case], importing: dict[str, float]) -> None:
    """Print the tables."""
    rows = [HEAD]
    for case in cases:
        ours = median(case.ours, "cpu_s")
        rows.append(
            (
                case.workload.name,
                case.kind,
                f"{case.lines:,}",
                _cell(median(case.reference, "cpu_s"), "{:.3f}"),
                _cell(ours, "{:.3f}"),
                _cell(case.ratio, "{:.1f}x"),
                _cell(case.lines / ours if ours else None, "{:,.0f}"),
                _cell(median(case.reference, "peak_mb"), "{:.0f}"),
                _cell(median(case.ours, "peak_mb"), "{:.0f}") + _mark(case),
            )
        )
    print_table(rows)
    print("reference, ours: CPU seconds, median of the rounds; MB: peak of resident memory")
    if not any(case.reference for case in cases):
        print("without the reference: nothing was compared")
    for line in growth(cases):
        print(f"{line['workload']}: {line['text']}")
    took, cpu, bare = (importing[key] for key in ("import_ms", "import_cpu_ms", "bare_start_ms"))
    print(
        f"import preboard: {took:.0f} ms (CPU {cpu:.0f} ms) over a bare start of {bare:.0f} ms,"
        f" medians of {IMPORT_ROUNDS}"
    )


def growth(cases: list[Case]) -> list[dict[str, Any]]:
    """Return how CPU time and memory of ours grow where a case has ten times another's lines."""
    found = []
    for small in cases:
        for large in cases:
            if large.workload is small.workload and large.lines == small.lines * GROWTH:
                cpu = [median(case.ours, "cpu_s") for case in (small, large)]
                peak = [median(case.ours, "peak_mb") for case in (small, large)]
                if None in cpu or not cpu[0]:
                    continue
                times = cpu[1] / cpu[0]
                found.append(
                    {
                        "workload": small.workload.name,
                        "lines": [small.lines, large.lines],
                        "cpu_growth": round(times, 2),
                        "peak_mb": peak,
                        "text": f"{small.lines:,} -> {large.lines:,} lines: CPU time x {times:.1f},"
                        f" peak memory {peak[0]:.0f} -> {peak[1]:.0f} MB",
                    }
                )
    return found


def print_table(rows: Sequence[tuple[str, ...]]) -> None:
    """Print the rows, the columns as wide as their longest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        first = "  ".join(cell.ljust(width) for cell, width in zip(row[:2], widths, strict=False))
        rest = "  ".join(cell.rjust(width) for cell, width in zip(row[2:], widths[2:], strict=True))
        print(f"{first}  {rest}")


def save(cases: list[Case], importing: dict[str, float]) -> None:
    """Write results.json."""
    try:
        version = importlib.metadata.version("preboard")
    except importlib.metadata.PackageNotFoundError:
        version = "not installed"
    document = {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs",
        "reference": REFERENCE,
        "preboard": version,
        "cases": [case.summary() for case in cases],
        "growth": growth(cases),
        **importing,
    }
    RESULTS.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    say(f"written: {RESULTS}")


def median(runs: list[Measured], key: str) -> Any:
    """Return the median of one number over the rounds."""
    return statistics.median(run[key] for run in runs) if runs else None


def say(text: str) -> None:
    """Tell the user how it goes, apart from the answer."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _cell(value: float | None, form: str) -> str:
    return "-" if value is None else form.format(value)


def _mark(case: Case) -> str:
    if case.failure:
        return "  FAILED"
    return "  DIFFERS" if case.differences else ""


def _positive(text: str) -> int:
    value = int(text.replace("_", ""))
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number of at least 1")
    return value


if __name__ == "__main__":
    sys.exit(main())
