"""Hooks as such: their secrets, and how their owners handle them."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from tests.integration.server.hooking import event, hooked, sent


@pytest.fixture(scope="module")
def at(tmp_path_factory):
    with hooked(tmp_path_factory.mktemp("hooked")) as made:
        yield made


@pytest.fixture
def hook(at):
    """A hook of SFTPGo whose files are fetched by SFTP and run."""
    return at.hook("sftpgo", group="order-checks", location=f"{at.sftp.url}{{path}}")


class TestSecrets:
    def test_an_unknown_hook_and_a_wrong_secret_are_answered_alike(self, at, hook):
        told = []
        for which, secret in [
            (hook["id"], "wrong"),
            (hook["id"], ""),
            (str(uuid4()), hook["secret"]),
            ("nonsense", hook["secret"]),
        ]:
            answer = at.call({**hook, "id": which, "secret": secret}, event())
            problem = answer.json()
            assert answer.headers["WWW-Authenticate"].startswith("Basic")
            told.append((answer.status_code, problem["detail"], problem["code"]))
        assert set(told) == {
            (401, "there is no such hook, or its secret did not come with the request",
             "hook-unknown")
        }  # fmt: skip
        assert at.arrivals(hook) == []

    def test_guesses_are_counted(self, at):
        limited = at.served.service
        before, limited.refusals = limited.refusals, type(limited.refusals)(0.01, 3)
        try:
            codes = [
                at.call({"id": str(uuid4()), "definition": {"secret": {"header": "X-Token"}},
                         "secret": "guess"}, event()).status_code
                for _ in range(5)
            ]  # fmt: skip
        finally:
            limited.refusals = before
        assert codes == [401, 401, 401, 429, 429]

    @pytest.mark.parametrize(
        "secret",
        [
            {"header": "Authorization", "prefix": "Bearer "},
            {"query": "token"},
            {"basic": {"user": "mft"}},
            {"basic": {}},
        ],
        ids=str,
    )
    def test_each_way_to_send_the_secret(self, at, secret):
        hook = at.hook("sftpgo", secret=secret, location=f"{at.sftp.url}{{path}}")

        assert at.call(hook, event(status="2")).status_code == 202
        assert at.call({**hook, "secret": "wrong"}, event(status="2")).status_code == 401

    def test_a_signature_is_checked_with_the_secret_in_the_env(self, at):
        secret = {"hmac": {"header": "X-Sig", "prefix": "sha256=", "variable": "MFT_SECRET"}}
        hook = at.hook("sftpgo", secret=secret, location=f"{at.sftp.url}{{path}}")
        body = json.dumps(event(status="2")).encode()

        assert hook["secret_variable"] == secret["hmac"]["variable"]
        value = at.api.get("/v2/projects/acme/env/MFT_SECRET")
        assert value.json()["value"] == hook["secret"]
        assert at.call(hook, body).status_code == 202
        headers, _ = sent(hook, body)
        changed = at.sender.post(f"/v2/hooks/{hook['id']}", content=body + b" ", headers=headers)
        assert changed.status_code == 401
        assert at.call({**hook, "secret": "wrong"}, body).status_code == 401
        second = at.hook("sftpgo", secret=secret, location=f"{at.sftp.url}{{path}}")
        assert second["secret"] is None  # the env has one already
        assert at.call({**second, "secret": hook["secret"]}, body).status_code == 202

    def test_a_new_secret_and_the_former_one_for_a_while(self, at, hook):
        rotated = at.api.post(f"/v2/hooks/{hook['id']}/rotate", json={"grace_s": 60}).json()

        assert at.call(rotated, event(status="2")).status_code == 202
        assert at.call(hook, event(status="2")).status_code == 202
        again = at.api.post(f"/v2/hooks/{hook['id']}/rotate").json()
        assert at.call(again, event(status="2")).status_code == 202
        assert at.call(rotated, event(status="2")).status_code == 401

    def test_a_secret_that_was_asked_for_twice_is_not_told_again(self, at, hook):
        rotate = f"/v2/hooks/{hook['id']}/rotate"
        for path, body in (("/v2/hooks", hook["definition"]), (rotate, {})):
            key = {"Idempotency-Key": str(uuid4())}
            first = at.api.post(path, json=body, headers=key)
            second = at.api.post(path, json=body, headers=key)
            assert (first.is_success, second.status_code) == (True, 409), path
            assert first.json()["secret"] not in second.text

    def test_no_answer_and_no_row_holds_a_secret(self, at, hook):
        shown = at.api.get(f"/v2/hooks/{hook['id']}").text + at.api.get("/v2/hooks").text
        assert hook["secret"] not in shown
        row = at.served.service.hooks.by_id(hook["id"])
        assert hook["secret"] not in f"{row.secret} {row.mapping}"
        log = b"".join(path.read_bytes() for path in at.served.service.settings.logs.iterdir())
        assert hook["secret"].encode() not in log


class TestHooks:
    def test_a_hook_is_shown_changed_and_removed(self, at, hook):
        path = f"/v2/hooks/{hook['id']}"
        assert hook["url"].endswith(path)
        shown = at.api.get(path).json()
        listed = at.api.get("/v2/hooks", params={"limit": 1000}).json()
        assert listed["total"] == len(listed["hooks"])
        assert at.api.get("/v2/hooks", params={"limit": 1}).json()["total"] == listed["total"]
        assert shown["definition"]["group"] == "order-checks"
        definition = {**shown["definition"], "group": "others", "name": "the orders"}
        changed = at.api.patch(path, json={"definition": definition}).json()
        assert (changed["name"], changed["secret"]) == ("the orders", None)
        assert changed["definition"]["group"] == "others"
        assert at.call(hook, event(status="2")).status_code == 202
        assert at.api.delete(path).status_code == 200
        assert at.api.get(path).status_code == 404
        assert at.call(hook, event(status="2")).status_code == 401

    def test_another_way_to_keep_the_secret_makes_a_new_one(self, at, hook):
        definition = {**hook["definition"], "secret": {"hmac": {"header": "X-Sig"}}}
        changed = at.api.patch(f"/v2/hooks/{hook['id']}", json={"definition": definition}).json()

        assert changed["secret_variable"] == f"HOOK_SECRET_{hook['id'][:8].upper()}"
        assert at.call(changed, event(status="2")).status_code == 202

    @pytest.mark.parametrize(
        ("change", "status", "told"),
        [
            ({"project": "none"}, 404, "Unknown project name"),
            ({"adapter": "sftpg"}, 422, "/adapter can't be 'sftpg'"),
            ({"nonsense": 1}, 422, "/nonsense is not known here"),
            ({"description": "\ud800"}, 422, "JSON does not have"),
            ({"secret": {}}, 422, "/secret must say one way"),
            ({"poll": {"location": "s3://acme-in/"}}, 422, "/adapter says how requests are read"),
        ],
        ids=str,
    )
    def test_a_definition_that_can_not_be(self, at, change, status, told):
        definition = {"project": "acme", "adapter": "sftpgo", "named_file": "x",
                      "secret": {"header": "X-Token"}, **change}  # fmt: skip
        answer = at.api.post(
            "/v2/hooks",
            content=json.dumps(definition),
            headers={"Content-Type": "application/json"},
        )
        assert answer.status_code == status
        assert told in answer.json()["detail"]

    @pytest.mark.parametrize("missing", ["project", "adapter", "secret", "named_file"])
    def test_a_definition_that_lacks_something_names_it(self, at, missing):
        definition = {"project": "acme", "adapter": "sftpgo", "named_file": "x",
                      "secret": {"header": "X-Token"}}  # fmt: skip
        del definition[missing]
        answer = at.api.post("/v2/hooks", json=definition)

        assert answer.status_code == 422
        assert answer.json()["pointer"] == f"/{missing}"

    @pytest.mark.parametrize(
        "which", ["nonsense", "%00", "%F0%9F%92%A9", "6215f39c-0ca6-41b1-821f-ae7a0603c16d"]
    )
    def test_what_is_no_hook_is_not_found(self, at, which):
        for path in (f"/v2/hooks/{which}", f"/v2/hooks/{which}/arrivals"):
            assert at.api.get(path).status_code == 404
        assert at.api.patch(f"/v2/hooks/{which}", json={"paused": True}).status_code == 404
        assert at.sender.post(f"/v2/hooks/{which}", json={}).status_code == 401

    def test_hooks_are_their_owners(self, at, hook):
        path = f"/v2/hooks/{hook['id']}"
        with at.served.client(at.served.plain_key()) as stranger:
            assert stranger.get(path).status_code == 404
            assert stranger.get(f"{path}/arrivals").status_code == 404
            assert stranger.patch(path, json={"paused": True}).status_code == 404
            assert stranger.delete(path).status_code == 404
            assert stranger.get("/v2/hooks").json()["hooks"] == []
            body = hook["definition"]
            assert stranger.post("/v2/hooks", json=body).status_code == 404
            assert stranger.get("/v2/projects/acme/arrivals").status_code == 404

    def test_a_key_that_only_reads_changes_nothing(self, at, hook):
        owner = at.served.service.hosting.named("acme")[0].owner
        key = at.served.plain_key(owner=owner, scopes=("read",))
        path = f"/v2/hooks/{hook['id']}"
        with at.served.client(key) as reader:
            assert reader.get(path).status_code == 200
            assert reader.patch(path, json={"paused": True}).status_code == 403
            assert reader.post(f"{path}/rotate").status_code == 403
            assert reader.post("/v2/hooks", json=hook["definition"]).status_code == 403

    def test_arrivals_come_in_pages(self, at, hook):
        for number in range(5):
            at.call(hook, event(path=f"/orders/{number}.part"))
        seen: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = at.api.get(
                f"/v2/hooks/{hook['id']}/arrivals", params={"limit": 2, **cursor}
            ).json()
            seen += [row["path"] for row in page["arrivals"]]
            assert page["total"] == 5
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert seen == [f"/orders/{number}.part" for number in (4, 3, 2, 1, 0)]
