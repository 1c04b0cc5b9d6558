"""Bytes that come in on the loop and are read in a thread, a few blocks apart.

In: blocks of a request's body. Out: what a function made of them that reads them as a file. Neither
side runs ahead of the other, so a file of any size takes the memory of a few blocks.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, BinaryIO, TypeVar, cast

from anyio import CapacityLimiter, to_thread

from preboard.errors import PreboardError
from preboard.server.faults import RequestError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

_AHEAD = 4
"""Blocks that wait for the thread."""

T = TypeVar("T")


class BrokenOff(RequestError):  # noqa: N818 - says what happened
    """The body of a request ended before its end."""

    code = "broken-off"


class Feed:
    """The reading end is that of a binary file: `read` waits for bytes, and is given them once."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._room = asyncio.Semaphore(_AHEAD)
        self._blocks: SimpleQueue[bytes | PreboardError | None] = SimpleQueue()
        self._rest = b""
        self._is_left = False
        self._is_over = False

    async def put(self, block: bytes) -> bool:
        """Hand on a block, when there is room for it; False when nobody reads any more."""
        await self._room.acquire()
        if not self._is_left:
            self._blocks.put(block)
        return not self._is_left

    def end(self, error: PreboardError | None = None) -> None:
        """Say that this was all; with an error that it was not."""
        self._blocks.put(error)

    def leave(self) -> None:
        """Say, on the loop, that nobody reads any more."""
        self._is_left = True
        self._room.release()

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most `size`; `b""` behind the last ones.

        Raises:
            PreboardError: that with which the other end says that there will be no more.
        """
        block = self._rest or self._next()
        if size < 0:
            parts = [block]
            while part := self._next():
                parts.append(part)
            block = b"".join(parts)
            size = len(block)
        self._rest = block[size:]
        return block[:size]

    def _next(self) -> bytes:
        if self._is_over:
            return b""
        block = self._blocks.get()
        if isinstance(block, bytes):
            self._loop.call_soon_threadsafe(self._room.release)
            return block
        self._is_over = True
        if block is not None:
            raise block
        return b""


async def fed(blocks: AsyncIterator[bytes], work: Callable[[BinaryIO], T]) -> T:
    """Return what a function made of some blocks, in a thread of its own, as they come.

    Where the blocks break off, the function finds out where it reads, and undoes what it began.

    Raises:
        BrokenOff: the sender went away.
        PreboardError: what the blocks, or the function, raised.
    """
    feed = Feed()
    # A limiter of its own: who sends slowly holds none of the threads that answer others.
    limiter = CapacityLimiter(1)
    stream = cast("BinaryIO", feed)
    task = asyncio.ensure_future(to_thread.run_sync(work, stream, limiter=limiter))
    task.add_done_callback(lambda _: feed.leave())
    try:
        async for block in blocks:
            if not await feed.put(block):
                break
    except PreboardError as error:
        feed.end(error)
    except BaseException:
        feed.end(BrokenOff("the body ended before its end"))
        with suppress(PreboardError):
            await task
        raise
    else:
        feed.end()
    return await task
