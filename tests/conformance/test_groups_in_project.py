"""The recorded cases of groups, each run in a project of its own.

`groups.jsonl` holds what was recorded; where a project of ours comes to something else,
`groups-differs.json` says what and why. Cases with databases name them by connection strings, which
no statement of a project may: they run in `test_groups.py`, with those of single statements.
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from tests.conformance.cases import HERE, plain, same
from tests.conformance.test_groups import ALONE, BUFFER, DATA, DECIDED, RECORDED

from preboard.errors import PreboardError
from preboard.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from preboard.runs.result import Instance, Run

Case = dict[str, Any]

DIFFERS: dict[str, Case] = json.loads((HERE / "groups-differs.json").read_text(encoding="utf-8"))
IN_PROJECT = [case for case in RECORDED if "groups" in case and "sqlite" not in case]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project that is copied: to make one takes longer than most cases."""
    made = tmp_path_factory.mktemp("empty") / "acme"
    Project.create(made).close()
    return made


@pytest.fixture
def project(tmp_path: Path, empty: Path) -> Iterator[Project]:
    with Project.open(shutil.copytree(empty, tmp_path / "acme")) as made:
        yield made


def outcome(case: Case, project: Project) -> dict[str, Any]:
    """Run the groups of a case; return what came out under the keys of its expectation."""
    project.register("data", DATA / case["data"])
    runs: dict[str, Run] = {}
    for group in case["groups"]:
        name = group["name"]
        project.load_group(name, group["paths"])
        for file, text in case.get("files", {}).items():
            (project.place.path(project.place.groups) / name / file).write_text(text)
        if group["run"]:
            try:
                runs[name] = project.run(
                    "data", name, method=case.get("method", "collect_paths"), delimiter=","
                )
            except PreboardError as error:
                return {"refused": error.message}
    home = runs[case["groups"][-1]["name"]].instances[0].home
    return {
        "runs": {
            name: [came(each) for each in run.instances] for name, run in runs.items()
        },
        "files": {name: written(home / name.removeprefix("RUN:")) for name in case.get("show", [])},
    }  # fmt: skip


def came(instance: Instance) -> dict[str, Any]:
    """Return what an instance came to, from the files that it left."""
    meta = json.loads((instance.home / "meta.json").read_text(encoding="utf-8"))
    runtime = meta["runtime_data"]
    errors = list(instance.errors())
    return {
        "identity": instance.identity,
        "variables": plain(instance.variables),
        "valid": instance.valid,
        "stopped": runtime["stopped"],
        "matches": runtime["count_matches"],
        "error_lines": sorted({error.line_count for error in errors}),
        "printouts": instance.printouts,
        "metadata": {
            key: value
            for key, value in instance.metadata.items()
            if key not in ("NAME", "print-mode", "original_comment", "run-mode", "return-mode")
        },
    }


def written(path: Path) -> Any:
    """Return what a file holds, None if there is none."""
    if not path.exists():
        return None
    if path.suffix != ".parquet":
        return path.read_text(encoding="utf-8")
    table = pq.read_table(path)
    columns = [[field.name, str(field.type)] for field in table.schema]
    return {"columns": columns, "rows": plain(table.to_pylist())}


def wanted(case: Case) -> dict[str, Any]:
    """Return what a case shall come to: our decision, else what was recorded."""
    if case["id"] in DIFFERS:
        return DIFFERS[case["id"]]["expect"]
    expect = case["expect"]
    decided = DECIDED[case["id"]]["expect"] if case["id"] in DECIDED else {}
    runs = {
        name: [{**_recorded(each), **_of_instance(decided)} for each in instances]
        for name, instances in expect["runs"].items()
    }
    return {"runs": runs, "files": decided.get("files", expect.get("files", {}))}


def _of_instance(decided: Case) -> Case:
    """Return a decision about the run of a single statement, without what a file holds dates as."""
    return {key: value for key, value in decided.items() if key != "files"}


def _recorded(instance: Case) -> Case:
    found = {key: instance[key] for key in ("identity", "valid", "stopped", "matches")}
    found["variables"] = {k: v for k, v in instance["variables"].items() if not BUFFER.fullmatch(k)}
    found["error_lines"] = sorted({error["line"] for error in instance["errors"]})
    return {**found, "printouts": instance["printouts"], "metadata": instance["metadata"]}


def differing(expected: Case, got: Case) -> dict[str, Any]:
    """Return what differs, by where it stands."""
    if "refused" in expected or "refused" in got:
        return {} if expected.get("refused") == got.get("refused") else {"refused": got}
    found = {}
    for name, instances in expected["runs"].items():
        for place, instance in enumerate(instances):
            for key, value in instance.items():
                had = got["runs"][name][place].get(key)
                if not same(value, had):
                    found[f"{name}.{place}.{key}"] = (value, had)
    for name, content in expected["files"].items():
        if not same(content, got["files"][name]):
            found[name] = (content, got["files"][name])
    return found


@pytest.mark.parametrize("case", IN_PROJECT, ids=lambda case: case["id"])
def test_case(case: Case, project: Project) -> None:
    expected = wanted(case)
    got = outcome(case, project)
    assert not differing(expected, got), case["groups"]
    if "runs" in expected:
        assert {name: len(runs) for name, runs in expected["runs"].items()} == {
            name: len(runs) for name, runs in got["runs"].items()
        }


def test_every_difference_is_told_and_is_one() -> None:
    """A decision says why, and is not what was recorded anyway; divergent cases are decided."""
    cases = {case["id"]: case for case in IN_PROJECT}
    for name, decision in DIFFERS.items():
        assert decision["differs"]
        recorded = cases[name]["expect"]
        runs = {key: [_recorded(each) for each in runs] for key, runs in recorded["runs"].items()}
        assert decision["expect"] != {"runs": runs, "files": recorded.get("files", {})}
    divergent = {case["id"] for case in IN_PROJECT if "divergent" in case}
    assert divergent <= DIFFERS.keys() | DECIDED.keys()


def test_every_recorded_case_is_run_somewhere() -> None:
    assert {case["id"] for case in RECORDED} == {case["id"] for case in [*ALONE, *IN_PROJECT]}
