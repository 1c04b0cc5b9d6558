"""How large the body of a request may be, told before it is read, and how long it may take.

A length that is announced is looked at first; what comes without one is counted as it comes. Nobody
needs a key to send a body, so one that never ends would hold its connection for ever.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from fastapi import Request
from starlette.datastructures import Headers

from preboard.server import problems
from preboard.server.faults import TooLarge, TooSlow, Unread

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from preboard.server.settings import ServerSettings

UPLOADS: Final = (re.compile(r"/v2/files/[^/]+"),)
"""The paths whose bodies are files: their endpoints stream them to the disk."""
_DRAINED = 16 * 1024 * 1024
"""How much of a body that is not wanted is taken, so that its sender hears the answer."""


class BodyLimit:
    """Refuses bodies that are too large."""

    def __init__(self, app: ASGIApp, settings: ServerSettings) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on a request whose body is not too large, as far as it says."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = self._most(scope["path"])
        announced = _announced(Headers(scope=scope).get("Content-Length"))
        if announced is not None and announced > most:
            if announced <= _DRAINED:
                await _drain(receive, self.settings.body_s)
            answer = problems.of_http(Request(scope), Unread(_too_large(most)))
            await answer(scope, receive, send)
            return
        # Who reads a file looks at how it comes.
        within_s = None if _is_upload(scope["path"]) else self.settings.body_s
        await self.app(scope, _Counted(receive, most, within_s), send)

    def _most(self, path: str) -> int:
        settings = self.settings
        return settings.most_upload_bytes if _is_upload(path) else settings.most_body_bytes


class _Counted:
    """The body of a request, counted; all of it must come in a number of seconds, if one is given.

    They begin when it is first asked for. Behind its end whoever asks waits for the end of the
    connection.
    """

    def __init__(self, receive: Receive, most: int, within_s: float | None) -> None:
        self.receive = receive
        self.most = most
        self.within_s = within_s
        self.until: float | None = None
        self.is_whole = False
        self.seen = 0

    async def __call__(self) -> Message:
        message = await self._next()
        if message["type"] == "http.request":
            self.is_whole = not message.get("more_body", False)
            self.seen += len(message.get("body", b""))
            if self.seen > self.most:
                raise Unread(_too_large(self.most))
        return message

    async def _next(self) -> Message:
        if self.is_whole or self.within_s is None:
            return await self.receive()
        if self.until is None:
            self.until = asyncio.get_running_loop().time() + self.within_s
        try:
            async with asyncio.timeout_at(self.until):
                return await self.receive()
        except TimeoutError as error:
            late = TooSlow(
                f"the body did not come within {self.within_s:g} s",
                hint="body_s of the server says how long it may take",
            )
            raise Unread(late) from error


def _is_upload(path: str) -> bool:
    return any(upload.fullmatch(path) for upload in UPLOADS)


def _too_large(most: int) -> TooLarge:
    return TooLarge(
        f"the body has more than {most:,} bytes",
        hint="files go to an upload endpoint; most_body_bytes and most_upload_bytes of the server "
        "say how much it takes",
    )


def _announced(length: str | None) -> int | None:
    return int(length) if length is not None and length.isascii() and length.isdigit() else None


async def _drain(receive: Receive, within_s: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            while True:
                message = await receive()
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return
