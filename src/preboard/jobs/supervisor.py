"""The parent of a server's processes: starts them, starts again what dies, ends what is frozen.

It holds no state and does no work. Each process gets its settings as a line on standard input,
which stays open: its end tells a process that the supervisor is gone, and then it ends, too.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING

from preboard.clock import elapsed_s
from preboard.config.environment import environment
from preboard.jobs.frozen import Watch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import FrameType

_LOOK_S = 0.1
_FROZEN_LOOK_S = 1.0
_FROZEN_LOOKS = 10
_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 30.0
_STEADY_S = 60.0
"""A process that lived as long is started again at once."""

log = logging.getLogger("preboard.jobs")


@dataclass(frozen=True, slots=True)
class Part:
    """A process of the server: a module of ours, its arguments, and its settings as one line.

    One that is `vital` and can't begin ends the server: its address is taken, its name is. It is
    handed the `descriptors` that are open here, such as a socket that goes on when it does not.
    `variables` go into its environment where ours says nothing of them.
    """

    name: str
    module: str
    arguments: tuple[str, ...]
    settings: bytes
    vital: bool = False
    descriptors: tuple[int, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)


class _Running:
    """A part, and its process as long as it lives."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.process: subprocess.Popen[bytes] | None = None
        self.wait_s = _FIRST_WAIT_S
        self.since = 0.0
        self.start_at = 0.0

    def start(self) -> None:
        """Start the process."""
        self.process = subprocess.Popen(  # noqa: S603 - our own modules
            [sys.executable, "-m", self.part.module, *self.part.arguments],
            stdin=subprocess.PIPE,
            pass_fds=self.part.descriptors,
            env={**self.part.variables, **environment()},
        )
        self.since = elapsed_s()
        stdin = self.process.stdin
        assert stdin is not None  # noqa: S101 - it is a pipe
        try:
            stdin.write(self.part.settings + b"\n")
            stdin.flush()
        except BrokenPipeError:  # it has ended at once: the next look says so
            log.warning("%s ended before it began", self.part.name)

    def died(self) -> int | None:
        """Return the exit code of a process that has ended since the last look."""
        if self.process is None:
            return None
        code = self.process.poll()
        if code is None:
            return None
        self.forget()
        steady = elapsed_s() - self.since > _STEADY_S
        self.wait_s = _FIRST_WAIT_S if steady else min(self.wait_s * 2, _LONGEST_WAIT_S)
        self.start_at = elapsed_s() + (0 if steady else self.wait_s)
        return code

    def forget(self) -> None:
        """Let go of a process that has ended."""
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()
        self.process = None


REFUSED = 3
"""The exit code of a part that can't begin as it is told, however often it is started."""


class Supervisor:
    """The processes of one server.

    They have `drain_s` to finish what goes on, and `spare_s` to end. One of them, or of those that
    they started, that is found frozen at so many looks in a row is killed.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        drain_s: float,
        spare_s: float = 5.0,
        frozen_looks: int = _FROZEN_LOOKS,
    ) -> None:
        self.drain_s = drain_s
        self.spare_s = spare_s
        self.stop = Event()
        self._watch = Watch(frozen_looks)
        self._watch_at = 0.0
        self._running = [_Running(part) for part in parts]

    def run(self) -> int:
        """Keep all parts running until SIGTERM or SIGINT; returns an exit code."""

        def stop(_signal: int, _frame: FrameType | None) -> None:
            self.stop.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        code = 0
        while not self.stop.is_set():
            code = self._look()
            if code:
                break
            self._kill_frozen()
            self.stop.wait(_LOOK_S)
        self._end()
        return code

    def _look(self) -> int:
        """Start what is not running; returns the exit code of a vital part that can't begin."""
        for each in self._running:
            code = each.died()
            if code is not None:
                log.error("%s ended with %d", each.part.name, code)
                if code == REFUSED and each.part.vital:
                    return code
            if each.process is None and elapsed_s() >= each.start_at:
                each.start()
        return 0

    def _kill_frozen(self) -> None:
        """Kill what has been frozen for long: what it has is given back, or begun again."""
        if elapsed_s() < self._watch_at:
            return
        self._watch_at = elapsed_s() + _FROZEN_LOOK_S
        parts = [each.process.pid for each in self._running if each.process is not None]
        for process in self._watch.look(parts):
            log.error("the process %d is frozen, and killed", process)
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def _end(self) -> None:
        """Tell all parts to end, and end those that do not."""
        left = [each.process for each in self._running if each.process is not None]
        for process in left:
            process.terminate()
        until = elapsed_s() + self.drain_s + self.spare_s
        for process in left:
            try:
                process.wait(max(until - elapsed_s(), 0))
            except subprocess.TimeoutExpired:
                log.warning("a process does not end, and is killed")
                process.kill()
                process.wait()
        for each in self._running:
            each.forget()
