"""`/v2/registrations` and `/v2/files` over a real socket with a real worker."""

from __future__ import annotations

import base64
import hashlib
import socket
import time
from functools import partial
from uuid import uuid4

import httpx
import pytest
from tests.integration.patience import PATIENCE_S
from tests.integration.server.asked import ORDERS, ended, project, upload
from tests.integration.server.working import working

BASE = "/v2/registrations"
ACME = {"project_name": "acme"}


@pytest.fixture(scope="module")
def inbox(tmp_path_factory):
    inbox = tmp_path_factory.mktemp("inbox")
    (inbox / "in.csv").write_text("id\n1\n")
    return inbox


@pytest.fixture(scope="module")
def served(tmp_path_factory, inbox):
    with working(
        tmp_path_factory.mktemp("home"),
        local_files=True,
        local_roots=[inbox],
        most_upload_bytes=3_000_000,
    ) as server:
        yield server


@pytest.fixture(scope="module")
def api(served):
    with served.client() as client:
        project(client)
        assert client.put("/v2/admin/projects/acme/local-files").status_code == 200
        yield client


def settled(api, name: str, uuid: str) -> dict:
    """Return how a registration stands when it is no longer pending."""
    until = time.monotonic() + PATIENCE_S
    while True:
        answer = api.get(f"{BASE}/{name}/status", params={"uuid": uuid, **ACME})
        assert answer.status_code == 200, answer.text
        if answer.json()["status"] != "pending":
            return answer.json()
        assert time.monotonic() < until, answer.text
        time.sleep(0.02)


def register(api, name: str, location: str, **more) -> httpx.Response:
    return api.post(f"{BASE}/{name}", json={"file_location": location, **ACME, **more})


class TestRegister:
    def test_a_uuid_leads_to_the_reference(self, api, inbox):
        answer = register(api, "inbound", str(inbox / "in.csv"))
        assert answer.status_code == 202
        assert list(answer.json()) == ["uuid"]
        uuid = answer.json()["uuid"]
        status = settled(api, "inbound", uuid)
        digest = hashlib.sha256(b"id\n1\n").hexdigest()
        assert (status["status"], status["reference"]) == ("done", f"$inbound.files.{digest}")
        told = api.get(f"{BASE}/inbound/reference", params={"uuid": uuid, **ACME})
        assert told.json() == {"reference": f"$inbound.files.{digest}"}

    def test_the_same_bytes_again_lead_to_the_same_reference(self, api, inbox):
        found = [
            settled(api, "again", register(api, "again", str(inbox / "in.csv")).json()["uuid"])
            for _ in range(2)
        ]
        assert [each["status"] for each in found] == ["done", "done"]
        assert found[0]["reference"] == found[1]["reference"]

    @pytest.mark.parametrize(
        ("name", "location", "status", "word"),
        [
            ("x", "none.csv", 404, "no file"),
            ("x", "/etc/passwd", 400, "passwd"),
            ("x", "file:///etc/passwd", 400, "file"),
            ("x", "http://127.0.0.1/a.csv", 400, "http"),
            ("../x", "in.csv", 404, "Not Found"),
            ("1x", "in.csv", 400, "can't be the name"),
        ],
    )
    def test_what_can_not_be_is_refused_at_once(self, api, inbox, name, location, status, word):
        place = location if location[0] == "/" or ":" in location else str(inbox / location)
        answer = register(api, name, place)
        assert answer.status_code == status, answer.text
        assert word in answer.json()["detail"]

    def test_a_bad_template_and_an_unknown_project_are_refused_at_once(self, api, inbox):
        location = str(inbox / "in.csv")
        assert register(api, "x", location, template=":1").status_code == 400
        unknown = register(api, "x", location, project_name="none")
        assert unknown.status_code == 404
        assert unknown.json()["detail"] == "Unknown project name"

    def test_a_registration_that_fails_later_says_why(self, api, inbox):
        """The file is there when it is asked for; that it is no workbook shows in its name."""
        answer = register(api, "broken", f"{inbox / 'in.csv'}#sheet")
        assert answer.status_code == 202
        uuid = answer.json()["uuid"]
        status = settled(api, "broken", uuid)
        assert (status["status"], status["reference"]) == ("failed", None)
        assert "no workbook" in status["error"]
        told = api.get(f"{BASE}/broken/reference", params={"uuid": uuid, **ACME})
        assert told.status_code == 409
        assert "no workbook" in told.json()["detail"]

    def test_an_unknown_uuid_is_not_found(self, api):
        for tail in ("status", "reference"):
            params = {"uuid": str(uuid4()), **ACME}
            assert api.get(f"{BASE}/orders/{tail}", params=params).status_code == 404
            assert api.get(f"{BASE}/orders/{tail}", params={"uuid": "x", **ACME}).status_code == 422

    def test_asking_again_with_a_key_does_nothing(self, api, inbox):
        body = {"file_location": str(inbox / "in.csv"), **ACME}
        headers = {"Idempotency-Key": "reg-1"}
        first = api.post(f"{BASE}/once", json=body, headers=headers)
        second = api.post(f"{BASE}/once", json=body, headers=headers)
        assert first.json() == second.json()
        assert second.headers["Idempotency-Replayed"] == "true"
        other = api.post(f"{BASE}/once", json=body | {"template": "x/:filename"}, headers=headers)
        assert other.status_code == 409


