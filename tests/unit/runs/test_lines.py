"""The lines of a run as they are found, and what a run left, read back."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from preboard.errors import ConfigError, DataError, InputError, NotFound, RunInterrupted

if TYPE_CHECKING:
    from collections.abc import Callable

    from preboard.project.project import Project
    from preboard.runs.result import Run

    Start = Callable[..., Run]

XS = '~ id: xs ~ $[1*][ #b == "x" ]'
ODD = '~ id: odd ~ $[1*][ in(#a, "1|3|5") ]'


@pytest.fixture
def loaded(project: Project) -> Project:
    project.register("six", io.BytesIO(b"a,b\n1,x\n2,x\n3,y\n4,y\n5,z\n"), file_name="six.csv")
    project.load_group("checks", [XS, ODD])
    return project


def firsts(lines: object) -> list[str]:
    return [line[0] for line in lines]  # type: ignore[attr-defined]


class TestLines:
    def test_next_paths_gives_one_statement_after_the_other(self, loaded: Project) -> None:
        with loaded.lines("six", "checks") as lines:
            assert firsts(lines) == ["1", "2", "1", "3", "5"]
        assert lines.run.state == "complete"
        assert lines.run.manifest.method == "next_paths"
        assert lines.run.instances[0].file("data.csv") is None

    def test_next_by_line_gives_a_line_once(self, loaded: Project) -> None:
        with loaded.lines("six", "checks", method="next_by_line") as lines:
            assert firsts(lines) == ["1", "2", "3", "5"]
        assert lines.run.manifest.serial is False

    def test_with_if_all_agree_only_what_all_keep(self, loaded: Project) -> None:
        with loaded.lines("six", "checks", method="next_by_line", if_all_agree=True) as lines:
            assert firsts(lines) == ["1"]

    def test_agreeing_is_for_those_that_see_the_line(self, loaded: Project) -> None:
        stop = "~ id: stop ~ $[1*][ #a == 2 -> stop() ]"
        loaded.load_group("checks", [XS.replace('x"', 'y"'), stop])
        with loaded.lines("six", "checks", method="next_by_line", if_all_agree=True) as lines:
            assert firsts(lines) == ["3", "4"]

    @pytest.mark.parametrize("method", ["next_paths", "next_by_line"])
    def test_collect_keeps_them_too(self, loaded: Project, method: str) -> None:
        with loaded.lines("six", "checks", method=method, collect=True) as lines:
            list(lines)
        assert firsts(lines.run.instance("odd").lines()) == ["1", "3", "5"]

    def test_what_did_not_match_can_be_wanted(self, loaded: Project) -> None:
        fixed = XS.replace("id: xs", "id: fixed return-mode: matches")
        loaded.load_group("checks", [XS, fixed])
        with loaded.lines("six", "checks", collect_when_not_matched=True) as lines:
            assert firsts(lines) == ["3", "4", "5", "1", "2"]

    def test_a_method_without_lines_is_refused(self, loaded: Project) -> None:
        with pytest.raises(ConfigError, match="collect_paths gives no lines"):
            loaded.lines("six", "checks", method="collect_paths")

    def test_what_is_left_unread_ends_the_run_as_failed(self, loaded: Project) -> None:
        with loaded.lines("six", "checks", collect=True) as lines:
            assert next(lines) == ["1", "x"]
            with pytest.raises(RunInterrupted, match="has not ended"):
                _ = lines.run
        run = lines.run
        assert run.state == "failed"
        assert run.reason == "its lines were not read to the end"
        assert not run.valid
        assert loaded.catalog.runs.going_on() == []
        assert loaded.verify() == []

    def test_an_error_of_the_caller_ends_it_too(self, loaded: Project) -> None:
        with pytest.raises(ZeroDivisionError), loaded.lines("six", "checks") as lines:
            int(next(lines)[0]) / 0
        assert lines.run.state == "failed"

    def test_an_error_of_a_line_reaches_the_caller(self, loaded: Project) -> None:
        loaded.load_group("checks", ["~ validation-mode: raise ~ $[1*][ int(#b) ]"])
        with pytest.raises(DataError), loaded.lines("six", "checks") as lines:
            list(lines)
        assert lines.run.state == "failed"

    def test_without_a_block_there_is_nothing_to_take(self, loaded: Project) -> None:
        with pytest.raises(InputError, match="not opened"):
            next(loaded.lines("six", "checks"))

    def test_no_line_asked_for_no_run(self, loaded: Project) -> None:
        with loaded.lines("six", "checks"):
            pass
        assert list(loaded.catalog.runs.each()) == []


class TestInterruption:
    @pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, ZeroDivisionError])
    def test_a_run_that_is_broken_off_says_so(
        self, loaded: Project, kind: type[BaseException]
    ) -> None:
        def interrupt(_: object) -> None:
            raise kind

        with pytest.raises(kind):
            loaded.run("six", "checks", progress=interrupt)
        run = loaded.result("checks")
        assert run.state == "failed"
        assert run.reason == f"the run was broken off: {kind.__name__}"
        assert loaded.verify() == []

    def test_a_run_that_is_cancelled_or_late_says_so(self, loaded: Project) -> None:
        with pytest.raises(RunInterrupted):
            loaded.run("six", "checks", progress=lambda _: False)
        assert "cancelled" in (loaded.result("checks").reason or "")
        with pytest.raises(RunInterrupted):
            loaded.run("six", "checks", timeout_s=0)
        assert "took longer" in (loaded.result("checks").reason or "")


class TestReadingBack:
    def test_everything_an_instance_left(self, start: Start, project: Project) -> None:
        statement = '~ id: all unmatched-mode: keep note: word ~ $[1*][ #b == "x" print("p #b") ]'
        run = start(statement, "~ id: bad ~ $[1*][ int(#b) @n = 5 ]")
        one = project.result(run.reference).instance("all")
        assert list(one.lines()) == [["1", "x"], ["2", "x"]]
        assert firsts(one.unmatched()) == ["3", "4", "5"]
        assert one.metadata["note"] == "word"
        assert list(one.errors()) == []
        assert one.printouts["default"] == ["p #b"] * 5
        bad = run.instance("1")
        assert bad.identity == "bad"
        assert bad.variables["n"] == 5
        assert [(each.line_count, each.identity) for each in bad.errors()] == [
            (line, "bad") for line in range(1, 6)
        ]
        assert list(bad.unmatched()) == []
        assert bad.printouts == {}

    def test_an_instance_that_is_not_there(self, start: Start) -> None:
        with pytest.raises(NotFound, match="has no instance 'zeta'"):
            start(XS).instance("zeta")

    def test_a_run_that_is_not_there(self, loaded: Project) -> None:
        with pytest.raises(NotFound, match="there is no run"):
            loaded.result("checks")

    def test_cells_with_everything_in_them_come_back(self, start: Start) -> None:
        cell = 'quote " comma , line\nend'
        run = start("$[1*][ yes() ]", data='a,b\n"quote "" comma , line\nend",é\n')
        assert list(run.instances[0].lines()) == [[cell, "é"]]

    def test_a_file_that_is_gone_or_spoiled_is_told(self, start: Start) -> None:
        instance = start("$[1*][ int(#b) ]").instances[0]
        errors = instance.home / "errors.json"
        errors.chmod(0o644)
        errors.write_text("[\n{]\n")
        with pytest.raises(NotFound, match="is not what it was"):
            list(instance.errors())
        errors.unlink()
        assert list(instance.errors()) == []
