"""The parent of a server's processes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PARENT = """
import sys
from preboard.jobs.supervisor import Part, Supervisor
variables = {"ITS_OWN": "small", "PATH": "no place"}
parts = [Part("one", "part", sys.argv[1:], b"settings", vital=True, variables=variables)]
sys.exit(Supervisor(parts, drain_s=0.5, spare_s=0.5, frozen_looks=2).run())
"""
PART = """
import os, signal, subprocess, sys, time
line = sys.stdin.buffer.readline()
with open("started", "a") as file:
    is_own = os.environ["ITS_OWN"], os.environ["PATH"] != "no place"
    file.write(f"{os.getpid()} {line.decode().strip()} {is_own == ('small', True)}\\n")
match sys.argv[1]:
    case "dies":
        sys.exit(1)
    case "refuses":
        sys.exit(3)
    case "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    case "parent":
        below = subprocess.Popen([sys.executable, __file__, "lives"], stdin=subprocess.PIPE)
        below.stdin.write(b"below\\n")
        below.stdin.flush()
        below.wait()
sys.stdin.buffer.read()
"""


@pytest.fixture
def started(tmp_path):
    (tmp_path / "part.py").write_text(PART)
    processes = []

    def start(how):
        process = subprocess.Popen([sys.executable, "-c", PARENT, how], cwd=tmp_path)
        processes.append(process)
        return process

    def lines(count):
        until = time.monotonic() + 10
        while time.monotonic() < until:
            if (tmp_path / "started").exists():
                found = (tmp_path / "started").read_text().splitlines()
                if len(found) >= count:
                    return found
            time.sleep(0.02)
        raise AssertionError("nothing was started")

    yield start, lines
    for process in processes:
        process.kill()
        process.wait(10)


def is_there(process):
    return Path(f"/proc/{process}/exe").exists()


def ends(process):
    until = time.monotonic() + 10
    while is_there(process) and time.monotonic() < until:
        time.sleep(0.02)
    return not is_there(process)


def test_parts_get_their_settings_and_variables_and_end_with_the_server(started):
    start, lines = started
    parent = start("lives")
    process, settings, has_variables = lines(1)[0].split()
    parent.send_signal(signal.SIGTERM)

    assert (settings, has_variables) == ("settings", "True")
    assert parent.wait(10) == 0
    assert not is_there(process)


def test_what_dies_is_started_again(started):
    start, lines = started
    start("dies")

    assert len({line.split()[0] for line in lines(2)}) == 2


def test_a_part_that_refuses_to_begin_ends_the_server(started):
    start, _ = started

    assert start("refuses").wait(10) == 3


def test_a_part_that_does_not_end_is_killed(started):
    start, lines = started
    parent = start("stubborn")
    process = lines(1)[0].split()[0]
    parent.terminate()

    assert parent.wait(15) == 0
    assert not is_there(process)


def test_the_parts_end_when_the_parent_is_killed(started):
    start, lines = started
    parent = start("lives")
    process = lines(1)[0].split()[0]
    parent.kill()
    parent.wait(5)

    assert ends(process)


def test_a_part_that_is_frozen_is_killed_and_started_again(started):
    start, lines = started
    start("lives")
    process = lines(1)[0].split()[0]
    os.kill(int(process), signal.SIGSTOP)

    assert lines(2)[1].split()[0] != process
    assert not is_there(process)


def test_what_a_part_has_started_is_killed_too_when_it_is_frozen(started):
    start, lines = started
    start("parent")
    part, below = (line.split()[0] for line in lines(2))
    os.kill(int(below), signal.SIGSTOP)

    assert ends(below)
    assert is_there(part)
