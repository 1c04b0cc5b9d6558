"""HTTP as uvicorn reads it, with an end to the patience: how long a head may be, and may take.

The parser itself has no limit for either: whoever sends a header without an end, or opens a
connection and says nothing, would hold memory and a place for ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    import asyncio

MOST_HEAD_BYTES = 64 * 1024
"""Counted as they come, and once more as they are understood: a head may come at once."""
_TOO_LONG = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
)


def limited(head_s: float) -> type[HttpToolsProtocol]:
    """Return the protocol with a time limit for the head of a request."""

    class Limited(_Limited):
        longest_head_s = head_s

    return Limited


class _HeadTooLong(Exception):  # noqa: N818 - says what happened
    """What ends the parser in the middle of a head."""


class _Limited(HttpToolsProtocol):
    longest_head_s: float

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._in_head = True
        self._is_idle = False  # all that was asked is answered
        self._head_bytes = 0
        self._understood_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_is_there()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._is_idle:
            # What comes when all was answered, the rest of a body or blank lines, ends the waiting
            # for the next request: its head must come in time all the same.
            self._wait_for_head()
        if not self._in_head:
            return
        self._head_bytes += len(data)
        if self._head_bytes > MOST_HEAD_BYTES:
            self._refuse()

    def send_400_response(self, msg: str) -> None:
        if self._understood_bytes > MOST_HEAD_BYTES:
            self._refuse()
        else:
            super().send_400_response(msg)

    def on_message_begin(self) -> None:
        self._in_head, self._head_bytes, self._understood_bytes = True, 0, 0
        self._wait_for_head()
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head, self._is_idle, self._head_bytes = False, False, 0
        self._head_is_there()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        self._is_idle = not self.pipeline
        super().on_response_complete()

    def _count(self, size: int) -> None:
        self._understood_bytes += size
        if self._understood_bytes > MOST_HEAD_BYTES:
            raise _HeadTooLong  # the parser makes of it what is answered by send_400_response

    def _refuse(self) -> None:
        self.transport.write(_TOO_LONG)
        self.transport.close()

    def _wait_for_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(self.longest_head_s, self._give_up)

    def _head_is_there(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        self._head_timer = None
        self.transport.close()