class TestRead:
    def test_names_are_listed_in_order_by_pages(self, api):
        of_it = {"project_name": project(api, "listed")}
        for name in ("zeta", "aaa"):
            upload(api, name, "a\n1\n", project_name="listed")
        names = api.get(BASE, params=of_it).json()["names"]
        assert names == ["aaa", "orders", "zeta"]
        page = api.get(BASE, params={"limit": 1, **of_it}).json()
        assert (page["names"], page["total"]) == (["aaa"], 3)
        rest = api.get(BASE, params={"cursor": page["next_cursor"], **of_it}).json()
        assert rest["names"] == ["orders", "zeta"]

    def test_versions_are_told_with_their_places(self, api):
        upload(api, "many", "a\n1\n")
        upload(api, "many", "a\n2\n")
        latest = api.get(f"{BASE}/many", params=ACME).json()
        assert len(latest["files"]) == 1
        assert latest["versions"][0]["fingerprint"] == hashlib.sha256(b"a\n2\n").hexdigest()
        both = api.get(f"{BASE}/many", params={"reference": "$many.files.:all", **ACME}).json()
        assert [each["size"] for each in both["versions"]] == [4, 4]
        none = api.get(f"{BASE}/many", params={"reference": "$many.files.:7", **ACME})
        assert none.json() == {"files": [], "versions": []}
        assert api.get(f"{BASE}/many", params={"reference": "many", **ACME}).json() == latest

    @pytest.mark.parametrize(
        ("name", "reference", "status"),
        [
            ("orders", "$other.files.:last", 400),
            ("orders", "other", 400),
            ("orders", "$orders.files.:nonsense", 400),
            ("orders", "$orders", 400),
            ("orders", "$orders.results.:last", 400),
            ("nosuch", None, 404),
        ],
    )
    @pytest.mark.parametrize("tail", ["", "/content", "/raw"])
    def test_references_are_of_the_name(self, api, name, reference, status, tail):
        params = ACME | ({} if reference is None else {"reference": reference})
        answer = api.get(f"{BASE}/{name}{tail}", params=params)
        assert answer.status_code == status, answer.text

    def test_the_content_is_base64(self, api):
        value = api.get(f"{BASE}/orders/content", params=ACME).json()["value"]
        assert base64.b64decode(value).decode() == ORDERS
        upload(api, "two", "a\n1\n")
        upload(api, "two", "a\n2\n")
        several = api.get(f"{BASE}/two/content", params={"reference": "$two.files.:all", **ACME})
        assert (several.status_code, several.json()["detail"]) == (
            404,
            "Reference must point to 1 file",
        )

    def test_raw_bytes_are_streamed_by_ranges(self, api):
        whole = api.get(f"{BASE}/orders/raw", params=ACME)
        assert whole.text == ORDERS
        digest = hashlib.sha256(ORDERS.encode()).hexdigest()
        assert whole.headers["etag"] == f'"{digest}"'
        assert whole.headers["content-type"].startswith("text/csv")
        assert whole.headers["content-disposition"] == 'attachment; filename="orders.csv"'
        part = api.get(f"{BASE}/orders/raw", params=ACME, headers={"Range": "bytes=3-6"})
        assert (part.status_code, part.text) == (206, ORDERS[3:7])
        beyond = api.get(f"{BASE}/orders/raw", params=ACME, headers={"Range": "bytes=999-"})
        assert beyond.status_code == 416
        assert beyond.headers["content-range"] == f"bytes */{len(ORDERS)}"
        same = {"If-None-Match": whole.headers["etag"]}
        assert api.get(f"{BASE}/orders/raw", params=ACME, headers=same).status_code == 304
        head = api.head(f"{BASE}/orders/raw", params=ACME)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(ORDERS))


