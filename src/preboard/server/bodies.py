"""How large the body of a request may be, told before it is read.

A length that is announced is looked at first; what comes without one is counted as it comes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fastapi import Request
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from preboard.server import problems
from preboard.server.faults import TooLarge

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
                await _drain(receive)
            answer = problems.of_error(Request(scope), _too_large(most), "\0")
            answer.headers["Connection"] = "close"
            await answer(scope, receive, send)
            return
        await self.app(scope, _Counted(receive, most), send)

    def _most(self, path: str) -> int:
        if any(upload.fullmatch(path) for upload in UPLOADS):
            return self.settings.most_upload_bytes
        return self.settings.most_body_bytes


class _Counted:
    """The body of a request, counted."""

    def __init__(self, receive: Receive, most: int) -> None:
        self.receive = receive
        self.most = most
        self.seen = 0

    async def __call__(self) -> Message:
        message = await self.receive()
        if message["type"] == "http.request":
            self.seen += len(message.get("body", b""))
            if self.seen > self.most:
                error = _too_large(self.most)
                # What reads bodies makes a 400 of every other exception.
                raise HTTPException(error.status, error.message, {"Connection": "close"})
        return message


def _too_large(most: int) -> TooLarge:
    return TooLarge(
        f"the body has more than {most:,} bytes",
        hint="files go to an upload endpoint; most_body_bytes and most_upload_bytes of the server "
        "say how much it takes",
    )


def _announced(length: str | None) -> int | None:
    return int(length) if length is not None and length.isascii() and length.isdigit() else None


async def _drain(receive: Receive) -> None:
    while True:
        message = await receive()
        if message["type"] != "http.request" or not message.get("more_body", False):
            return
