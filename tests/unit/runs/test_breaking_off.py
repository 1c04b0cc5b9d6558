"""Errors that end a statement before its file: `[errors] csvpaths` (spec/framework.md 2)."""

from __future__ import annotations

import gzip
import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from preboard.errors import DataError, InputError, RunInterrupted
from preboard.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable

    from preboard.runs.result import Run

    Broken = Callable[..., Run]

RAISING = "~ id: one validation-mode: raise ~ $[1*][ integer(#b) ]"
WHOLE = "~ id: two ~ $[*][ yes() ]"
SIX = "a,b\n1,2\n2,x\n3,4\n4,5\n5,6\n"
SERIAL = ["collect_paths", "fast_forward_paths", "next_paths"]
BY_LINE = ["collect_by_line", "fast_forward_by_line", "next_by_line"]


def cut_short() -> bytes:
    """Return compressed lines whose end is missing: the first of them can be read."""
    lines = (f"{number},{number * 2_654_435_761 % 2**32}" for number in range(60_000))
    packed = gzip.compress(("a,b\n" + "\n".join(lines)).encode())
    return packed[: len(packed) // 2]


@pytest.fixture
def start(project: Project) -> Broken:
    """Return what runs statements under a policy for errors of the run."""

    def run(
        policy: str, *statements: str, data: str | bytes = SIX, name: str = "six.csv", **more: Any
    ) -> Run:
        config = project.root / "config" / "config.ini"
        text = config.read_text()
        assert "csvpaths = raise, collect" in text
        config.write_text(text.replace("csvpaths = raise, collect", f"csvpaths = {policy}"))
        content = data.encode() if isinstance(data, str) else data
        with Project.open(project.root) as opened:
            opened.register("six", io.BytesIO(content), file_name=name)
            opened.load_group("checks", list(statements))
            return opened.run("six", "checks", **more)

    return run


def errors(run: Run) -> list[list[str]]:
    return [[error.message for error in each.errors()] for each in run.instances]


NOT_A_NUMBER = "Cannot convert x to int"


@pytest.mark.parametrize("method", [*SERIAL, *BY_LINE])
def test_without_raise_the_others_go_on(start: Broken, method: str) -> None:
    run = start("collect", RAISING, WHOLE, method=method)

    one, two = run.instances
    assert (run.state, run.valid, run.completed) == ("complete", False, False)
    assert (one.valid, one.completed, two.valid, two.completed) == (False, False, True, True)
    assert errors(run) == [[NOT_A_NUMBER], []]
    assert one.manifest.reason == f"line 2: {NOT_A_NUMBER}"
    assert not two.manifest.reason
    if method.startswith("collect"):
        assert list(one.lines()) == [["1", "2"]]
        assert len(list(two.lines())) == 6


@pytest.mark.parametrize("method", ["collect_paths", "collect_by_line"])
def test_with_raise_the_run_fails(start: Broken, project: Project, method: str) -> None:
    with pytest.raises(DataError, match=NOT_A_NUMBER):
        start("raise, collect", RAISING, WHOLE, method=method)

    run = project.result("checks")
    assert (run.state, run.valid, run.reason) == ("failed", False, f"line 2: {NOT_A_NUMBER}")
    assert errors(run)[0] == [NOT_A_NUMBER]


def test_stop_lets_no_further_statement_begin(start: Broken) -> None:
    run = start("stop", RAISING, WHOLE)

    assert [each.identity for each in run.instances] == ["one"]
    assert run.state == "complete"


def test_stop_ends_all_of_a_run_by_lines(start: Broken) -> None:
    run = start("stop", RAISING, WHOLE, method="collect_by_line")

    assert len(list(run.instances[1].lines())) == 2


def test_fail_makes_every_statement_invalid(start: Broken) -> None:
    run = start("fail", "~ id: zero ~ $[*][ yes() ]", RAISING, WHOLE)

    assert [each.valid for each in run.instances] == [False, False, False]
    assert [each.completed for each in run.instances] == [True, False, True]


def test_print_prints_what_is_wrong(start: Broken) -> None:
    run = start("print", RAISING, WHOLE)

    assert run.instances[0].printouts == {"default": [f"line 2: {NOT_A_NUMBER}"]}
    assert run.instances[1].printouts == {}


@pytest.mark.parametrize(("policy", "told"), [("collect", True), ("quiet", False)])
def test_quiet_says_little_in_the_log(
    start: Broken, project: Project, policy: str, *, told: bool
) -> None:
    start(policy, RAISING)

    (line,) = [
        line
        for line in (project.root / "logs/csvpath.log").read_text().splitlines()
        if "one of archive/checks/" in line and "broke off" in line
    ]
    assert (NOT_A_NUMBER in line) is told


class TestAFileThatEndsTooSoon:
    def test_is_an_error_of_each_statement_that_read_it(self, start: Broken) -> None:
        """The lines before the end were checked, and stand; nothing of it is valid."""
        run = start("collect", WHOLE, "~ id: three ~ $[1][ yes() ]", data=cut_short())

        assert (run.state, run.valid, run.completed) == ("complete", False, False)
        two = run.instances[0]
        assert two.manifest.reason
        (error,) = two.errors()
        assert error.message == two.manifest.reason
        assert error.line_count > 0
        assert len(list(two.lines())) == error.line_count + 1
        assert (two.error_count, run.error_count) == (1, 2)
        meta = json.loads((two.home / "meta.json").read_text())["runtime_data"]
        assert (meta["valid"], meta["errors_count"]) == (False, 1)

    def test_is_not_collected_unless_the_policy_says_so(self, start: Broken) -> None:
        run = start("print", WHOLE, data=cut_short())

        assert (run.valid, run.error_count) == (False, 0)
        assert run.instances[0].printouts == {"default": [run.instances[0].manifest.reason]}

    def test_is_raised_by_default_and_collected_all_the_same(
        self, start: Broken, project: Project
    ) -> None:
        with pytest.raises(InputError):
            start("raise, collect", WHOLE, data=cut_short())

        run = project.result("checks")
        assert errors(run) == [[run.reason]]

    def test_nothing_of_it_is_handed_on(self, start: Broken, project: Project) -> None:
        start(
            "collect",
            '~ transfer-mode: data > where ~ $[*][ @where = "out.csv" ]',
            data=cut_short(),
        )

        assert not (project.root / "transfers").exists()


class TestWhatABrokenStatementLeft:
    def test_is_read_by_no_other_of_the_run(self, start: Broken) -> None:
        """What is behind the error is missing: it would be taken for a file without it."""
        run = start(
            "collect",
            RAISING,
            "~ id: rest source-mode: preceding ~ $[*][ yes() ]",
            "~ id: last ~ $[*][ yes() ]",
            "~ id: end source-mode: preceding ~ $[*][ yes() ]",
        )

        assert [each.identity for each in run.instances] == ["one", "last", "end"]
        assert len(list(run.instances[2].lines())) == 6

    def test_is_read_by_no_other_run(self, start: Broken, project: Project) -> None:
        start("collect", RAISING, WHOLE)

        with pytest.raises(InputError, match="is not whole: line 2: Cannot convert x to int"):
            project.run("$checks.results.:last.one", "checks")
        run = project.run("$checks.results.:last.two", "checks#two")
        assert run.valid


def test_a_raise_behind_the_last_line_ends_only_its_statement(start: Broken) -> None:
    """last() lets a component wait for the end of the file."""
    run = start(
        "collect",
        "~ id: one validation-mode: raise ~ $[*][ last.nocontrib() -> integer(#b) ]",
        WHOLE,
        data="a,b\n1,x\n",
        method="collect_by_line",
    )

    assert [(each.valid, each.completed) for each in run.instances] == [
        (False, False), (True, True),
    ]  # fmt: skip


def test_the_time_that_a_run_may_take_is_told_as_it_was_given(
    start: Broken, project: Project
) -> None:
    """Not what was left of it when the last file was begun, and under no policy."""
    with pytest.raises(RunInterrupted, match=r"took longer than 1e-05 s: "):
        start("collect", WHOLE, data="a,b\n" + "1,2\n" * 100_000, timeout_s=0.00001)
    assert project.result("checks").state == "failed"