class TestDefinition:
    def test_an_arrival_starts_the_group_of_its_name(self, api, inbox):
        arrival = {"named_paths_group": "checks", "run_method": "fast_forward_paths"}
        body = {"definition": {"on_arrival": arrival}, **ACME}
        assert api.put(f"{BASE}/watched/definition", json=body).status_code == 200
        told = api.get(f"{BASE}/watched/definition", params=ACME).json()
        assert told["definition"]["on_arrival"] == arrival
        sent = upload(api, "watched", ORDERS).json()
        status = ended(api, sent["run_uuid"])
        assert (status["status"], status["run_method"]) == ("done", "fast_forward_paths")
        assert status["registration_reference"] == sent["reference"]
        body = {"file_location": str(inbox / "in.csv"), **ACME}
        uuid = api.post(f"{BASE}/watched", json=body).json()["uuid"]
        later = settled(api, "watched", uuid)
        assert ended(api, later["run_uuid"])["registration_reference"] == later["reference"]
        upload(api, "watched", ORDERS)
        again = upload(api, "watched", ORDERS).json()
        assert (again["is_new"], again["run_uuid"]) == (False, None)

    def test_what_can_not_be_a_definition_is_refused(self, api):
        for definition in ({"template": 5}, {"on_arrival": {"run_method": "x"}}):
            body = {"definition": definition, **ACME}
            assert api.put(f"{BASE}/d/definition", json=body).status_code == 400
        assert api.get(f"{BASE}/nosuch/definition", params=ACME).status_code == 404

    def test_a_name_is_removed_with_all_its_versions(self, api):
        upload(api, "gone", "a\n1\n")
        assert api.delete(f"{BASE}/gone", params=ACME).status_code == 200
        assert api.get(f"{BASE}/gone", params=ACME).status_code == 404
        assert api.delete(f"{BASE}/gone", params=ACME).status_code == 404


