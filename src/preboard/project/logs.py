"""The log of a project, by default logs/csvpath.log (spec/framework.md 4, [logging]).

What is done in a project is told here once, with how it ended; warnings of all packages come here,
too, while something is done in this project. Two projects that one process has open do not mix, and
several processes may write one log: each line is one write under a lock of the file.

    2026-11-21T07:12:01.528397+00:00 INFO  4711 register orders: $orders.files.4ae5...
"""

from __future__ import annotations

import logging
import os
import sys
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Final

from preboard.clock import iso, utc_now
from preboard.config.masking import masked_text
from preboard.errors import PreboardError
from preboard.storage.local import NO_LINK, make_directory
from preboard.storage.locks import held

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from preboard.config.settings import LogLevel, LogSettings
    from preboard.manifests.archive import RunManifest

LONGEST = 4_000
_LEVELS: Final[dict[LogLevel, int]] = {
    "debug": logging.DEBUG, "info": logging.INFO, "warn": logging.WARNING, "error": logging.ERROR,
}  # fmt: skip
_EVENTS = logging.getLogger("preboard.project")
_OF_STATEMENTS = ("preboard.statement", "preboard.explain", "preboard.engine", "preboard.language")
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160), 0x2028, 0x2029)}
_BINARY: Final[int] = getattr(os, "O_BINARY", 0)

_here: ContextVar[ProjectLog | None] = ContextVar("preboard_project_log", default=None)
_open: list[ProjectLog] = []
_guard = Lock()


class ProjectLog:
    """The log of one open project; `close` it."""

    def __init__(self, root: Path, settings: LogSettings) -> None:
        self.level = _LEVELS[settings.csvpaths]
        self.statement_level = _LEVELS[settings.csvpath]
        most = settings.file_bytes if settings.rotates else None
        self._file = LogFile(root / settings.file, most, settings.files_to_keep)
        self._handler = _Warnings(self)
        _enter(self)

    def close(self) -> None:
        """Let go of the log; nothing is written to it any more."""
        _leave(self)

    def tell(self, level: int, text: str) -> None:
        """Write a line, also for the handlers that the application has for `preboard.project`."""
        _EVENTS.log(level, "%s", text)
        if level >= self.level:
            self.write(level, utc_now(), text)

    def tell_run(self, run: RunManifest) -> None:
        """Tell how a run ended."""
        failed = run.status != "complete"
        said = (
            str(run.reason)
            if failed
            else f"{'valid' if run.all_valid else 'invalid'}, {run.error_count} errors"
        )
        level = logging.ERROR if failed else logging.INFO
        self.tell(level, f"run {run.run_home} of {run.named_file_name}: {run.status}, {said}")

    @contextmanager
    def doing(self, what: str, *, failing: int = logging.WARNING) -> Iterator[Outcome]:
        """Tell what was done, with the outcome that the body sets, or why it was not.

        Args:
            what: a verb and names, such as `register orders`.
            failing: the level of what is refused: WARNING, or ERROR where it is a failure.
        """
        outcome = Outcome()
        token = _here.set(self)
        try:
            yield outcome
        except PreboardError as error:
            self.tell(failing, f"{what}: {error.code}: {error}")
            raise
        except BaseException as error:
            said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            self.tell(logging.ERROR, f"{what}: broken off by {said}")
            raise
        finally:
            _here.reset(token)
        if outcome.text is not None:
            self.tell(outcome.level, f"{what}: {outcome.text}")

    def takes(self, record: logging.LogRecord) -> bool:
        """Say whether a record of some package belongs here."""
        if record.name == _EVENTS.name:
            return False
        of_statement = record.name.startswith(_OF_STATEMENTS)
        if record.levelno < (self.statement_level if of_statement else self.level):
            return False
        here = _here.get()
        return here is self or (here is None and _open == [self])

    def write(self, level: int, moment: datetime, text: str) -> None:
        """Write a line to the file."""
        name = "WARN" if level == logging.WARNING else logging.getLevelName(level)
        said = masked_text(text[:LONGEST]).translate(_CONTROLS)
        line = f"{iso(moment)} {name:<5} {os.getpid()} {said}\n"
        self._file.write(line.encode(errors="backslashreplace"))

    def attach(self) -> None:
        """Take what the packages warn of."""
        logging.getLogger("preboard").addHandler(self._handler)

    def detach(self) -> None:
        """Take nothing more."""
        logging.getLogger("preboard").removeHandler(self._handler)


class Outcome:
    """What came of something that is told when it is over."""

    def __init__(self) -> None:
        self.text: str | None = None
        self.level = logging.INFO

    def is_(self, text: str, level: int = logging.INFO) -> None:
        """Say how it ended."""
        self.text = text
        self.level = level


class LogFile:
    """A file that lines are put to the end of, and that is begun anew when it is large.

    The older ones are called `.1`, `.2`, ...; `most` None never begins anew.
    """

    def __init__(self, path: Path, most: int | None, keep: int, mode: int = 0o640) -> None:
        self.path = path
        self.most = most
        self.keep = keep
        self.mode = mode

    def write(self, line: bytes) -> None:
        """Put a line at the end. A log that can't be written never breaks what it tells of."""
        try:
            while not self._write(line):
                pass
        except OSError:
            return

    def _write(self, line: bytes) -> bool:
        """Write to the file that has the name; False if it lost it to another process meanwhile."""
        make_directory(self.path.parent)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | NO_LINK | _BINARY
        descriptor = os.open(self.path, flags, self.mode)
        try:
            with held(descriptor):
                about = os.fstat(descriptor)
                if not self._has_name(about):
                    return False
                if self.most is None or not about.st_size or about.st_size + len(line) <= self.most:
                    os.write(descriptor, line)
                    return True
                if sys.platform == "win32":  # an open file can't be renamed there
                    os.ftruncate(descriptor, 0)
                else:
                    self._rotate()
                return False
        finally:
            os.close(descriptor)

    def _has_name(self, about: os.stat_result) -> bool:
        try:
            return os.path.samestat(about, self.path.stat())
        except FileNotFoundError:
            return False

    def _rotate(self) -> None:
        """Move each file on by one; the last one goes. The lock of the newest is held."""
        if self.keep < 1:
            self.path.unlink()
            return
        last = 1  # the first place that is free, else that of the one that goes
        while last < self.keep and self._older(last).exists():
            last += 1
        for place in range(last - 1, 0, -1):
            self._older(place).replace(self._older(place + 1))
        self.path.replace(self._older(1))

    def _older(self, place: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{place}")


class _Warnings(logging.Handler):
    """What the packages say while something is done in a project."""

    def __init__(self, log: ProjectLog) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        if self._log.takes(record):
            moment = datetime.fromtimestamp(record.created, UTC)
            self._log.write(record.levelno, moment, f"{record.name}: {record.getMessage()}")


def _enter(log: ProjectLog) -> None:
    with _guard:
        _open.append(log)
        log.attach()
        _set_levels()


def _leave(log: ProjectLog) -> None:
    with _guard:
        if log in _open:
            _open.remove(log)
            log.detach()
            _set_levels()


def _set_levels() -> None:
    """Let statements say as much as an open project wants to hear, and no more than usual else."""
    wanted = min((log.statement_level for log in _open), default=logging.NOTSET)
    for name in _OF_STATEMENTS[:2]:
        logging.getLogger(name).setLevel(wanted if wanted < logging.WARNING else logging.NOTSET)
