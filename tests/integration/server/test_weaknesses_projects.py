"""The weaknesses of the reference's server that are about projects, tried on ours.

Each test is named after a finding of the review: A1 to A9 and B13. Paths are sent as they are, so
that no client tidies them up on the way.
"""

from __future__ import annotations

import base64
import http.client
import io
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from tests.integration.patience import PATIENCE_S
from tests.integration.serving import serving

if TYPE_CHECKING:
    from pathlib import Path

V1, V2 = "/projects", "/v2/projects"
NAMES = ["/etc", "../../config", "..", ".", "", "../other", "acme/../other", "a\\..\\b", "~",
         "a\0b", "x" * 300, "acme.", "acme ", " acme", ".acme", "a\nb", "é", "C:",
         "a:b"]  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Serve one home to all tests of the module."""
    outside = tmp_path_factory.mktemp("machine")
    (outside / "secret").write_text("hush")
    with serving(outside / "home") as server:
        yield server


@contextmanager
def with_acme(served):
    """Give a client with a plain key whose owner has the project acme."""
    with served.client(served.plain_key()) as client:
        assert client.post(V2, json={"name": "acme"}).status_code == 201
        yield client


@pytest.fixture
def api(served):
    """Give a client of an owner who has the project acme."""
    with with_acme(served) as client:
        yield client


@pytest.fixture(scope="module")
def shared(served):
    """Give the same to all tests that leave the project as it is."""
    with with_acme(served) as client:
        yield client


def sent(served, api, method, path, body=None):
    """Send a request whose path nobody touches; return its status and its body."""
    connection = http.client.HTTPConnection(served.url.removeprefix("http://"), timeout=PATIENCE_S)
    headers = {"access_token": api.headers["access_token"], "Content-Type": "application/json"}
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def everything(root: Path):
    """Return every file below a directory with its size, but for database, logs and locks."""
    return {
        str(path): path.stat().st_size
        for path in root.rglob("*")
        if path.is_file()
        and not path.name.startswith("preboard.db")
        and path.suffix not in (".log", ".lock")
    }


class TestA1AnyKeyReadsAndWritesAnyFile:
    @pytest.mark.parametrize("name", NAMES)
    def test_a_name_is_no_path(self, served, shared, name):
        machine = served.service.settings.home.parent
        before = everything(machine)
        value = base64.b64encode(b"evil").decode()
        body = {"name": name, "file_path": "secret", "file_content": value}
        for path in ("get_file", "add_file"):
            status, told = sent(served, shared, "POST", f"{V1}/{path}", body)
            assert (status, json.loads(told)["detail"]) == (404, "Unknown project name")
        for method in ("GET", "PUT", "DELETE"):
            at = f"{V2}/{quote(name, safe='')}/files/secret"
            assert sent(served, shared, method, at, {"value": value})[0] == 404
        assert everything(machine) == before

    @pytest.mark.parametrize(
        "path",
        ["../../../secret", "../../server.toml", "/etc/passwd", "docs/../../../../secret",
         "..\\..\\..\\secret", "%2e%2e/secret", "....//....//secret/..", "a/./../../secret"],
    )  # fmt: skip
    def test_a_path_stays_in_the_project(self, served, shared, path):
        machine = served.service.settings.home.parent
        before = everything(machine)
        value = base64.b64encode(b"evil").decode()
        body = {"name": "acme", "file_path": path, "file_content": value}
        answers = [
            sent(served, shared, "POST", f"{V1}/get_file", body),
            *(
                sent(served, shared, method, f"{V2}/acme/files/{quoted}", {"value": value})
                for quoted in (quote(path, safe=""), quote(path, safe="/\\"), quote(quote(path)))
                for method in ("GET", "DELETE")
            ),
        ]
        for status, told in answers:
            assert status in (400, 404), told
            assert base64.b64encode(b"hush").decode() not in told
        assert everything(machine) == before

    def test_what_is_written_by_any_path_is_inside(self, served, api):
        home = served.service.settings.home
        project = served.service.directory(api.get(f"{V2}/acme").json()["id"])
        for path in ("../x", "/x", "a/../../x", "..%2fx", "%2e%2e/x", "a//x", "./b/x", "\\x"):
            for at in (quote(path, safe=""), quote(path)):
                sent(served, api, "PUT", f"{V2}/acme/files/{at}", {"value": ""})
            body = {"name": "acme", "file_path": path, "file_content": ""}
            sent(served, api, "POST", f"{V1}/add_file", body)
        found = [path for path in home.parent.rglob("*x") if path.name.endswith("x")]
        assert found
        assert all(path.is_relative_to(project) for path in found)


class TestA2AnyKeyMakesItselfAdmin:
    def test_no_file_of_the_server_is_in_reach(self, served, api):
        """Keys are rows of the database, which lies outside of every project."""
        for path in ("../../preboard.db", "../../preboard.db-wal", "../preboard.db"):
            body = {"name": "acme", "file_path": path, "file_content": ""}
            for operation in ("get_file", "add_file"):
                assert sent(served, api, "POST", f"{V1}/{operation}", body)[0] == 400
        listed = [one["path"] for one in api.get(f"{V2}/acme/files").json()["files"]]
        assert not any(path.startswith((".", "config", "..")) for path in listed)
        assert api.get("/admin/active_runs").status_code == 403


class TestA3AnyKeyRunsCode:
    MARK = "import_mark_of_the_test"

    def test_what_listeners_and_functions_name_is_never_imported(self, served, api, monkeypatch):
        project = served.service.directory(api.get(f"{V2}/acme").json()["id"])
        source = base64.b64encode(b"raise SystemExit('imported')").decode()
        api.put(f"{V2}/acme/files/{self.MARK}.py", json={"value": source})
        monkeypatch.syspath_prepend(str(project))
        text = (
            f"[listeners]\ngroups = default\nx.file = from {self.MARK} import Evil\n"
            f"[openlineage]\nx.paths = from {self.MARK} import Evil\n"
            f"[functions]\nimports = {self.MARK}, {self.MARK}.py\n"
            "[scripts]\nrun_scripts = yes\n"
        )
        assert api.put(f"{V2}/acme/config", json={"value": text}).status_code == 200
        opened = served.service.project(project.name)
        opened.repair()
        assert opened.settings.function_sources == ()
        assert opened.settings.sections["scripts"]["run_scripts"] == "no"
        assert opened.settings.sections["listeners"] == {"groups": "default"}
        assert self.MARK not in sys.modules

    def test_a_name_that_is_not_allowed_is_refused(self, api):
        for value in ("os.system", "{EVIL}", "EVIL", "default\n  evil"):
            text = f"[listeners]\nx.file = {value}\n"
            assert api.put(f"{V2}/acme/config", json={"value": text}).status_code == 400
        text = "[listeners]\ngroups = evil\n"
        assert api.put(f"{V2}/acme/config", json={"value": text}).status_code == 400


class TestA5AnyKeyRegistersFilesOfTheServer:
    def test_local_files_are_of_the_roots_alone_and_off_until_switched_on(self, tmp_path):
        (tmp_path / "drop").mkdir()
        (tmp_path / "drop/a.csv").write_text("a\n1\n")
        (tmp_path / "drop/check.csvpath").write_text("$[*][ yes() ]")
        (tmp_path / "secret.csv").write_text("hush")
        (tmp_path / "drop/link.csv").symlink_to(tmp_path / "secret.csv")
        home = tmp_path / "drop/home"
        with (
            serving(home, local_roots=(str(tmp_path / "drop"),)) as server,
            server.client(server.plain_key()) as api,
            server.client() as admin,
        ):
            api.post(V2, json={"name": "acme"})
            api.post(V2, json={"name": "other"})
            told = {"project_name": "acme", "name": "orders"}

            def register(path, project="acme", operation="register_file"):
                body = {**told, "project_name": project, "file_location": str(path)}
                return api.post(f"/csvpath/{operation}", json=body).status_code

            drop = tmp_path / "drop"
            assert register(drop / "a.csv") == 400
            assert admin.put("/v2/admin/local-files", json={"allowed": True}).is_success
            assert register(drop / "a.csv") == 400
            switch = "/v2/admin/projects/acme/local-files"
            assert api.put(switch).status_code == 403
            assert admin.put(switch).is_success
            assert register(drop / "a.csv") == 200
            group = drop / "check.csvpath"
            assert register(group, operation="register_csvpath_group") == 200
            assert register(drop / "a.csv", project="other") == 400
            for path in (
                "/etc/passwd", tmp_path / "secret.csv", drop / "link.csv",
                home / "preboard.db", drop / "home/../home/preboard.db", drop / "../secret.csv",
            ):  # fmt: skip
                assert register(path) == 400, path
                assert register(path, operation="register_csvpath_group") == 400, path
            assert admin.put("/v2/admin/local-files", json={"allowed": False}).is_success
            assert register(drop / "a.csv") == 400
            config = api.get(f"{V2}/acme/config/inputs/allow_local_files").json()
            assert config == {"value": "no"}

    def test_without_roots_nobody_switches_it_on(self, served, api):
        with served.client() as admin:
            assert admin.put("/v2/admin/local-files", json={"allowed": True}).status_code == 403
        api.put(f"{V2}/acme/config", json={"value": "[inputs]\nallow_local_files = yes\n"})
        for path in ("/etc/passwd", str(served.service.settings.home / "preboard.db")):
            body = {"project_name": "acme", "name": "x", "file_location": path}
            assert api.post("/csvpath/register_file", json=body).status_code == 400


class TestA6SecretsInLogs:
    def test_values_of_an_env_and_a_config_are_in_no_log_and_no_refusal(self, served, api, caplog):
        caplog.set_level("DEBUG")
        env, config = f"{V2}/acme/env", f"{V2}/acme/config"
        told = [
            api.patch(f"{env}/TOKEN", json={"value": "h0sh"}),
            api.put(env, json={"value": '{"TOKEN": "h0sh"}'}),
            api.put(env, json={"value": '{"TOKEN": "h0sh"'}),
            api.put(env, json={"value": '{"TOKEN": ["h0sh"]}'}),
            api.put(env, json={"value": ["h0sh"]}),
            api.patch(f"{env}/TOKEN", json={"value": {"h0sh": "h0sh"}}),
            api.post(f"{V1}/set_env_key", json={"name": "acme", "key": "A", "value": ["h0sh"]}),
            api.post(f"{V1}/set_env_file", json={"name": "acme", "env_str": "h0sh"}),
            api.put(config, json={"value": "[sftp]\npassword = h0sh\n"}),
            api.put(config, json={"value": "password = h0sh\n[sftp]\n"}),
            api.put(config, json={"value": "[sftp]\npassword h0sh\n"}),
            api.patch(f"{config}/sftp/password", json={"value": "h0sh"}),
            api.patch(f"{config}/sftp/password", json={"value": "h0sh%"}),
            api.put(f"{V2}/acme/files/a", json={"value": "h0sh*"}),
        ]
        assert {answer.status_code for answer in told} == {200, 400, 422}
        project = served.service.project(api.get(f"{V2}/acme").json()["id"])
        project.register("orders", io.BytesIO(b"a\n"), file_name="a.csv")
        log = (project.root / "logs/csvpath.log").read_text()
        records = "".join(repr(vars(record)) + record.getMessage() for record in caplog.records)
        assert "/v2/projects/{name}/env" in records
        for text in (records, log, *(answer.text for answer in told)):
            assert "h0sh" not in text
            assert api.headers["access_token"] not in text


class TestA7NamesOfProjects:
    @pytest.mark.parametrize("name", NAMES)
    def test_what_is_no_name_makes_nothing(self, served, shared, name):
        machine = served.service.settings.home.parent
        before = set(machine.rglob("*"))
        for path in (V2, f"{V1}/new_project"):
            status, told = sent(served, shared, "POST", path, {"name": name})
            assert (status, "can't be the name of a project" in told) == (400, True)
        grown = set(machine.rglob("*")) - before
        assert not [path for path in grown if not path.name.startswith("preboard.db")]
        assert shared.get(V2).json()["names"] == ["acme"]

    def test_no_name_deletes_another_project(self, served, api):
        api.post(V2, json={"name": "other"})
        for name in NAMES:
            assert sent(served, api, "POST", f"{V1}/delete_project", {"name": name})[0] == 404
            sent(served, api, "DELETE", f"{V2}/{quote(name, safe='')}")
        assert api.get(V2).json()["names"] == ["acme", "other"]
        for name in ("acme", "other"):
            assert api.get(f"{V2}/{name}/config").status_code == 200


class TestA8ProtectedFiles:
    PATHS = ("config/config.ini", "config//config.ini", "config//env.json", "./config/env.json",
             "docs/../config/config.ini", "config/../config/config.ini", "Config/config.ini",
             "CONFIG/ENV.JSON", "config\\config.ini", "config/./config.ini", "config/new.ini",
             "/config/config.ini", ".preboard/project.json", "docs/../.preboard/project.json",
             "config", "\uff43onfig/config.ini")  # fmt: skip

    @pytest.mark.parametrize("path", PATHS)
    def test_they_are_neither_read_nor_written_whatever_the_path(self, served, shared, path):
        project = served.service.directory(shared.get(f"{V2}/acme").json()["id"])
        before = everything(project)
        value = base64.b64encode(b"[scripts]\nrun_scripts = yes\n").decode()
        body = {"name": "acme", "file_path": path, "file_content": value}
        answers = [
            sent(served, shared, "POST", f"{V1}/{operation}", body)
            for operation in ("get_file", "add_file")
        ]
        for quoted in (quote(path, safe=""), quote(path)):
            at = f"{V2}/acme/files/{quoted}"
            answers += [
                sent(served, shared, method, at + more, {"value": value})
                for method, more in (("GET", ""), ("GET", "?raw=true"), ("PUT", ""), ("DELETE", ""))
            ]
        for status, told in answers:
            assert status == 400, told
            assert "protected file" in told or "Invalid file path" in told
        assert everything(project) == before


class TestA9TheSameRulesOnEveryWayIn:
    @pytest.mark.parametrize(
        ("value", "stored"),
        [("../out", None), ("a/../../out", None), ("{HOME}/out", None), ("OUT", None),
         ("s3://x/y", None), ("~/out", None), ("/etc/out", "out"), ("C:\\out", "out"),
         ("out/x", "out/x"), ("./out", "out")],
    )  # fmt: skip
    def test_a_path_is_treated_alike(self, api, value, stored):
        text = f"[results]\narchive = {value}\n"
        ways = [
            api.put(f"{V2}/acme/config", json={"value": text}),
            api.post(f"{V1}/set_project_config", json={"name": "acme", "config_str": text}),
            api.patch(f"{V2}/acme/config/results/archive", json={"value": value}),
            api.post(V2, json={"name": "second", "config_str": text}),
            api.post(f"{V1}/new_project", json={"name": "third", "config_str": text}),
        ]
        assert {answer.is_success for answer in ways} == {stored is not None}
        assert {answer.status_code for answer in ways} <= {200, 201, 400}
        names = ["acme", "second", "third"] if stored else ["acme"]
        for name in names:
            found = api.get(f"{V2}/{name}/config/results/archive").json()["value"]
            assert found == (stored or "archive")


class TestB13NoProjectIsLost:
    def test_of_many_that_are_made_at_once_all_are_listed(self, served):
        """The reference lost 21 of 30."""
        with served.client(served.plain_key()) as api, ThreadPoolExecutor(10) as pool:

            def make(number):
                return api.post(V2, json={"name": f"p{number}"}).status_code

            assert list(pool.map(make, range(30))) == [201] * 30
            names = api.get(V2).json()["names"]
            assert sorted(names) == sorted(f"p{number}" for number in range(30))

    def test_of_many_with_one_name_one_is_made(self, served):
        before = len(list(served.service.settings.projects.iterdir()))
        with served.client(served.plain_key()) as api, ThreadPoolExecutor(10) as pool:
            made = pool.map(lambda _: api.post(V2, json={"name": "one"}).status_code, range(10))
            assert sorted(made) == [201, *[409] * 9]
            assert api.get(V2).json()["names"] == ["one"]
        assert len(list(served.service.settings.projects.iterdir())) == before + 1

    def test_fields_that_are_set_at_once_are_all_kept(self, api):
        """Config and env are read, changed and written under a lock of all processes."""
        with ThreadPoolExecutor(10) as pool:

            def put(number):
                config = f"{V2}/acme/config/sftp/k{number}"
                return (
                    api.patch(f"{V2}/acme/env/K{number}", json={"value": "x"}).status_code,
                    api.patch(config, json={"value": "x"}).status_code,
                )

            api.put(f"{V2}/acme/config", json={"value": "[sftp]\nserver = a\n"})
            assert set(chain(*pool.map(put, range(20)))) == {200}
        assert len(json.loads(api.get(f"{V2}/acme/env").json()["value"])) == 20
        text = api.get(f"{V2}/acme/config").json()["value"]
        assert all(f"\nk{number} = x\n" in text for number in range(20))
