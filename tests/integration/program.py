"""The program as people and scripts start it; what the tests of the command line share."""

import os
import pty
import shlex
import shutil
import subprocess
import sys

PROGRAM = [sys.executable, "-m", "preboard"]
TIMEOUT_S = 60
AS_ROOT = os.geteuid() == 0
POWERLESS = [shutil.which("setpriv") or "setpriv", "--bounding-set=-all", "--inh-caps=-all"]
"""What takes from root the power to read everything."""


def environment(**changes):
    """Return the environment of this process with some variables changed."""
    return {**os.environ, **changes}  # noqa: TID251 - it is handed on to the program


def preboard(*arguments, given=b"", env=None, before=()):
    """Run the program and return how it ended; its output is bytes."""
    return subprocess.run(
        [*before, *PROGRAM, *arguments],
        input=given,
        capture_output=True,
        timeout=TIMEOUT_S,
        check=False,
        env=environment(**(env or {})),
    )


def shell(line):
    """Run a line of shell in which `preboard` is the program."""
    line = line.replace("preboard", shlex.join(PROGRAM))
    return subprocess.run(
        ["/bin/sh", "-c", line], capture_output=True, timeout=TIMEOUT_S, check=False
    )


def in_terminal(*arguments, given=subprocess.DEVNULL, **env):
    """Run the program with a terminal as its output and return what it wrote there."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*PROGRAM, *arguments],
        stdin=given,
        stdout=theirs,
        stderr=theirs,
        env=environment(**{"TERM": "xterm-256color", **env}),
    ) as process:
        os.close(theirs)
        written = b""
        try:
            while block := os.read(ours, 65536):
                written += block
        except OSError:  # how Linux says that the other end is closed
            pass
    os.close(ours)
    return written, process.returncode


def at_terminal(*arguments, answer, **env):
    """Run the program with a terminal as its input, too, at which somebody answers."""
    ours, theirs = pty.openpty()
    os.write(ours, answer.encode())
    try:
        return in_terminal(*arguments, given=theirs, **env)
    finally:
        os.close(theirs)
        os.close(ours)
