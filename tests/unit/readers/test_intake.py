"""What a pipe gives: large blocks while bytes come, and what is there when they pause."""

import io
import os
import threading
import time

import pytest

import preboard
from preboard.readers.intake import gather, read_block, read_some
from preboard.readers.peek import peek


class Feed:
    """A pipe that is fed by hand, with or without a buffer."""

    def __init__(self, buffering=-1):
        reading, self.writing = os.pipe()
        self.source = os.fdopen(reading, "rb", buffering=buffering)

    def give(self, data):
        os.write(self.writing, data)

    def end(self):
        os.close(self.writing)

    def give_later(self, data, seconds=0.02):
        threading.Timer(seconds, self.give, [data]).start()


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr("preboard.readers.peek._PAUSE_S", 0.05)


@pytest.fixture(params=[-1, 0], ids=["buffered", "raw"])
def feed(request):
    made = Feed(request.param)
    with made.source:
        yield made


def test_a_pause_ends_a_block(feed):
    """The pipe is open, and nobody waits for it."""
    feed.give(b"abc")
    assert gather(feed.source, 100, 0.01) == (b"abc", False)
    feed.end()


def test_a_block_waits_for_its_first_byte(feed):
    feed.give_later(b"abc")
    assert gather(feed.source, 100, 0.001).block == b"abc"
    feed.end()


def test_what_comes_without_a_pause_is_one_block(feed):
    feed.give(b"abc")
    feed.give_later(b"def")
    assert gather(feed.source, 6, 5).block == b"abcdef"
    feed.end()


def test_the_end_is_known(feed):
    feed.give(b"abc")
    feed.end()
    assert gather(feed.source, 100, 5) == (b"abc", True)
    assert read_some(feed.source, 100) == b""


def test_no_more_is_taken_than_asked_for(feed):
    feed.give(b"abcdef")
    assert [gather(feed.source, 4, 0.01).block for _ in range(2)] == [b"abcd", b"ef"]
    feed.end()


def test_a_slow_trickle_ends_a_block_too(feed):
    """Not each byte has a pause of its own: the first records come in time."""
    stop = threading.Event()

    def trickle():
        while not stop.wait(0.01):
            feed.give(b".")

    thread = threading.Thread(target=trickle)
    thread.start()
    began = time.perf_counter()
    found = gather(feed.source, 100_000, 0.1)
    stop.set()
    thread.join()
    assert not found.ended
    assert found.block
    assert time.perf_counter() - began < 30
    feed.end()


def test_what_is_no_pipe_gives_whole_blocks(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    with path.open("rb") as file:
        assert gather(file, 3, 0) == (b"abc", False)
        assert gather(file, 3, 0) == (b"", True)
    assert gather(io.BytesIO(b"abc"), 100, 0) == (b"abc", True)
    assert read_block(io.BytesIO(b"abc"), 2) == b"ab"


def test_a_look_at_a_pipe_needs_some_lines(feed):
    """A guess from the header alone would be worse than a wait."""
    feed.give(b"a,b\n")
    feed.give_later(b"1,2\n" * 9, 0.2)
    assert peek(feed.source).sample.count(b"\n") == 10
    feed.end()


def test_a_look_is_given_out_again_and_does_not_wait_behind_it(feed):
    feed.give(b"a,b\n1,2\n")
    looked = peek(feed.source, lines=1)
    assert not looked.ended
    assert read_some(looked.stream, 3) == b"a,b"
    assert read_some(looked.stream, 100) == b"\n1,2\n"
    feed.end()


def test_json_lines_of_a_pipe_are_there_before_it_ends():
    feed = Feed()
    feed.give(b'{"n": 1}\n')
    with feed.source, preboard.scan("$[*][ yes() ]", feed.source, format="jsonl") as lines:
        assert next(lines) == [1]
        feed.give(b'{"n": 2}\n{"n"')
        assert next(lines) == [2]
        feed.give(b": 3}")
        feed.end()
        assert list(lines) == [[3]]


def test_records_of_a_pipe_are_there_before_it_ends():
    """As of `tail -f`: a scan gives what has come."""
    feed = Feed()
    feed.give(b"id,n\n1,2\n")
    with feed.source, preboard.scan("$[1*][ yes() ]", feed.source, delimiter=",") as lines:
        assert next(lines) == ["1", "2"]
        feed.give(b"3,4\n5,")
        assert next(lines) == ["3", "4"]
        feed.give(b"6\n")
        feed.end()
        assert list(lines) == [["5", "6"]]
        assert lines.report.counts.scans == 3
