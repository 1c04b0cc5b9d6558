"""A web server of the tests' own, which misbehaves as its paths say."""

from __future__ import annotations

import gzip
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADERS = {
    "location": "location",
    "etag": "etag",
    "modified": "last-modified",
    "encoding": "content-encoding",
}
NO_LAST_PAGE = b"""\
<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>true</IsTruncated>
<NextContinuationToken>again</NextContinuationToken></ListBucketResult>"""
CONTENT = b"a,b\n1,2\n"


class WebServer(ThreadingHTTPServer):
    """`seen` holds the path and the host of each request."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Pages)
        self.seen: list[tuple[str, str]] = []

    def handle_error(self, request, client_address):
        """Say nothing: who was asked may be left in the middle of an answer."""

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def serving() -> Iterator[WebServer]:
    """Start a server; it is gone behind the block."""
    made = WebServer()
    thread = threading.Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield made
    finally:
        made.shutdown()
        thread.join()
        made.server_close()


class Pages(BaseHTTPRequestHandler):
    """Answers by the first part of the path."""

    def do_GET(self):  # noqa: C901 - one case for each word
        word, _, rest = self.path[1:].partition("?")[0].partition("/")
        self.server.seen.append((self.path, self.headers["host"]))  # type: ignore[attr-defined]
        match word:
            case "moved":
                self._answer(302, location="/orders.csv?x=1")
            case "to":
                self._answer(301, location=rest)
            case "for-ever":
                self._answer(302, location="/for-ever")
            case "status":
                self._answer(int(rest))
            case "short":
                self._answer(200, CONTENT, length=len(CONTENT) + 10)
            case "endless":
                self._endless()
            case "drip":
                self._drip(b"x")
            case "drip-head":
                self._drip(b"HTTP/1.1 200 OK\r\nx-")
            case "told":
                self._answer(200, CONTENT, etag='"abc"', modified="Sat, 21 Nov 2026 07:12:00 GMT")
            case "packed":
                self._answer(200, gzip.compress(CONTENT), encoding="gzip")
            case "pages":
                self._answer(200, NO_LAST_PAGE)
            case "large":
                self._answer(200, b"x" * int(rest))
            case "slow":
                threading.Event().wait(0.5)
                self._answer(200, CONTENT)
            case _:
                self._answer(200, CONTENT)

    def _answer(self, status, body=b"", *, length=None, **headers):
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(HEADERS[key], value)
        self.send_header("content-length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def _endless(self):
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"x" * 65536)
        except OSError:
            pass

    def _drip(self, begin):
        """Send one byte after the other, so that there is never silence for long."""
        if begin == b"x":
            self.send_response(200)
            self.end_headers()
        try:
            self.wfile.write(begin)
            for _ in range(200):
                threading.Event().wait(0.02)
                self.wfile.write(b"x")
        except OSError:
            pass

    def log_message(self, *_args):
        """Say nothing."""
