"""A look at the first bytes of a source, which is read from its start afterwards all the same.

A source that can go back is taken back; for a pipe the bytes are kept and given out again first.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from preboard.errors import InputError
from preboard.readers.text import read_block

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

SAMPLE_BYTES: Final = 256 << 10
"""How many bytes a guess looks at."""


def peek(source: BinaryIO, size_bytes: int = SAMPLE_BYTES) -> tuple[bytes, BinaryIO]:
    """Return the next bytes of `source`, and what to read from now on: all of it, from there.

    With fewer bytes than asked for, the source holds no more.

    Raises:
        InputError: The source cannot be read.
    """
    start = position(source)
    sample = read_block(source, size_bytes)
    if start is not None:
        try:
            source.seek(start)
        except (OSError, ValueError):
            pass  # said that it could, and cannot
        else:
            return sample, source
    return sample, as_binary(Again(sample, source))


def position(source: BinaryIO) -> int | None:
    """Return where a source stands that can go back there, None if it cannot."""
    seekable = getattr(source, "seekable", None)
    if seekable is None or not seekable():
        return None
    try:
        return source.tell()
    except (OSError, ValueError):
        return None


def as_binary(source: io.BufferedIOBase) -> BinaryIO:
    """Return a stream of ours as the type that functions ask for."""
    return cast("BinaryIO", source)


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
