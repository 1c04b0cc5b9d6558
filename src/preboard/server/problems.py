"""One mapping from our errors to answers: RFC 9457 problem details with a `detail` in words.

`detail` is always a text, since the clients of the reference read nothing else; only where a body
or a query does not fit its model it is the list that they know (spec/server.md 2). No answer tells
a path of the machine, a key, or anything of a fault that is ours.
"""

from __future__ import annotations

import logging
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match

from preboard.config.names import shown, storable
from preboard.errors import (
    BadReference,
    Conflict,
    NameRefused,
    NotFound,
    NotUnderstood,
    PartlyRegistered,
    PreboardError,
    Refused,
    RunInterrupted,
    StatementError,
    StoreError,
    Superseded,
    Tampered,
)
from preboard.groups.faults import BrokenGroup
from preboard.server.faults import RequestError, Unread

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fastapi import FastAPI, Request
    from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"
KINDS = "urn:preboard:problem:"
"""What the `type` of a problem begins with; its code follows."""
_NO_PATH = "\0"
"""In place of the home, where no message has a path."""
_FAULT = "the server could not do this"
_UNFIT = "what the server keeps its data in can't be used now"

_STATUS: dict[type[PreboardError], int] = {
    PreboardError: 400,
    NotUnderstood: 422,
    StoreError: 503,
    NotFound: 404,
    BadReference: 400,
    NameRefused: 400,
    Refused: 400,
    PartlyRegistered: 400,
    BrokenGroup: 400,
    Conflict: 409,
    Tampered: 409,
    Superseded: 409,
    RunInterrupted: 409,
}
# Members of bodies whose value is nobody's to see, not even in an answer to who sent it.
_SECRETS = frozenset(
    {
        "api_key", "config_str", "definition", "env_str", "file_content", "key", "secret", "value",
    }
)  # fmt: skip
_WHOLE_BODY = 1
"""Parts of a place that names no member."""
_LONGEST_INPUT = 200
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

log = logging.getLogger("preboard.server")


