"""Answer runs as the reference's server does, with its library; print the port.

usage: reference_server.py STATEMENTS.json FILE

Its server is not to be had from the package index, so this stands in for it, as its specification
describes it: one process, a thread for each request, two library instances made anew for each run
(server-weaknesses.md C), and a hosted project: the configuration that the library generates, with
the keys that the server forces (server.md 4). Keys, request models, run records and the rewriting
of what it answers are left out, to its advantage.

Needs an interpreter that has `csvpath`, and an empty working directory.
"""

from __future__ import annotations

import configparser
import contextlib
import importlib
import io
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

csvpath: Any = importlib.import_module("csvpath")


class Runs(BaseHTTPRequestHandler):
    """POST to any path runs the group over the file and answers with the reference."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Run, and answer when it is over."""
        self.rfile.read(int(self.headers.get("content-length") or 0))
        try:
            csvpath.CsvPaths()  # the one that looks whether file and group are there
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


def force(path: Path) -> None:
    """Set what the server forces on the configuration of a project."""
    here = Path.cwd()
    (here / "config/env.json").write_text("{}", encoding="utf-8")
    forced = {
        "config": {"allow_var_sub": "yes", "var_sub_source": str(here / "config/env.json")},
        "logging": {"log_file": str(here / "logs/csvpath.log")},
        "inputs": {"allow_http_files": "no"},
        "cache": {"use_cache": "yes", "path": str(here / "cache")},
        "scripts": {"run_scripts": "no"},
        "functions": {"imports": ""},
    }
    config = configparser.RawConfigParser()
    config.read(path, encoding="utf-8")
    config.read_dict(forced)
    with path.open("w", encoding="utf-8") as file:
        config.write(file)


def main() -> None:
    """Make a project in the working directory and serve it."""
    statements, file = sys.argv[1:]
    told = sys.stdout
    with contextlib.redirect_stdout(io.StringIO()):
        csvpath.CsvPaths()  # generates the configuration
        force(Path("config/config.ini"))
        paths = csvpath.CsvPaths()
        texts = json.loads(Path(statements).read_text(encoding="utf-8"))
        paths.paths_manager.add_named_paths(name="checks", paths=texts)
        paths.file_manager.add_named_file(name="orders", path=file)
        ThreadingHTTPServer.request_queue_size = 128
        server = ThreadingHTTPServer(("127.0.0.1", 0), Runs)
        told.write(f"{server.server_address[1]}\n")
        told.flush()
        server.serve_forever()


if __name__ == "__main__":
    main()
