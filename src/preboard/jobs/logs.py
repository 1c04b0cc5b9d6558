"""What the processes of a server tell: one JSON object a line, on standard error and in a file.

Members as the reference has them (`asctime`, `levelname`, `threadName`, `module`, `message`), and
what a record brings with it (`extra={...}`), such as the ids of request and job. All processes of a
server write one file, `logs/server.log` in its home: each line is one write under a lock.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from preboard.clock import iso
from preboard.config.masking import masked_text
from preboard.config.names import storable
from preboard.project.logs import LogFile

if TYPE_CHECKING:
    from pathlib import Path

LONGEST = 8_000
LOG_FILE = "logs/server.log"
FILE_BYTES = 50 << 20
KEPT = 10
_OF_RECORDS = frozenset(vars(logging.LogRecord("", 0, "", 0, "", (), None))) | {
    "message", "asctime", "taskName", "told", "color_message",
}  # fmt: skip


class JsonLines(logging.Formatter):
    """A record as one line of JSON; passwords in URLs are masked."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "asctime": iso(datetime.fromtimestamp(record.created, UTC)),
            "levelname": record.levelname,
            "threadName": record.threadName,
            "module": record.module,
            "process": record.process,
            "message": storable(masked_text(record.getMessage()[:LONGEST])),
        }
        brought = {name: value for name, value in vars(record).items() if name not in _OF_RECORDS}
        line |= {name: value for name, value in brought.items() if name not in line}
        told = getattr(record, "told", None)
        if isinstance(told, dict):
            line |= told
        if record.exc_info:
            trace = masked_text(self.formatException(record.exc_info)[-LONGEST:])
            line["exc_info"] = storable(trace)
        return json.dumps(line, ensure_ascii=False, default=str)


class ToFile(logging.Handler):
    """Puts records to the end of a file that several processes write."""

    def __init__(self, file: LogFile) -> None:
        super().__init__()
        self.file = file
        self.setFormatter(JsonLines())

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line of a record."""
        self.file.write(f"{self.format(record)}\n".encode(errors="backslashreplace"))


class _About(logging.Filter):
    """Adds to each record what its process works on."""

    def __init__(self, told: dict[str, object]) -> None:
        super().__init__()
        self.told = told

    def filter(self, record: logging.LogRecord) -> bool:
        """Let a record pass, with what is to be told."""
        record.told = {**self.told, **getattr(record, "told", {})}
        return True


def log_about(**told: object) -> None:
    """Let every further line of this process tell what it is about, such as its job."""
    for handler in logging.getLogger().handlers:
        for known in [each for each in handler.filters if isinstance(each, _About)]:
            handler.removeFilter(known)
        handler.addFilter(_About(told))


def log_to_stderr(level: str, home: Path | None = None) -> None:
    """Let this process tell what it does, warnings of libraries too; also in the log of a home."""
    to_stderr = logging.StreamHandler(sys.stderr)
    to_stderr.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers = [to_stderr]
    if home is not None:
        root.addHandler(ToFile(LogFile(home / LOG_FILE, FILE_BYTES, KEPT, mode=0o600)))
    root.setLevel(logging.WARNING)
    logging.getLogger("preboard").setLevel(level.upper().replace("WARN", "WARNING")[:7])
