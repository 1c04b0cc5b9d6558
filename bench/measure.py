"""What both runners share: the clock, the peak of memory, and the outcome that is compared.

Runs under the reference's interpreter too, so it imports the standard library only.
"""

from __future__ import annotations

import decimal
import hashlib
import json
import resource
import sys
import time
from array import array
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_LARGEST_SHOWN = 20


class Clock:
    """CPU seconds of this process (user and system) and wall seconds, from the start."""

    def __init__(self) -> None:
        """Start the clock."""
        self._wall = time.perf_counter()
        self._cpu = time.process_time()

    def read(self) -> dict[str, float]:
        """Return the seconds gone since the start."""
        cpu, wall = time.process_time() - self._cpu, time.perf_counter() - self._wall
        return {"cpu_s": round(cpu, 4), "seconds": round(wall, 4)}


class ErrorLines:
    """The numbers of the lines with errors, and how many error records there were."""

    def __init__(self) -> None:
        """Start without any."""
        self.records = 0
        self._lines = array("q")

    def add_all(self, lines: Iterable[int | None]) -> None:
        """Take one number for each error record; None stands for an error of no line."""
        last = None
        for given in lines:
            self.records += 1
            line = -1 if given is None else given
            if line != last:
                self._lines.append(line)
                last = line

    def distinct(self) -> list[int]:
        """Return every line with an error once, in ascending order."""
        return sorted(set(self._lines))


def peak_mb() -> float:
    """Return the most memory that this process had resident, in MiB.

    Linux hands ru_maxrss on from the process that started this one; VmHWM is our own.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return round(int(line.split()[1]) / 1024, 1)
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20, 1)


def emit(
    measured: dict[str, Any],
    *,
    error_lines: ErrorLines,
    variables: dict[str, Any],
    printed: list[str],
    results: Path | None,
) -> None:
    """Print the one JSON line, and write the whole outcome to `results` for the comparison."""
    lines = error_lines.distinct()
    values = plain(variables)
    if results:
        outcome = {"variables": values, "error_lines": lines, "printed": printed}
        results.write_text(json.dumps(outcome), encoding="utf-8")
    measured |= {
        "errors": error_lines.records,
        "error_lines": len(lines),
        "error_lines_sha256": _digest(lines),
        "printed": len(printed),
        "variables": {name: _shown(value) for name, value in values.items()},
    }
    sys.stdout.write(json.dumps(measured) + "\n")


def plain(value: Any) -> Any:
    """Return the value as JSON can hold it, the same for both sides."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case dict():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case set() | frozenset():
            return sorted(map(str, value))
        case date():  # a datetime is a date
            return value.isoformat().removesuffix("T00:00:00")
        case decimal.Decimal():
            return float(value)
        case _:
            return str(value)


def _digest(lines: list[int]) -> str:
    return hashlib.sha256(",".join(map(str, lines)).encode()).hexdigest()[:16]


def _shown(value: Any) -> Any:
    """Return the value, a large table as its size."""
    if isinstance(value, dict | list) and len(value) > _LARGEST_SHOWN:
        return f"<{len(value)} entries>"
    return value
