"""What somebody does who means harm: without a key, with a plain one, with one that may do little.

Findings of the reference have tests of their own, in `test_weaknesses_*.py`.
"""

from __future__ import annotations

import base64
import select
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fastapi import Request
from tests.integration.serving import Served, serving

from preboard.catalog.service.keys import Wished, parts_of
from preboard.server.auth import refuse_often
from preboard.server.faults import TooMany
from preboard.server.service import MOST_FETCHED, MOST_UPLOADS

if TYPE_CHECKING:
    from collections.abc import Iterator

BODY_S, HEAD_S = 0.4, 0.8
LONG_S = 60
"""Far longer than any of the limits, and than a test waits when all is well."""
JSON = b"Host: x\r\nContent-Type: application/json\r\n"
FORM = b"Host: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
ACME = {"project_name": "acme"}
HOOK = {
    "project": "acme", "adapter": "sftpgo", "secret": {"header": "X-Token"},
    "named_file": "orders", "location": "sftp://sftp.example.com{path}",
}  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[Served]:
    """Serve with little patience."""
    home = tmp_path_factory.mktemp("hostile") / "home"
    with serving(home, body_s=BODY_S, head_s=HEAD_S, refusals_per_minute=1_000_000) as server:
        yield server


@pytest.fixture
def owner(served) -> str:
    """Return a key of a new owner, who has the project `acme`."""
    key: str = served.plain_key()
    with served.client(key) as client:
        client.post("/v2/projects", json={"name": "acme"}).raise_for_status()
    return key


@pytest.fixture
def api(served, owner) -> Iterator[httpx.Client]:
    """Return a client of the new owner."""
    with served.client(owner) as client:
        yield client


def another(served: Served, key: str, **wished: Any) -> str:
    """Return another key of the owner of a key."""
    parts = parts_of(key)
    known = None if parts is None else served.service.keys.by_public_id(parts[0])
    assert known is not None
    made = served.service.keys.create(Wished(owner=known.owner, name="other", **wished))
    return made.text


