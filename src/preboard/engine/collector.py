"""Python's collector of cycles while a run goes on: it looks less often.

A run that remembers much, such as each line's digest for has_dups(), makes hundreds of thousands of
objects that stay. The collector goes over them again and again, a quarter of the time of a million
lines, for cycles that a run does not make. Its first threshold is raised while runs go on, and put
back behind the last; nothing is switched off, and a host that has set more, or none, keeps its own.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

OBJECTS = 200_000
"""New objects after which the collector looks, 700 by default: some 15 MB."""


class _Patience:
    """How many runs go on, and what the host had set before the first."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.runs = 0
        self.before: tuple[int, int, int] | None = None

    def begin(self) -> None:
        with self.lock:
            self.runs += 1
            found = gc.get_threshold()
            if self.runs == 1 and 0 < found[0] < OBJECTS:
                self.before = found
                gc.set_threshold(OBJECTS, *found[1:])

    def end(self) -> None:
        with self.lock:
            self.runs -= 1
            if self.runs or self.before is None:
                return
            if gc.get_threshold() == (OBJECTS, *self.before[1:]):  # not changed by the host since
                gc.set_threshold(*self.before)
            self.before = None


_PATIENCE = _Patience()


@contextmanager
def patient_collector() -> Iterator[None]:
    """Let the collector look less often until the last run of the process is over."""
    _PATIENCE.begin()
    try:
        yield
    finally:
        _PATIENCE.end()
