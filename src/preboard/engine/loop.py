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
from preboard.readers.frames import Frame, is_frame, kept
from preboard.readers.shape import Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from preboard.diagnostics import Finding
    from preboard.engine.runner import Runner
    from preboard.readers.choose import Source
    from preboard.readers.delimited import Batch
    from preboard.readers.reader import Reader

SourceLike = str | Path | BinaryIO | Frame


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
def opened(source: SourceLike, *, again: bool) -> Iterator[BinaryIO | Frame]:
    """Open a path, or take a binary file object; with `again` it can be read from its start twice.

    Raises:
        InputError: there is no such file, it is a directory, or may not be read.
    """
    with ExitStack() as stack:
        if is_frame(source):
            yield stack.enter_context(kept(source)) if again else source
            return
        if isinstance(source, str | Path):
            source = stack.enter_context(_open_path(Path(source)))
            again = again and not source.seekable()
        elif hasattr(source, "encoding"):
            raise InputError("the source is opened as text", hint='open it with mode "rb"')
        elif not hasattr(source, "read"):
            raise InputError(
                f"a source of type {type(source).__name__} cannot be read",
                hint="give a path, a binary file object or a data frame",
            )
        if again:
            copy = stack.enter_context(tempfile.TemporaryFile(prefix="preboard-"))
            shutil.copyfileobj(cast("BinaryIO", source), copy)
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


def to_start(source: SourceLike | None) -> None:
    """Go back to the start of a source that can be read again."""
    if not isinstance(source, str | Path | None) and not is_frame(source):
        cast("BinaryIO", source).seek(0)


def read_through(
    runners: Sequence[Runner], source: Source, watch: Watch, findings: list[Finding]
) -> Iterator[None]:
    """Feed every runner all batches of one reading; yields behind each batch.

    What is to be said about the data is put into `findings` at the end.

    Raises:
        InputError: the bytes cannot be read as declared.
        RunInterrupted: the watch cancelled the run, or its time was up.
    """
    total = 0
    if any(runner.plan.needs_totals and not runner.done for runner in runners):
        total = source.count().data_records
        to_start(source.file)
    reader = source.reader()
    shape = Shape(source.dialect.delimiter if reader.kind == "delimited" else None)
    clock = _Clock(watch, reader, _size_of(source.file))
    begun = False
    try:
        for batch in reader:
            begun = begun or _begin(runners, batch, total, shape, reader)
            shape.look(batch)
            if not batch.rows:
                continue
            for runner in runners:
                if not runner.done:
                    runner.feed(batch) if begun else runner.pass_blank(batch)
            yield
            if begun and all(runner.done for runner in runners):
                return
            clock.look(batch.first_line + len(batch.rows))
        shape.end()
    finally:
        findings[:] = [*reader.findings, *shape.findings()]
    for runner in runners:
        if not begun:
            runner.begin([], total)
        if not runner.done:
            runner.finish()


def _begin(
    runners: Sequence[Runner], batch: Batch, total: int, shape: Shape, reader: Reader
) -> bool:
    """Give the runners their headers: the first record with a field, wherever it stands (5.1)."""
    first = batch.headers or next((row for row in batch.rows if row), None)
    if first is None and batch.headers is None:
        return False
    headers = clean_headers(first or [])
    shape.begin(headers, is_record=batch.headers is None)
    for runner in runners:
        runner.begin(headers, total, text_rows=reader.text_rows)
    return True


class _Clock:
    """Tells the watch how far the reading is."""

    def __init__(self, watch: Watch, reader: Reader, size: int | None) -> None:
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


def _size_of(file: BinaryIO | Frame) -> int | None:
    try:
        return Path(f"/dev/fd/{cast('BinaryIO', file).fileno()}").stat().st_size or None
    except (OSError, AttributeError, io.UnsupportedOperation):
        return None
