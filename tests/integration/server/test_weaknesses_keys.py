"""Findings about keys in the reference (spec/server-weaknesses.md A), impossible here."""

import logging
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import httpx
import pytest
from tests.integration.patience import PATIENCE_S
from tests.integration.serving import serving

from preboard.catalog.service.keys import id_in
from preboard.jobs.logs import FILE_BYTES, KEPT, LOG_FILE, JsonLines, ToFile
from preboard.project.logs import LogFile
from preboard.server.app import create_app
from preboard.server.service import Service
from preboard.server.settings import read_settings

WISH = {"key_name": "n", "key_owner_name": "o", "key_owner_contact": ""}
PATHS = ("/admin/new_key", "/v2/admin/keys")
ELSEWHERE = ("203.0.113.9", 4711)


def secret_of(key: str) -> str:
    return key[len("pb_") + 8 :]


class TestA6:
    """Plain keys at rest, in the log, in answers."""

    def test_after_many_requests_no_file_of_the_home_holds_a_key(self, tmp_path):
        home = tmp_path / "home"
        logger = logging.getLogger("preboard")
        level = logger.level
        with serving(home) as server:
            handler = ToFile(LogFile(home / LOG_FILE, FILE_BYTES, KEPT, mode=0o600))
            handler.setFormatter(JsonLines())
            logger.addHandler(handler)
            logger.setLevel(logging.DEBUG)
            try:
                secrets = self.use_it_much(server)
            finally:
                logger.setLevel(level)
                logger.removeHandler(handler)
                handler.close()
        files = [path for path in home.rglob("*") if path.is_file()]

        assert any(path.name == "server.log" and path.stat().st_size > 1000 for path in files)
        for path in files:
            content = path.read_bytes()
            for secret in secrets:
                assert secret.encode() not in content, path.name
            if path.parent in (home, home / "logs"):
                assert path.stat().st_mode & 0o007 == 0, path.name
        for directory in (home, home / "logs"):
            assert directory.stat().st_mode & 0o077 == 0, directory.name

    def use_it_much(self, server):
        keys = [server.key, "pb_unknown0" + "u" * 43]
        with server.client() as admin:
            made = admin.post("/v2/admin/keys", json=WISH, headers={"Idempotency-Key": "k"}).json()
            keys.append(made["api_key"])
            keys.append(admin.post(f"/v2/admin/keys/{made['id']}/rotate").json()["api_key"])
            admin.post("/admin/make_admin_key", json={"api_key": keys[-1]}).raise_for_status()
            admin.post("/admin/make_admin_key", json={"api_key": keys[1]})
            admin.post("/v2/projects", json={"name": "acme"}).raise_for_status()
            value = "the-value-of-a-variable"
            admin.patch("/v2/projects/acme/env/KEY", json={"value": value}).raise_for_status()
        for key in keys:
            with server.client(key) as client:
                client.get("/v2/admin/keys", params={"access_token": key})
                client.get("/admin/shutdown/nosuch")
        return [secret_of(key) for key in keys]

    def test_env_values_are_in_no_log(self, tmp_path, caplog):
        with (
            caplog.at_level(logging.DEBUG),
            serving(tmp_path / "home") as server,
            server.client() as admin,
        ):
            admin.post("/v2/projects", json={"name": "acme"})
            answer = admin.patch("/v2/projects/acme/env/A", json={"value": "v4lue-of-a"})
            assert answer.status_code == 200
        assert "v4lue-of-a" not in caplog.text

    def test_no_key_is_echoed(self, tmp_path):
        wrong = "pb_unknown0" + "u" * 43
        with serving(tmp_path / "home") as server, server.client(wrong) as client:
            answer = client.get("/v2/admin/keys")

        assert (answer.status_code, answer.json()["detail"]) == (403, "Could not validate API key")
        assert secret_of(wrong) not in answer.text