class Problem(BaseModel):
    """What an answer says when something could not be done (RFC 9457)."""

    type: str = Field(examples=["urn:preboard:problem:not-found"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["Unknown project name"])
    code: str = Field(description="Stable, and safe to match on.", examples=["not-found"])
    hint: str | None = Field(default=None, description="What to do about it.")
    pointer: str | None = Field(
        default=None, description="Where in a document it is wrong, as a JSON pointer."
    )
    instance: str = Field(examples=["/v2/runs"])
    request_id: str = Field(examples=["5f0c7d1e9b7a4f6f"])


class Misfit(BaseModel):
    """One place where a body or a query does not fit."""

    type: str = Field(examples=["missing"])
    loc: list[str | int] = Field(examples=[["body", "name"]])
    msg: str = Field(examples=["Field required"])
    input: Any = Field(default=None, description="What stood there, cut and without secrets.")


class Misfits(BaseModel):
    """What an answer says when a body or a query does not fit its model."""

    type: str = Field(examples=["urn:preboard:problem:unprocessable"])
    title: str = Field(examples=["Unprocessable Content"])
    status: Literal[422] = 422
    detail: list[Misfit]
    code: str = Field(examples=["unprocessable"])
    hint: str | None = None
    instance: str = Field(examples=["/v2/admin/keys"])
    request_id: str = Field(examples=["5f0c7d1e9b7a4f6f"])


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return how a route documents its problems.

    >>> answers(404)[404]["description"]
    'Not Found'
    """
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": _schema_of(status)}},
        }
        for status in statuses
    }


def _schema_of(status: int) -> dict[str, Any]:
    one = {"$ref": f"#/components/schemas/{Problem.__name__}"}
    if status != HTTPStatus.UNPROCESSABLE_ENTITY:
        return one
    return {"anyOf": [{"$ref": f"#/components/schemas/{Misfits.__name__}"}, one]}


def status_of(error: PreboardError) -> int:
    """Return the status of the answer to an error.

    >>> status_of(NotFound("no such file"))
    404
    """
    if isinstance(error, RequestError):
        return error.status
    return next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)


def told(text: str, home: str) -> str:
    """Return a message as it may leave the server: paths in its home are told from there on.

    >>> told("/srv/pb/projects/1b2c/archive/x can't be read", "/srv/pb")
    "archive/x can't be read"
    """
    if home not in text:
        return storable(text)
    way = re.escape(home) + r"(?:/projects/[^/\s'\"]+)?/?"
    return storable(re.sub(way, "", text))


def problem(
    request: Request,
    status: int,
    detail: str | Sequence[Mapping[str, Any]],
    *,
    code: str,
    hint: str | None = None,
    pointer: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return the answer that says what went wrong."""
    body: dict[str, Any] = {
        "type": KINDS + code,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "hint": hint,
        "pointer": pointer,
        "instance": storable(request.url.path),
        "request_id": request.state.request_id,
    }
    return JSONResponse(
        {name: value for name, value in body.items() if value is not None},
        status_code=status,
        media_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )


def of_error(request: Request, error: PreboardError, home: str) -> JSONResponse:
    """Return the answer to one of our errors."""
    status = status_of(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        extra = {"code": error.code, "request_id": request.state.request_id}
        if isinstance(error, RequestError):  # an answer like others, and no fault
            log.warning("%s", error.message, extra=extra)
        else:
            log.error("%s", error.message, exc_info=error, extra=extra)
        if error.__cause__ is not None:  # what the system or the database says is not for all
            return problem(request, status, _UNFIT, code=error.code, hint=_look(request))
    message = error.render() if isinstance(error, StatementError) else error.message
    return problem(
        request,
        status,
        told(message, home),
        code=error.code,
        hint=None if error.hint is None else told(error.hint, home),
        pointer=error.pointer if isinstance(error, NotUnderstood) else None,
        headers=error.headers() if isinstance(error, RequestError) else None,
    )


def of_http(request: Request, error: HTTPException) -> JSONResponse:
    """Return the answer to what the frameworks below refuse, or could not read."""
    if isinstance(error, Unread):
        answer = of_error(request, error.error, _NO_PATH)
        answer.headers["Connection"] = "close"  # of what comes yet nobody knows where it ends
        return answer
    status = error.status_code
    code = HTTPStatus(status).phrase.lower().replace(" ", "-")
    headers = dict(error.headers or {})
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods_of(request))
    return problem(request, status, str(error.detail), code=code, headers=headers)


def _methods_of(request: Request) -> list[str]:
    """Return the methods of a path: the router tells those of the first route that has it."""
    asked = [{**request.scope, "method": method} for method in _METHODS]
    return [
        scope["method"]
        for scope in asked
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
    ]


def of_fault(request: Request) -> JSONResponse:
    """Return the answer to what nobody expected: the id leads to the log, nothing is told."""
    return problem(
        request,
        500,
        _FAULT,
        code="fault",
        hint=_look(request),
    )


def _look(request: Request) -> str:
    return f"the log has more under the request id {request.state.request_id}"


def misfits(errors: Sequence[Any]) -> list[dict[str, Any]]:
    """Return what does not fit in the form of the reference: type, loc, msg, input."""
    return [
        {
            "type": each["type"],
            "loc": [_place(part) for part in each["loc"]],
            "msg": storable(each["msg"]),
            "input": _input(each),
        }
        for each in errors
    ]


def _place(part: object) -> str | int:
    return part if isinstance(part, int) else storable(str(part))[:_LONGEST_INPUT]


def _input(error: Any) -> object:
    """Return what stood in a place, cut; nothing that is secret, or made of many."""
    given, place = error.get("input"), error["loc"]
    if len(place) <= _WHOLE_BODY or _SECRETS.intersection(place):
        return None
    if isinstance(given, (dict, list)):
        return None
    if given is None or isinstance(given, (bool, int)):
        return given
    return storable(shown(given, _LONGEST_INPUT)[1:-1] if isinstance(given, str) else str(given))


def answer_problems(app: FastAPI, home: str) -> None:
    """Let an application answer every error as a problem."""

    def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, PreboardError)  # noqa: S101 - what it is registered for
        return of_error(request, error, home)

    def unfit(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
        return problem(request, 422, misfits(error.errors()), code="unprocessable")

    def plain(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - as above
        return of_http(request, error)

    handlers: dict[type[Exception], Callable[[Request, Exception], Response]] = {
        PreboardError: ours,
        RequestValidationError: unfit,
        HTTPException: plain,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
