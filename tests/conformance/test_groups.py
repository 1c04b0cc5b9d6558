"""The recorded cases with databases, written files or groups: those that need no project.

`groups.jsonl` holds what was recorded, `groups-decided.json` our answer to each of its divergent
cases that is run here. A case runs in a directory of its own, with its databases and files.
"""

from __future__ import annotations

import json
import re
import sqlite3
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from tests.conformance.cases import HERE, plain, same

import preboard

if TYPE_CHECKING:
    from pathlib import Path

RECORDED = [
    json.loads(line) for line in (HERE / "groups.jsonl").read_text(encoding="utf-8").splitlines()
]
DECIDED: dict[str, dict[str, Any]] = json.loads(
    (HERE / "groups-decided.json").read_text(encoding="utf-8")
)
DATA = HERE / "data" / "functions-b"

PROJECT = re.compile(r"\b(?:import|jinja|collect_original|fail_all)\(|RUN:printouts")
BUFFER = re.compile(r"_\w+_(?:entity|index)")
"""Variables in which the reference gathers the rows of parquet()."""


def needs_project(case):
    """Say whether a case needs groups, results or places that only a project has."""
    several = len(case.get("groups", [])) > 1 or any(
        len(group["paths"]) > 1 for group in case.get("groups", [])
    )
    return several or PROJECT.search(json.dumps(case)) is not None


ALONE = [case for case in RECORDED if not needs_project(case)]


def statement_of(case):
    return case["single"] if "single" in case else case["groups"][0]["paths"][0]


def prepared(case, folder: Path):
    """Put databases, files and data in place; return the path of the data."""
    for name, commands in case.get("sqlite", {}).items():
        connection = sqlite3.connect(folder / name)
        for command in commands:
            connection.execute(command)
        connection.commit()
        connection.close()
    for name, text in case.get("files", {}).items():
        (folder / name).write_text(text, encoding="utf-8")
    data = case["data"]
    if isinstance(data, str):
        return DATA / data
    (folder / data["name"]).write_text(data["text"], encoding="utf-8")
    return data["name"]


def written(name, folder: Path):
    """Return what a file of the run holds, None if there is none."""
    path = folder / "parquet" / name.removeprefix("RUN:").removeprefix("parquet/")
    if not path.exists():
        return None
    table = pq.read_table(path)
    columns = [[field.name, str(field.type)] for field in table.schema]
    return {"columns": columns, "rows": plain(table.to_pylist())}


def outcome(case, folder: Path):
    """Run a case; return what came out under the keys of its expectation."""
    source = prepared(case, folder)
    try:
        report = preboard.validate(statement_of(case), source, delimiter=",", quotechar='"')
    except preboard.StatementError:
        return {"refused": True}
    return {
        "variables": plain(report.variables),
        "valid": report.valid,
        "stopped": report.stopped,
        "matches": report.counts.matches,
        "error_lines": sorted({error.line for error in report.errors}),
        "printouts": {name: list(texts) for name, texts in report.printouts.items()},
        "metadata": {
            key: value
            for key, value in report.metadata.items()
            if key not in ("print-mode", "original_comment")
        },
        "files": {name: written(name, folder) for name in case.get("show", [])},
    }


def wanted(case):
    """Return what a case shall come to: our decision, else what was recorded."""
    if "divergent" in case:
        return DECIDED[case["id"]]["expect"]
    (runs,) = case["expect"]["runs"].values()
    (run,) = runs
    expected = {key: run[key] for key in ("valid", "stopped", "matches")}
    expected["variables"] = {k: v for k, v in run["variables"].items() if not BUFFER.fullmatch(k)}
    expected["error_lines"] = sorted({error["line"] for error in run["errors"]})
    for key in ("printouts", "metadata"):
        if key in run:
            expected[key] = run[key]
    if "files" in case["expect"]:
        expected["files"] = case["expect"]["files"]
    return expected


@pytest.mark.parametrize("case", ALONE, ids=lambda case: case["id"])
def test_case(case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    got = outcome(case, tmp_path)
    expected = wanted(case)
    differing = {key: (value, got.get(key)) for key, value in expected.items()
                 if not same(value, got.get(key))}  # fmt: skip
    assert not differing, statement_of(case)


def test_every_divergent_case_is_decided():
    """Each decision says why, and belongs to a case that runs here."""
    divergent = {case["id"] for case in ALONE if "divergent" in case}
    assert divergent == DECIDED.keys()
    for case in ALONE:
        if case["id"] in DECIDED:
            assert DECIDED[case["id"]]["csvpath"] == statement_of(case)
            assert DECIDED[case["id"]]["decided"]


def test_what_needs_a_project_is_little_more_than_the_groups():
    """A case that could run here and does not would be nobody's."""
    assert {case["id"].partition(".")[0] for case in RECORDED if needs_project(case)} == {
        "collect_original", "fail", "fail_all", "import", "jinja", "metaphone", "print",
    }  # fmt: skip
    assert len(ALONE) > 40
