"""`Idempotency-Key` on POST: a request that is sent again is answered, not done again.

Endpoints that make jobs enter the key in the transaction that accepts the job, and are left out
here. For all others the answer is kept: it is written before it is sent, so whoever did not get it
asks again and gets the same. What failed is not kept, and can be tried again.
"""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response

from preboard.catalog.service.deliveries import Asked, hashed
from preboard.clock import elapsed_s, utc_now
from preboard.errors import Conflict, PreboardError
from preboard.server import problems
from preboard.server.auth import good_key, key_in
from preboard.server.bodies import UPLOADS
from preboard.server.faults import RequestError, TooMany

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from preboard.catalog.service.deliveries import Delivery
    from preboard.server.service import Service

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
ONCE = "once"
"""In the state of a request: its answer holds a secret, and is not kept."""
NO_OWNER = "bootstrap"
"""The scope of what is asked without a key: the first key."""
KEY_RULE = r"^[\x21-\x7e]{1,255}$"
"""The rule of keys in the words of a schema; `idempotency_key` is what checks it."""
OWN: Final = (
    *UPLOADS,
    re.compile(r"/v2/runs"),
    re.compile(r"/v2/registrations/[^/]+"),
    re.compile(r"/v2/hooks/[^/]+"),
    re.compile(r"/csvpath/(register|register_file|run|register_and_run)"),
)
"""The paths whose endpoints look after the key themselves, by `asked_by`."""
READING: Final = (re.compile(r"/find/.*"), re.compile(r"/(csvpath|projects)/(get|find)_.*"))
"""What only reads, though by POST: asked again it is read again, and no answer is kept."""
_KEY = re.compile(KEY_RULE)
_MOST_KEPT = 256 * 1024
_WAIT_S = 30.0
_LOOK_EVERY_S = 0.1

log = logging.getLogger("preboard.server")


def idempotency_key(text: str | None) -> str | None:
    """Return the key of a request, None if it has none.

    Raises:
        RequestError: it is none that could be kept.
    """
    if text is None or _KEY.fullmatch(text):
        return text
    raise RequestError(
        f"{HEADER} is no key", hint="1 to 255 visible ASCII characters without blanks, as a UUID"
    )


def asked_by(owner: str, endpoint: str, key: str, body: bytes | str) -> Asked:
    """Return what is asked with a key; `body` is what must be the same, or a hash of it."""
    return Asked(scope=owner, key=hashed(endpoint, key), body=hashed(body))


class Idempotency:
    """Answers requests that were answered before."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app = app
        self.service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on a request that is new."""
        given = None
        if scope["type"] == "http" and scope["method"] == "POST" and not _is_own(scope["path"]):
            given = Headers(scope=scope).get(HEADER)
        if given is None:
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            key = idempotency_key(given)
            who = await run_in_threadpool(_who, self.service, request)
            if key is None or who is None:  # the endpoint says what is wrong with the API key
                await self.app(scope, receive, send)
                return
            body = await request.body()
            endpoint = f"{who.may} {scope['path']}?{scope['query_string'].decode()}"
            asked = asked_by(who.owner, endpoint, key, body)
            known = await self._begin(asked, who)
        except HTTPException as error:  # the body is too large
            await problems.of_http(request, error)(scope, receive, send)
            return
        except PreboardError as error:
            home = str(self.service.settings.home)
            await problems.of_error(request, error, home)(scope, receive, send)
            return
        if known is not None:
            await _replay(request, known)(scope, receive, send)
            return
        await self._do(asked, scope, _again(body, receive), send)

    async def _begin(self, asked: Asked, who: _Who) -> Delivery | None:
        """Be the first, or return what the first one got; one that is at work is waited for.

        Every look that does not lead to the endpoint, which counts itself, counts as a request.
        """
        until = elapsed_s() + _WAIT_S
        while True:
            known = await run_in_threadpool(self.service.deliveries.begin, asked, utc_now())
            if known is None:
                return None
            wait_s = self.service.requests.take(who.key) if who.key else 0
            if wait_s:
                raise TooMany("too many requests with this API key", retry_after_s=wait_s)
            if not known.is_open:
                return known
            if elapsed_s() > until:
                raise Conflict(
                    "a request with this idempotency key is being worked on",
                    hint="ask again in a minute",
                )
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _do(self, asked: Asked, scope: Scope, receive: Receive, send: Send) -> None:
        held: list[Message] = []

        async def hold(message: Message) -> None:
            held.append(message)

        try:
            await self.app(scope, receive, hold)
        except BaseException:
            await run_in_threadpool(self.service.deliveries.abandon, asked)
            raise
        await run_in_threadpool(self._keep, asked, scope, held)
        for message in held:
            await send(message)

    def _keep(self, asked: Asked, scope: Scope, held: list[Message]) -> None:
        status = next(each["status"] for each in held if each["type"] == "http.response.start")
        body = b"".join(each.get("body", b"") for each in held)
        if not 200 <= status < 300 or len(body) > _MOST_KEPT:  # noqa: PLR2004 - what succeeded
            self.service.deliveries.abandon(asked)
            return
        is_secret = bool(scope.get("state", {}).get(ONCE))
        self.service.deliveries.finish(asked, status, None if is_secret else body.decode())


def _is_own(path: str) -> bool:
    return any(left.fullmatch(path) for left in (*OWN, *READING))


@dataclass(frozen=True, slots=True)
class _Who:
    """Who asks: the owner, what their key may do, and its id.

    An answer is given again to keys that may do the same: it may tell what others must not see.
    """

    owner: str
    may: str = ""
    key: str = ""


def _who(service: Service, request: Request) -> _Who | None:
    text = key_in(request)
    if text is None:
        return _Who(NO_OWNER) if not service.keys.count() else None
    key = good_key(service, text)
    if key is None:
        return None
    limit = "*" if key.projects is None else ",".join(sorted(key.projects))
    return _Who(key.owner, f"{key.admin} {','.join(sorted(key.scopes))} {limit}", key.id)


def _again(body: bytes, receive: Receive) -> Receive:
    """Return what gives a body that was read once more."""
    given = False

    async def once() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once


def _replay(request: Request, known: Delivery) -> Response:
    if known.status is None or known.response is None:
        return problems.problem(
            request,
            409,
            "this was answered before, with a secret that is told once only",
            code=Conflict.code,
            hint="look at what was made, or rotate it",
        )
    return Response(
        known.response,
        status_code=known.status,
        media_type="application/json",
        headers={REPLAYED: "true"},
    )
