"""The API keys of a server, over a socket: made, limited, rotated, and ended."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from tests.integration.serving import serving

from preboard.catalog.service.keys import Wished, id_in
from preboard.clock import iso

WISH = {"key_name": "loader", "key_owner_name": "Acme", "key_owner_contact": "ops@acme.example"}
ALL = ["register", "run", "read", "admin"]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("keys") / "home") as server:
        yield server


@pytest.fixture(scope="module")
def admin(served):
    with served.client() as client:
        yield client


def made(client, **more):
    answer = client.post("/v2/admin/keys", json={**WISH, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def shown(client, key):
    answer = client.get(f"/v2/admin/keys/{key['id']}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def status(served, key):
    with served.client(key) as client:
        return client.get("/v2/admin/keys").status_code


class TestTheFirst:
    def test_needs_no_key_on_the_machine_and_is_an_admin_key(self, tmp_path):
        with serving(tmp_path / "home", with_key=False) as server, server.client() as client:
            answer = client.post("/admin/new_key", json=WISH)

            assert answer.status_code == 200
            assert list(answer.json()) == ["api_key"]
            with server.client(answer.json()["api_key"]) as admin:
                assert admin.get("/admin/active_runs").json() == {"runs": []}

    def test_in_v2_it_is_created(self, tmp_path):
        with serving(tmp_path / "home", with_key=False) as server, server.client() as client:
            answer = client.post("/v2/admin/keys", json=WISH)

            assert answer.status_code == 201
            assert answer.json()["admin"] is True
            assert client.post("/v2/admin/keys", json=WISH).status_code == 401


class TestMaking:
    @pytest.mark.parametrize(
        ("path", "spelt"), [("/admin/new_key", "API Key"), ("/v2/admin/keys", "API key")]
    )
    def test_without_a_key_or_with_one_that_is_none(self, served, path, spelt):
        words = f"An {spelt} is required to create new keys when keys already exist."
        with served.client("") as nobody:
            answer = nobody.post(path, json=WISH)
            assert (answer.status_code, answer.json()["detail"]) == (401, words)
            answer = nobody.post(path, json=WISH, headers={"access_token": "x"})
            assert (answer.status_code, answer.json()["detail"]) == (403, "Invalid API key")

    def test_an_admin_makes_keys_that_are_no_admin_keys(self, served, admin):
        key = made(admin, admin=True)

        assert key["admin"] is False
        with served.client(key["api_key"]) as client:
            answer = client.get("/v2/admin/runs")
            assert (answer.status_code, answer.json()["detail"]) == (
                403,
                "Admin privileges required",
            )
        other = shown(admin, key)
        first = admin.get("/v2/admin/keys").json()["keys"][0]
        assert other["owner"] != first["owner"]
        assert other["scopes"] == ALL

    def test_a_key_with_the_scope_makes_keys_of_its_own_owner_with_no_more(self, served, admin):
        key = made(admin, scopes=["read", "admin"])
        with served.client(key["api_key"]) as client:
            child = made(client)
            assert shown(client, child)["scopes"] == ["read", "admin"]
            assert shown(client, child)["owner"] == shown(client, key)["owner"]
            refused = client.post("/v2/admin/keys", json={**WISH, "scopes": ["run"]})
            assert refused.status_code == 403
            assert "'run'" in refused.json()["detail"]

    def test_a_key_without_the_scope_makes_none(self, served, admin):
        key = made(admin, scopes=["register", "run", "read"])
        with served.client(key["api_key"]) as client:
            for path in ("/v2/admin/keys", "/admin/new_key"):
                assert client.post(path, json=WISH).status_code == 403
            assert client.get("/v2/admin/keys").status_code == 403
            assert client.post(f"/v2/admin/keys/{key['id']}/rotate").status_code == 403

    def test_one_for_the_same_owner_by_an_admin(self, admin):
        own = admin.get("/v2/admin/keys").json()["keys"][0]

        assert shown(admin, made(admin, same_owner=True))["owner"] == own["owner"]

    def test_one_that_expires(self, served, admin):
        soon = datetime.now(UTC) + timedelta(milliseconds=300)  # noqa: TID251 - a time to come
        key = made(admin, expires=soon.isoformat())
        assert status(served, key["api_key"]) == 200

        until = 0
        while status(served, key["api_key"]) == 200 and until < 200:
            until += 1
        assert status(served, key["api_key"]) == 403
        assert shown(admin, key)["state"] == "expired"

    @pytest.mark.parametrize(
        ("wish", "expected"),
        [
            ({"key_name": None}, 422),
            ({"key_name": " "}, 422),
            ({"key_owner_name": ""}, 422),
            ({"key_owner_contact": 1}, 422),
            ({"key_name": "x" * 201}, 422),
            ({"key_name": "a\x00b"}, 422),
            ({"key_name": "a\ud800"}, 422),
            ({"scopes": []}, 422),
            ({"scopes": ["all"]}, 422),
            ({"expires": "2030-01-01T00:00:00"}, 422),
            ({"expires": "2000-01-01T00:00:00Z"}, 400),
            ({"expires": "0001-01-01T00:00:00+14:00"}, 400),
            ({"projects": ["acme"]}, 400),
            ({"projects": ["nosuch"], "same_owner": True}, 404),
            ({"projects": ["a\x00"], "same_owner": True}, 404),
        ],
    )
    def test_what_is_not_right_is_refused(self, admin, wish, expected):
        import json  # noqa: PLC0415 - httpx would not send what is no text

        content = json.dumps({**WISH, **wish})
        answer = admin.post(
            "/v2/admin/keys", content=content, headers={"content-type": "application/json"}
        )
        assert answer.status_code == expected, answer.text

    def test_an_empty_contact_is_taken(self, admin):
        assert made(admin, key_owner_contact="")


class TestListing:
    def test_pages_and_what_is_told(self, served, admin):
        for _ in range(3):
            made(admin)
        found, cursor = [], None
        while True:
            answer = admin.get(
                "/v2/admin/keys", params={"limit": 2, **({"cursor": cursor} if cursor else {})}
            ).json()
            found += answer["keys"]
            assert answer["total"] == served.service.keys.count()
            cursor = answer["next_cursor"]
            if cursor is None:
                break
        assert len({key["id"] for key in found}) == len(found) == served.service.keys.count()
        assert found[0]["last_used"] is not None
        assert not {"hash", "api_key"} & set(found[0])

    def test_others_see_the_keys_of_their_owner_alone(self, served, admin):
        key, other = made(admin), made(admin)
        with served.client(key["api_key"]) as client:
            assert [each["id"] for each in client.get("/v2/admin/keys").json()["keys"]] == [
                key["id"]
            ]
            for call in (
                client.get(f"/v2/admin/keys/{other['id']}"),
                client.delete(f"/v2/admin/keys/{other['id']}"),
                client.post(f"/v2/admin/keys/{other['id']}/rotate"),
            ):
                assert (call.status_code, call.json()["detail"]) == (404, "API key not found.")

    @pytest.mark.parametrize(
        ("params", "expected"),
        [
            ({"limit": 0}, 422),
            ({"limit": 1001}, 422),
            ({"cursor": "!"}, 422),
            ({"cursor": "W10x"}, 400),
            ({"cursor": ""}, 422),
        ],
    )
    def test_odd_pages(self, admin, params, expected):
        assert admin.get("/v2/admin/keys", params=params).status_code == expected

    @pytest.mark.parametrize("name", ["pb_00000000", "00000000"])
    def test_one_that_is_not_there(self, admin, name):
        assert admin.get(f"/v2/admin/keys/{name}").status_code == 404
        assert admin.get("/v2/admin/keys/no-id").status_code == 422


class TestChanging:
    def test_name_scopes_and_end(self, admin):
        key = made(admin)
        path = f"/v2/admin/keys/{key['id']}"

        changed = admin.patch(path, json={"key_name": "other", "scopes": ["read"]}).json()
        assert (changed["key_name"], changed["scopes"]) == ("other", ["read"])
        assert (
            admin.patch(path, json={"expires": "2100-01-01T00:00:00Z"})
            .json()["expires"]
            .startswith("2100-01-01T00:00:00")
        )
        assert admin.patch(path, json={"expires": None}).json()["expires"] is None
        assert admin.patch(path, json={}).json()["key_name"] == "other"
        assert admin.patch(path, json={"admin": True}).status_code == 422

    def test_scopes_hold_from_the_next_request_on(self, served, admin):
        key = made(admin)
        assert status(served, key["api_key"]) == 200
        admin.patch(f"/v2/admin/keys/{key['id']}", json={"scopes": ["read"]})
        assert status(served, key["api_key"]) == 403

    def test_no_key_changes_one_that_can_do_more(self, served, admin):
        strong = made(admin)
        with served.client(strong["api_key"]) as client:
            weak = made(client, scopes=["admin", "read"])
        with served.client(weak["api_key"]) as client:
            path = f"/v2/admin/keys/{strong['id']}"
            assert client.post(f"{path}/rotate").status_code == 403
            assert client.delete(path).status_code == 403
            own = f"/v2/admin/keys/{weak['id']}"
            assert client.patch(own, json={"scopes": ALL}).status_code == 403

    def test_no_key_makes_or_changes_one_that_outlives_it(self, served, admin):
        """Else one that is given for a day would make itself one for good."""
        end, later = "2099-01-01T00:00:00Z", "2099-01-02T00:00:00Z"
        mine = made(admin, expires=end)
        with served.client(mine["api_key"]) as client:
            for wish in ({}, {"expires": end}, {"expires": "2098-01-01T00:00:00Z"}):
                assert (
                    shown(admin, made(client, **wish))["expires"] <= shown(admin, mine)["expires"]
                )
            own = f"/v2/admin/keys/{mine['id']}"
            assert client.post("/v2/admin/keys", json=WISH | {"expires": later}).status_code == 403
            assert client.patch(own, json={"expires": later}).status_code == 403
            assert client.patch(own, json={"expires": None}).status_code == 403
            assert client.patch(own, json={"key_name": "x", "expires": end}).status_code == 200
            forever = served.service.keys.create(
                Wished(owner=shown(admin, mine)["owner"], name="forever")
            ).key
            path = f"/v2/admin/keys/{forever.shown}"
            assert client.post(f"{path}/rotate").status_code == 403
            assert client.patch(path, json={"expires": end}).status_code == 403
        assert admin.patch(own, json={"expires": None}).status_code == 200

    def test_an_admin_key_is_not_bound_by_its_own_end(self, served, admin):
        mine = served.service.keys.create(
            Wished(
                owner=str(uuid4()),
                name="soon",
                admin=True,
                expires=iso(datetime(2099, 1, 1, tzinfo=UTC)),
            )
        )
        with served.client(mine.text) as client:
            key = made(client)
        served.service.keys.revoke(mine.key.id, iso(datetime.now(UTC)))  # noqa: TID251 - as above

        assert shown(admin, key)["expires"] is None

    def test_rotating_ends_the_former_secret_at_once(self, served, admin):
        key = made(admin)
        new = admin.post(f"/v2/admin/keys/{key['id']}/rotate").json()

        assert new["id"] == key["id"]
        assert status(served, key["api_key"]) == 403
        assert status(served, new["api_key"]) == 200

    def test_rotating_with_grace_lets_both_in(self, served, admin):
        key = made(admin)
        new = admin.post(f"/v2/admin/keys/{key['id']}/rotate", json={"grace_s": 60}).json()

        assert new["old_valid_until"] is not None
        assert status(served, key["api_key"]) == status(served, new["api_key"]) == 200
        path = f"/v2/admin/keys/{key['id']}/rotate"
        assert admin.post(path, json={"grace_s": 1e9}).status_code == 422

    def test_revoking_ends_a_key_for_good(self, served, admin):
        key = made(admin)
        path = f"/v2/admin/keys/{key['id']}"

        answer = admin.delete(path)
        assert answer.json() == {"message": f"Key {key['id']} revoked."}
        assert status(served, key["api_key"]) == 403
        assert shown(admin, key)["state"] == "revoked"
        assert admin.post(f"{path}/rotate").status_code == 404


class TestPromoting:
    @pytest.mark.parametrize("version", ["v1", "v2"])
    @pytest.mark.parametrize("named", ["whole", "id"])
    def test_by_the_key_or_its_id_and_never_echoed(self, served, admin, version, named):
        key = made(admin)
        path = {"v1": "/admin/make_admin_key", "v2": "/v2/admin/keys/admin"}[version]
        body = {"api_key": key["api_key"] if named == "whole" else key["id"]}

        answer = admin.post(path, json=body)

        words = {
            "v1": f"Key {key['id']} has been made an admin key.",
            "v2": "Key promoted to admin status.",
        }
        assert (answer.status_code, answer.json()) == (200, {"message": words[version]})
        with served.client(key["api_key"]) as client:
            assert client.get("/v2/admin/runs").status_code == 200
        demoted = admin.post(f"/v2/admin/keys/{key['id']}/demote")
        assert demoted.json() == {"message": "Key is no longer an admin key."}

    @pytest.mark.parametrize(
        "text",
        ["a117322a-0000-4000-8000-000000000000", "", "pb_00000000", "é", "a\x00"],
    )
    def test_one_that_is_not_known(self, admin, text):
        for path in ("/admin/make_admin_key", "/v2/admin/keys/admin"):
            answer = admin.post(path, json={"api_key": text})
            assert (answer.status_code, answer.json()["detail"]) == (404, "API key not found.")

    def test_a_whole_key_with_another_secret_is_not_known(self, admin):
        key = made(admin)
        wrong = f"pb_{id_in(key['api_key'])}" + "x" * 43

        assert admin.post("/v2/admin/keys/admin", json={"api_key": wrong}).status_code == 404

    def test_only_by_an_admin_key(self, served, admin):
        key = made(admin)
        with served.client(key["api_key"]) as client:
            for path in ("/admin/make_admin_key", "/v2/admin/keys/admin"):
                answer = client.post(path, json={"api_key": key["id"]})
                assert answer.status_code == 403
                assert answer.json()["detail"] == "Admin privileges required"

    def test_the_last_admin_key_stays(self, admin):
        first = admin.get("/v2/admin/keys").json()["keys"][0]["id"]

        assert admin.post(f"/v2/admin/keys/{first}/demote").status_code == 409
        assert admin.delete(f"/v2/admin/keys/{first}").status_code == 409
