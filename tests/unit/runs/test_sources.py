"""What a run may read, which part of a group it runs, where it lies, what is kept with it."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from preboard.archive import homes
from preboard.errors import (
    Conflict,
    DataError,
    InputError,
    NameRefused,
    NotFound,
    StoreError,
    Tampered,
)
from preboard.runs import running

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from preboard.project.project import Project
    from preboard.runs.result import Run

    Start = Callable[..., Run]

ALPHA = '~ id: alpha unmatched-mode: keep ~ $[*][ or(line_number() == 0, #b == "x") ]'
BETA = "~ id: beta ~ $[1*][ #a == 2 ]"
GAMMA = "~ id: gamma ~ $[*][ yes() ]"


class TestResultsOfOtherRuns:
    def test_an_instance_is_read_by_its_data(self, start: Start, project: Project) -> None:
        first = start(ALPHA, BETA, GAMMA)
        again = project.run("$checks.results.:last.alpha", "$checks.csvpaths.beta:from")
        assert [each.identity for each in again.instances] == ["beta", "gamma"]
        assert [each.manifest.instance_index for each in again.instances] == ["0", "1"]
        assert list(again.instance("beta").lines()) == [["2", "x"]]
        data = f"{first.manifest.run_home}/alpha/data.csv"
        assert again.manifest.named_file_path == data
        assert again.manifest.named_file_uuid is None
        assert again.manifest.named_paths_name == "$checks.csvpaths.beta:from"
        assert again.instances[0].manifest.origin_data_file is None
        assert again.home.parent == first.home.parent

    def test_last_means_the_last_run_that_has_the_instance(
        self, start: Start, project: Project
    ) -> None:
        first = start(ALPHA, BETA)
        project.run("$checks.results.:last.alpha", "checks#beta")
        third = project.run("$checks.results.:last.alpha", "checks#beta")
        assert third.manifest.named_file_path == f"{first.manifest.run_home}/alpha/data.csv"

    def test_the_unmatched_lines_are_a_file_too(self, start: Start, project: Project) -> None:
        start(ALPHA, GAMMA)
        run = project.run("$checks.results.:last.alpha:unmatched", "checks#gamma")
        assert [line[0] for line in run.instances[0].lines()] == ["3", "4", "5"]

    def test_it_is_read_as_it_was_written(self, start: Start, project: Project) -> None:
        """One field with semicolons in it would be taken for several."""
        start("~ id: alpha ~ $[*][ yes() ]", data="a\n1;2\n3;4\n", delimiter=",")
        run = project.run("$checks.results.:last.alpha", "checks")
        assert list(run.instances[0].lines()) == [["a"], ["1;2"], ["3;4"]]

    def test_bytes_that_were_changed_since_stop_it(self, start: Start, project: Project) -> None:
        run = start(ALPHA)
        data = run.instances[0].home / "data.csv"
        data.chmod(0o644)
        data.write_text("a,b\n2,x\n")
        with pytest.raises(Tampered, match="are no longer those that were stored"):
            project.run("$checks.results.:last.alpha", "checks")

    def test_a_run_is_no_file(self, start: Start, project: Project) -> None:
        start(ALPHA)
        with pytest.raises(InputError, match="is a run, not a file"):
            project.run("$checks.results.:last", "checks")

    def test_what_holds_no_lines_is_none(self, start: Start, project: Project) -> None:
        start(ALPHA)
        with pytest.raises(InputError, match="holds no lines"):
            project.run("$checks.results.:last.alpha:vars", "checks")

    def test_what_was_not_left_is_not_found(self, start: Start, project: Project) -> None:
        start(ALPHA, method="fast_forward_paths")
        with pytest.raises(NotFound, match=r"left no data\.csv"):
            project.run("$checks.results.:last.alpha", "checks")

    def test_a_failed_run_has_no_whole_lines(self, start: Start, project: Project) -> None:
        with pytest.raises(DataError):
            start("~ id: alpha validation-mode: raise ~ $[1*][ int(#b) ]")
        with pytest.raises(InputError, match="failed: what it left is not whole"):
            project.run("$checks.results.:last.alpha", "checks")


class TestParts:
    @pytest.mark.parametrize(
        ("paths", "identities"),
        [
            ("checks#beta", ["beta"]),
            ("checks#1", ["beta"]),
            ("$checks.csvpaths.alpha", ["alpha"]),
            ("$checks.csvpaths.:1", ["beta"]),
            ("$checks.csvpaths.1:from", ["beta", "gamma"]),
            ("$checks.csvpaths.beta:to", ["alpha", "beta"]),
        ],
    )
    def test_a_part_of_a_group_runs_under_the_group(
        self, start: Start, project: Project, paths: str, identities: list[str]
    ) -> None:
        start(ALPHA, BETA, GAMMA)
        run = project.run("six", paths)
        assert [each.identity for each in run.instances] == identities
        assert run.home.parent.name == "checks"

    def test_a_statement_that_is_not_there(self, start: Start, project: Project) -> None:
        start(ALPHA)
        with pytest.raises(NotFound, match="has no statement 'zeta'"):
            project.run("six", "$checks.csvpaths.zeta:from")


class TestVersions:
    def test_several_files_want_run_each(self, start: Start, project: Project) -> None:
        start(GAMMA)
        project.register("six", io.BytesIO(b"a\n9\n"), file_name="six.csv")
        with pytest.raises(Conflict, match="means 2 files"):
            project.run("$six.files.:all", "checks")
        runs = project.run_each("$six.files.:all", "checks")
        assert [sum(1 for _ in run.instances[0].lines()) for run in runs] == [6, 2]
        assert [run.manifest.named_file_name for run in runs] == ["$six.files.:all"] * 2

    def test_the_version_and_the_text_that_were_run_are_named(
        self, start: Start, project: Project
    ) -> None:
        run = start(GAMMA)
        version = project.register("six", io.BytesIO(b"a,b\n"), file_name="six.csv")
        project.load_group("checks", [BETA])
        row = project.catalog.runs.by_id(run.id)
        assert row is not None
        assert row.version != version.id
        found = project.catalog.versions.by_id(row.version or "")
        assert found is not None
        assert found.fingerprint == run.manifest.named_file_fingerprint
        load = project.catalog.loads.by_id(row.load)
        assert load is not None
        assert "gamma" in load.text

    def test_bytes_that_were_changed_halt_the_run_before_it_begins(
        self, start: Start, project: Project
    ) -> None:
        run = start(GAMMA)
        stored = project.root / (run.manifest.named_file_path or "")
        stored.chmod(0o644)
        stored.write_text("a,b\n9,z\n")
        with pytest.raises(Tampered):
            project.run("six", "checks")
        assert len(list(project.catalog.runs.each())) == 1
        assert project.catalog.runs.going_on() == []

    def test_bytes_that_are_gone_are_told(self, start: Start, project: Project) -> None:
        run = start(GAMMA)
        (project.root / (run.manifest.named_file_path or "")).unlink()
        with pytest.raises(Tampered):
            project.run("six", "checks")

    def test_the_newest_version_is_read_with_the_delimiter_that_is_said(
        self, start: Start, project: Project
    ) -> None:
        start(GAMMA, data="a:b\n1:2\n")
        run = project.run("six", "checks", delimiter=":")
        assert list(run.instances[0].lines()) == [["a", "b"], ["1", "2"]]

    @pytest.mark.parametrize(
        ("file", "expected"),
        [("book", "second"), ("book#first", "first"), ("$book#first.files.:last", "first")],
    )
    def test_a_worksheet_is_read_by_name_and_by_reference(
        self, project: Project, tmp_path: Path, file: str, expected: str
    ) -> None:
        openpyxl = pytest.importorskip("openpyxl")
        book = openpyxl.Workbook()
        for sheet in ("first", "second"):
            page = book.create_sheet(sheet)
            page.append(["sheet"])
            page.append([sheet])
        book.remove(book.worksheets[0])
        book.save(tmp_path / "book.xlsx")
        project.register("book", f"{tmp_path}/book.xlsx#second")
        project.load_group("checks", ["$[1*][ yes() ]"])
        run = project.run(file, "checks")
        assert list(run.instances[0].lines()) == [[expected]]


class TestPlaces:
    def test_a_template_makes_directories_from_the_source(
        self, project: Project, tmp_path: Path
    ) -> None:
        source = tmp_path / "in" / "eu" / "orders.csv"
        source.parent.mkdir(parents=True)
        source.write_text("a\n1\n")
        project.register("orders", source)
        project.load_group("checks", ["$[*][ yes() ]"])
        parts = len(source.parts) - 1  # without the root
        run = project.run("orders", "checks", template=f":{parts - 3}/x-:{parts - 2}/:run_dir")
        assert run.manifest.run_home.startswith("archive/checks/in/x-eu/")
        assert run.manifest.template == f":{parts - 3}/x-:{parts - 2}/:run_dir"
        assert project.result(run.reference).id == run.id
        runtime = json.loads((run.instances[0].home / "meta.json").read_text())["runtime_data"]
        assert runtime["run_reference"] == run.reference

    def test_the_template_of_the_group_is_used_when_none_is_said(
        self, start: Start, project: Project
    ) -> None:
        start(GAMMA)
        project.load_group("checks", [GAMMA], template="all/:run_dir")
        assert "/checks/all/" in project.run("six", "checks").manifest.run_home
        assert "/all/" not in project.run("six", "checks", template="").manifest.run_home

    @pytest.mark.parametrize("template", ["../:run_dir", "/:run_dir", ":99/:run_dir", "a"])
    def test_a_template_that_leads_astray_is_refused(
        self, start: Start, project: Project, template: str
    ) -> None:
        start(GAMMA)
        with pytest.raises(NameRefused):
            project.run("six", "checks", template=template)

    def test_runs_of_one_second_have_directories_of_their_own(
        self, start: Start, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        start(GAMMA)
        now = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
        monkeypatch.setattr(running, "utc_now", lambda: now)
        foreign = project.root / "archive/checks/2026-03-01_12-00-00_0"
        foreign.mkdir()
        (foreign / "note.txt").write_text("of another program")
        names = [project.run("six", "checks").home.name for _ in range(3)]
        second = "2026-03-01_12-00-00"
        assert names == [second, f"{second}_1", f"{second}_2"]
        assert [path.name for path in foreign.iterdir()] == ["note.txt"]

    def test_a_second_with_too_many_runs_is_told(
        self, start: Start, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        start(GAMMA)
        monkeypatch.setattr(homes, "MOST_IN_A_SECOND", 1)
        now = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
        monkeypatch.setattr(running, "utc_now", lambda: now)
        for _ in range(2):
            project.run("six", "checks")
        with pytest.raises(StoreError, match="no directory for a run of 'checks'"):
            project.run("six", "checks")


class TestExtraData:
    def test_texts_are_kept_beside_the_results(self, start: Start, project: Project) -> None:
        run = start(GAMMA, extra_data={"ticket": "47", "who": "é"})
        text = (run.home / "_extra_data/extra.json").read_text()
        assert json.loads(text) == {"ticket": "47", "who": "é"}
        assert project.verify() == []

    def test_without_it_there_is_no_directory(self, start: Start) -> None:
        assert not (start(GAMMA).home / "_extra_data").exists()

    @pytest.mark.parametrize("extra", [{"a": 1}, {1: "a"}, {"a": {"b": "c"}}])
    def test_only_texts_are_taken(self, start: Start, project: Project, extra: object) -> None:
        with pytest.raises(InputError, match="no text"):
            start(GAMMA, extra_data=extra)
        assert project.catalog.runs.going_on() == []
