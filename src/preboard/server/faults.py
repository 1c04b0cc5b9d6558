"""What is wrong with a request itself, before any project is asked."""

from __future__ import annotations

from typing import ClassVar

from starlette.exceptions import HTTPException

from preboard.errors import PreboardError


class RequestError(PreboardError):
    """A request that can't be taken; `status` is that of its answer."""

    code = "request"
    status: ClassVar[int] = 400

    def headers(self) -> dict[str, str]:
        """Return what its answer has in its head."""
        return {}


class KeyMissing(RequestError):  # noqa: N818 - says what happened
    """No key came with the request."""

    code = "key-missing"
    status = 401

    def __init__(self, message: str | None = None, *, hint: str | None = None) -> None:
        super().__init__(
            message
            or "API Key is missing. Please provide an 'access_token' in the request header.",
            hint=hint,
        )

    def headers(self) -> dict[str, str]:
        """Return the ways to send a key."""
        return {"WWW-Authenticate": "Bearer"}


class Forbidden(RequestError):  # noqa: N818
    """The key is not known, or may not do this."""

    code = "forbidden"
    status = 403


class TooLarge(RequestError):  # noqa: N818
    """The body has more bytes than this endpoint takes."""

    code = "too-large"
    status = 413


class TooSlow(RequestError):  # noqa: N818
    """The body did not come in time."""

    code = "too-slow"
    status = 408


class Unread(HTTPException):
    """What stopped the reading of a body, for the framework, which makes a 400 of all others."""

    def __init__(self, error: RequestError) -> None:
        super().__init__(error.status, error.message)
        self.error = error


class TooMany(RequestError):  # noqa: N818
    """There were too many requests; `retry_after_s` says when to come again."""

    code = "too-many"
    status = 429

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        super().__init__(message, hint=f"try again in {retry_after_s} s")
        self.retry_after_s = retry_after_s

    def headers(self) -> dict[str, str]:
        """Return when to come again."""
        return {"Retry-After": str(self.retry_after_s)}


class RunFailed(RequestError):  # noqa: N818
    """A run or a registration was accepted, and could not be made for a reason of the server's."""

    code = "run-failed"
    status = 500


class TookTooLong(RequestError):  # noqa: N818
    """What was asked for is not done yet; it goes on."""

    code = "took-too-long"
    status = 504


class HookUnknown(RequestError):  # noqa: N818
    """There is no such hook, or its secret did not come with the request: nobody is told which.

    Some senders show their password only when they are asked for it; a request without one is no
    guess, and `counts` not as such.
    """

    code = "hook-unknown"
    status = 401

    def __init__(self, *, counts: bool = True) -> None:
        super().__init__("there is no such hook, or its secret did not come with the request")
        self.counts = counts

    def headers(self) -> dict[str, str]:
        """Return the way to send a password, for the senders that wait to be asked."""
        return {"WWW-Authenticate": 'Basic realm="hook"'}


class Paused(RequestError):  # noqa: N818
    """The hook is paused: senders that keep what is not taken come again."""

    code = "paused"
    status = 503
    retry_after_s: ClassVar[int] = 60

    def headers(self) -> dict[str, str]:
        """Return when to come again."""
        return {"Retry-After": str(self.retry_after_s)}
