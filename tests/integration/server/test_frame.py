"""What is around every request: ids, headers, the log, problems, limits, the documents."""

import json
import logging
import socket

import httpx
import pytest
from tests.integration.server.asked import line_of
from tests.integration.serving import serving

LIMIT = 4096
WISH = {"key_name": "n", "key_owner_name": "o", "key_owner_contact": ""}
SECRET = "s3cret-in-a-query"  # noqa: S105 - of nobody


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    home = tmp_path_factory.mktemp("frame") / "home"
    with serving(home, most_body_bytes=LIMIT, most_upload_bytes=2 * LIMIT) as server:
        yield server


@pytest.fixture(scope="module")
def admin(served):
    with served.client() as client:
        yield client


@pytest.fixture
def broken(served, monkeypatch):
    def fail(*_args, **_more):
        message = f"internal words, {served.service.settings.home}"
        raise RuntimeError(message)

    monkeypatch.setattr(served.service.audit, "page", fail)


class TestIds:
    @pytest.mark.parametrize("given", ["abc-1", "a" * 64])
    def test_one_that_comes_along_is_kept(self, admin, given):
        answer = admin.get("/v2/nosuch", headers={"X-Request-Id": given})

        assert answer.headers["x-request-id"] == answer.json()["request_id"] == given

    @pytest.mark.parametrize("given", ["", "a b", "a" * 65, "é".encode(), 'a"b', "<x>"])
    def test_an_odd_one_is_replaced(self, admin, given):
        answer = admin.get("/", headers={"X-Request-Id": given})

        assert answer.headers["x-request-id"] != given
        assert answer.headers["x-request-id"].isalnum()

    def test_each_request_has_its_own(self, admin):
        ids = {admin.get("/").headers["x-request-id"] for _ in range(3)}

        assert len(ids) == 3


class TestProblems:
    def test_an_unknown_path(self, admin):
        answer = admin.get("/nosuch")

        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        body = answer.json()
        assert body.pop("request_id")
        assert body == {
            "type": "urn:preboard:problem:not-found",
            "title": "Not Found",
            "status": 404,
            "detail": "Not Found",
            "code": "not-found",
            "instance": "/nosuch",
        }

    def test_a_method_that_is_not_there(self, admin):
        answer = admin.delete("/v2/admin/runs")

        assert (answer.status_code, answer.json()["detail"]) == (405, "Method Not Allowed")
        assert answer.headers["allow"] == "GET"
        answer = admin.post("/v2/admin/keys/pb_00000000")
        assert answer.headers["allow"] == "GET, PATCH, DELETE"

    def test_a_slash_too_many_leads_to_the_path(self, admin):
        answer = admin.get("/v2/admin/runs/")

        assert answer.status_code == 307
        assert answer.headers["location"].endswith("/v2/admin/runs")

    def test_a_body_that_does_not_fit_is_told_as_a_list(self, admin):
        answer = admin.post("/admin/new_key", json={"key_name": 1, "key_owner_name": "o"})

        assert answer.status_code == 422
        assert [(each["type"], each["loc"]) for each in answer.json()["detail"]] == [
            ("string_type", ["body", "key_name"]),
            ("missing", ["body", "key_owner_contact"]),
        ]
        assert answer.json()["detail"][0]["input"] == 1
        assert {"type", "loc", "msg", "input"} <= set(answer.json()["detail"][0])

    def test_a_secret_that_does_not_fit_is_not_told(self, admin):
        answer = admin.post("/admin/make_admin_key", json={"api_key": "k" * 201})

        assert answer.status_code == 422
        assert "kkk" not in answer.text

    @pytest.mark.parametrize("sent", ["text/plain", "application/octet-stream"])
    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("/v2/admin/keys/admin", {"api_key": "kkk"}),
            ("/projects/set_env_key", {"name": "acme", "key": "A", "value": "kkk"}),
        ],
    )
    def test_nor_is_a_body_that_is_said_not_to_be_json(self, admin, path, body, sent):
        answer = admin.post(path, content=json.dumps(body), headers={"Content-Type": sent})

        assert answer.status_code == 422
        assert answer.json()["detail"][0]["input"] is None
        assert "kkk" not in answer.text

    def test_nor_is_a_key_that_is_too_long_for_the_door(self, admin):
        answer = admin.post("/login", data={"key": "k" * 201})

        assert answer.status_code == 422
        assert "kkk" not in answer.text

    @pytest.mark.parametrize(
        ("content", "status"),
        [
            (b"{", 422),
            (b"", 422),
            (b"[]", 422),
            (b'"\\ud800"', 422),
            (b'{"key_name": "\\ud800", "key_owner_name": "\\u0000"}', 422),
            (b"\xff\xfe", 422),
            (b"[" * 4000, 400),
            (b'{"key_name": ' + b"9" * 4000 + b"}", 422),
            (b'{"key_name": NaN}', 422),
        ],
    )
    def test_what_is_no_document(self, admin, content, status):
        answer = admin.post(
            "/v2/admin/keys", content=content, headers={"Content-Type": "application/json"}
        )

        assert answer.status_code == status, answer.text
        assert answer.json()["request_id"]

    @pytest.mark.usefixtures("broken")
    def test_a_fault_of_ours_tells_nothing_and_keeps_the_connection(self, admin, caplog):
        answers = [admin.get(f"/v2/admin/{what}") for what in ("audit", "runs") * 3]

        assert [answer.status_code for answer in answers] == [500, 200] * 3
        for answer in answers:
            assert "internal words" not in answer.text
            assert "connection" not in answer.headers
        told = [vars(record)["request_id"] for record in caplog.records if record.exc_info]
        assert told == [answer.json()["request_id"] for answer in answers[::2]]


