"""Rules of preboard.cli.app: each way to end has its exit code."""

import sys

import pytest

import preboard.cli
import preboard.engine.validate
from preboard.cli.app import run
from preboard.diagnostics import Diagnostic, Span
from preboard.errors import ConfigError, InputError, RunInterrupted, StatementError

COMMAND = ["validate", "data.csv", "--statement", "$[*][ yes() ]"]


@pytest.fixture
def ends_with(monkeypatch):
    """Let the engine end with an exception."""

    def arrange(error):
        def raise_error(*_arguments, **_options):
            raise error

        monkeypatch.setattr(preboard.engine.validate, "validate_all", raise_error)

    return arrange


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (InputError("data.csv is odd", hint="look"), 3, "error: data.csv is odd\n  hint: look\n"),
        (InputError("odd"), 3, "error: data.csv: odd\n"),
        (RunInterrupted("too slow"), 3, "error: too slow\n"),
        (ConfigError("no such thing"), 2, "error: no such thing\n"),
        (OSError(5, "disk is gone"), 3, "error: data.csv cannot be read: disk is gone\n"),
        (
            StatementError([Diagnostic("late", "found late", Span(6, 9))], "$[*][ yes() ]"), 3,
            "<statement>:1:7 error[late]: found late\n  $[*][ yes() ]\n        ^^^\n",
        ),
        (KeyboardInterrupt(), 130, ""),
    ],
)  # fmt: skip
def test_ends(ends_with, capsys, error, code, told):
    ends_with(error)

    assert run(COMMAND) == code
    assert capsys.readouterr() == ("", told)


@pytest.mark.parametrize("error", [ValueError("a\x1b\nb"), RecursionError(), MemoryError("x")])
def test_what_nobody_expected_has_code_3_and_no_traceback(ends_with, capsys, monkeypatch, error):
    monkeypatch.delenv("PREBOARD_DEBUG", raising=False)
    ends_with(error)

    assert run(COMMAND) == 3
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith(f"internal error: {type(error).__name__}")
    assert "\x1b" not in lines[0]
    assert lines[1].startswith("  hint: run it again with PREBOARD_DEBUG=1")
    assert len(lines) == 2


def test_the_traceback_is_shown_when_asked_for(ends_with, capsys, monkeypatch):
    monkeypatch.setenv("PREBOARD_DEBUG", "1")
    ends_with(ValueError("broken"))

    assert run(COMMAND) == 3
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_interrupt_while_loading_is_quiet(monkeypatch, capsys):
    def interrupted(_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("preboard.cli.app.run", interrupted)

    with pytest.raises(SystemExit) as caught:
        preboard.cli.main()

    assert caught.value.code == 130
    assert capsys.readouterr() == ("", "")


def test_an_installation_that_lacks_a_part_has_code_3(capsys, monkeypatch):
    """Python itself would end with 1, which reads as "invalid"."""
    monkeypatch.setitem(sys.modules, "preboard.cli.app", None)

    with pytest.raises(SystemExit) as ended:
        preboard.cli.main()

    assert ended.value.code == 3
    out, told = capsys.readouterr()
    assert out == ""
    assert told.startswith("error: preboard is not installed whole: ")
