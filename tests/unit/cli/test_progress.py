"""Rules of preboard.cli.progress."""

import bz2
import gzip
import io
import lzma
import sys
import zipfile
from contextlib import contextmanager

import pytest

import preboard
from preboard.cli import progress
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


def test_a_long_copy_is_shown_as_its_bytes(monkeypatch):
    seconds = iter([0.0, 0.5, 2.0, 2.01])
    monkeypatch.setattr(progress, "elapsed_s", lambda: next(seconds))

    with terminal() as screen, Meter("a.csv", wanted=True) as meter:
        assert meter.watch_bytes is not None
        for count in (1_000_000, 5_400_000, 5_500_000):
            meter.watch_bytes(count)

    assert "a.csv: 5.4 MB stored" in screen.getvalue()
    assert "1.0 MB" not in screen.getvalue()
    assert "5.5 MB" not in screen.getvalue()


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


class Pipe(io.BytesIO):
    def seekable(self):
        return False


def zipped(data):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("lines.csv", data)
    return out.getvalue()


class TestShare:
    """How much of a file is read is known for what is packed, too."""

    LINES = b"id,city\n" + b"".join(b"%d,Oslo %d\n" % (n, n * n) for n in range(60_000))

    @pytest.mark.parametrize(
        "pack",
        [bytes, gzip.compress, bz2.compress, lzma.compress, zipped],
        ids=lambda p: p.__name__,
    )
    def test_it_grows_to_the_whole(self, tmp_path, pack):
        path = tmp_path / "lines"
        path.write_bytes(pack(self.LINES))
        seen: list[Progress] = []

        preboard.validate("$[1*][ yes() ]", path, collect=False, progress=seen.append)

        shares = [each.bytes_read / (each.size_bytes or 0) for each in seen]
        assert len(shares) > 2
        assert shares == sorted(shares)
        assert 0 < shares[0] < 0.9
        assert shares[-1] == 1

    def test_of_a_pipe_there_is_only_an_amount(self):
        source = Pipe(self.LINES)
        seen: list[Progress] = []

        preboard.validate("$[1*][ yes() ]", source, collect=False, progress=seen.append)

        assert seen[-1].size_bytes is None
        assert told(seen[-1]).endswith(" MB")
