"""The lines of a run as they are found: next_paths and next_by_line (spec/framework.md 2)."""

from __future__ import annotations

from collections import deque
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Self

from preboard.errors import InputError, RunInterrupted

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from types import TracebackType

    from preboard.archive.runs import OpenRun
    from preboard.runs.result import Run
    from preboard.runs.running import Running

Line = list[Any]


class RunLines(AbstractContextManager["RunLines"]):
    """The lines that a run keeps, while it reads; `run` is there when they are used up.

    The run begins with the `with`. If it is left before the last line was taken, the run ends as
    failed, with what its statements have so far: nobody knows what is behind.
    """

    def __init__(
        self,
        begin: Callable[[Callable[[Sequence[Any]], None]], Running],
        result: Callable[[OpenRun], Run],
    ) -> None:
        self._found: deque[Line] = deque()
        self._begin = begin
        self._result = result
        self._running: Running | None = None
        self._steps: Generator[None, None, None] | None = None

    def __enter__(self) -> Self:
        self._running = self._begin(lambda row: self._found.append(list(row)))
        self._steps = self._running.steps()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._steps is not None  # noqa: S101 - entered
        self._steps.close()

    def __iter__(self) -> Iterator[Line]:
        return self

    def __next__(self) -> Line:
        if self._steps is None:
            raise InputError(
                "the lines are not opened", hint="use `with project.lines(...) as lines:`"
            )
        while not self._found:
            next(self._steps)  # its end is the end of the lines
        return self._found.popleft()

    @property
    def run(self) -> Run:
        """Return what the run came to.

        Raises:
            RunInterrupted: it has not ended: there are further lines.
        """
        ended = None if self._running is None else self._running.ended
        if ended is None:
            raise RunInterrupted(
                "the run has not ended", hint="take all lines, or leave the `with` block"
            )
        return self._result(ended)