class TestHeaders:
    def test_every_answer_is_safe_to_show_in_a_browser(self, admin):
        for path in ("/", "/nosuch", "/v2/admin/runs", "/docs"):
            headers = admin.get(path).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert headers["cache-control"] == "no-store"
            assert "server" not in headers


class TestLog:
    def test_a_line_tells_what_was_asked_by_whom_and_no_secret(self, served, admin, caplog):
        with caplog.at_level(logging.INFO, logger="preboard.server"):
            answer = admin.get(
                f"/v2/admin/keys/{served.key[:11]}",
                params={"access_token": SECRET, "x": served.key},
            )

            line = line_of(answer, caplog)

        assert answer.status_code == 200
        assert line["method"] == "GET"
        assert line["path"] == "/v2/admin/keys/{key_id}"
        assert line["status"] == 200
        assert line["ms"] >= 0
        assert line["request_id"] == answer.headers["x-request-id"]
        assert line["key"] == served.key[:11]
        assert served.key not in json.dumps(line)
        assert SECRET not in caplog.text


class TestBodies:
    def body(self, size):
        rest = json.dumps({**WISH, "more": ""})
        return json.dumps({**WISH, "more": "x" * (size - len(rest))})

    def test_one_of_just_the_size_is_taken(self, admin):
        answer = admin.post("/admin/new_key", content=self.body(LIMIT), headers=JSON)

        assert answer.status_code == 200

    def test_one_byte_more_is_not(self, admin):
        answer = admin.post("/admin/new_key", content=self.body(LIMIT + 1), headers=JSON)

        assert answer.status_code == 413
        assert answer.json()["code"] == "too-large"
        assert answer.json()["detail"] == f"the body has more than {LIMIT:,} bytes"

    @pytest.mark.parametrize("more", [{}, {"Idempotency-Key": "large"}])
    def test_nor_if_it_does_not_say_how_large_it_is(self, admin, more):
        def chunks():
            for _ in range(20):
                yield b" " * 1000

        answer = admin.post("/admin/new_key", content=chunks(), headers={**JSON, **more})

        assert (answer.status_code, answer.headers["connection"]) == (413, "close")
        told = answer.json()
        assert told["code"] == "too-large"
        assert told["detail"] == f"the body has more than {LIMIT:,} bytes"
        assert "most_body_bytes" in told["hint"]

    def test_it_is_refused_before_it_is_sent(self, served):
        """What announces gigabytes gets its answer without sending one of them."""
        host, port = served.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as plain:
            plain.sendall(
                b"POST /admin/new_key HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000000\r\n\r\n"
            )
            assert plain.recv(100).startswith(b"HTTP/1.1 413")

    @pytest.mark.parametrize("length", ["-1", "1_0", "x", "99999999999999999999999"])
    def test_a_length_that_is_none(self, served, length):
        host, port = served.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as plain:
            head = f"POST /admin/new_key HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n"
            plain.sendall(head.encode())
            assert plain.recv(100).startswith((b"HTTP/1.1 400", b"HTTP/1.1 413"))

    def test_what_came_behind_it_is_answered(self, admin):
        assert admin.get("/").status_code == 200


JSON = {"Content-Type": "application/json"}


class TestRates:
    def test_a_key_may_not_ask_without_end(self, tmp_path):
        with (
            serving(tmp_path / "home", requests_per_s=0.01, request_burst=3) as server,
            server.client() as client,
        ):
            codes = [client.get("/v2/admin/runs").status_code for _ in range(3)]
            answer = client.get("/v2/admin/runs")

            assert codes == [200, 200, 200]
            assert answer.status_code == 429
            assert int(answer.headers["retry-after"]) >= 1
            with server.client(server.plain_key()) as other:
                assert other.get("/v2/admin/keys").status_code == 200