def asked(service: Service, path: str, client: tuple[str, int], **headers: str) -> httpx.Response:
    """Return the answer that a peer gets who wants to make a key."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(service), client=client)
        async with httpx.AsyncClient(transport=transport, base_url="http://server") as made:
            return await made.post(path, json=WISH, headers=headers)

    return anyio.run(ask)


@pytest.fixture
def empty(tmp_path):
    service = Service(read_settings(tmp_path / "home"))
    yield service
    service.close()


class TestA11:
    """The first key is for whoever comes first; no expiry, revocation, rotation, demotion, list."""

    @pytest.mark.parametrize("path", PATHS)
    @pytest.mark.parametrize("address", ["203.0.113.9", "10.0.0.7", "2001:db8::1", "testclient"])
    def test_nobody_makes_the_first_key_from_elsewhere(self, empty, path, address):
        answer = asked(empty, path, (address, 1))

        assert answer.status_code == 403
        assert "X-Bootstrap-Token" in answer.json()["hint"]
        assert empty.keys.count() == 0

    @pytest.mark.parametrize(
        "header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "X-Forwarded-Host"]
    )
    def test_nor_through_a_proxy_on_the_machine(self, empty, header):
        answer = asked(empty, PATHS[0], ("127.0.0.1", 1), **{header: "127.0.0.1"})

        assert answer.status_code == 403

    def test_nor_by_saying_that_it_is_on_the_machine(self, empty):
        answer = asked(empty, PATHS[0], ELSEWHERE, **{"X-Forwarded-For": "127.0.0.1"})

        assert answer.status_code == 403

    @pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
    def test_who_is_on_the_machine_makes_it(self, empty, address):
        assert asked(empty, PATHS[1], (address, 1)).json()["admin"] is True

    def test_the_token_makes_it_from_elsewhere_once(self, empty):
        token = empty.make_bootstrap_token()
        assert token is not None
        wrong = asked(empty, PATHS[1], ELSEWHERE, **{"X-Bootstrap-Token": token + "x"})
        right = asked(empty, PATHS[1], ELSEWHERE, **{"X-Bootstrap-Token": token})
        again = asked(empty, PATHS[1], ELSEWHERE, **{"X-Bootstrap-Token": token})

        assert [wrong.status_code, right.status_code, again.status_code] == [403, 201, 401]
        assert empty.make_bootstrap_token() is None

    def test_a_wrong_token_is_wrong_on_the_machine_too(self, empty):
        empty.make_bootstrap_token()

        answer = asked(empty, PATHS[0], ("127.0.0.1", 1), **{"X-Bootstrap-Token": ""})
        assert answer.status_code == 403

    def test_the_token_is_not_kept(self, empty, tmp_path):
        token = empty.make_bootstrap_token()

        assert token is not None
        for path in (tmp_path / "home").rglob("*"):
            assert path.is_dir() or token.encode() not in path.read_bytes()

    def test_of_many_at_once_one_makes_it(self, tmp_path):
        with serving(tmp_path / "home", with_key=False) as server:

            def make(_at: int) -> httpx.Response:
                return httpx.post(f"{server.url}/v2/admin/keys", json=WISH, timeout=PATIENCE_S)

            with ThreadPoolExecutor(8) as pool:
                answers = list(pool.map(make, range(8)))
        codes = sorted(answer.status_code for answer in answers)
        assert codes == [201, *[401] * 7]

    def test_keys_expire_are_rotated_revoked_demoted_and_listed(self, tmp_path):
        """That each of them works is in test_keys.py; here it is that they are there."""
        with serving(tmp_path / "home") as server, server.client() as admin:
            paths = admin.get("/openapi.json").json()["paths"]

        assert {"get", "post"} <= set(paths["/v2/admin/keys"])
        assert {"get", "patch", "delete"} <= set(paths["/v2/admin/keys/{key_id}"])
        assert "post" in paths["/v2/admin/keys/{key_id}/rotate"]
        assert "post" in paths["/v2/admin/keys/{key_id}/demote"]

    def test_not_any_key_makes_keys_and_none_makes_any_number(self, tmp_path, monkeypatch):
        monkeypatch.setattr("preboard.catalog.service.keys.MOST_OF_AN_OWNER", 3)
        with serving(tmp_path / "home") as server:
            reader = server.plain_key(scopes=("read",))
            maker = server.plain_key()
            for path in PATHS:
                with server.client(reader) as client:
                    assert client.post(path, json=WISH).status_code == 403
            with server.client(maker) as client:
                codes = [client.post(PATHS[0], json=WISH).status_code for _ in range(3)]
        assert codes == [200, 200, 409]

    def test_owners_have_names(self, tmp_path):
        with serving(tmp_path / "home") as server, server.client() as admin:
            for path in PATHS:
                empty = {"key_name": "", "key_owner_name": "", "key_owner_contact": ""}
                assert admin.post(path, json=empty).status_code == 422


class TestA12:
    """No rate limit, no lock-out, the unknown key in the answer, a lookup whose time tells."""

    def test_guessing_is_slowed_down_and_good_keys_are_not(self, tmp_path):
        with serving(tmp_path / "home", refusals_per_minute=5) as server:
            with server.client("pb_unknown0" + "u" * 43) as guessing:
                answers = [guessing.get("/v2/admin/keys") for _ in range(7)]
            codes = [answer.status_code for answer in answers]
            assert codes == [403] * 5 + [429] * 2
            assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
            assert answers[-1].json()["code"] == "too-many"
            with server.client() as admin, server.client("") as nobody:
                assert admin.get("/v2/admin/keys").status_code == 200
                assert nobody.get("/v2/admin/keys").status_code == 429
                assert nobody.post("/admin/new_key", json=WISH).status_code == 429

    def test_the_secret_is_compared_in_a_time_that_tells_nothing(self, tmp_path):
        """Whether the first or the last sign is wrong makes no difference to be measured."""
        with serving(tmp_path / "home") as server:
            key = server.service.keys.by_public_id(id_in(server.key))
            assert key is not None
            secret = secret_of(server.key)
            early = ("A" if secret[0] != "A" else "B") + secret[1:]
            late = secret[:-1] + ("A" if secret[-1] != "A" else "B")

            def took(given: str) -> float:
                begun = time.perf_counter()
                for _ in range(200):
                    key.opens_with(given, "2026")
                return time.perf_counter() - begun

            ratios = [took(early) / took(late) for _ in range(31)]
        assert 0.5 < statistics.median(ratios) < 2


class TestA13:
    """What the server runs in is told to anyone, and error texts hold paths with a key's hash."""

    def test_the_root_tells_nothing_of_the_machine(self, tmp_path):
        home = tmp_path / "home"
        with serving(home) as server, server.client("") as nobody:
            answer = nobody.get("/")

        message = answer.json()["message"]
        assert set(message) == {
            "name", "version", "started", "cwd", "config", "keyfile", "api_versions",
        }  # fmt: skip
        assert (message["cwd"], message["config"], message["keyfile"]) == (
            "", "default location", "default location",
        )  # fmt: skip
        assert str(tmp_path) not in answer.text

    def test_no_problem_tells_a_path_of_the_home(self, tmp_path, monkeypatch):
        from preboard.errors import NotFound, StoreError  # noqa: PLC0415 - of this test alone

        home = tmp_path / "home"
        with serving(home) as server, server.client() as admin:
            place = home / "projects" / "5f0c" / "archive"
            for error, status in ((NotFound, 404), (StoreError, 503)):

                def fail(*_args: Any, kind: Any = error, **_more: Any) -> None:
                    raise kind(f"{place}/x can't be read", hint=f"look into {home}/logs")

                monkeypatch.setattr(server.service.audit, "page", fail)
                answer = admin.get("/v2/admin/audit")
                assert answer.status_code == status
                assert answer.json()["detail"] == "archive/x can't be read"
                assert answer.json()["hint"] == "look into logs"
                assert str(tmp_path) not in answer.text

    def test_no_problem_tells_what_the_database_says(self, tmp_path, monkeypatch):
        from preboard.errors import StoreError  # noqa: PLC0415 - of this test alone

        def fail(*_args: Any, **_more: Any) -> None:
            words = "connection to 10.1.2.3 failed: no password for user pb"
            raise StoreError(f"the catalog can't be used: {words}") from RuntimeError(words)

        with serving(tmp_path / "home") as server, server.client() as admin:
            monkeypatch.setattr(server.service.audit, "page", fail)
            answer = admin.get("/v2/admin/audit")

        assert answer.status_code == 503
        assert "10.1.2.3" not in answer.text
        assert answer.json()["request_id"] in answer.json()["hint"]

    def test_no_directory_is_called_after_a_key(self, tmp_path):
        import hashlib  # noqa: PLC0415 - of this test alone

        home = tmp_path / "home"
        with serving(home) as server, server.client() as admin:
            admin.post("/v2/projects", json={"name": "acme"}).raise_for_status()
            hashes = {
                hashlib.sha256(text.encode()).hexdigest()
                for text in (server.key, secret_of(server.key))
            }
        names = {part for path in home.rglob("*") for part in path.parts}
        assert not hashes & names
        assert id_in(server.key) not in names


