"""The server does what its OpenAPI document says, whatever it is sent."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.integration.server.asked import project, run
from tests.integration.server.working import working

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
MOST_S = 25


def test_no_request_gets_an_answer_that_is_not_documented(tmp_path):
    """No fault, no other status, type or form than the document of the API has.

    What examples, the edges of all schemas, and some random values of them make is sent to every
    operation but the end of the server.
    """
    with working(tmp_path / "home", requests_per_s=1e6, request_burst=10**6) as served:
        with served.client() as client:
            project(client)
            run(client)
        told = subprocess.run(
            [
                Path(sys.executable).with_name("schemathesis"), "run", f"{served.url}/openapi.json",
                "--header", f"access_token: {served.key}", "--checks", ",".join(CHECKS),
                "--phases", "examples,coverage,fuzzing", "--max-examples", "2", "--seed", "1",
                "--max-time", str(MOST_S), "--generation-database", "none", "--no-shrink",
                "--warnings", "off", "--no-color", "--exclude-operation-id", "shut_down",
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=3 * MOST_S,
            check=False,
        )  # fmt: skip
    assert told.returncode == 0, told.stdout[-4000:]
    assert "Test cases" in told.stdout
