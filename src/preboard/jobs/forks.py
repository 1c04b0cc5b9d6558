"""A warm process that runs are forked from: what a run needs is loaded, and has run once.

It has one thread, speaks with its worker over a socket, and ends with it: then the kernel, or the
end of the socket, ends the children, too.

    worker -> fork server   {"start": 7, "job": "...", "attempt": 1, "project": "..."}   {"kill": 7}
    fork server -> worker   {"ready": pid}   {"ended": 7, "status": 0}   {..., "too_large": true}

A child has one job at a time, alone. One whose job came to a clean end waits a moment for another
job of its project: that spares it the making of its own pages, most of what a small run costs.

    fork server -> child    {"job": "...", "attempt": 1}
    child -> fork server    .
"""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import gc
import json
import logging
import os
import resource
import select
import signal
import socket
import sys
import tempfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from preboard.catalog.database import Database, sqlite_url
from preboard.catalog.service.jobs import Attempt, Jobs, NewJob, Wish
from preboard.clock import elapsed_s
from preboard.errors import PreboardError, Unavailable
from preboard.jobs.attempts import UNAVAILABLE
from preboard.jobs.child import carry_out
from preboard.jobs.heap import fill_holes
from preboard.jobs.known import settings_of
from preboard.jobs.logs import log_about, log_to_stderr
from preboard.jobs.settings import JobSettings
from preboard.project.layout import make_project
from preboard.project.project import Project
from preboard.project.terms import Terms
from preboard.storage.roots import Roots

if TYPE_CHECKING:
    from collections.abc import Iterator

_LIBRARY = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
_MB = 1 << 20
_PAGE = resource.getpagesize()
_LOOK_S = 0.1
_AT_ONCE = 2
_IDLE_S = 2.0
"""How long a child waits for another job."""
_IDLE_MB = 256
"""The memory of a child that may wait."""
_DONE = b"."
_STATEMENTS = (
    "$[*][ yes() ]",
    '~ id: two ~ $[1*][ integer(#0) print("$.csvpath.line_number") ]',
)
_WARM_UP = Wish(file="lines", group="checks")
_ROUNDS = 12
"""Until the interpreter has adapted the code: what it adapts in a child is lost with it."""

log = logging.getLogger("preboard.jobs")


