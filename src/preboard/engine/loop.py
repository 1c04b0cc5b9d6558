"""One reading of a source for any number of statements.

Between batches the caller is told how far the reading is, and may end it.
"""

from __future__ import annotations

import io
import shutil
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from preboard.errors import InputError, RunInterrupted
from preboard.language.values import clean_headers
from preboard.readers.counting import count_records
from preboard.readers.delimited import DelimitedReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from preboard.engine.runner import Runner
    from preboard.readers.delimited import Batch
    from preboard.readers.dialect import Dialect

SourceLike = str | Path | BinaryIO


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a reading is: records and bytes so far, and the size if it is known."""

    lines: int
    bytes_read: int
    size_bytes: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Watch:
    """Who looks at a run from outside.

    `progress` is called between batches; returning False cancels the run. `timeout_s` bounds its
    wall time.
    """

    progress: Callable[[Progress], bool | None] | None = None
    timeout_s: float | None = None


def source_name(source: SourceLike) -> str:
    """Return what a source is called in reports: its path, or the name the object has."""
    if isinstance(source, str | Path):
        return str(source)
    name = getattr(source, "name", None)
    return name if isinstance(name, str) else "<stream>"


@contextmanager
def opened(source: SourceLike, *, again: bool) -> Iterator[BinaryIO]:
    """Open a path, or take a binary file object; with `again` it can be read from its start twice.

    Raises:
        InputError: there is no such file, it is a directory, or may not be read.
    """
    with ExitStack() as stack:
        if isinstance(source, str | Path):
            source = stack.enter_context(_open_path(Path(source)))
            again = again and not source.seekable()
        elif hasattr(source, "encoding"):
            raise InputError("the source is opened as text", hint='open it with mode "rb"')
        if again:
            copy = stack.enter_context(tempfile.TemporaryFile(prefix="preboard-"))
            shutil.copyfileobj(source, copy)
            copy.seek(0)
            source = cast("BinaryIO", copy)
        yield source


def _open_path(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise InputError(f"there is no file {path}") from error
    except IsADirectoryError as error:
        raise InputError(f"{path} is a directory", hint="give a file") from error
    except PermissionError as error:
        raise InputError(f"{path} may not be read", hint="check its permissions") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{str(path)!r} cannot be opened: {error}") from error


def read_through(
    runners: Sequence[Runner], file: BinaryIO, dialect: Dialect, watch: Watch
) -> Iterator[None]:
    """Feed every runner all batches of one reading; yields behind each batch.

    Raises:
        InputError: the bytes cannot be read as declared.
        RunInterrupted: the watch cancelled the run, or its time was up.
    """
    total = 0
    if any(runner.plan.needs_totals and not runner.done for runner in runners):
        total = count_records(file, dialect)[1]
        file.seek(0)
    reader = DelimitedReader(file, dialect)
    clock = _Clock(watch, reader, _size_of(file))
    begun = False
    for batch in reader:
        begun = begun or _begin(runners, batch, total)
        for runner in runners:
            if not runner.done:
                runner.feed(batch) if begun else runner.pass_blank(batch)
        yield
        if begun and all(runner.done for runner in runners):
            return
        clock.look(batch.first_line + len(batch.rows))
    if not begun:
        for runner in runners:
            runner.begin([], total)
    for runner in runners:
        if not runner.done:
            runner.finish()


def _begin(runners: Sequence[Runner], batch: Batch, total: int) -> bool:
    """Give the runners their headers: the first record with a field, wherever it stands (5.1)."""
    first = next((row for row in batch.rows if row), None)
    if first is None:
        return False
    for runner in runners:
        runner.begin(clean_headers(first), total)
    return True


class _Clock:
    """Tells the watch how far the reading is."""

    def __init__(self, watch: Watch, reader: DelimitedReader, size: int | None) -> None:
        self.watch = watch
        self.reader = reader
        self.size = size
        self.began = time.perf_counter()

    def look(self, lines: int) -> None:
        """Report progress, and end the run if it is to end."""
        if self.watch.progress is None and self.watch.timeout_s is None:
            return
        seconds = time.perf_counter() - self.began
        if self.watch.timeout_s is not None and seconds > self.watch.timeout_s:
            raise RunInterrupted(
                f"the run took longer than {self.watch.timeout_s:g} s: {lines:,} lines were read"
            )
        if self.watch.progress is not None:
            progress = Progress(lines, self.reader.bytes_read, self.size, seconds)
            if self.watch.progress(progress) is False:
                raise RunInterrupted(f"the run was cancelled after {lines:,} lines")


def _size_of(file: BinaryIO) -> int | None:
    try:
        return Path(f"/dev/fd/{file.fileno()}").stat().st_size or None
    except (OSError, AttributeError, io.UnsupportedOperation):
        return None
