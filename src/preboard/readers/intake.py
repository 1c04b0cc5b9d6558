"""Bytes from a source: whole blocks of a file, and of a pipe what has come.

A pipe may be fed for hours. Who reads it wants large blocks while bytes come quickly, and what is
there when they pause: `gather` waits so long for more and no longer.
"""

from __future__ import annotations

import io
import select
import time
from contextlib import suppress
from typing import Any, BinaryIO, Final, NamedTuple, Protocol, cast

from preboard.errors import InputError

PAUSE_S: Final = 0.1
"""How long a block that has begun waits for the rest of it."""


class Gathered(NamedTuple):
    """Some bytes; `ended` says that the source is known to hold no more."""

    block: bytes
    ended: bool


class Gathers(Protocol):
    """A stream of ours that stands in front of what may be a pipe."""

    def gather(self, size_bytes: int, pause_s: float, *, is_begun: bool = False) -> Gathered:
        """Return what `gather` would."""


def position(source: BinaryIO) -> int | None:
    """Return where a source stands that can go back there, None if it cannot."""
    seekable = getattr(source, "seekable", None)
    if seekable is None or not seekable():
        return None
    try:
        return source.tell()
    except (OSError, ValueError):
        return None


def read_block(source: BinaryIO, size_bytes: int) -> bytes:
    """Return the next `size_bytes` bytes of `source`, less only at its end.

    A pipe or a socket gives what it has; this asks until the block is full.

    Raises:
        InputError: The source cannot be read, or does not wait for its bytes.
    """
    block = _read(source.read, size_bytes)
    if len(block) == size_bytes or not block:
        return block
    parts = [block]
    missing = size_bytes - len(block)
    while missing > 0 and (block := _read(source.read, missing)):
        parts.append(block)
        missing -= len(block)
    return b"".join(parts)


def read_some(source: BinaryIO, size_bytes: int) -> bytes:
    """Return up to `size_bytes` bytes, none at the end; of a pipe those that come without a pause.

    Raises:
        InputError: The source cannot be read, or does not wait for its bytes.
    """
    return gather(source, size_bytes, PAUSE_S).block


def gather(
    source: BinaryIO, size_bytes: int, pause_s: float, *, is_begun: bool = False
) -> Gathered:
    """Return up to `size_bytes` bytes: of a pipe those that come within `pause_s` of the first.

    Until the first one it waits, unless the block `is_begun` already. What is no pipe gives a whole
    block.

    Raises:
        InputError: The source cannot be read, or does not wait for its bytes.
    """
    if hasattr(source, "gather"):  # one of ours, which has nothing but what it has taken itself
        return cast("Gathers", source).gather(size_bytes, pause_s, is_begun=is_begun)
    comes = _poll(source)
    if comes is None:
        block = read_block(source, size_bytes)
        return Gathered(block, len(block) < size_bytes)
    read = getattr(source, "read1", source.read)  # one call of the system, never more
    parts: list[bytes] = []
    until = time.monotonic() + pause_s
    while size_bytes > 0:
        if is_begun and not comes.poll(max(0.0, until - time.monotonic()) * 1000):
            break
        block = _read(read, size_bytes)
        if not block:
            return Gathered(b"".join(parts), ended=True)
        if not is_begun:
            is_begun, until = True, time.monotonic() + pause_s
        parts.append(block)
        size_bytes -= len(block)
    return Gathered(b"".join(parts), ended=False)


def _poll(source: BinaryIO) -> Any:
    """Return what tells whether a pipe has bytes, None for a source where nothing can.

    Only for a stream right above its file descriptor: what wraps one may hold bytes back.
    """
    raw = source.raw if isinstance(source, io.BufferedReader) else source
    if not isinstance(raw, io.FileIO) or raw.seekable() or not hasattr(select, "poll"):
        return None
    poll = select.poll()
    with suppress(OSError, ValueError):
        poll.register(raw.fileno(), select.POLLIN | select.POLLHUP)
        return poll
    return None


def _read(read: Any, size_bytes: int) -> bytes:
    # A raw source in non-blocking mode gives None, which the type of BinaryIO does not say.
    try:
        block: bytes | None = read(size_bytes)
    except (OSError, ValueError) as error:
        raise InputError(f"the source cannot be read: {error}") from error
    if block is None:
        raise InputError(
            "the source has no bytes ready and does not wait for them",
            hint="open it in blocking mode",
        )
    return block
