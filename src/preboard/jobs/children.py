"""The jobs that a worker has going on: each in a child of a warm fork server."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any

from preboard.clock import elapsed_s
from preboard.errors import StoreError

if TYPE_CHECKING:
    from preboard.catalog.service.jobs import Attempt
    from preboard.jobs.settings import JobSettings

_READY_S = 60
LOST = -9

log = logging.getLogger("preboard.jobs")


@dataclass(slots=True)
class Child:
    """One attempt that goes on; `ended` is set when its process is gone, `status` says how."""

    token: int
    attempt: Attempt
    deadline: float
    began: float = field(default_factory=elapsed_s)
    ended: Event = field(default_factory=Event)
    status: int | None = None
    timed_out: bool = False
    too_large: bool = False


class Children:
    """The children of a worker. Start and restart it from a thread that lasts as long as they."""

    def __init__(self, settings: JobSettings) -> None:
        self.settings = settings
        self._lock = Lock()
        self._tokens = 0
        self._going_on: dict[int, Child] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._ready = Event()

    @property
    def is_up(self) -> bool:
        """Say whether the fork server lives."""
        return self._process is not None and self._process.poll() is None

    def going_on(self) -> list[Child]:
        """Return the children that have not ended."""
        with self._lock:
            return list(self._going_on.values())

    def open(self) -> None:
        """Start the fork server, and wait until it is warm.

        Raises:
            StoreError: it does not come up.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", "preboard.jobs.forks", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        ours.sendall(self.settings.to_json() + b"\n")
        self._channel = ours
        self._ready.clear()
        Thread(target=self._listen, args=(ours,), name="children", daemon=True).start()
        if not self._ready.wait(_READY_S) or not self.is_up:
            raise StoreError("the process that jobs are forked from does not come up")

    def start(self, attempt: Attempt, project: str, deadline: float) -> Child:
        """Start a child for an attempt of a job of a project.

        It is as good as dead if there is no fork server.
        """
        with self._lock:
            self._tokens += 1
            child = Child(self._tokens, attempt, deadline)
            self._going_on[child.token] = child
        asked = {
            "start": child.token,
            "job": attempt.job,
            "attempt": attempt.number,
            "project": project,
        }
        if not self._tell(asked):
            self._end(child.token, LOST)
        return child

    def kill(self, child: Child) -> None:
        """End a child and what it has started."""
        self._tell({"kill": child.token})

    def close(self) -> None:
        """End the fork server, and with it all children."""
        if self._channel is not None:
            with contextlib.suppress(OSError):
                self._channel.shutdown(socket.SHUT_RDWR)  # the listening thread has it open, too
            self._channel.close()
        if self._process is not None:
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _tell(self, message: dict[str, Any]) -> bool:
        channel = self._channel
        if channel is None:
            return False
        try:
            with self._lock:
                channel.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            return False
        return True

    def _listen(self, channel: socket.socket) -> None:
        """Take what the fork server tells, until it is gone."""
        try:
            with channel.makefile("rb") as lines:
                for line in lines:
                    message = json.loads(line)
                    if "ready" in message:
                        self._ready.set()
                    else:
                        too_large = bool(message.get("too_large"))
                        self._end(message["ended"], message["status"], too_large=too_large)
        except (OSError, ValueError) as error:
            log.warning("the fork server is not to be heard: %s", error)
        for child in self.going_on():
            self._end(child.token, LOST)
        self._ready.set()  # nobody need wait for it any more

    def _end(self, token: int, status: int, *, too_large: bool = False) -> None:
        with self._lock:
            child = self._going_on.pop(token, None)
        if child is not None:
            child.status = status
            child.too_large = too_large
            child.ended.set()
