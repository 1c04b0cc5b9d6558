"""One reading of a source: opened, its format chosen, its batches handed to whoever takes them."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self, cast

from preboard.engine.collector import patient_collector
from preboard.engine.loop import opened, read_through, source_name
from preboard.errors import ConfigError
from preboard.readers.choose import choose, split_sheet
from preboard.readers.columns.frames import is_frame
from preboard.readers.limits import DEFAULT_LIMITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

    from preboard.diagnostics import Finding
    from preboard.engine.loop import Feed, SourceLike, Watch
    from preboard.readers.declared import Declared
    from preboard.readers.limits import Limits


class Reading:
    """One reading of a source by some feeds: runners, or what stands for several of them.

    With `again` the source can be read a second time from its start. `findings` are there when the
    batches are used up, `chosen` when the reading is opened.
    """

    def __init__(
        self,
        feeds: Sequence[Feed],
        source: SourceLike,
        declared: Declared,
        limits: Limits = DEFAULT_LIMITS,
        *,
        again: bool = False,
    ) -> None:
        self.feeds = feeds
        self.source, self.sheet = _without_sheet(source, declared)
        self.declared = declared
        self.limits = limits
        self.again = again
        self.findings: list[Finding] = []
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        try:
            self._open()
        except BaseException:
            self._stack.close()
            raise
        return self

    def _open(self) -> None:
        self._stack.enter_context(patient_collector())
        runners = [runner for feed in self.feeds for runner in feed.runners]
        plans = [runner.plan for runner in runners]
        again = any(plan.needs_totals or plan.needs_document for plan in plans)
        file = self._stack.enter_context(opened(self.source, again=again or self.again))
        said = self.declared
        if said.format is None and any(plan.takes_whole_file for plan in plans):
            said = replace(said, format="csv")
        self.chosen = choose(
            file, source_name(self.source), said, sheet=self.sheet, limits=self.limits
        )
        if self.chosen.file is not file:
            self._stack.callback(cast("BinaryIO", self.chosen.file).close)
        for runner in runners:
            runner.run.file = None if is_frame(file) else cast("BinaryIO", file)
            runner.run.dialect = self.chosen.dialect

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def batches(self, watch: Watch) -> Iterator[None]:
        """Read on, a batch at a time."""
        return read_through(self.feeds, self.chosen, watch, self.findings)


def _without_sheet(source: SourceLike, declared: Declared) -> tuple[SourceLike, str | int | None]:
    """Return the source without the sheet that its path names, and the sheet to read."""
    if not isinstance(source, str | Path):
        return source, declared.sheet
    path, sheet = split_sheet(str(source))
    if sheet is None:
        return source, declared.sheet
    if declared.sheet not in (None, sheet):
        raise ConfigError(f"sheet is {declared.sheet!r}, but the path says {sheet!r}")
    return path, sheet
