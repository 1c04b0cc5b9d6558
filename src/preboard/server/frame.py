"""What is around every request: its id, its line in the log, and the headers of its answer.

It is plain ASGI, so that a body that streams goes through unbuffered. A fault that nobody expected
is answered here, so that the connection stays good for the next request.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect

from preboard.clock import elapsed_s
from preboard.server import problems

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""Where an answer says nothing of its own."""
_ID_HEADER = "X-Request-Id"
V2_PREFIX = "/v2"
NO_ROUTE = "(none)"
_GONE = 499
"""In the log: the client went away."""

log = logging.getLogger("preboard.server")


class Frame:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state["request_id"] = request_id = _request_id(Headers(scope=scope).get(_ID_HEADER))
        begun, answered = elapsed_s(), _Answer()

        async def send_framed(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered.status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[_ID_HEADER] = request_id
                for name, value in _SAFE_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self.app(scope, receive, send_framed)
        except ClientDisconnect:  # nobody is there to be answered
            answered.status = _GONE
        except Exception:
            log.exception("a request could not be answered", extra={"request_id": request_id})
            if answered.status is not None:  # too late to say anything: the connection must end
                raise
            await problems.of_fault(Request(scope))(scope, receive, send_framed)
        finally:
            _log_access(scope, state, answered.status, elapsed_s() - begun)


class _Answer:
    status: int | None = None


def _request_id(given: str | None) -> str:
    return given if given and _REQUEST_ID.fullmatch(given) else uuid4().hex


def path_template(scope: Scope) -> str:
    """Return the path of the route that answered, as it is declared.

    It is told in place of the path: that of a hook or a file tells more than is needed.
    """
    path: str | None = getattr(scope.get("route"), "path", None)
    if path is None:
        return NO_ROUTE
    is_v2 = scope["path"].startswith(V2_PREFIX + "/")  # what a router was included with is not told
    return f"{V2_PREFIX}{path}" if is_v2 and not path.startswith(V2_PREFIX + "/") else path


def _log_access(scope: Scope, state: dict[str, Any], status: int | None, took_s: float) -> None:
    extra = {
        "method": scope["method"],
        "path": path_template(scope),
        "status": status,
        "ms": round(took_s * 1000, 1),
        "request_id": state["request_id"],
        "key": state.get("key"),
    }
    jobs = state.get("jobs", ())  # the lines of a run tell its id under the same name
    if jobs:
        extra |= {"job": jobs[0]} if len(jobs) == 1 else {"jobs": jobs}
    log.info("%(method)s %(path)s %(status)s", extra, extra=extra)
