"""Workbooks (xlsx, xlsm, xlsb, xls, ods) to batches of rows.

In: a binary source and perhaps the name or the 0-based index of a sheet; without it the first sheet
that is not hidden is read. Out: `Batch`es; the number of a record is that of its row. Whole numbers
are ints, dates are dates, booleans are booleans, a formula is the value that was stored with it, an
empty cell is "" and a row of empty cells a blank record.

The workbook is taken apart by `child`, a process of its own with bounded memory and time, so
that a hostile one harms nobody.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib.util import find_spec
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Final

from preboard.diagnostics import Finding
from preboard.errors import ConfigError, InputError
from preboard.readers.batch import Batch
from preboard.readers.intake import read_block

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from preboard.diagnostics import FindingCode
    from preboard.readers.limits import Limits
    from preboard.readers.reader import Kind

_CHUNK = 1 << 20
_PROGRAM = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from preboard.readers.excel.child import main
main()
"""
_DATES: Final[dict[str, Callable[[Any], Any]]] = {
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
    "seconds": lambda seconds: timedelta(seconds=seconds),
    "text": str,
}


@dataclass(frozen=True, slots=True)
class ExcelLimits:
    """How large a workbook may be: its bytes, its parts unpacked, and what reading it may take.

    `memory_bytes` is the most for any; a small workbook gets less.
    """

    file_bytes: int = 256 << 20
    unpacked_bytes: int = 2 << 30
    memory_bytes: int = 4 << 30
    cpu_s: int = 600
    message_bytes: int = 512 << 20

    @classmethod
    def within(cls, limits: Limits) -> ExcelLimits:
        """Return the limits of a workbook whose parts are archive members of `limits`."""
        return cls(unpacked_bytes=min(cls().unpacked_bytes, limits.unpacked_bytes))


class ExcelReader:
    """Reads one sheet of a workbook from its first row to its last.

    Raises:
        ConfigError: What reads workbooks is not installed.
        InputError: While iterating: there is no such sheet, or this is no workbook, a damaged one,
            or one beyond the limits.
    """

    kind: Kind = "excel"
    text_rows = False
    dialect = None

    def __init__(
        self,
        source: BinaryIO,
        sheet: str | int | None = None,
        *,
        limits: ExcelLimits | None = None,
    ) -> None:
        if find_spec("python_calamine") is None:
            raise ConfigError(
                "Excel workbooks are read with python-calamine, which is not installed",
                hint="pip install 'preboard[excel]'",
            )
        self.bytes_read = 0
        self.findings: Sequence[Finding] = ()
        self.sheet: str | None = None
        self._source = source
        self._wanted = sheet
        self._limits = limits or ExcelLimits()
        self._memory_bytes = self._limits.memory_bytes

    def __iter__(self) -> Iterator[Batch]:
        line = 0
        with tempfile.TemporaryFile(prefix="preboard-") as workbook:
            self._copy_to(workbook)
            for part in self._answers(workbook):
                if isinstance(part, dict):
                    self._note(part)
                elif part:
                    yield Batch(part, line, line + 1)
                    line += len(part)

    def _copy_to(self, workbook: IO[bytes]) -> None:
        while block := read_block(self._source, _CHUNK):
            self.bytes_read += len(block)
            if self.bytes_read > self._limits.file_bytes:
                raise InputError(
                    f"the workbook is larger than {self._limits.file_bytes:,} bytes",
                    hint="save the sheet as a CSV file",
                )
            workbook.write(block)
        workbook.seek(0)

    def _answers(self, workbook: IO[bytes]) -> Iterator[Any]:
        """Yield what the child says about the workbook, up to its last word."""
        request = {
            "sheet": self._wanted,
            "memory_bytes": self._limits.memory_bytes,
            "unpacked_bytes": self._limits.unpacked_bytes,
            "cpu_s": self._limits.cpu_s,
        }
        paths = json.dumps(sys.path)
        command = [sys.executable, "-P", "-c", _PROGRAM, paths, json.dumps(request)]
        with _started(command, workbook) as child:
            assert child.stdout is not None  # noqa: S101 - it is a pipe
            try:
                while line := child.stdout.readline(self._limits.message_bytes):
                    part = self._understood(line)
                    if part is None:
                        return
                    yield part
                with suppress(subprocess.TimeoutExpired):
                    child.wait(timeout=10)
            finally:
                child.kill()
        raise self._died(child.returncode)

    def _understood(self, line: bytes) -> Any:
        """Return what a line says, None for the last; one that is cut off is no answer."""
        if not line.endswith(b"\n"):
            raise self._died(0)
        part = json.loads(line, object_hook=_cell)
        if isinstance(part, dict):
            if "error" in part:
                raise InputError(part["error"], hint=part["hint"])
            if "memory" in part:
                raise self._died(0)
            if "end" in part:
                return None
            if "bound" in part:
                self._memory_bytes = part["bound"]
                return []
        return part

    def _died(self, code: int) -> InputError:
        """Return the error for a child that did not come to its end."""
        what = f"the process that took it apart ended with {code}"
        if code in (0, -6, -9, 134):
            what = f"it takes more than {self._memory_bytes >> 20:,} MB of memory"
        elif code == -24:  # noqa: PLR2004 - SIGXCPU
            what = f"it takes longer than {self._limits.cpu_s} s"
        return InputError(
            f"the workbook cannot be read: {what}",
            hint="a cell far away from the others makes a sheet huge; else save it as a CSV file",
        )

    def _note(self, part: dict[str, Any]) -> None:
        """Keep what is to be said about the workbook."""
        self.sheet = part["sheet"]
        others = [f"{n!r}{' (hidden)' * hidden}" for n, hidden in part["sheets"] if n != self.sheet]
        found = []
        if others and self._wanted is None:
            listed = ", ".join(others[:20]) + ", ..." * (len(others) > 20)  # noqa: PLR2004
            message = f"only the sheet {self.sheet!r} was read; there are also {listed}"
            found.append(Finding("other-sheets", message, hint="name the sheet to read"))
        for what, code, said in _FAULTS:
            if count := part["faults"].get(what):
                where = f"cells of the sheet {self.sheet!r}"
                message = f"{where} {said}, {count:,} in all: they read as empty"
                found.append(Finding(code, message, count=count))
        self.findings = tuple(found)


def _started(command: Sequence[str], workbook: IO[bytes]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603 - our own program, run by our own interpreter
            command, stdin=workbook, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    except (OSError, TypeError) as error:
        raise InputError(
            f"the process that takes workbooks apart does not start: {error}",
            hint="save the sheet as a CSV file",
        ) from error


_FAULTS: tuple[tuple[str, FindingCode, str], ...] = (
    ("errors", "error-cells", "hold an error such as #REF!"),
    ("formulas", "formulas-without-value", "hold a formula that was never computed"),
)


def _cell(found: dict[str, Any]) -> Any:
    """Return the value that an object with one key stands for."""
    if len(found) == 1:
        ((kind, value),) = found.items()
        if kind in _DATES:
            return _DATES[kind](value)
    return found
