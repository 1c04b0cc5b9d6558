"""The way out over HTTP: connections to hosts that may be asked, for as long as they may take.

Every request of this package goes through here. The host is looked up and checked where the
connection is made, so that a redirect, a proxy of the environment or a second look-up can't lead
around it, and every read and write ends when the time of the whole is up, the head of an answer
included.
"""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import httpcore
import httpx

from preboard.clock import elapsed_s
from preboard.errors import InputError
from preboard.storage.remote.hosts import addresses_to_ask

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from preboard.storage.remote.rules import RemoteRules


class Deadline:
    """When all of it must be done."""

    def __init__(self, rules: RemoteRules, told: str) -> None:
        self._total_s = rules.total_s
        self._ends = elapsed_s() + rules.total_s
        self._told = told

    def left(self, at_most: float | None) -> float:
        """Return how many seconds the next step may take.

        Raises:
            InputError: none.
        """
        left = self._ends - elapsed_s()
        if left <= 0:
            raise InputError(f"{self._told} took longer than {self._total_s:g} s")
        return left if at_most is None else min(left, at_most)

    @contextmanager
    def told_first(self) -> Iterator[None]:
        """Say that the time of the whole is up where a step ends for it, not for its own."""
        try:
            yield
        except httpcore.TimeoutException:
            self.left(None)
            raise


class Transport(httpx.BaseTransport):
    """What httpx sends its requests with: one connection at a time, to checked addresses."""

    def __init__(self, rules: RemoteRules, deadline: Deadline) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_trusted(),
            max_connections=1,
            network_backend=_Network(rules, deadline),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; the answer's body is read when it is asked for."""
        url = request.url
        try:
            answer = self._pool.handle_request(
                httpcore.Request(
                    request.method,
                    httpcore.URL(
                        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        except _TROUBLE as error:
            raise _said(error) from error
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        """Close the connection."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._answer.iter_stream()
        except _TROUBLE as error:
            raise _said(error) from error

    def close(self) -> None:
        self._answer.close()


class _Network(httpcore.NetworkBackend):
    """Makes connections, once the address is checked."""

    def __init__(self, rules: RemoteRules, deadline: Deadline) -> None:
        self._rules = rules
        self._deadline = deadline
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        trouble: Exception | None = None
        for address in addresses_to_ask(host, port, self._rules):
            left = self._deadline.left(timeout)
            try:
                made = self._sockets.connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                trouble = error
                if isinstance(error, httpcore.ConnectTimeout):
                    break  # the next address would have the same time again
            else:
                return _Stream(made, self._deadline)
        raise trouble or httpcore.ConnectError("it has no address")


class _Stream(httpcore.NetworkStream):
    """A connection each of whose steps ends with the time of the whole."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with self._deadline.told_first():
            return self._inner.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        with self._deadline.told_first():
            self._inner.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        with self._deadline.told_first():
            left = self._deadline.left(timeout)
            made = self._inner.start_tls(ssl_context, server_hostname, left)
        return _Stream(made, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


@cache
def _trusted() -> ssl.SSLContext:
    """Return whose certificates are believed; reading them takes longer than a small file."""
    return httpx.create_ssl_context(trust_env=False)


_TROUBLE = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
    ssl.SSLError,
)


def _said(error: Exception) -> httpx.HTTPError:
    """Return an error of the connection in the words of httpx."""
    slow = isinstance(error, httpcore.TimeoutException)
    return httpx.TransportError(str(error) or ("no answer in time" if slow else "no connection"))
