"""A web server that has some files, for what the server fetches."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Quiet(ThreadingHTTPServer):
    """A server whose clients may go away in the middle of an answer."""

    daemon_threads = True

    def handle_error(self, request, client_address):
        """Say nothing."""


@contextmanager
def pages(files: Mapping[str, bytes]) -> Iterator[str]:
    """Serve files by their paths on the loopback; gives what an address begins with."""

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self):
            content = files.get(self.path)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_told):
            """Say nothing."""

    made = Quiet(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{made.server_address[1]}"
    finally:
        made.shutdown()
        thread.join()
        made.server_close()