class TestA14:
    """Public documents, a shutdown by GET, a header that proxies drop, no TLS."""

    def test_the_documents_can_be_closed(self, tmp_path):
        with serving(tmp_path / "home", public_docs=False) as server, server.client("") as nobody:
            assert nobody.get("/docs").status_code == 401
            assert nobody.get("/openapi.json").status_code == 401

    def test_there_is_a_post_that_ends_the_server_and_the_get_can_be_switched_off(self, tmp_path):
        with (
            serving(tmp_path / "home", enabled_versions=("v2",)) as server,
            server.client() as admin,
        ):
            assert admin.get("/admin/shutdown").status_code == 404
            assert admin.get("/v2/admin/shutdown").status_code == 405
            assert not server.stopped.is_set()
            assert admin.post("/v2/admin/shutdown").status_code == 200
            assert server.stopped.wait(5)

    @pytest.mark.parametrize("name", ["X-API-Key", "Authorization"])
    def test_a_key_comes_through_any_proxy(self, tmp_path, name):
        with serving(tmp_path / "home") as server:
            value = f"Bearer {server.key}" if name == "Authorization" else server.key
            answer = httpx.get(f"{server.url}/v2/admin/keys", headers={name: value})
        assert answer.status_code == 200

    def test_tls_takes_two_settings_and_never_one(self, tmp_path):
        from preboard.errors import ConfigError  # noqa: PLC0415 - of this test alone

        with pytest.raises(ConfigError, match="together"):
            read_settings(tmp_path, tls_cert=tmp_path / "cert.pem")
        settings = read_settings(tmp_path, tls_cert=tmp_path / "c", tls_key=tmp_path / "k")
        assert settings.tls_cert == tmp_path / "c"


