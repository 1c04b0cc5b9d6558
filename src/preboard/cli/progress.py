"""How far the reading of a long file is, on standard error, where that is a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from preboard.cli.visible import cut, visible
from preboard.clock import elapsed_s

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from rich.live import Live

    from preboard.engine.loop import Progress

_QUIET_S = 1.0
"""A file that takes no longer needs no progress."""
_PAUSE_S = 0.1


class Meter:
    """One line that is drawn again while a file is read, and gone when it was.

    `watch` is what the engine calls, `watch_bytes` what copies or reads files, as `done` says; both
    are None where nothing is to be shown. Nothing is drawn from
    another thread: a run that hangs shows that it hangs.
    """

    def __init__(self, name: str, *, wanted: bool, done: str = "stored") -> None:
        self._done = done
        self._name = cut(visible(name), 40)
        self._drawn_s = 0.0
        self._live: Live | None = None
        shows = wanted and sys.stderr is not None and sys.stderr.isatty()
        self._begun_s = elapsed_s()
        self.watch: Callable[[Progress], bool | None] | None = self._look if shows else None
        self.watch_bytes: Callable[[int], None] | None = self._look_at_bytes if shows else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def _look(self, progress: Progress) -> bool | None:
        if progress.seconds >= max(_QUIET_S, self._drawn_s + _PAUSE_S):
            self._draw(progress.seconds, told(progress))
        return None

    def _look_at_bytes(self, count: int) -> None:
        seconds = elapsed_s() - self._begun_s
        if seconds >= max(_QUIET_S, self._drawn_s + _PAUSE_S):
            self._draw(seconds, copied(count, self._done))

    def _draw(self, seconds: float, words: str) -> None:
        self._drawn_s = seconds
        if self._live is None:
            self._live = _live()
            if self._live is None:
                self.watch = self.watch_bytes = None
                self._drawn_s = float("inf")
                return
            self._live.start()
        from rich.text import Text  # noqa: PLC0415 - only a terminal needs rich

        line = f"{self._name}: {words}"
        self._live.update(Text(line, no_wrap=True, overflow="ellipsis"), refresh=True)


def _live() -> Live | None:
    """Return a line at the end of standard error, None where the terminal cannot draw one."""
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs rich
    from rich.live import Live  # noqa: PLC0415

    console = Console(stderr=True, highlight=False)
    if not console.is_interactive:
        return None
    return Live(
        console=console, auto_refresh=False, transient=True,
        redirect_stdout=False, redirect_stderr=False,
    )  # fmt: skip


def told(progress: Progress) -> str:
    """Return how far a reading is, how fast, and how long it will take.

    >>> from preboard.engine.loop import Progress
    >>> told(Progress(lines=300_000, bytes_read=25, size_bytes=100, seconds=2.0))
    '300,000 lines, 150,000 lines/s, 25 %, 0:00:06 left'
    >>> told(Progress(lines=300_000, bytes_read=5_400_000, size_bytes=None, seconds=2.0))
    '300,000 lines, 150,000 lines/s, 5.4 MB'
    """
    rate = progress.lines / max(progress.seconds, 1e-9)
    words = [f"{progress.lines:,} lines", f"{rate:,.0f} lines/s"]
    if progress.size_bytes and progress.bytes_read:
        share = min(progress.bytes_read / progress.size_bytes, 1.0)
        words.append(f"{share:.0%}".replace("%", " %"))
        words.append(f"{_clock(progress.seconds * (1 - share) / share)} left")
    elif progress.bytes_read:
        words.append(_size(progress.bytes_read))
    return ", ".join(words)


def copied(count: int, done: str) -> str:
    """Return how many bytes something was done with.

    >>> copied(5_400_000, "stored")
    '5.4 MB stored'
    """
    return f"{_size(count)} {done}"


def _size(count: int) -> str:
    """Return a number of bytes in short.

    >>> _size(999), _size(5_400_000), _size(12_000_000_000)
    ('0.0 MB', '5.4 MB', '12.0 GB')
    """
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"  # noqa: PLR2004


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
