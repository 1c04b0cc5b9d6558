"""Logs, chance and fingerprints where no recorded case tells."""

import io
import logging

import pytest

import preboard
from preboard.language.functions.fingerprints import RunningDigest


def run(statement, text="a\n1\n2\n3\n"):
    return preboard.validate(statement, io.BytesIO(text.encode()), delimiter=",")


def test_the_log_of_a_statement_has_its_own_level(caplog):
    caplog.set_level(logging.DEBUG, "preboard.statement")
    run('$[1][ log("one", "debug") debug("error") log("two", "warn") log("three", "error") ]')
    assert [(r.levelname, r.message) for r in caplog.records] == [
        ("DEBUG", "one"), ("ERROR", "three"),
    ]  # fmt: skip
    run('$[1][ log("four") ]')
    assert caplog.records[-1].message == "four"


def test_nothing_is_written_where_nobody_listens(capfd):
    run('$[1][ log("one", "error") brief_stack_trace("log") ]')
    assert capfd.readouterr() == ("", "")


def test_the_trace_tells_the_line_and_the_functions_around():
    report = run("$[2][ yes() -> brief_stack_trace() ]")
    assert list(report.printouts["default"]) == ["line 2, component 0: brief_stack_trace[0]"]


def test_shuffle_gives_every_number_once():
    report = run('$[*][ push("v", shuffle()) ]')
    assert sorted(report.variables["v"][:3]) == [0, 1, 2]
    assert report.variables["v"][3] is None


def test_shuffle_does_not_fill_the_memory():
    report = run("$[1][ @v = shuffle(0, 999999999999) ]")
    assert "no more than" in report.errors[0].message


def test_random_is_within_its_bounds():
    report = run('$[*][ push("v", random(1, 2)) ]')
    assert set(report.variables["v"]) <= {1, 2}


@pytest.mark.parametrize("call", ["random(2, 2)", "shuffle(5, 1)", 'random("a", 1)'])
def test_bounds_are_checked_before_a_line_is_read(call):
    with pytest.raises(preboard.StatementError):
        run(f"$[1][ @v = {call} ]")


def test_total_lines_is_not_told_when_it_was_not_counted():
    report = run('$[1][ @n = "total" @v = runtime(concat(@n, "_lines")) ]')
    assert "only counted" in report.errors[0].message
    assert run('$[1][ @v = runtime("total_lines") ]').variables["v"] == 4


def test_a_running_fingerprint_prints_as_its_digest():
    digest = RunningDigest()
    digest.update("x\ud800")
    assert len(str(digest)) == 64
    report = run('$[1][ line_fingerprint() print("$.variables.by_line_fingerprint") ]')
    assert len(report.printouts["default"][0]) == 64


def test_what_reads_the_verdict_waits_for_it():
    report = run('$[1*][ @m = matches() push("ms", @m) #a == 2 ]')
    assert report.variables["ms"] == [False, True, False]


def test_import_and_jinja_need_a_project():
    with pytest.raises(preboard.StatementError) as told:
        run('$[1][ import("group#one") ]')
    assert told.value.diagnostics[0].code == "needs-project"
    assert "project" in run('$[1][ jinja("t.txt", "out.txt") ]').errors[0].message
