"""What tests do again and again: a project with a file and a group, runs, lines of the log."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.integration.patience import PATIENCE_S

from preboard.jobs.logs import JsonLines

if TYPE_CHECKING:
    from collections.abc import Iterable

    import httpx

ORDERS = "id,name,amount,country\n1,Ann,3,US\n2,Bob,abc,US\n3,Cid,5,DE\n"
CHECKS = [
    '~ id: us_only ~ $[1*][ #country == "US" @last = #id ]',
    """~ id: amounts unmatched-mode: keep ~ $[1*][
    integer(#amount) print("amount $.headers.amount") print("to audit", "audit") ]""",
]


def project(client: httpx.Client, name: str = "acme") -> str:
    """Make a project with the named-file `orders` and the group `checks`."""
    assert client.post("/v2/projects", json={"name": name}).status_code == 201
    assert upload(client, "orders", ORDERS, project_name=name).status_code == 201
    told = client.post("/v2/validations/checks", json={"project_name": name, "csvpaths": CHECKS})
    assert told.status_code == 201, told.text
    return name


def upload(
    client: httpx.Client,
    name: str,
    content: str | bytes | Iterable[bytes],
    *,
    project_name: str = "acme",
    file_name: str | None = "orders.csv",
    headers: dict[str, str] | None = None,
    **query: str,
) -> httpx.Response:
    """Send a file as the body."""
    query |= {"project_name": project_name}
    if file_name is not None:
        query["file_name"] = file_name
    return client.post(f"/v2/files/{name}", params=query, content=content, headers=headers)


def run(client: httpx.Client, project_name: str = "acme", **more: Any) -> dict[str, Any]:
    """Run `checks` over `orders`, and return the status at its end."""
    body = {
        "project_name": project_name, "file_name": "orders", "validation_name": "checks", **more,
    }  # fmt: skip
    answer = client.post("/v2/runs", json=body)
    assert answer.status_code == 202, answer.text
    return ended(client, answer.json()["run_uuid"])


def ended(client: httpx.Client, uuid: str) -> dict[str, Any]:
    """Return how a run stands when it has ended."""
    until = time.monotonic() + PATIENCE_S
    while True:
        answer = client.get(f"/v2/runs/{uuid}")
        assert answer.status_code == 200, answer.text  # from the first moment on (B7)
        status: dict[str, Any] = answer.json()
        if status["end_time"] is not None:
            return status
        assert time.monotonic() < until, status
        time.sleep(0.02)


def line_of(answer: httpx.Response, caplog: pytest.LogCaptureFixture) -> dict[str, Any]:
    """Return the line of an answer in the log, which is written behind it."""
    wanted = answer.headers["x-request-id"]
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        for record in caplog.records:
            if getattr(record, "request_id", None) == wanted:
                line: dict[str, Any] = json.loads(JsonLines().format(record))
                return line
        time.sleep(0.01)
    pytest.fail("there is no line")
