"""Rules of preboard.cli.progress."""

import io
import sys
from contextlib import contextmanager

import pytest

from preboard.cli.progress import Meter, told
from preboard.engine.loop import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@contextmanager
def terminal(kind="xterm"):
    """Make standard error a terminal; pytest puts its own in place between fixture and test."""
    made = Terminal()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stderr", made)
        patch.setenv("TERM", kind)
        yield made


def look(meter, *seconds):
    for each in seconds:
        if meter.watch is not None:
            assert meter.watch(Progress(1000, 50, 100, each)) is None


def test_nothing_is_watched_without_a_terminal(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert Meter("a", wanted=True).watch is None

    monkeypatch.setattr(sys, "stderr", None)
    assert Meter("a", wanted=True).watch is None


def test_nothing_is_watched_when_not_wanted():
    with terminal():
        assert Meter("a", wanted=False).watch is None


def test_a_short_run_shows_nothing():
    with terminal() as screen, Meter("a", wanted=True) as meter:
        look(meter, 0.1, 0.9)

    assert screen.getvalue() == ""


def test_a_long_run_is_shown_now_and_then_and_taken_away():
    with terminal() as screen, Meter("a\x1b.csv", wanted=True) as meter:
        look(meter, 1.0, 1.01, 1.02, 2.0)
    shown = screen.getvalue()

    assert shown.count("1,000 lines/s") == 1
    assert "a\\x1b.csv: 1,000 lines, 500 lines/s, 50 %, 0:00:02 left" in shown
    assert shown.endswith("\x1b[2K")


def test_a_terminal_that_cannot_draw_gets_nothing():
    with terminal("dumb") as screen, Meter("a", wanted=True) as meter:
        look(meter, 1.0, 2.0)

    assert screen.getvalue() == ""


def test_more_bytes_than_the_size_is_the_end():
    """A file may grow while it is read."""
    assert told(Progress(10, 300, 200, 1.0)) == "10 lines, 10 lines/s, 100 %, 0:00:00 left"
