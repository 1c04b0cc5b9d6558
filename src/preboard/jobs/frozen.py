"""Processes of a server that are frozen: stopped by a signal, and not gone.

What a frozen process has, nobody else can have: jobs that it began, and on SQLite the lock that all
others wait for, should it have been stopped in the middle of a change. Its end gives all of that
back, and what it had begun is begun again.

Where the system does not tell of processes below /proc, none is seen.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PROCESSES: Final = Path("/proc")
_STOPPED: Final = "T"
_STATE, _BEGUN = 0, 19
"""Places in /proc/PID/stat behind the name (proc_pid_stat(5)): its state, the start of it."""


class Watch:
    """What was frozen when it was last looked, and how often before.

    Looks are counted, not seconds: when all of a server was frozen together, the one who looks was
    frozen, too, and no time has passed.
    """

    def __init__(self, looks: int) -> None:
        self.looks = looks
        self._seen: dict[tuple[int, str], int] = {}

    def look(self, processes: Iterable[int]) -> list[int]:
        """Return which of some processes, and of those below them, were frozen at `looks` looks."""
        frozen = [each for process in processes for each in _frozen(process)]
        self._seen = {each: self._seen.get(each, 0) + 1 for each in frozen}
        return [process for (process, _), count in self._seen.items() if count >= self.looks]


def _frozen(process: int) -> Iterator[tuple[int, str]]:
    """Yield what is frozen from a process down; with its start, as numbers are used again."""
    home = _PROCESSES / str(process)
    try:
        fields = (home / "stat").read_text().rpartition(")")[2].split()
        # The main thread of each of our processes starts the others.
        children = (home / "task" / str(process) / "children").read_text().split()
    except OSError:  # it is gone, or the system does not tell
        return
    if fields[_STATE] == _STOPPED:
        yield process, fields[_BEGUN]
    for child in children:
        yield from _frozen(int(child))
