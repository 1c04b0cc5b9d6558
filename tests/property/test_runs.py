"""Statements that do not act on one another come to the same in every way to run them."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from preboard.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preboard.runs.result import Run

STATEMENTS = [
    "$[*][ yes() ]",
    '$[1*][ #0 == "1" ]',
    "$[1*][ int(#0) ]",
    "$[*][ last() -> @end = line_number() ]",
    "$[0-2][ @n = count_lines() ]",
    '$[1*][ #0 == "2" -> stop() push("s", line_number()) ]',
    '$[*][ #0 == "1" -> advance(1) push("s", line_number()) ]',
    '$[1*][ skip(#0 == "1") @seen = count() print("$.csvpath.line_number") ]',
    "$[2+4][ has_dups(#0) ]",
]
MODES = ["", "unmatched-mode: keep", "return-mode: no-matches unmatched-mode: keep"]

members = st.lists(
    st.tuples(st.sampled_from(STATEMENTS), st.sampled_from(MODES)), min_size=1, max_size=4
)
cells = st.sampled_from(["1", "2", "x", "", '"a\nb"'])
data = st.lists(st.tuples(cells, cells), max_size=8)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with Project.create(tmp_path_factory.mktemp("runs") / "acme") as made:
        yield made


def outcome(run: Run) -> list[object]:
    """Return what a run came to, but for its times and places."""
    found: list[object] = []
    for each in run.instances:
        manifest = each.manifest
        meta = json.loads((each.home / "meta.json").read_text())["runtime_data"]
        found.append(
            [
                each.identity, list(each.lines()), list(each.unmatched()), each.variables,
                each.printouts, [(error.line_count, error.message) for error in each.errors()],
                manifest.valid, manifest.completed, manifest.files_expected,
                meta["count_lines"], meta["count_scans"], meta["count_matches"],
            ]
        )  # fmt: skip
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(members=members, rows=data)
def test_serial_and_by_line_come_to_the_same(
    project: Project, members: list[tuple[str, str]], rows: list[tuple[str, str]]
) -> None:
    text = "a,b\n" + "".join(f"{one},{other}\n" for one, other in rows)
    project.register("rows", io.BytesIO(text.encode()), file_name="rows.csv")
    texts = [
        f"~ id: m{place} {modes} ~ {statement}" for place, (statement, modes) in enumerate(members)
    ]
    project.load_group("checks", texts)
    serial = project.run("rows", "checks", delimiter=",")
    by_line = project.run("rows", "checks", method="collect_by_line", delimiter=",")
    assert outcome(serial) == outcome(by_line)