class TestConnectionsThatSayNothing:
    """They need no key; with as many as the server takes nobody else would be let in."""

    def connection(self, served: Served) -> socket.socket:
        host, _, port = served.url.removeprefix("http://").partition(":")
        return socket.create_connection((host, int(port)))

    def is_let_go(self, connection: socket.socket) -> bytes:
        """Return what came before the server closed the connection."""
        heard, until = b"", time.monotonic() + LONG_S
        while time.monotonic() < until:
            if select.select([connection], [], [], 0.1)[0]:
                try:
                    came = connection.recv(65536)
                except ConnectionResetError:
                    return heard
                if not came:
                    return heard
                heard += came
        pytest.fail(f"it is still open after {LONG_S} s; heard {heard[:200]!r}")

    @pytest.mark.parametrize(
        ("sent", "status"),
        [
            (b"POST /v2/projects HTTP/1.1\r\n" + JSON + b"Content-Length: 100\r\n\r\n{", 408),
            (b"PUT /v2/validations/a HTTP/1.1\r\n" + JSON + b"Content-Length: 9\r\n\r\n", 408),
            (b"POST /csvpath/run HTTP/1.1\r\n" + JSON + b"Content-Length: 100\r\n\r\n{", 408),
            (b"POST /login HTTP/1.1\r\n" + FORM + b"Content-Length: 100\r\n\r\nkey=", 408),
            (b"POST /v2/hooks/x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{", 408),
            (b"POST /v2/projects HTTP/1.1\r\n" + JSON
             + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", 408),
            (b"POST /v2/projects HTTP/1.1\r\n" + JSON + b"Content-Length: 3145728\r\n\r\n{", 413),
        ],
        ids=["json", "text", "v1", "form", "hook", "chunked", "too large"],
    )  # fmt: skip
    def test_a_body_that_never_ends_ends(self, served, sent, status):
        with self.connection(served) as connection:
            connection.sendall(sent)
            heard = self.is_let_go(connection)
        assert heard.startswith(f"HTTP/1.1 {status} ".encode()), heard[:200]
        assert b"application/problem+json" in heard
        code, setting = {408: (b"too-slow", b"body_s"), 413: (b"too-large", b"body_bytes")}[status]
        assert b'"code":"%b"' % code in heard
        assert setting in heard

    def test_nor_does_one_that_comes_byte_by_byte(self, served):
        with self.connection(served) as connection:
            connection.sendall(b"POST /v2/projects HTTP/1.1\r\n" + JSON)
            connection.sendall(b"Content-Length: 1000\r\n\r\n")
            begun = time.monotonic()
            while not select.select([connection], [], [], 0.05)[0]:
                connection.sendall(b" ")
                assert time.monotonic() - begun < LONG_S
            assert self.is_let_go(connection).startswith(b"HTTP/1.1 408 ")

    @pytest.mark.parametrize(
        ("head", "then"),
        [
            (b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", b"x"),
            (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"\r\n"),
            (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"G"),
            (b"POST /v2/files/a HTTP/1.1\r\nHost: x\r\nContent-Length: 99999\r\n\r\n", b"x"),
            (b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n", b"xyz"),
        ],
        ids=["rest of a body", "blank line", "head", "upload", "whole body"],
    )
    def test_what_comes_behind_an_answer_does_not_keep_it(self, served, head, then):
        with self.connection(served) as connection:
            connection.sendall(head)
            assert connection.recv(65536).startswith(b"HTTP/1.1 ")
            time.sleep(0.05)  # behind the whole answer
            connection.sendall(then)
            self.is_let_go(connection)

    def test_who_asks_again_is_answered_again(self, served):
        asked = b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nxyz"
        with self.connection(served) as connection:
            for _ in range(3):
                connection.sendall(asked)
                heard = b""
                while b'{"status":"ok"}' not in heard:
                    came = connection.recv(65536)
                    assert came
                    heard += came
                time.sleep(HEAD_S / 2)  # longer in all than a head may take

    def test_an_upload_may_take_longer_as_long_as_it_comes(self, api):
        def slowly() -> Iterator[bytes]:
            for _ in range(4):
                yield b"a,b\n"
                time.sleep(max(BODY_S, HEAD_S) / 2)

        told = {**ACME, "file_name": "a.csv"}
        answer = api.post("/v2/files/slow", params=told, content=slowly())
        assert answer.status_code == 201, answer.text


class TestKeysThatMayDoLittle:
    def test_a_hook_does_nothing_that_its_maker_may_not(self, served, api, owner):
        hook = api.post("/v2/hooks", json=HOOK).json()["id"]
        runs = {**HOOK, "group": "checks"}
        for scopes, made, runs_made in (
            (("admin",), 403, 403),
            (("run", "admin"), 403, 403),
            (("register", "admin"), 201, 403),
            (("register", "run", "admin"), 201, 201),
        ):
            with served.client(another(served, owner, scopes=scopes)) as client:
                assert client.post("/v2/hooks", json=HOOK).status_code == made
                assert client.post("/v2/hooks", json=runs).status_code == runs_made
                changed = client.patch(f"/v2/hooks/{hook}", json={"definition": runs})
                assert changed.status_code == {201: 200}.get(runs_made, runs_made)
                paused = client.patch(f"/v2/hooks/{hook}", json={"paused": False})
                assert paused.status_code == 200

    def test_a_run_on_arrival_is_a_run(self, served, api, owner):
        at = "/v2/registrations/orders/definition"
        on_arrival = {"on_arrival": {"named_paths_group": "checks"}}
        with served.client(another(served, owner, scopes=("register",))) as client:
            assert client.put(at, json={**ACME, "definition": on_arrival}).status_code == 403
            assert client.put(at, json={**ACME, "definition": {}}).status_code == 200
        assert api.put(at, json={**ACME, "definition": on_arrival}).status_code == 200

    def test_an_answer_is_not_given_again_to_who_may_not_ask(self, served, api, owner):
        asked: dict[str, Any] = {
            "json": {"name": "secret plans"}, "headers": {"Idempotency-Key": "known"},
        }  # fmt: skip
        first = api.post("/v2/projects", **asked)
        assert first.status_code == 201
        for wished in ({"scopes": ("read",)}, {"projects": ()}):
            with served.client(another(served, owner, **wished)) as client:
                assert client.post("/v2/projects", **asked).status_code == 403
        with served.client(another(served, owner)) as client:  # one that may do the same
            again = client.post("/v2/projects", **asked)
        assert again.json() == first.json()
        assert again.headers["idempotency-replayed"] == "true"

    def test_answers_that_are_given_again_count(self, tmp_path):
        with serving(tmp_path / "home", requests_per_s=0.001, request_burst=5) as server:
            headers = {"Idempotency-Key": "k"}
            with server.client() as client:
                found = [
                    client.post("/v2/projects", json={"name": "a"}, headers=headers).status_code
                    for _ in range(7)
                ]
        assert found == [201] * 5 + [429] * 2

    def test_many_keys_send_no_more_at_once_than_one(self, served, owner):
        most = MOST_UPLOADS // 4
        connections = []
        host, _, port = served.url.removeprefix("http://").partition(":")
        try:
            for _ in range(most):
                key = another(served, owner)
                one = socket.create_connection((host, int(port)))
                connections.append(one)
                one.sendall(
                    b"POST /v2/files/a?project_name=acme&file_name=a.csv HTTP/1.1\r\nHost: x\r\n"
                    b"Access_token: " + key.encode() + b"\r\nContent-Length: 100\r\n\r\na,b\n"
                )
            until = time.monotonic() + LONG_S
            with served.client(another(served, owner)) as client:
                told = {**ACME, "file_name": "b.csv"}
                while True:
                    answer = client.post("/v2/files/b", params=told, content=b"a\n1\n")
                    if answer.status_code == 429 or time.monotonic() > until:
                        break
            assert answer.status_code == 429, answer.text
            with served.client() as other:  # others are not kept out
                other.post("/v2/projects", json={"name": "acme"})
                answer = other.post("/v2/files/b", params=told, content=b"a\n1\n")
            assert answer.status_code == 201, answer.text
        finally:
            for one in connections:
                one.close()


class TestWaitingForOthers:
    def test_statements_from_a_slow_server_hold_a_few_threads_only(self, tmp_path):
        """Each is fetched by one of the threads that answer everybody."""
        with (
            serving(tmp_path / "home", private_hosts=("127.0.0.1",)) as server,
            socket.create_server(("127.0.0.1", 0), backlog=100) as silent,
        ):
            at = f"http://127.0.0.1:{silent.getsockname()[1]}"
            with server.client() as client:
                client.post("/v2/projects", json={"name": "acme"}).raise_for_status()
                field = "/v2/projects/acme/config/inputs/remote_locations"
                client.patch(field, json={"value": f"{at}/*"}).raise_for_status()

            def load(number: int) -> int | None:
                body = {**ACME, "file_location": f"{at}/checks.csvpaths"}
                with server.client() as one:
                    try:
                        return one.post(
                            f"/v2/validations/g{number}", json=body, timeout=8
                        ).status_code
                    except httpx.ReadTimeout:  # it waits for the silent one
                        return None

            with ThreadPoolExecutor(12) as threads:
                found = list(threads.map(load, range(12)))
        few = MOST_FETCHED // 4
        assert sorted(found, key=str) == [429] * (12 - few) + [None] * few


class TestSettingsThatTakeLong:
    def test_old_logs_are_not_without_number(self, api):
        """Every file of a log would be looked for when it is begun anew, under a lock."""
        at = "/v2/projects/acme/config/logging/log_files_to_keep"
        for many in ("300000000", "1001", "9" * 18):
            assert api.patch(at, json={"value": many}).status_code == 400
        assert api.patch(at, json={"value": "1000"}).status_code == 200


class TestRefusals:
    def test_neighbours_of_an_address_are_counted_as_one(self, tmp_path):
        """Whoever has an IPv6 address has as many as they like, however they are written."""
        with serving(tmp_path / "home", refusals_per_minute=3) as server:

            def refused(address: str) -> bool:
                scope = {"type": "http", "client": (address, 1), "headers": []}
                try:
                    refuse_often(server.service, Request(scope))
                except TooMany:
                    return True
                return False

            found = [refused(f"2001:db8::{number:x}") for number in range(1, 6)]
            assert found == [False] * 3 + [True] * 2
            assert refused("2001:db8:0:0:ffff::1")
            assert not refused("2001:db8:0:1::1")
            assert [refused("::ffff:192.0.2.7") for _ in range(3)] == [False] * 3
            assert refused("192.0.2.7")
            assert not refused("192.0.2.8")


class TestTheFirstKey:
    @pytest.mark.parametrize(
        "header", [{"Origin": "http://rebound.example"}, {"Sec-Fetch-Site": "same-origin"}]
    )
    @pytest.mark.parametrize("path", ["/admin/new_key", "/v2/admin/keys"])
    def test_is_not_made_by_a_page_in_a_browser_of_the_machine(self, tmp_path, path, header):
        """A name that leads to 127.0.0.1 makes any page one of the server's own."""
        wish = {"key_name": "n", "key_owner_name": "o", "key_owner_contact": ""}
        with (
            serving(tmp_path / "home", with_key=False) as server,
            server.client("") as client,
        ):
            assert client.post(path, json=wish, headers=header).status_code == 403
            assert server.service.keys.count() == 0
            assert client.post(path, json=wish).status_code in (200, 201)


def test_nothing_of_a_partner_is_a_page(api):
    """What is downloaded is an attachment of a type that no browser runs."""
    script = base64.b64encode(b"<script>alert(1)</script>").decode()
    for name in ("a.html", "a.svg", "a.xhtml", "a"):
        api.put(f"/v2/projects/acme/files/{name}", json={"value": script}).raise_for_status()
        at = f"/v2/projects/acme/files/{name}"
        answers = [api.get(at, params={"raw": "true"})]
        told = {**ACME, "file_name": name}
        api.post("/v2/files/evil", params=told, content=b"<script>").raise_for_status()
        answers.append(api.get("/v2/registrations/evil/raw", params=ACME))
        for answer in answers:
            assert answer.headers["content-type"] == "application/octet-stream"
            assert answer.headers["content-disposition"].startswith("attachment;")
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "default-src 'none'" in answer.headers["content-security-policy"]
