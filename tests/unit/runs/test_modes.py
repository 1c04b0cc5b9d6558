"""The modes that matter to runs (spec/framework.md 2)."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import pytest

from preboard.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from preboard.project.project import Project
    from preboard.runs.result import Run

    Start = Callable[..., Run]

COLLECT = ["collect_paths", "collect_by_line"]
ALL = [*COLLECT, "fast_forward_paths", "fast_forward_by_line", "next_paths", "next_by_line"]
XS = '~ id: xs {} ~ $[1*][ #b == "x" ]'


@pytest.mark.parametrize("method", ALL)
def test_no_run_has_neither_directory_nor_entry(
    start: Start, project: Project, method: str
) -> None:
    run = start("~ id: off run-mode: no-run ~ $[*][ yes() ]", XS.format(""), method=method)
    assert [each.identity for each in run.instances] == ["xs"]
    assert not (run.home / "off").exists()
    ledger = json.loads((project.root / "archive/manifest.json").read_text())
    assert [entry["identity"] for entry in ledger] == ["xs"]


class TestPreceding:
    REST = '~ id: rest source-mode: preceding ~ $[1*][ #0 == "2" push("n", line_number()) ]'

    def test_a_statement_reads_what_the_one_before_left(self, start: Start) -> None:
        head = '~ id: head ~ $[*][ or(#b == "x", line_number() == 0) ]'
        run = start(head, self.REST)
        rest = run.instance("rest")
        assert list(run.instance("head").lines()) == [["a", "b"], ["1", "x"], ["2", "x"]]
        assert list(rest.lines()) == [["2", "x"]]
        data = f"{run.manifest.run_home}/head/data.csv"
        assert rest.manifest.actual_data_file == data
        assert rest.manifest.source_mode_preceding
        assert rest.manifest.preceding_instance_identity == "head"
        assert rest.manifest.origin_data_file == run.manifest.named_file_path
        assert rest.metadata["source-mode-source"] == data
        assert "source-mode-source" not in run.instance("head").metadata

    def test_one_that_does_not_run_is_passed_over(self, start: Start) -> None:
        off = "~ id: off run-mode: no-run ~ $[*][ no() ]"
        run = start(XS.format(""), off, self.REST.replace("1*", "*"))
        assert run.instance("rest").manifest.preceding_instance_identity == "xs"
        assert list(run.instance("rest").lines()) == [["2", "x"]]

    def test_the_first_reads_the_file(self, start: Start) -> None:
        run = start(self.REST)
        assert run.instances[0].manifest.actual_data_file == run.manifest.named_file_path
        assert list(run.instances[0].lines()) == [["2", "x"]]

    def test_it_reads_no_line_where_none_was_left(self, start: Start) -> None:
        run = start("~ id: none ~ $[*][ no() ]", self.REST)
        assert run.state == "complete"
        assert list(run.instance("rest").lines()) == []

    def test_what_is_written_with_another_delimiter_is_read_with_it(self, start: Start) -> None:
        head = "~ id: head use-delimiter: pipe ~ $[*][ yes() ]"
        run = start(head, self.REST, data="a|b\n1|x,y\n2|x,y\n")
        assert list(run.instance("rest").lines()) == [["2", "x,y"]]

    @pytest.mark.parametrize("method", ["fast_forward_paths", "next_paths"])
    def test_it_reads_the_file_where_no_lines_are_kept(self, start: Start, method: str) -> None:
        run = start("~ id: none ~ $[*][ no() ]", self.REST, method=method)
        assert run.instance("rest").variables["n"] == [1, 2, 3, 4, 5]
        assert run.instance("rest").manifest.actual_data_file == run.manifest.named_file_path

    def test_by_line_it_is_refused_before_there_is_a_run(
        self, start: Start, project: Project
    ) -> None:
        with pytest.raises(InputError, match="'rest' reads what the statement before it left"):
            start(XS.format(""), self.REST, method="collect_by_line")
        assert list(project.catalog.runs.each()) == []
        assert project.catalog.runs.going_on() == []


FILES = [
    ("", True, 3),
    ("files-mode: all", False, 6),
    ("files-mode: data", True, 1),
    ("files-mode: no-data", False, 1),
    ("files-mode: unmatched", False, 1),
    ("files-mode: no-unmatched, meta", True, 2),
    ("files-mode: printouts", False, 1),
    ("files-mode: no-printouts", True, 1),
    ("files-mode: vars, errors, meta", True, 3),
    ("files-mode: unmatched unmatched-mode: keep", True, 1),
    ("files-mode: no-unmatched unmatched-mode: keep", False, 1),
]


@pytest.mark.parametrize(("modes", "expected", "count"), FILES)
def test_files_mode_says_which_files_are_to_be_there(
    start: Start, modes: str, expected: bool, count: int
) -> None:
    run = start(XS.format(modes))
    manifest = run.instances[0].manifest
    assert manifest.files_expected is expected
    assert manifest.number_of_files_expected == count
    assert run.manifest.all_expected_files is expected


def test_all_six_files_can_be_there(start: Start) -> None:
    statement = (
        '~ files-mode: all unmatched-mode: keep ~ $[*][ #b == "x" print("$.csvpath.count_lines") ]'
    )
    manifest = start(statement).instances[0].manifest
    assert manifest.files_expected
    assert manifest.number_of_files_generated == 6


def test_an_empty_data_csv_counts_as_no_data(start: Start) -> None:
    run = start("~ files-mode: no-data ~ $[*][ no() ]")
    assert run.instances[0].file("data.csv") is not None
    assert run.manifest.all_expected_files is True


@pytest.mark.parametrize("method", COLLECT)
def test_unmatched_mode_keeps_the_other_lines_in_every_way(start: Start, method: str) -> None:
    run = start(
        XS.format("unmatched-mode: keep"), XS.format("").replace("xs", "plain"), method=method
    )
    assert list(run.instances[0].unmatched()) == [["3", "y"], ["4", "y"], ["5", "z"]]
    assert run.instances[1].file("unmatched.csv") is None


@pytest.mark.parametrize("method", COLLECT)
def test_return_mode_turns_data_and_unmatched_round(start: Start, method: str) -> None:
    run = start(XS.format("return-mode: no-matches unmatched-mode: keep"), method=method)
    assert list(run.instances[0].lines()) == [["3", "y"], ["4", "y"], ["5", "z"]]
    assert list(run.instances[0].unmatched()) == [["1", "x"], ["2", "x"]]


@pytest.mark.parametrize("method", COLLECT)
def test_logic_mode_or_needs_one_component(start: Start, method: str) -> None:
    run = start('~ logic-mode: OR ~ $[1*][ #b == "z" #a == 1 ]', method=method)
    assert list(run.instances[0].lines()) == [["1", "x"], ["5", "z"]]


class TestPrinting:
    TWO = '~ print-mode: {} ~ $[1][ print("one") print("two", "other") print("x", "../out") ]'

    @pytest.mark.parametrize("mode", ["default", "no-default"])
    def test_printouts_are_kept_and_nothing_reaches_the_terminal(
        self, start: Start, mode: str, capfd: pytest.CaptureFixture[str]
    ) -> None:
        run = start(self.TWO.format(mode))
        text = (run.instances[0].home / "printouts.txt").read_text()
        assert text.startswith("---- PRINTOUT: default\none\n---- PRINTOUT: other\ntwo\n")
        assert run.instances[0].printouts["other"] == ["two"]
        assert capfd.readouterr() == ("", "")

    def test_separate_gives_each_printer_a_file_if_its_name_can_be_one(self, start: Start) -> None:
        run = start(self.TWO.format("separate"))
        instance = run.instances[0]
        assert (instance.home / "other.txt").read_text() == "two\n"
        assert "other.txt" in (instance.manifest.file_fingerprints or {})
        assert sorted(path.name for path in run.home.iterdir()) == ["0", "manifest.json"]

    def test_a_printer_cannot_take_the_name_of_a_result(self, start: Start) -> None:
        run = start('~ print-mode: separate ~ $[1][ print("x", "printouts") ]')
        assert run.instances[0].printouts == {"printouts": ["x"]}

    def test_no_printouts_no_file(self, start: Start) -> None:
        assert start("$[*][ yes() ]").instances[0].file("printouts.txt") is None


def test_explain_mode_tells_the_log(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="preboard.explain"):
        start('~ explain-mode: explain ~ $[1][ #b == "x" ]')
    assert any("resulting in" in message for message in caplog.messages)