class TestUpload:
    def test_a_body_is_registered(self, api):
        answer = upload(api, "sent", ORDERS)
        assert answer.status_code == 201
        told = answer.json()
        digest = hashlib.sha256(ORDERS.encode()).hexdigest()
        assert told == {
            "reference": f"$sent.files.{digest}",
            "uuid": told["uuid"],
            "fingerprint": digest,
            "size": len(ORDERS),
            "is_new": True,
            "run_uuid": None,
        }
        status = settled(api, "sent", told["uuid"])
        assert (status["status"], status["reference"]) == ("done", told["reference"])

    @pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
    def test_a_name_in_the_headers_is_read_as_it_was_meant(self, api, encoding):
        named = 'attachment; filename="Größe.csv"'.encode(encoding)
        answer = api.post(
            "/v2/files/sizes",
            params=ACME,
            content=ORDERS,
            headers={"Content-Disposition": named},
        )
        assert answer.status_code == 201, answer.text
        raw = api.get(f"{BASE}/sizes/raw", params=ACME)
        assert "filename*=UTF-8''Gr%C3%B6%C3%9Fe.csv" in raw.headers["content-disposition"]

    def test_a_form_is_registered_and_run(self, api):
        form = {"project_name": "acme", "group": "checks", "method": "collect_by_line"}
        answer = api.post(
            "/v2/files/formed", data=form, files={"file": ("o.csv", ORDERS.encode(), "text/csv")}
        )
        assert answer.status_code == 201, answer.text
        status = ended(api, answer.json()["run_uuid"])
        assert (status["status"], status["valid"], status["run_method"]) == (
            "done", False, "collect_by_line",
        )  # fmt: skip
        assert status["registration_reference"] == answer.json()["reference"]
        raw = api.get(f"{BASE}/formed/raw", params=ACME)
        assert raw.text == ORDERS
        assert 'filename="o.csv"' in raw.headers["content-disposition"]

    @pytest.mark.parametrize(
        ("query", "status", "word"),
        [
            ({"group": "nosuch"}, 404, "nosuch"),
            ({"project_name": "nosuch"}, 404, "Unknown project name"),
            ({"template": "no"}, 400, "filename"),
            ({"file_name": "../.."}, 400, "name"),
            ({"file_name": None}, 400, "nobody says"),
            ({"method": "nosuch"}, 422, None),
            ({"group": "checks", "run_template": "x"}, 400, "run_dir"),
            ({"group": "checks", "delimiter": "ab"}, 400, "delimiter"),
            ({"group": "checks", "delimiter": ""}, 400, "delimiter"),
            ({"group": "checks", "quotechar": ""}, 400, "quotechar"),
        ],
    )
    def test_what_can_not_be_is_refused(self, api, query, status, word):
        answer = upload(api, "refused", ORDERS, **query)
        assert answer.status_code == status, answer.text
        if word is not None:
            assert word in answer.json()["detail"]
        assert api.get(f"{BASE}/refused", params=ACME).status_code == 404

    def test_a_name_that_can_not_be_is_refused(self, api):
        assert upload(api, "1x", ORDERS).status_code == 400

    def test_a_wish_that_is_misspelt_is_refused_and_nothing_is_kept(self, api):
        query = {"validation_name": "checks", "file_name": "o.csv", "project_name": "acme"}
        answer = api.post("/v2/files/misspelt", params=query, content=b"a\n1\n")
        assert answer.status_code == 422
        assert answer.json()["detail"][0]["loc"] == ["query", "validation_name"]
        assert api.get(f"{BASE}/misspelt", params=ACME).status_code == 404

    def test_a_form_without_a_project_does_not_fit(self, api):
        answer = api.post("/v2/files/x", files={"file": ("o.csv", b"a\n1\n")})
        assert answer.status_code == 422
        assert answer.json()["detail"][0]["loc"] == ["body", "project_name"]

    @pytest.mark.parametrize(
        ("told", "status"),
        [("Gr%C3%B6.csv", 201), ("a%00b.csv", 400), ("a%0Ab.csv", 400), ("..", 400)],
    )
    def test_a_name_in_any_script_is_a_name_as_any(self, api, told, status):
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{told}"}
        answer = upload(api, "scripts", ORDERS, file_name=None, headers=headers)
        assert answer.status_code == status, answer.text
        if status == 201:
            shown = api.get(f"{BASE}/scripts", params=ACME).json()
            assert shown["versions"][0]["file_name"] == "Grö.csv"

    def test_the_type_of_a_body_names_it(self, api):
        answer = upload(api, "typed", ORDERS, file_name=None, headers={"Content-Type": "text/csv"})
        assert answer.status_code == 201
        told = api.get(f"{BASE}/typed", params=ACME).json()
        assert told["versions"][0]["file_name"] == "typed.csv"

    def test_an_empty_file_is_a_version_too(self, api):
        answer = upload(api, "nothing", b"")
        assert (answer.status_code, answer.json()["size"]) == (201, 0)

    def test_too_many_bytes_are_refused_announced_or_not(self, api):
        much = b"x" * 3_000_001
        assert upload(api, "large", much).status_code == 413
        chunks = (much[at : at + 65_536] for at in range(0, len(much), 65_536))
        try:
            answer = upload(api, "large", chunks)
            assert answer.status_code == 413
        except httpx.WriteError:  # the server hung up first
            pass
        assert api.get(f"{BASE}/large", params=ACME).status_code == 404
        assert upload(api, "large", b"a\n" * 1_500_000).status_code == 201

    def test_a_hash_that_is_another_refuses_the_file(self, api):
        good = hashlib.sha256(ORDERS.encode())
        for header, value in (
            ("X-Content-SHA256", good.hexdigest()),
            ("Content-Digest", f"sha-256=:{base64.b64encode(good.digest()).decode()}:"),
        ):
            assert upload(api, "hashed", ORDERS, headers={header: value}).status_code == 201
            answer = upload(api, "unhashed", ORDERS + "9", headers={header: value})
            assert answer.status_code == 400, answer.text
        answer = upload(api, "unhashed", ORDERS, headers={"Content-Digest": "sha-256=AAAAAAAA"})
        assert answer.status_code == 400, answer.text
        assert api.get(f"{BASE}/unhashed", params=ACME).status_code == 404

    def test_what_breaks_off_leaves_nothing(self, api, served):
        """The connection goes down in the middle of the file."""
        home = served.service.settings.projects
        before = sorted(home.rglob("*.csv"))
        with socket.create_connection(("127.0.0.1", int(served.url.rpartition(":")[2]))) as wire:
            head = (
                "POST /v2/files/broken?project_name=acme&file_name=a.csv HTTP/1.1\r\n"
                f"Host: x\r\naccess_token: {served.key}\r\nContent-Length: 1000000\r\n\r\n"
            )
            wire.sendall(head.encode() + b"x" * 500_000)
            time.sleep(0.3)
            assert any(home.rglob(".incoming/*.broken"))
        until = time.monotonic() + PATIENCE_S
        while any(home.rglob(".incoming/*.broken")) and time.monotonic() < until:
            time.sleep(0.02)
        assert not any(home.rglob(".incoming/*.broken"))
        assert sorted(home.rglob("*.csv")) == before
        assert api.get(f"{BASE}/broken", params=ACME).status_code == 404

    def test_sending_again_with_a_key_does_nothing(self, api):
        headers = {"Idempotency-Key": str(uuid4())}
        send = partial(upload, api, "kept", group="checks", headers=headers)
        first = send(ORDERS)
        upload(api, "kept", "id\n9\n")
        second = send(ORDERS)
        assert (first.status_code, second.status_code) == (201, 201)
        assert second.json() == first.json()
        assert second.headers["Idempotency-Replayed"] == "true"
        found = api.get(f"{BASE}/kept", params={"reference": "$kept.files.:all", **ACME}).json()
        assert len(found["files"]) == 2
        assert send(ORDERS + "4,D,1,US\n").status_code == 409
        assert ended(api, first.json()["run_uuid"])["status"] == "done"

    def test_the_same_bytes_of_another_name_are_another_file(self, api):
        def send(name):
            told = {
                "Idempotency-Key": "of-one-name",
                "Content-Disposition": f'attachment; filename="{name}"',
            }
            return upload(api, "renamed", ORDERS, file_name=None, headers=told)

        assert [send("one.csv").status_code, send("two.csv").status_code] == [201, 409]
        assert send("one.csv").headers["Idempotency-Replayed"] == "true"

    @pytest.mark.usefixtures("api")
    def test_a_key_without_the_scope_sends_nothing(self, served):
        owner = served.service.keys.by_public_id(served.key[3:11]).owner
        reader = served.plain_key("reader", owner=owner, scopes=("read",))
        with served.client(reader) as client:
            assert upload(client, "orders", ORDERS).status_code == 403
            assert client.get(f"{BASE}/orders", params=ACME).status_code == 200

    @pytest.mark.usefixtures("api")
    def test_another_owner_finds_nothing(self, served):
        with served.client(served.plain_key()) as client:
            assert upload(client, "orders", ORDERS).status_code == 404
            assert client.get(BASE, params=ACME).status_code == 404
