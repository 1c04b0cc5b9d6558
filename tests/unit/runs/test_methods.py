"""Every way to run a group, and how statements act on one another (spec/framework.md 2)."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest

from preboard.errors import ConfigError, DataError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from preboard.project.project import Project
    from preboard.runs.result import Run

    Start = Callable[..., Run]

SERIAL = ["collect_paths", "fast_forward_paths", "next_paths"]
BY_LINE = ["collect_by_line", "fast_forward_by_line", "next_by_line"]
ALL = [*SERIAL, *BY_LINE]


def three(action: str) -> list[str]:
    """Return three statements that note the lines they see, of which the second acts on line 2."""
    seen = 'push("seen", line_number())'
    return [
        f"~ id: zero ~ $[*][ {seen} ]",
        f"~ id: one ~ $[*][ {seen} line_number.nocontrib() == 2 -> {action} ]",
        f"~ id: two ~ $[*][ {seen} ]",
    ]


def seen(run: Run) -> dict[str, list[int]]:
    return {each.identity: each.variables.get("seen", []) for each in run.instances}


@pytest.mark.parametrize("method", ALL)
def test_every_method_publishes_what_the_statements_came_to(start: Start, method: str) -> None:
    run = start("~ id: x ~ $[1*][ #b == 'x' ]".replace("'", '"'), "$[1*][ #a == 3 ]", method=method)
    assert run.state == "complete"
    assert run.valid
    assert run.completed
    assert [each.identity for each in run.instances] == ["x", "1"]
    assert run.manifest.method == method
    assert run.manifest.serial is (method in SERIAL)
    assert all(each.manifest.serial is run.manifest.serial for each in run.instances)
    collected = [["1", "x"], ["2", "x"]] if method.startswith("collect") else []
    assert list(run.instances[0].lines()) == collected
    assert (run.instances[0].file("data.csv") is not None) is method.startswith("collect")


def test_a_method_that_does_not_exist_is_refused(start: Start) -> None:
    with pytest.raises(ConfigError, match="there is no method 'collect'"):
        start("$[*][ yes() ]", method="collect")


LINES = list(range(6))
COORDINATION = [
    ("stop_all()", "serial", [LINES, [0, 1, 2]]),
    ("stop_all()", "by line", [[0, 1, 2], [0, 1, 2], [0, 1]]),
    ("stop()", "serial", [LINES, [0, 1, 2], LINES]),
    ("stop()", "by line", [LINES, [0, 1, 2], LINES]),
    ("skip_all()", "serial", [LINES, LINES, LINES]),
    ("skip_all()", "by line", [LINES, LINES, [0, 1, 3, 4, 5]]),
    ("skip()", "serial", [LINES, LINES, LINES]),
    ("skip()", "by line", [LINES, LINES, LINES]),
    ("advance_all(2)", "serial", [LINES, [0, 1, 2, 5], LINES]),
    ("advance_all(2)", "by line", [[0, 1, 2, 5], [0, 1, 2, 5], [0, 1, 2, 5]]),
    ("advance(2)", "serial", [LINES, [0, 1, 2, 5], LINES]),
    ("advance(2)", "by line", [LINES, [0, 1, 2, 5], LINES]),
]


@pytest.mark.parametrize(("action", "way", "expected"), COORDINATION)
def test_which_lines_statements_see_when_one_acts(
    start: Start, action: str, way: str, expected: list[list[int]]
) -> None:
    for method in SERIAL if way == "serial" else BY_LINE:
        run = start(*three(action), method=method)
        assert list(seen(run).values()) == expected, method
        assert run.state == "complete"


@pytest.mark.parametrize("method", ALL)
def test_fail_all_makes_every_instance_invalid_also_those_before(
    start: Start, project: Project, method: str
) -> None:
    run = start(*three("fail_all()"), method=method)
    assert [each.valid for each in run.instances] == [False, False, False]
    assert run.manifest.all_valid is False
    for each in run.instances:
        assert '"valid": false' in (each.home / "meta.json").read_text()
    assert project.verify() == []


@pytest.mark.parametrize("method", ALL)
def test_fail_means_its_own_statement_only(start: Start, method: str) -> None:
    run = start(*three("fail()"), method=method)
    assert [each.valid for each in run.instances] == [True, False, True]


@pytest.mark.parametrize("method", SERIAL)
def test_stop_all_leaves_no_directory_for_what_did_not_run(start: Start, method: str) -> None:
    run = start(*three("stop_all()"), method=method)
    assert [each.identity for each in run.instances] == ["zero", "one"]
    assert not (run.home / "two").exists()


def test_stop_all_says_why_the_others_stopped(start: Start) -> None:
    run = start(*three("stop_all()"), method="collect_by_line")
    assert [each.completed for each in run.instances] == [False, False, False]


@pytest.mark.parametrize("method", ["collect_paths", "collect_by_line"])
def test_last_is_the_same_line_in_every_way(start: Start, method: str) -> None:
    statements = ["~ id: l ~ $[*][ last() -> @at = line_number() ]", "$[*][ yes() ]"]
    run = start(*statements, method=method, data="a\n1\n2\n\n\n")
    assert run.instances[0].variables == {"at": 2}


def test_a_statement_with_last_is_no_line_behind_in_a_run_by_line(start: Start) -> None:
    """What one() says of line 2 reaches two() on line 2, though one() asks for last()."""
    statements = three("skip_all()")
    statements[1] = statements[1].replace(" ]", " last.nocontrib() -> @end = line_number() ]")
    run = start(*statements, method="collect_by_line")
    assert seen(run)["two"] == [0, 1, 3, 4, 5]
    assert run.instances[1].variables["end"] == 5


def test_a_line_that_skip_all_kept_from_a_statement_can_be_its_last(start: Start) -> None:
    statements = [
        "~ id: one ~ $[*][ line_number.nocontrib() == 2 -> skip_all() ]",
        '~ id: two ~ $[0-2][ push("seen", line_number()) ]',
    ]
    run = start(*statements, method="collect_by_line")
    assert run.instances[1].variables == {"seen": [0, 1]}
    assert run.instances[1].completed


class TestPolicies:
    BAD = '~ id: bad validation-mode: {} ~ $[1*][ int(#a) push("seen", #a) ]'
    DATA = "a\n1\nfoo\n3\nbar\n"

    @pytest.mark.parametrize("method", ALL)
    def test_raise_ends_the_run_as_failed_and_keeps_what_it_found(
        self, start: Start, project: Project, method: str
    ) -> None:
        statements = ["~ id: ok ~ $[*][ yes() ]", self.BAD.format("raise, fail")]
        with pytest.raises(DataError) as caught:
            start(*statements, data=self.DATA, method=method)
        assert caught.value.line == 2
        (row,) = project.catalog.runs.each()
        assert row.state == "failed"
        run = project.result("checks")
        assert run.reason == caught.value.message
        assert not run.valid
        assert not run.completed
        assert [each.line_count for each in run.instance("bad").errors()] == [2]
        assert not run.instance("bad").valid
        assert project.verify() == []

    @pytest.mark.parametrize("method", ALL)
    def test_stop_ends_the_statement_and_the_run_goes_on(self, start: Start, method: str) -> None:
        statements = [self.BAD.format("no-raise, stop, fail"), '$[*][ push("seen", #a) ]']
        run = start(*statements, data=self.DATA, method=method)
        assert run.state == "complete"
        assert not run.instances[0].completed
        assert run.instances[0].error_count == 1
        assert run.instances[1].variables["seen"] == ["a", "1", "foo", "3", "bar"]

    def test_every_error_is_in_errors_json_whatever_the_policy(self, start: Start) -> None:
        run = start(self.BAD.format("no-raise, no-stop, no-fail, no-collect"), data=self.DATA)
        assert run.valid
        assert run.error_count == 2
        assert [each.line_count for each in run.instances[0].errors()] == [2, 4]

    def test_print_shows_errors_among_the_printouts(self, start: Start) -> None:
        run = start(self.BAD.format("print, no-raise"), data=self.DATA)
        assert len(run.instances[0].printouts["default"]) == 2


class TestEdges:
    @pytest.mark.parametrize("method", ALL)
    @pytest.mark.parametrize("data", ["a,b\n", ""])
    def test_a_file_without_lines_is_a_run_with_an_end(
        self, start: Start, method: str, data: str
    ) -> None:
        run = start("~ id: x ~ $[1*][ #a == 1 ]", "$[*][ yes() ]", data=data, method=method)
        assert run.state == "complete"
        assert run.valid is bool(data)  # of an empty file nothing could be checked
        assert list(run.instances[0].lines()) == []

    def test_a_file_that_cannot_be_read_fails_the_run(self, start: Start, project: Project) -> None:
        with pytest.raises(InputError):
            start("$[*][ yes() ]", data=b"PK\x03\x04 no workbook", method="collect_paths")
        run = project.result("checks")
        assert run.state == "failed"
        assert run.reason

    def test_a_group_in_which_nothing_runs_is_refused(self, start: Start) -> None:
        with pytest.raises(InputError, match="no statement of the group 'checks' is to run"):
            start("~ run-mode: no-run ~ $[*][ yes() ]")

    def test_every_statement_must_read_a_line_in_one_way_by_line(self, start: Start) -> None:
        statements = ["~ id: p use-delimiter: pipe ~ $[*][ yes() ]", "~ id: c ~ $[*][ yes() ]"]
        with pytest.raises(ConfigError, match="'p' and 'c' read the file with different"):
            start(*statements, method="collect_by_line")
        run = start(*statements, method="collect_paths", data="a|b\n1|2\n")
        assert list(run.instances[0].lines()) == [["a", "b"], ["1", "2"]]


@pytest.mark.parametrize("method", ["collect_paths", "fast_forward_by_line"])
def test_what_is_odd_about_the_file_is_told_beside_the_results(
    project: Project, method: str
) -> None:
    project.register(
        "odd", io.BytesIO(b'a,b,c\n1,2,3,4\n4,5,6\n7,8\n9,10,"11\n'), file_name="odd.csv"
    )
    project.load_group("checks", ["~ id: one ~ $[*][ yes() ]"])
    run = project.run("odd", "checks", method=method)

    told = json.loads((run.instances[0].home / "meta.json").read_text())["findings"]
    assert {each["code"] for each in told} >= {"narrow-lines", "unclosed-quote", "wide-lines"}
    assert run.valid
