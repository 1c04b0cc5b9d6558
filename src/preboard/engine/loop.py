"""One reading of a source for any number of statements.

Between batches the caller is told how far the reading is, and may end it.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from preboard.errors import InputError, RunInterrupted
from preboard.language.values import clean_headers
from preboard.readers.columns.frames import Frame, is_frame, kept
from preboard.readers.peek import Stream, size_of
from preboard.readers.shape import Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from preboard.diagnostics import Finding
    from preboard.engine.runner import Runner
    from preboard.readers.batch import Batch
    from preboard.readers.choose import Source
    from preboard.readers.reader import Reader

SourceLike = str | Path | BinaryIO | Frame


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a reading is: records and bytes so far, and the size if it is known.

    The bytes are those of the file as it lies there, packed if it is.
    """

    lines: int
    bytes_read: int
    size_bytes: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Watch:
    """Who looks at a run from outside.

    `progress` is called between batches; returning False cancels the run. `timeout_s` bounds its
    wall time. It may be what is left of a longer one: `limit_s` is what was asked for.
    """

    progress: Callable[[Progress], bool | None] | None = None
    timeout_s: float | None = None
    limit_s: float | None = None


class Feed(Protocol):
    """What takes batches: a runner, or what feeds several of them in a way of its own."""

    @property
    def runners(self) -> Sequence[Runner]:
        """The runners behind it."""

    @property
    def done(self) -> bool:
        """Whether no further batches are wanted."""

    def begin(
        self,
        headers: Sequence[str],
        total_lines: int,
        *,
        text_rows: bool = True,
        header_line: int | None = None,
    ) -> None:
        """Take the headers of the file."""

    def pass_blank(self, batch: Batch) -> None:
        """Go over blank lines before the first line with a field."""

    def feed(self, batch: Batch) -> None:
        """Go over the lines of a batch."""

    def finish(self) -> None:
        """Take it that the file has ended."""


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
    feeds: Sequence[Feed], source: Source, watch: Watch, findings: list[Finding]
) -> Iterator[None]:
    """Hand every feed all batches of one reading; yields behind each batch.

    What is to be said about the data is put into `findings` at the end.

    Raises:
        InputError: the bytes cannot be read as declared.
        RunInterrupted: the watch cancelled the run, or its time was up.
    """
    runners = [runner for feed in feeds for runner in feed.runners]
    total = 0
    if any(runner.plan.needs_totals and not runner.done for runner in runners):
        total = source.count().data_records
        to_start(source.file)
    reader = source.reader()
    shape = Shape(
        source.dialect.delimiter if reader.kind == "delimited" else None,
        preamble=source.dialect.preamble_lines,
        columns=source.dialect.columns,
    )
    clock = _Clock(watch, reader, source.file)
    begun = False
    try:
        for number, batch in enumerate(reader):
            begun = begun or _begin(feeds, batch, total, shape, reader)
            shape.look(batch)
            if not batch.rows:
                continue
            for feed in feeds:
                if not feed.done:
                    feed.feed(batch) if begun else feed.pass_blank(batch)
            for runner in runners if spills(number) else ():
                runner.spill()
            yield
            if begun and all(feed.done for feed in feeds):
                return
            clock.look(batch.first_line + len(batch.rows))
        shape.end()
    finally:
        findings[:] = [*reader.findings, *shape.findings()]
        for runner in runners:
            runner.run.dialect = reader.dialect or runner.run.dialect
    for feed in feeds:
        if not begun:
            feed.begin([], total)
        if not feed.done:
            feed.finish()


_HELD_BATCHES = 4


def spills(number: int) -> bool:
    """Say whether what is kept of lines goes to disk behind this batch.

    A batch has a bounded size, lines have not: without this the lines that a spool counts before it
    writes them could be gigabytes.
    """
    return number % _HELD_BATCHES == _HELD_BATCHES - 1


def _begin(feeds: Sequence[Feed], batch: Batch, total: int, shape: Shape, reader: Reader) -> bool:
    """Give the feeds their headers: the first record with a field, wherever it stands (5.1)."""
    place = next((place for place, row in enumerate(batch.rows) if row), None)
    if place is None and batch.headers is None:
        return False
    headers = clean_headers(batch.headers or ([] if place is None else batch.rows[place]))
    header_line = None
    if batch.headers is None and place is not None:
        header_line = batch.first_line + place
    shape.begin(headers, is_record=header_line is not None)
    for feed in feeds:
        feed.begin(headers, total, text_rows=reader.text_rows, header_line=header_line)
    return True


class _Clock:
    """Tells the watch how far the reading is."""

    def __init__(self, watch: Watch, reader: Reader, file: BinaryIO | Frame) -> None:
        self.watch = watch
        self.reader = reader
        self.unpacked = file if isinstance(file, Stream) else None
        self.size = size_of(file)
        self.began = time.perf_counter()

    def look(self, lines: int) -> None:
        """Report progress, and end the run if it is to end."""
        if self.watch.progress is None and self.watch.timeout_s is None:
            return
        seconds = time.perf_counter() - self.began
        if self.watch.timeout_s is not None and seconds > self.watch.timeout_s:
            limit_s = self.watch.limit_s or self.watch.timeout_s
            raise RunInterrupted(
                f"the run took longer than {limit_s:g} s: {lines:,} lines were read"
            )
        if self.watch.progress is not None:
            way = self.unpacked.way() if self.unpacked else None
            progress = Progress(lines, *(way or (self.reader.bytes_read, self.size)), seconds)
            if self.watch.progress(progress) is False:
                raise RunInterrupted(f"the run was cancelled after {lines:,} lines")
