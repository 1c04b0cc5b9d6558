"""A look at the first bytes of a source, which is read from its start afterwards all the same.

A source that can go back is taken back; for a pipe the bytes are kept and given out again first.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple, cast

from preboard.errors import InputError
from preboard.readers.intake import Gathered, gather, position, read_block

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

SAMPLE_BYTES: Final = 256 << 10
"""How many bytes a guess looks at."""


LINES_OF_A_GUESS: Final = 10
"""How many lines of a pipe must be there for a guess, however long they take to come."""

_PAUSE_S: Final = 0.5  # a pipe that is silent for so long may be silent for hours


class Peeked(NamedTuple):
    """The next bytes of a source, and what to read from now on: all of it, from there.

    `ended` says that the sample is known to be all that there is.
    """

    sample: bytes
    stream: BinaryIO
    ended: bool


def peek(
    source: BinaryIO, size_bytes: int = SAMPLE_BYTES, *, lines: int = LINES_OF_A_GUESS
) -> Peeked:
    """Return the next bytes of `source`: fewer than asked for at its end.

    They are fewer as well of a pipe that pauses, if there are so many `lines` of them.

    Raises:
        InputError: The source cannot be read.
    """
    start = position(source)
    sample, ended = gather(source, size_bytes, _PAUSE_S)
    while not ended and len(sample) < size_bytes and _line_ends(sample) < lines:
        more, ended = gather(source, size_bytes - len(sample), _PAUSE_S)
        sample += more
    if start is not None:
        try:
            source.seek(start)
        except (OSError, ValueError):
            pass  # said that it could, and cannot
        else:
            return Peeked(sample, source, ended)
    return Peeked(sample, as_binary(Again(sample, source)), ended)


def _line_ends(sample: bytes) -> int:
    return sample.count(b"\n") or sample.count(b"\r")


def as_binary(source: io.BufferedIOBase) -> BinaryIO:
    """Return a stream of ours as the type that functions ask for."""
    return cast("BinaryIO", source)


def size_of(source: object) -> int | None:
    """Return how many bytes a file holds, None for a pipe and for what is no file."""
    try:
        return Path(f"/dev/fd/{cast('BinaryIO', source).fileno()}").stat().st_size or None
    except (OSError, AttributeError, io.UnsupportedOperation):
        return None


class Stream(io.BufferedIOBase):
    """What our streams have in common: `read` is theirs, and closing leaves the source open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def way(self) -> tuple[int, int] | None:
        """Return how many bytes of how many were taken, None where that is not known."""
        return None

    def go_back(self, offset: int, whence: int) -> None:
        """Refuse to go anywhere but to the start."""
        if offset or whence != io.SEEK_SET:
            raise io.UnsupportedOperation("this source can only go back to its start")


class Again(Stream):
    """A source whose first bytes were taken already."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        super().__init__()
        self._head = head
        self._rest = rest

    def read(self, size: int | None = -1) -> bytes:
        """Return up to `size` bytes."""
        if size is None or size < 0:  # a pipe may give less than all when asked for all
            return b"".join(iter(lambda: self.read(SAMPLE_BYTES), b""))
        if not self._head:
            return read_block(self._rest, size)
        block, self._head = self._head[:size], self._head[size:]
        return block

    def gather(self, size_bytes: int, pause_s: float, *, is_begun: bool = False) -> Gathered:
        """Return up to `size_bytes` bytes, of a pipe those that come without a pause."""
        block, self._head = self._head[:size_bytes], self._head[size_bytes:]
        if len(block) == size_bytes:
            return Gathered(block, ended=False)
        missing = size_bytes - len(block)
        is_begun = is_begun or bool(block)
        more, ended = gather(self._rest, missing, pause_s, is_begun=is_begun)
        return Gathered(block + more, ended)


def copy_bounded(source: BinaryIO, target: BinaryIO, most_bytes: int, hint: str) -> None:
    """Copy a source, of a size that is not known, as long as it stays within `most_bytes`.

    Raises:
        InputError: It holds more, or cannot be read.
    """
    left = most_bytes
    while block := read_block(source, 1 << 20):
        left -= len(block)
        if left < 0:
            raise InputError(f"the source holds more than {most_bytes:,} bytes", hint=hint)
        target.write(block)
