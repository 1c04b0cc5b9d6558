"""Each line through every statement before the next line: the by_line methods of a run.

`ByLine` stands where a runner stands in a reading, and feeds its runners one line at a time. A
statement that asks for last() would be a line behind the others: `LastLines` goes over the file
before and tells it which line that is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.errors import DataError
from preboard.readers.batch import Batch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from preboard.engine.runner import Runner
    from preboard.runs.signals import Signals


RAISED = "an error, which the error policy raises"


class ByLine:
    """The runners of one run, line by line; `after_line` is told how many of them saw a line.

    `broke` is told of a runner that an error ended; unless it raises that, the others go on.
    """

    def __init__(
        self,
        runners: Sequence[Runner],
        signals: Signals,
        after_line: Callable[[int], None],
        broke: Callable[[Runner, DataError], None],
    ) -> None:
        self.runners = runners
        self.signals = signals
        self.after_line = after_line
        self.broke = broke

    @property
    def done(self) -> bool:
        """Say whether no runner wants further lines."""
        return all(runner.done for runner in self.runners)

    def begin(
        self,
        headers: Sequence[str],
        total_lines: int,
        *,
        text_rows: bool = True,
        header_line: int | None = None,
    ) -> None:
        """Give every runner the headers of the file."""
        for runner in self.runners:
            runner.begin(headers, total_lines, text_rows=text_rows, header_line=header_line)

    def pass_blank(self, batch: Batch) -> None:
        """Let every runner go over blank lines before the headers."""
        for runner in self.runners:
            runner.pass_blank(batch)

    def feed(self, batch: Batch) -> None:
        """Go over the lines of a batch."""
        for place, row in enumerate(batch.rows):
            number = batch.first_line + place
            line = Batch([row], number, batch.text_line(place), headers=batch.headers)
            self.after_line(self._line(line))
            if self.done:
                return

    def _line(self, line: Batch) -> int:
        """Put a line through the runners; returns how many saw it."""
        jump, seen, skips = 0, 0, False
        for runner in self.runners:
            if runner.done:
                continue
            if skips:
                runner.leave_out(line)
                continue
            try:
                runner.feed(line)
            except DataError as error:
                self._break(runner, error)
            seen += 1
            skips, further = self.signals.take_line()
            jump = max(jump, further)
            if self.signals.stopped:
                self._stop()
                return seen
        if jump:
            for runner in self.runners:
                runner.run.to_jump = max(jump, runner.run.to_jump)
        return seen

    def _stop(self) -> None:
        for runner in self.runners:
            if not runner.done:
                runner.stop("stop_all()")

    def _break(self, runner: Runner, error: DataError) -> None:
        self.broke(runner, error)
        runner.stop(RAISED)

    def finish(self) -> None:
        """Say that the file has ended."""
        for runner in self.runners:
            if not runner.done:
                try:
                    runner.finish()
                except DataError as error:
                    self._break(runner, error)


class LastLines:
    """Goes over a file and notes for each runner the last line with data that it will scan."""

    done = False

    def __init__(self, runners: Sequence[Runner]) -> None:
        self.runners = runners
        """All of the run, so that the file is taken for what it will be taken for."""
        self._asking = [runner for runner in runners if runner.plan.uses_last]

    def begin(
        self,
        headers: Sequence[str],
        total_lines: int,
        *,
        text_rows: bool = True,
        header_line: int | None = None,
    ) -> None:
        """Take the headers, which are of no interest here."""

    def pass_blank(self, batch: Batch) -> None:
        """Pass blank lines, which last() does not mean."""

    def feed(self, batch: Batch) -> None:
        """Look at the lines of a batch."""
        for number, row in enumerate(batch.rows, batch.first_line):
            if row:
                for runner in self._asking:
                    if runner.plan.scan.holds(number):
                        runner.last_line = number

    def finish(self) -> None:
        """Do nothing: what was noted stands."""