@dataclass(slots=True, eq=False)
class _Forked:
    """A child; without a token it waits, since then, for another job of its project."""

    pid: int
    project: str
    line: socket.socket
    token: int | None
    since: float = 0.0
    too_large: bool = False

    def end(self) -> None:
        """Kill it, with all that it has started. It was not waited for yet: it has its number."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        os.kill(self.pid, signal.SIGKILL)


class Forks:
    """The children of one worker, as the fork server sees them."""

    def __init__(self, settings: JobSettings, database: Database, channel: socket.socket) -> None:
        self.settings = settings
        self.database = database
        self.channel = channel
        self._children: list[_Forked] = []
        self._rest = b""

    def serve(self) -> None:
        """Start and end children until the worker is gone."""
        woken, wake = socket.socketpair()
        for end in (woken, wake):
            end.setblocking(False)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._tell({"ready": os.getpid()})
        goes_on = True
        while goes_on:
            lines = {each.line: each for each in self._children}
            wait_s = _LOOK_S if lines else None
            ready, _, _ = select.select([self.channel, woken, *lines], [], [], wait_s)
            if woken in ready:
                with contextlib.suppress(BlockingIOError):
                    woken.recv(4096)
            for line in ready:
                if line in lines:
                    self._note_done(lines[line])
            self._reap()
            self._measure()
            if self.channel in ready:
                goes_on = self._hear()
        for each in self._children:
            each.end()

    def _tell(self, message: dict[str, Any]) -> None:
        """Send a line to the worker."""
        with contextlib.suppress(OSError):  # the worker is gone: the next look at it says so
            self.channel.sendall(json.dumps(message).encode() + b"\n")

    def _note_done(self, child: _Forked) -> None:
        """Hear that the job of a child has come to an end, and let the child wait."""
        with contextlib.suppress(OSError):
            if child.line.recv(1) == _DONE and child.token is not None:
                self._tell({"ended": child.token, "status": 0})
                child.token, child.since = None, elapsed_s()

    def _reap(self) -> None:
        """Tell of the children that have ended."""
        for child in list(self._children):
            ended, status = os.waitpid(child.pid, os.WNOHANG)
            if not ended:
                continue
            self._children.remove(child)
            child.line.close()
            # What the child started belongs to its group, and may outlive it.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
            if child.token is not None:
                code = os.waitstatus_to_exitcode(status)
                told: dict[str, Any] = {"ended": child.token, "status": code}
                if child.too_large:
                    told["too_large"] = True
                self._tell(told)

    def _measure(self) -> None:
        """End the children that take more memory than a job may, or have waited long enough.

        From outside: a process that is refused memory comes to its end in unforeseen ways.
        """
        idle = [child for child in self._children if child.token is None]
        surplus = len(idle) - self.settings.slots
        for child in self._children:
            if child.too_large:
                continue
            if child.token is not None:
                if _resident(child.pid) > self.settings.memory_mb * _MB:
                    child.too_large = True
                    child.end()
            elif surplus > 0 or elapsed_s() - child.since > _IDLE_S:
                surplus -= 1
                child.end()

    def _hear(self) -> bool:
        """Do what the worker asks for; False if it is gone."""
        try:
            heard = self.channel.recv(1 << 16)
        except ConnectionError:
            return False
        if not heard:
            return False
        *lines, self._rest = (self._rest + heard).split(b"\n")
        for line in lines:
            message = json.loads(line)
            if "kill" in message:
                for child in self._children:
                    if child.token == message["kill"]:
                        child.end()
            else:
                attempt = Attempt(message["job"], message["attempt"])
                self._start(message["start"], attempt, message["project"])
        return True

    def _start(self, token: int, attempt: Attempt, project: str) -> None:
        """Let a child that waits carry an attempt out, or a new one."""
        asked = json.dumps({"job": attempt.job, "attempt": attempt.number}).encode() + b"\n"
        for child in self._children:
            if child.token is None and child.project == project:
                child.token = token
                with contextlib.suppress(
                    OSError
                ):  # it has died: that is told when it is waited for
                    child.line.sendall(asked)
                return
        self._fork(token, attempt, project)

    def _fork(self, token: int, attempt: Attempt, project: str) -> None:
        with contextlib.suppress(PreboardError, OSError):  # the child tells, and ends its job
            settings_of(self.settings.projects / project)  # known to all children from now on
        server = os.getpid()
        ours, theirs = socket.socketpair()
        try:
            pid = os.fork()
        except OSError as error:
            log.error("no process can be started: %s", error.strerror)  # noqa: TRY400
            self._tell({"ended": token, "status": -1})
            ours.close()
            theirs.close()
            return
        if pid == 0:
            ours.close()
            self._be_child(server, theirs, attempt)
        theirs.close()
        self._children.append(_Forked(pid, project, ours, token))

    def _be_child(self, server: int, line: socket.socket, attempt: Attempt) -> NoReturn:
        """Carry out an attempt, and those that come over the line."""
        status = 1
        try:
            self._leave_parent(server)
            asked_for = line.makefile("rb")
            for left in reversed(range(self.settings.runs_per_process)):
                log_about(job=attempt.job, attempt=attempt.number)
                is_clean = carry_out(self.settings, self.database, attempt)
                if not is_clean or not left or _resident(os.getpid()) > _IDLE_MB * _MB:
                    break
                line.sendall(_DONE)
                asked = asked_for.readline()
                if not asked:
                    break
                told = json.loads(asked)
                attempt = Attempt(told["job"], told["attempt"])
            status = 0
        except Unavailable as error:
            log.warning("%s", error)
            status = UNAVAILABLE
        finally:
            # Not the way of the interpreter: what the parent has open is not ours to close.
            with contextlib.suppress(Exception):
                sys.stderr.flush()
            os._exit(status)

    def _leave_parent(self, server: int) -> None:
        """Leave what is the parent's, and take on the limits of a job."""
        os.setsid()
        die_with_parent(server)
        signal.set_wakeup_fd(-1)
        for each in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
            signal.signal(each, signal.SIG_DFL)
        self.channel.close()
        for child in self._children:
            child.line.close()
        most = _AT_ONCE * self.settings.memory_mb * _MB  # should it grow faster than it is measured
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _resident(pid: int) -> int:
    """Return the memory of a process in bytes, 0 where the system does not tell."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:  # noqa: PTH123 - asked for often
            return int(file.read().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def die_with_parent(parent: int) -> None:
    """Ask the kernel to end this process when its parent ends; on Linux only.

    Elsewhere the end of a socket or a pipe says so, a little later.
    """
    if sys.platform == "linux":
        _LIBRARY.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it has ended meanwhile
        os._exit(1)


def warm_up(settings: JobSettings) -> None:
    """Do what children will do, so that they find it done: imports, compiled statements."""
    with tempfile.TemporaryDirectory(prefix="preboard-") as where:
        own = dataclasses.replace(settings, home=Path(where))
        database = Database(sqlite_url(own.home / "warm.db"))
        home = own.projects / "warm"
        make_project(home)
        terms = Terms(database=database, roots=Roots(allowed=()))
        with Project.open(home, terms=terms) as project:
            project.register("lines", BytesIO(b"1,a\n2,b\n"), file_name="lines.csv")
            project.load_group("checks", list(_STATEMENTS))
        jobs = Jobs(database)
        for number in range(_ROUNDS):
            job = NewJob(id=f"warm-{number}", project="warm", wish=_WARM_UP, asked_by="nobody")
            with database.writing() as connection:
                jobs.add(connection, job, "now")
            jobs.claim(job.id, "nobody", "now")
            carry_out(own, database, Attempt(job.id, 1))
        database.close()
    gc.collect()


def main() -> None:
    """Serve the worker at the other end of the descriptor that the command line names."""
    parent = os.getppid()
    channel = socket.socket(fileno=int(sys.argv[1]))
    die_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the worker says when it is over
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    settings = JobSettings.from_json(b"".join(_first_line(channel)))
    log_to_stderr("warning", settings.home)
    warm_up(settings)
    log_to_stderr(settings.log_level, settings.home)
    database = Database(settings.database_url)
    database.close()  # a child has connections of its own: it is handed an empty pool
    gc.freeze()  # what is shared with the children is not touched by their collectors
    fill_holes()
    Forks(settings, database, channel).serve()


def _first_line(channel: socket.socket) -> Iterator[bytes]:
    while (byte := channel.recv(1)) not in (b"\n", b""):
        yield byte


if __name__ == "__main__":
    main()
