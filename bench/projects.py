"""What a project costs as it grows: registering, and looking a reference up.

    .venv/bin/python bench/projects.py [--versions 10000]

Prints a table; exits with 1 if a limit is exceeded. The manifests and the ledger are written, as
always. The disk is asked to keep every registration, so that its speed is most of what is measured:
the early and the late ones are therefore measured in turn, in two projects beside each other.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from preboard.catalog.span import Span
from preboard.project.project import Project
from preboard.references.resolve import Resolver

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "orders"
SAMPLE = 60
MOST_GROWTH = 1.5
MOST_MS_PER_REFERENCE = 10.0
REFERENCES = (
    "orders",
    "$orders.files.:last",
    "$orders.files.:first",
    "$orders.files.:{middle}",
    "$orders.files.{fingerprint}",
    "$orders.files.today:last",
    "$orders.files.orders_csv:last",
)


def register(project: Project, number: int) -> None:
    """Register a small file that differs from all others."""
    content = f"id,name,price\n{number},chair,12.50\n{number},table,99.00\n".encode()
    project.register(NAME, io.BytesIO(content), file_name="orders.csv")


def milliseconds(work: Callable[[], object]) -> float:
    """Return how long something takes."""
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def grown(root: Path, versions: int) -> Project:
    """Return a project with a name that has so many versions."""
    project = Project.create(root)
    for number in range(versions):
        register(project, number)
    return project


def registrations(where: Path, versions: int) -> tuple[float, float, Project]:
    """Return what the 10th and what the last registration cost, and the project that has all."""
    early: list[float] = []
    late: list[float] = []
    large = grown(where / "large", versions - SAMPLE)
    for number in range(SAMPLE):
        with grown(where / f"small-{number}", 9) as small:
            early.append(milliseconds(lambda: register(small, 9)))
        late.append(milliseconds(lambda: register(large, versions - SAMPLE + number)))  # noqa: B023
    return statistics.median(early), statistics.median(late), large


def references(project: Project, versions: int) -> dict[str, float]:
    """Return what looking each kind of reference up costs."""
    middle = project.catalog.versions.pick(NAME, Span(), versions // 2)
    assert middle is not None  # noqa: S101 - there are as many
    costs = {}
    for pattern in REFERENCES:
        text = pattern.format(middle=versions // 2, fingerprint=middle.fingerprint)
        found = Resolver(project.catalog).versions(text)
        assert len(found) == 1, f"{text} means {len(found)} versions"  # noqa: S101
        taken = [
            milliseconds(lambda: Resolver(project.catalog).versions(text))  # noqa: B023
            for _ in range(SAMPLE)
        ]
        costs[pattern] = statistics.median(taken)
    return costs


def main() -> int:
    """Measure, print, and say whether the limits hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--versions", type=int, default=10_000)
    versions = parser.parse_args().versions
    with tempfile.TemporaryDirectory(prefix="pb-bench-") as where:
        early, late, project = registrations(Path(where), versions)
        manifest = project.root / f"inputs/named_files/{NAME}/manifest.json"
        entries = len(json.loads(manifest.read_bytes()))
        assert entries == versions, f"the manifest has {entries} entries"  # noqa: S101
        costs = references(project, versions)
        opening = statistics.median(
            milliseconds(lambda: Project.open(project.root).close()) for _ in range(9)
        )
        project.close()
    growth = late / early
    print(f"| registering one small file, {versions:,} versions of one name | ms |\n|---|---|")
    print(f"| the 10th | {early:.1f} |\n| the {versions:,}th | {late:.1f} |")
    print(f"| growth (at most {MOST_GROWTH}) | {growth:.2f} x |")
    print(f"| opening the project | {opening:.1f} |\n")
    print(f"| a reference (at most {MOST_MS_PER_REFERENCE:g} ms) | ms |\n|---|---|")
    for pattern, cost in costs.items():
        print(f"| `{pattern}` | {cost:.2f} |")
    return int(growth > MOST_GROWTH or max(costs.values()) > MOST_MS_PER_REFERENCE)


if __name__ == "__main__":
    sys.exit(main())
