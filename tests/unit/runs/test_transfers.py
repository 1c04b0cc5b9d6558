"""Handing results on: transfer-mode, and the transfers of a group (spec/framework.md 5.4)."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from preboard.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from preboard.project.project import Project
    from preboard.runs.result import Run

    Start = Callable[..., Run]

BODY = '$[1*][ @where = "{}" #b == "x" ]'


@pytest.fixture
def target(project: Project) -> Path:
    return project.root / "transfers"


def files(target: Path) -> dict[str, str]:
    found = (path for path in sorted(target.rglob("*")) if path.is_file())
    return {path.relative_to(target).as_posix(): path.read_text() for path in found}


class TestTransferMode:
    def test_data_goes_where_the_variable_says(
        self, start: Start, project: Project, target: Path
    ) -> None:
        run = start("~ id: one transfer-mode: data > where ~ " + BODY.format("out/one.csv"))
        assert files(target) == {"out/one.csv": "1,x\n2,x\n"}
        (instance,) = run.instances
        data = f"{instance.manifest.instance_home}/data.csv"
        assert instance.manifest.transfers == [
            ("data.csv", "where", data, "transfers/out/one.csv", "w")
        ]
        assert "failed_transfers" not in json.loads((instance.home / "manifest.json").read_text())
        assert project.verify() == []

    def test_a_second_run_replaces_and_plus_appends(
        self, start: Start, project: Project, target: Path
    ) -> None:
        mode = "~ transfer-mode: data > where, data > log+ ~ "
        start(mode + BODY.format("one.csv").replace("#b", '@log = "log.csv" #b'))
        run = project.run("six", "checks")
        assert files(target) == {"log.csv": "1,x\n2,x\n" * 2, "one.csv": "1,x\n2,x\n"}
        assert [each[4] for each in run.instances[0].manifest.transfers or []] == ["w", "a"]

    def test_every_file_has_a_word_or_its_name(self, start: Start, target: Path) -> None:
        words = ["data", "unmatched", "printouts", "vars", "errors", "meta", "source", "vars.json"]
        mode = ", ".join(f"{word} > v{place}" for place, word in enumerate(words))
        body = " ".join(f'@v{place} = "{place}.txt"' for place in range(len(words)))
        run = start(
            f'~ transfer-mode: {mode} unmatched-mode: keep ~ $[*][ {body} #b == "x" print("p") ]'
        )
        assert not run.instances[0].manifest.failed_transfers
        found = files(target)
        assert sorted(found) == [f"{place}.txt" for place in range(len(words))]
        assert found["6.txt"].startswith("a,b\n")
        assert found["5.txt"].startswith("{")
        assert found["3.txt"] == found["7.txt"]

    def test_the_manifest_goes_last_and_tells_of_the_others(
        self, start: Start, project: Project, target: Path
    ) -> None:
        mode = "~ transfer-mode: manifest > m, data > where ~ "
        run = start(mode + BODY.format("one.csv").replace("#b", '@m = "m.json" #b'))
        handed = json.loads(files(target)["m.json"])
        assert handed["valid"] is True
        assert [each[0] for each in handed["transfers"]] == ["data.csv"]
        names = [each[0] for each in run.instances[0].manifest.transfers or []]
        assert names == ["data.csv", "manifest.json"]
        assert project.verify() == []

    @pytest.mark.parametrize(
        ("value", "why"),
        [
            ("../out.csv", "no path inside"),
            ("a/../../out.csv", "no path inside"),
            ("/etc/out.csv", "no path inside"),
            ("a\\\\b.csv", "no path inside"),
            ("s3://bucket/x", "no path below transfers"),
            (".", "names no file"),
            ("link/out.csv", "leads out of"),
            ("x" * 300, "name too long"),
            ("dir", "directory"),
        ],
    )
    def test_what_leads_astray_is_told_and_the_run_goes_on(
        self, start: Start, project: Project, target: Path, value: str, why: str
    ) -> None:
        (target / "dir").mkdir(parents=True)
        (project.root.parent / "else").mkdir()
        (target / "link").symlink_to(project.root.parent / "else")
        run = start("~ transfer-mode: data > where ~ " + BODY.format(value))
        assert run.state == "complete"
        assert run.valid
        manifest = run.instances[0].manifest
        (failed,) = manifest.failed_transfers or []
        assert failed[:2] == ("data", "where")
        assert why in failed[2].lower()
        assert not manifest.transfers
        assert files(target) == {}
        assert not list((project.root.parent / "else").iterdir())

    @pytest.mark.parametrize(
        ("mode", "why"),
        [
            ("data > nowhere", "no variable 'nowhere'"),
            ("unmatched > where", "left no 'unmatched.csv'"),
            ("totals.parquet > where", "left no 'totals.parquet'"),
            ("data > number", "holds no path"),
        ],
    )
    def test_what_is_missing_is_told(
        self, start: Start, mode: str, why: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        body = BODY.format("one.csv").replace("#b", "@number = 5 #b")
        run = start(f"~ transfer-mode: {mode} ~ {body}")
        (failed,) = run.instances[0].manifest.failed_transfers or []
        assert why in failed[2]
        assert why in caplog.text
        assert run.valid

    def test_a_run_that_fails_hands_nothing_on(self, start: Start, target: Path) -> None:
        first = "~ id: ok transfer-mode: data > where ~ " + BODY.format("one.csv")
        with pytest.raises(DataError):
            start(first, "~ validation-mode: raise ~ $[1*][ int(#b) ]")
        assert files(target) == {}


OCCASIONS = ["on_complete_all", "on_complete_valid", "on_complete_invalid", "on_complete_error"]
STATEMENTS = {
    "valid": '~ id: one ~ $[1*][ @all = "all" @valid = "v" @invalid = "i" @error = "e" ]',
    "invalid": '~ id: one ~ $[1*][ @all = "all" @valid = "v" @invalid = "i" @error = "e" fail() ]',
    "errors": '~ id: one validation-mode: no-fail ~ '
    '$[1*][ @all = "all" @valid = "v" @invalid = "i" @error = "e" int(#b) ]',
}  # fmt: skip


class TestDefinitions:
    def run(self, project: Project, transfers: dict[str, Any], statement: str) -> Run:
        source = project.root / "one.csvpath"
        source.write_text(statement)
        definition = project.root / "definition.json"
        config = {"groups": {"checks": {"transfers": transfers}}}
        definition.write_text(json.dumps({"checks": [str(source)], "_config": config}))
        project.register("six", io.BytesIO(b"a,b\n1,x\n"), file_name="six.csv")
        project.load_group("checks", definition)
        return project.run("six", "checks")

    @pytest.mark.parametrize("nested", [True, False])
    @pytest.mark.parametrize("short", [True, False])
    @pytest.mark.parametrize(
        ("kind", "expected"),
        [("valid", ["all", "v"]), ("invalid", ["all", "i"]), ("errors", ["all", "e", "v"])],
    )
    def test_each_occasion_is_honoured_in_every_form(
        self,
        project: Project,
        target: Path,
        nested: bool,
        short: bool,
        kind: str,
        expected: list[str],
    ) -> None:
        def item(variable: str) -> dict[str, str]:
            return {"vars": variable} if short else {"file": "vars", "transfer_to": variable}

        said = {each: [item(each.removeprefix("on_complete_"))] for each in OCCASIONS}
        transfers: dict[str, Any] = {"one": said}
        self.run(project, {"path_transfers": transfers} if nested else transfers, STATEMENTS[kind])
        assert sorted(files(target)) == expected

    def test_what_is_left_out_is_left_out(self, project: Project, target: Path) -> None:
        transfers = {"one": {"on_complete_valid": [{"vars": "valid"}]}}
        run = self.run(project, transfers, STATEMENTS["valid"])
        assert sorted(files(target)) == ["v"]
        assert not run.instances[0].manifest.failed_transfers

    @pytest.mark.parametrize(
        "transfers",
        [
            {"path_transfers": []},
            {"one": ["vars"]},
            {"one": {"on_complete_all": {"vars": "all"}}},
            {"one": {"on_complete_all": ["vars"]}},
            {"one": {"on_complete_all": [{"file": "vars", "transfer_to": 1}]}},
            {"one": {"on_complete_all": [{"../../etc/passwd": "all"}]}},
        ],
    )
    def test_a_form_that_is_none_is_told_and_the_run_goes_on(
        self, project: Project, target: Path, transfers: dict[str, Any]
    ) -> None:
        run = self.run(project, transfers, STATEMENTS["valid"])
        assert run.valid
        assert len(run.instances[0].manifest.failed_transfers or []) == 1
        assert files(target) == {}
