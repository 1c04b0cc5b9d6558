"""Answer runs as the reference's server does, with its library; print the port.

usage: reference_server.py STATEMENTS.json FILE

Its server is not to be had from the package index, so this stands in for it: one process, a thread
for each request, a library instance made anew for each run, the configuration and the listeners
of a hosted project, as its specification describes. Keys, request models, run records and the
second instance that it makes for each run are left out, to its advantage.

Needs an interpreter that has `csvpath`, and an empty working directory.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from reference_run import CONFIG
from reference_runs import LEDGERS

csvpath: Any = importlib.import_module("csvpath")


class Runs(BaseHTTPRequestHandler):
    """POST to any path runs the group over the file and answers with the reference."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Run, and answer when it is over."""
        self.rfile.read(int(self.headers.get("content-length") or 0))
        try:
            reference = csvpath.CsvPaths().collect_paths(filename="orders", pathsname="checks")
            status, answer = 200, {"reference": str(reference)}
        except Exception as error:  # noqa: BLE001 - told to the client, as a failure
            status, answer = 500, {"detail": str(error)}
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as inherited
        """Say nothing."""


def main() -> None:
    """Make a project in the working directory and serve it."""
    statements, file = sys.argv[1:]
    for directory in ("config", "logs"):
        Path(directory).mkdir()
    config = CONFIG.replace("groups =\n", "groups = default\n" + LEDGERS)
    Path("config/config.ini").write_text(config, encoding="utf-8")
    told = sys.stdout
    with contextlib.redirect_stdout(io.StringIO()):
        paths = csvpath.CsvPaths()
        texts = json.loads(Path(statements).read_text(encoding="utf-8"))
        paths.paths_manager.add_named_paths(name="checks", paths=texts)
        paths.file_manager.add_named_file(name="orders", path=file)
        server = ThreadingHTTPServer(("127.0.0.1", 0), Runs)
        told.write(f"{server.server_address[1]}\n")
        told.flush()
        server.serve_forever()


if __name__ == "__main__":
    main()