class TestA15:
    """The switch of a project acts on the first one of that name, of whatever key."""

    @pytest.fixture
    def two(self, tmp_path):
        (tmp_path / "in").mkdir()
        with serving(tmp_path / "home", local_roots=(tmp_path / "in",)) as server:
            keys = [server.plain_key("first"), server.plain_key("second")]
            for key in keys:
                with server.client(key) as client:
                    client.post("/v2/projects", json={"name": "acme"}).raise_for_status()
            with server.client() as admin:
                admin.put("/v2/admin/local-files", json={"allowed": True}).raise_for_status()
                yield server, admin, keys

    def test_a_name_that_two_have_must_be_said_whose(self, two):
        server, admin, _ = two
        answer = admin.put("/v2/admin/projects/acme/local-files")

        assert answer.status_code == 409
        owners = [hosted.owner for hosted in server.service.hosting.named("acme")]
        assert all(owner in answer.json()["hint"] for owner in owners)
        assert not any(hosted.local_files for hosted in server.service.hosting.named("acme"))

    @pytest.mark.parametrize("by", ["owner", "key"])
    @pytest.mark.parametrize("which", [0, 1])
    def test_each_can_be_switched_on_and_off_by_itself(self, two, by, which):
        server, admin, keys = two
        key = server.service.keys.by_public_id(id_in(keys[which]))
        whose = {"owner": key.owner if by == "owner" else key.shown}

        answer = admin.put("/v2/admin/projects/acme/local-files", params=whose)
        assert answer.json() == {"message": "Local files enabled for project 'acme'."}
        allowed = {
            hosted.owner: server.service.allows_local_files(hosted.project)
            for hosted in server.service.hosting.named("acme")
        }
        assert [owner for owner, is_allowed in allowed.items() if is_allowed] == [key.owner]
        admin.delete("/v2/admin/projects/acme/local-files", params=whose).raise_for_status()
        assert not any(
            server.service.allows_local_files(hosted.project)
            for hosted in server.service.hosting.named("acme")
        )

    def test_whose_it_is_not_is_not_found(self, two):
        _, admin, _ = two
        for whose in ("pb_00000000", "é", "x\x00"):
            answer = admin.put("/v2/admin/projects/acme/local-files", params={"owner": whose})
            assert answer.status_code == 404