class TestDocuments:
    def test_the_document_tells_of_v2_its_keys_and_its_problems(self, admin):
        document = admin.get("/openapi.json").json()

        assert document["servers"]
        beside = {path for path in document["paths"] if not path.startswith("/v2/")}
        assert beside <= {"/", "/healthz", "/readyz", "/metrics"}
        schemes = document["components"]["securitySchemes"]
        assert schemes["access_token"] == {
            "type": "apiKey", "in": "header", "name": "access_token", "description": "An API key.",
        }  # fmt: skip
        assert set(schemes) == {"access_token", "X-API-Key", "bearer"}
        problem = document["paths"]["/v2/admin/runs"]["get"]["responses"]["403"]
        assert list(problem["content"]) == ["application/problem+json"]
        assert "Problem" in document["components"]["schemas"]

    def test_no_operation_has_the_id_of_another(self, admin):
        document = admin.get("/openapi.json").json()
        ids = [
            operation["operationId"]
            for operations in document["paths"].values()
            for operation in operations.values()
        ]
        assert len(ids) == len(set(ids))

    def test_every_reference_in_it_leads_somewhere(self, admin):
        document = admin.get("/openapi.json").json()
        names = set(document["components"]["schemas"])

        def references(node):
            if isinstance(node, dict):
                for key, value in node.items():
                    if key == "$ref":
                        yield value.rpartition("/")[2]
                    else:
                        yield from references(value)
            elif isinstance(node, list):
                for each in node:
                    yield from references(each)

        assert set(references(document)) <= names

    @pytest.mark.parametrize("path", ["/docs", "/redoc"])
    def test_the_page_loads_nothing_and_shows_every_operation(self, admin, path):
        answer = admin.get(path)
        document = admin.get("/openapi.json").json()

        assert answer.headers["content-type"].startswith("text/html")
        assert "<script" not in answer.text
        assert "http://" not in answer.text
        assert "https://" not in answer.text.replace(
            "https://", "", answer.text.count("<code>https://")
        )
        assert answer.text.count("<details><summary>") == sum(map(len, document["paths"].values()))

    def test_v1_is_shown_if_the_settings_say_so(self, tmp_path):
        with serving(tmp_path / "home", deprecated_docs=True) as server, server.client() as client:
            operation = client.get("/openapi.json").json()["paths"]["/admin/new_key"]["post"]

            assert operation["tags"] == ["v1 (deprecated)"]
            assert operation["deprecated"] is True

    def test_they_can_be_kept_from_who_has_no_key(self, tmp_path):
        with serving(tmp_path / "home", public_docs=False) as server:
            for path in ("/docs", "/redoc", "/openapi.json"):
                with server.client("") as nobody:
                    assert nobody.get(path).status_code == 401
                with server.client() as client:
                    assert client.get(path).status_code == 200


class TestVersions:
    @pytest.mark.parametrize(
        ("enabled", "there", "gone"),
        [
            ("v1", "/admin/active_runs", "/v2/admin/runs"),
            ("v2", "/v2/admin/runs", "/admin/active_runs"),
        ],
    )
    def test_one_that_is_off_is_not_there(self, tmp_path, enabled, there, gone):
        with (
            serving(tmp_path / "home", enabled_versions=(enabled,)) as server,
            server.client() as client,
        ):
            assert client.get("/").json()["message"]["api_versions"] == [enabled]
            assert client.get(there).status_code == 200
            assert client.get(gone).status_code == 404


class TestWaysToSendAKey:
    @pytest.mark.parametrize(
        "name", ["access_token", "Access_token", "X-API-Key", "x-api-key", "Authorization"]
    )
    def test_in_one_of_three_headers(self, served, name):
        value = f"Bearer {served.key}" if name == "Authorization" else served.key
        answer = httpx.get(f"{served.url}/v2/admin/runs", headers={name: value})

        assert answer.status_code == 200

    @pytest.mark.parametrize("value", ["", "Basic eDp5", "Bearer"])
    def test_what_is_none_is_a_missing_one(self, served, value):
        answer = httpx.get(f"{served.url}/v2/admin/runs", headers={"Authorization": value})

        assert answer.status_code == 401
        assert answer.json()["detail"] == (
            "API Key is missing. Please provide an 'access_token' in the request header."
        )
        assert answer.headers["www-authenticate"] == "Bearer"

    def test_not_in_the_query(self, served):
        answer = httpx.get(f"{served.url}/v2/admin/runs", params={"access_token": served.key})

        assert answer.status_code == 401
