"""Projects over a real socket: every operation of both versions, done and refused."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import shlex
import time
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.integration.patience import PATIENCE_S
from tests.integration.serving import serving

from preboard.catalog.service.keys import Wished
from preboard.jobs.engine import prepare
from preboard.server.settings import read_settings

HOW_TO = Path(__file__).parents[3] / "docs/how-to/projects-on-a-server.md"
SHELL = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
V1, V2 = "/projects", "/v2/projects"
CONFIG = "; ours\n[errors]\ncsvpath = collect\n[sftp]\nserver = a.example\n"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Serve one home to all tests of the module; the projects have names of their own."""
    home = tmp_path_factory.mktemp("home")
    prepare(read_settings(home).catalog_url)  # as a server does that starts: limits reach the queue
    with serving(home, most_file_bytes=3 * 1024) as server:
        yield server


@pytest.fixture
def api(served):
    """Give a client with a key of an owner of its own."""
    with served.client(served.plain_key()) as client:
        yield client


@pytest.fixture
def acme(api):
    """Give a client whose owner has the project acme."""
    assert api.post(V2, json={"name": "acme", "config_str": CONFIG}).status_code == 201
    return api


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def problem(answer, status, detail):
    """See that an answer is a problem with this status, whose detail a pattern is found in."""
    told = answer.json()
    assert (answer.status_code, told["status"]) == (status, status), told
    assert answer.headers["content-type"] == "application/problem+json"
    assert re.search(detail, told["detail"]), told
    return told


def test_the_requests_of_the_how_to_are_answered(api):
    """Each line of its shell blocks is one request of curl; in their order they all succeed."""
    text = HOW_TO.read_text(encoding="utf-8")
    lines = [line for block in SHELL.findall(text) for line in block.splitlines()]
    for line in lines:
        given = shlex.split(line)
        options = dict(pairwise(given))
        url = next(word for word in given if word.startswith("$SERVER"))
        answer = api.request(
            options.get("-X", "GET"),
            url.removeprefix("$SERVER"),
            content=options.get("-d"),
            headers={"Content-Type": "application/json"},
        )
        assert answer.is_success, (line, answer.text)
    assert len(lines) > 10


class TestMaking:
    def test_a_project_is_made_listed_told_and_deleted(self, api):
        made = api.post(V2, json={"name": "acme"})
        assert (made.status_code, made.json()) == (201, {"message": "Project 'acme' created."})
        assert api.get(V2).json() == {"names": ["acme"], "total": 1, "next_cursor": None}
        told = api.get(f"{V2}/acme").json()
        assert told["created"].endswith("Z")
        assert {key: told[key] for key in ("name", "files", "groups", "runs", "local_files")} == {
            "name": "acme", "files": 0, "groups": 0, "runs": 0, "local_files": False,
        }  # fmt: skip
        gone = api.delete(f"{V2}/acme")
        assert (gone.status_code, gone.json()) == (200, {"message": "Project 'acme' deleted."})
        assert api.get(V2).json()["names"] == []
        problem(api.get(f"{V2}/acme"), 404, "Unknown project name")
        problem(api.delete(f"{V2}/acme"), 404, "Unknown project name")

    def test_the_older_shapes_do_the_same(self, api):
        made = api.post(f"{V1}/new_project", json={"name": "acme", "config_str": None})
        assert (made.status_code, made.json()) == (200, {"message": "Config 'acme' created."})
        for method in ("GET", "POST"):
            names = api.request(method, f"{V1}/get_project_names")
            assert (names.status_code, names.json()) == (200, {"names": ["acme"]})
        again = api.post(f"{V1}/new_project", json={"name": "acme"})
        problem(again, 409, "^Config 'acme' already exists for key$")
        gone = api.post(f"{V1}/delete_project", json={"name": "acme"})
        assert (gone.status_code, gone.json()) == (200, {"message": "Project 'acme' deleted."})
        problem(api.post(f"{V1}/delete_project", json={"name": "acme"}), 404, "Unknown project")

    @pytest.mark.parametrize("path", [V2, f"{V1}/new_project"])
    def test_a_body_that_does_not_say_what_it_is_is_json(self, api, path):
        """Some file servers send no Content-Type; one that says something else is believed."""
        assert api.post(path, content=b'{"name": "acme"}').is_success
        assert api.get(V2).json()["names"] == ["acme"]
        plain = {"Content-Type": "text/plain"}
        assert api.post(path, content=b'{"name": "other"}', headers=plain).status_code == 422

    def test_a_name_that_was_deleted_is_free_and_empty(self, acme):
        before = acme.get(f"{V2}/acme").json()["id"]
        acme.put(f"{V2}/acme/files/a.txt", json={"value": b64(b"x")})
        acme.delete(f"{V2}/acme")
        assert acme.post(V2, json={"name": "acme"}).status_code == 201
        assert acme.get(f"{V2}/acme").json()["id"] != before
        assert "a.txt" not in [one["path"] for one in acme.get(f"{V2}/acme/files").json()["files"]]

    def test_nothing_of_a_deleted_project_is_left_on_the_disk(self, acme, served):
        directory = served.service.directory(acme.get(f"{V2}/acme").json()["id"])
        assert directory.is_dir()
        acme.delete(f"{V2}/acme")
        until = time.monotonic() + PATIENCE_S
        while any(directory.name in path.name for path in directory.parent.iterdir()):
            assert time.monotonic() < until
            time.sleep(0.02)

    @pytest.mark.usefixtures("acme")
    def test_names_belong_to_the_owner_of_a_key(self, served):
        with served.client(served.plain_key()) as other:
            assert other.get(V2).json()["names"] == []
            problem(other.get(f"{V2}/acme"), 404, "Unknown project name")
            problem(other.put(f"{V2}/acme/config", json={"value": ""}), 404, "Unknown project")
            problem(
                other.post(f"{V1}/get_project_config", json={"name": "acme"}), 404, "Unknown pro"
            )
            assert other.post(V2, json={"name": "acme"}).status_code == 201

    def test_directories_are_for_the_server_alone(self, acme, served):
        directory = served.service.directory(acme.get(f"{V2}/acme").json()["id"])
        assert directory.stat().st_mode & 0o777 == 0o700
        for file in ("config.ini", "env.json"):
            assert (directory / "config" / file).stat().st_mode & 0o777 == 0o600

    @pytest.mark.parametrize(
        "config", ["no section = 1", "[results]\narchive = ../x\n", "[parquet]\nbatch_size = no\n"]
    )
    def test_a_bad_config_makes_no_project_and_leaves_nothing(self, api, served, config):
        before = set(served.service.settings.projects.iterdir())
        problem(api.post(V2, json={"name": "bad", "config_str": config}), 400, ".")
        problem(api.post(f"{V1}/new_project", json={"name": "bad", "config_str": config}), 400, ".")
        assert api.get(V2).json()["names"] == []
        assert set(served.service.settings.projects.iterdir()) == before

    @pytest.mark.parametrize(
        "body", [{}, {"name": None}, {"name": 5}, {"name": "a", "config_str": 5}]
    )
    def test_a_body_that_does_not_fit_is_told_in_a_list(self, api, body):
        for path in (V2, f"{V1}/new_project"):
            answer = api.post(path, json=body)
            assert answer.status_code == 422
            assert {"type", "loc", "msg"} <= set(answer.json()["detail"][0])

    def test_a_list_has_pages_and_a_prefix(self, api):
        for name in ("b1", "a1", "b2"):
            api.post(V2, json={"name": name})
        first = api.get(V2, params={"limit": 2}).json()
        assert first["names"] == ["b1", "a1"]
        second = api.get(V2, params={"limit": 2, "cursor": first["next_cursor"]}).json()
        assert second == {"names": ["b2"], "total": 3, "next_cursor": None}
        some = api.get(V2, params={"prefix": "b"}).json()
        assert (some["names"], some["total"]) == (["b1", "b2"], 2)
        problem(api.get(V2, params={"cursor": "nonsense"}), 400, "cursor")
        assert api.get(V2, params={"limit": 0}).status_code == 422

    def test_a_project_is_renamed_and_limited(self, acme):
        acme.post(V2, json={"name": "other"})
        done = acme.patch(f"{V2}/acme", json={"name": "acme 2", "most_running": 2})
        assert (done.status_code, done.json()["name"]) == (200, "acme 2")
        assert done.json()["most_running"] == 2
        assert acme.patch(f"{V2}/acme 2", json={}).json()["most_running"] == 2
        assert (
            acme.patch(f"{V2}/acme 2", json={"most_running": None}).json()["most_running"] is None
        )
        assert acme.get(V2).json()["names"] == ["acme 2", "other"]
        assert "server = a.example" in acme.get(f"{V2}/acme 2/config").json()["value"]
        problem(acme.patch(f"{V2}/acme 2", json={"name": "other"}), 409, "already")
        problem(acme.patch(f"{V2}/acme 2", json={"name": "../x"}), 400, "can't be the name")
        assert acme.patch(f"{V2}/acme 2", json={"most_running": 0}).status_code == 422
        assert acme.patch(f"{V2}/acme 2", json={"most_runing": 1}).status_code == 422
        problem(acme.patch(f"{V2}/acme", json={}), 404, "Unknown project name")


class TestKeys:
    def test_without_a_key_nothing_is_answered(self, served):
        with served.client("") as nobody:
            for method, path in (("GET", V2), ("POST", V2), ("GET", f"{V2}/acme/config"),
                                 ("POST", f"{V1}/new_project")):  # fmt: skip
                problem(nobody.request(method, path), 401, "^API Key is missing")

    def test_a_key_that_may_read_changes_nothing(self, acme, served):
        owner = served.service.hosting.by_id(acme.get(f"{V2}/acme").json()["id"]).owner
        with served.client(served.plain_key(owner=owner, scopes=("read",))) as reader:
            assert reader.get(V2).json()["names"] == ["acme"]
            assert reader.get(f"{V2}/acme/files").status_code == 200
            for method, path, body in (
                ("POST", V2, {"name": "new"}),
                ("DELETE", f"{V2}/acme", None),
                ("PUT", f"{V2}/acme/config", {"value": ""}),
                ("GET", f"{V2}/acme/config", None),
                ("GET", f"{V2}/acme/env", None),
                ("PATCH", f"{V2}/acme/env/A", {"value": "b"}),
                ("PUT", f"{V2}/acme/files/a.txt", {"value": ""}),
                ("DELETE", f"{V2}/acme/files/a.txt", None),
            ):
                problem(reader.request(method, path, json=body), 403, "scope")

    @pytest.mark.parametrize("folder", ["inputs/named_files", "partners/in"])
    def test_a_definition_is_read_as_a_file_by_whom_its_operations_tell_it(
        self, acme, served, folder
    ):
        acme.patch(f"{V2}/acme/config/inputs/files", json={"value": folder}).raise_for_status()
        hosted = served.service.hosting.by_id(acme.get(f"{V2}/acme").json()["id"])
        served.service.project(hosted.project).load_group("checks", ["$[*][ yes() ]"])
        definition = {"sources": {"sftp": {"password": "hush"}}}
        for kind, name in (("registrations", "orders"), ("validations", "checks")):
            asked = {"project_name": "acme", "definition": definition}
            acme.put(f"/v2/{kind}/{name}/definition", json=asked).raise_for_status()
        reads = served.plain_key(owner=hosted.owner, scopes=("read",))
        brings = served.plain_key(owner=hosted.owner, scopes=("read", "register"))
        with served.client(reads) as reader, served.client(brings) as writer:
            for path in (f"{folder}/orders", "inputs/named_paths/checks"):
                at = f"{V2}/acme/files/{path}"
                v1 = {"name": "acme", "file_path": f"{path}/definition.json"}
                for ask in (
                    lambda client, at=at: client.get(f"{at}/definition.json?raw=true"),
                    lambda client, at=at: client.get(f"{at}/definition.json"),
                    lambda client, v1=v1: client.post(f"{V1}/get_file", json=v1),
                ):
                    problem(ask(reader), 403, "'register'")
                    assert ask(writer).status_code == 200
                assert reader.get(f"{at}/README.md").status_code == 200

    def test_a_key_of_some_projects_sees_no_others(self, acme, served):
        acme.post(V2, json={"name": "other"})
        hosted = served.service.hosting.by_id(acme.get(f"{V2}/acme").json()["id"])
        wished = Wished(name="some", owner=hosted.owner, projects=(hosted.project,))
        with served.client(served.service.keys.create(wished).text) as limited:
            assert limited.get(V2).json()["names"] == ["acme"]
            assert limited.get(f"{V1}/get_project_names").json()["names"] == ["acme"]
            problem(limited.get(f"{V2}/other"), 404, "Unknown project name")
            problem(limited.post(V2, json={"name": "third"}), 403, "limited")

    def test_the_audit_says_who_did_what_without_values(self, acme, served):
        acme.put(f"{V2}/acme/env", json={"value": '{"TOKEN": "hush"}'})
        acme.patch(f"{V2}/acme/env/PIN", json={"value": "0815hush"})
        acme.put(f"{V2}/acme/files/a.txt", json={"value": b64(b"hush")})
        entries = [entry.deed for entry in served.service.audit.page(10)]
        found = [(deed.action, deed.target) for deed in reversed(entries)]
        assert found[-4:] == [
            ("project.create", "acme"),
            ("env.set", "acme"),
            ("env.set", "PIN"),
            ("file.put", "a.txt"),
        ]
        assert "hush" not in repr(entries)


class TestConfig:
    def test_it_is_read_as_it_is_stored(self, acme):
        text = acme.get(f"{V2}/acme/config").json()["value"]
        assert text.startswith("; ours\n[errors]\ncsvpath = collect\n")
        assert "run_scripts = no" in text
        for method in ("GET", "POST"):
            answer = acme.request(method, f"{V1}/get_project_config", json={"name": "acme"})
            assert (answer.status_code, answer.json()) == (200, text)

    def test_what_is_set_is_forced_and_in_effect_at_once(self, acme, served):
        project = acme.get(f"{V2}/acme").json()["id"]
        assert served.service.project(project).settings.csvpath_policy == ("collect",)
        text = "[errors]\ncsvpath = stop\n[scripts]\nrun_scripts = yes\n"
        answer = acme.put(f"{V2}/acme/config", json={"value": text})
        assert answer.json() == {"message": "Config updated for project 'acme'."}
        opened = served.service.project(project)
        assert opened.settings.csvpath_policy == ("stop",)
        assert opened.settings.sections["scripts"]["run_scripts"] == "no"
        older = acme.post(
            f"{V1}/set_project_config",
            json={"name": "acme", "config_str": "[errors]\ncsvpath = fail\n"},
        )
        assert older.status_code == 200
        assert served.service.project(project).settings.csvpath_policy == ("fail",)

    def test_a_field_is_read_and_set(self, acme):
        field = f"{V2}/acme/config/sftp/Server"
        assert acme.get(field).json() == {"value": "a.example"}
        answer = acme.patch(field, json={"value": "b.example"})
        assert answer.json() == {
            "message": "Config field 'sftp.Server' updated for project 'acme'."
        }
        assert acme.get(field).json() == {"value": "b.example"}
        assert acme.get(f"{V2}/acme/config").json()["value"].startswith("; ours\n")

    def test_a_percent_sign_is_a_character_as_any_other(self, acme):
        config = f"{V2}/acme/config"
        assert acme.patch(f"{config}/sftp/password", json={"value": "5%"}).is_success
        text = acme.get(config).json()["value"]
        assert acme.put(config, json={"value": text}).is_success
        assert acme.get(f"{config}/sftp/password").json() == {"value": "5%"}

    def test_what_can_not_be_is_refused_and_changes_nothing(self, acme):
        config = f"{V2}/acme/config"
        before = acme.get(config).json()
        problem(acme.get(f"{config}/nosuch/x"), 404, "no section 'nosuch'")
        problem(acme.get(f"{config}/sftp/nosuch"), 404, "no field 'nosuch'")
        problem(acme.get(f"{config}/SFTP/server"), 404, "no section 'SFTP'")
        problem(acme.patch(f"{config}/nosuch/x", json={"value": "1"}), 404, "no section")
        problem(
            acme.patch(f"{config}/Scripts/Run_Scripts", json={"value": "yes"}),
            400,
            "^Field 'scripts.run_scripts' is managed by the server and cannot be set via the API.$",
        )
        problem(acme.patch(f"{config}/errors/csvpath", json={"value": "dance"}), 400, "dance")
        problem(acme.put(config, json={"value": "archive = x"}), 400, "line 1 stands")
        problem(acme.put(config, content=rb'{"value": "\ud800"}'), 400, "no text")
        assert acme.put(config, json={"value": None}).status_code == 422
        assert acme.get(config).json() == before

    def test_directories_that_hold_something_stay_where_they_are(self, acme, served):
        project = served.service.project(acme.get(f"{V2}/acme").json()["id"])
        project.register("orders", io.BytesIO(b"a\n1\n"), file_name="a.csv")
        config = f"{V2}/acme/config"
        problem(
            acme.patch(f"{config}/inputs/files", json={"value": "elsewhere"}),
            400,
            r"\[inputs\] files can't be another directory",
        )
        assert acme.patch(f"{config}/results/archive", json={"value": "out"}).status_code == 200
        assert acme.get(f"{V2}/acme").json()["files"] == 1


class TestEnv:
    def test_it_is_empty_then_set_whole_and_by_key(self, acme):
        env = f"{V2}/acme/env"
        assert acme.get(env).json() == {"value": "{}"}
        assert acme.put(env, json={"value": '{"A": "1"}'}).status_code == 200
        assert acme.patch(f"{env}/B", json={"value": "zwei €"}).status_code == 200
        assert acme.get(f"{env}/B").json() == {"value": "zwei €"}
        assert json.loads(acme.get(env).json()["value"]) == {"A": "1", "B": "zwei €"}
        for method in ("GET", "POST"):
            text = acme.request(method, f"{V1}/get_env_file", json={"name": "acme"}).json()
            assert json.loads(text) == {"A": "1", "B": "zwei €"}

    def test_the_older_shapes_set_it_too(self, acme):
        assert acme.post(
            f"{V1}/set_env_file", json={"name": "acme", "env_str": '{"A": "1"}'}
        ).is_success
        assert acme.post(
            f"{V1}/set_env_key", json={"name": "acme", "key": "B", "value": "2"}
        ).is_success
        assert json.loads(acme.get(f"{V2}/acme/env").json()["value"]) == {"A": "1", "B": "2"}
        number = acme.post(f"{V1}/set_env_key", json={"name": "acme", "key": "B", "value": 2})
        assert number.status_code == 422

    def test_its_values_fill_in_the_config(self, acme, served):
        project = acme.get(f"{V2}/acme").json()["id"]
        acme.patch(f"{V2}/acme/config/sftp/password", json={"value": "{SFTP_PASSWORD}"})
        for value in ("one", "two"):
            acme.patch(f"{V2}/acme/env/SFTP_PASSWORD", json={"value": value})
            opened = served.service.project(project)
            assert opened.settings.sections["sftp"]["password"] == value

    @pytest.mark.parametrize(
        "text", ['{"A": "hush"', '["hush"]', '{"A": ["hush"]}', '{"A": 5}', "hush", '{"": "x"}',
                 '{"A": "hush", "A": "2"}', '{"A": "\\ud800"}', "[" * 100_000, '{"A": NaN}',
                 "9" * 5000]
    )  # fmt: skip
    def test_what_is_no_flat_object_is_refused_at_once_and_not_told(self, acme, text):
        for answer in (
            acme.put(f"{V2}/acme/env", json={"value": text}),
            acme.post(f"{V1}/set_env_file", json={"name": "acme", "env_str": text}),
        ):
            told = problem(answer, 400, "the env|a key of the env")
            assert "hush" not in json.dumps(told)
        assert acme.get(f"{V2}/acme/env").json() == {"value": "{}"}

    def test_an_unknown_key_is_not_found(self, acme):
        problem(acme.get(f"{V2}/acme/env/NOSUCH"), 404, "no key 'NOSUCH'")
        problem(acme.patch(f"{V2}/acme/env/%00", json={"value": "x"}), 400, "key of the env")

    @pytest.mark.parametrize("key", ["a/b", "/a", "a//b", "a b?", "a#%2F", "é"])
    def test_a_key_that_one_shape_sets_the_other_one_reaches(self, acme, key):
        body = {"name": "acme", "key": key, "value": "v"}
        assert acme.post(f"{V1}/set_env_key", json=body).is_success
        place = f"{V2}/acme/env/{quote(key, safe='')}"
        assert acme.get(place).json() == {"value": "v"}
        assert acme.patch(place, json={"value": "w"}).is_success
        assert json.loads(acme.get(f"{V2}/acme/env").json()["value"]) == {key: "w"}

    def test_a_slash_at_the_end_of_a_path_is_no_part_of_a_key(self, acme):
        acme.patch(f"{V2}/acme/env/A", json={"value": "v"})
        for slashed, path in ((f"{V2}/acme/env/", f"{V2}/acme/env"),
                              (f"{V2}/acme/env/A/", f"{V2}/acme/env/A")):  # fmt: skip
            assert acme.get(slashed).status_code == 307
            assert acme.get(slashed, follow_redirects=True).json() == acme.get(path).json()
        body = {"name": "acme", "key": "A/", "value": "v"}
        problem(acme.post(f"{V1}/set_env_key", json=body), 400, "key of the env")

    def test_an_env_with_which_the_project_could_not_be_opened_is_refused(self, acme):
        """And what it holds is not told: a wrong name may stand beside the right one."""
        env, config = f"{V2}/acme/env", f"{V2}/acme/config"
        acme.put(env, json={"value": '{"EE": "collect"}'})
        acme.put(config, json={"value": "[errors]\ncsvpath = EE\n"})
        before = acme.get(env).json()
        told = r"^the config can't be read with this env: \[errors\] csvpath$"
        for answer in (
            acme.put(env, json={"value": "{}"}),
            acme.put(env, json={"value": '{"EE": "hush"}'}),
            acme.patch(f"{env}/EE", json={"value": "hush"}),
            acme.post(f"{V1}/set_env_file", json={"name": "acme", "env_str": "{}"}),
            acme.post(f"{V1}/set_env_key", json={"name": "acme", "key": "EE", "value": "hush"}),
        ):
            assert "hush" not in json.dumps(problem(answer, 400, told))
        assert acme.get(env).json() == before
        assert acme.patch(f"{env}/EE", json={"value": "fail"}).is_success
        assert acme.get(f"{V2}/acme/files").is_success


class TestFiles:
    def test_a_file_is_put_read_listed_and_deleted(self, acme):
        place = f"{V2}/acme/files/docs/a b.txt"
        put = acme.put(place, json={"value": b64(b"hello\n")})
        assert put.json() == {"message": "File 'docs/a b.txt' stored in project 'acme'."}
        assert acme.get(place).json() == {"value": b64(b"hello\n")}
        listed = acme.get(f"{V2}/acme/files", params={"prefix": "docs/"}).json()
        assert [(one["path"], one["size"]) for one in listed["files"]] == [("docs/a b.txt", 6)]
        assert listed["files"][0]["modified"].endswith("Z")
        assert acme.delete(place).status_code == 200
        problem(acme.get(place), 404, "no file")
        problem(acme.delete(place), 404, "no file")

    def test_the_older_shapes_do_the_same(self, acme):
        body = {"name": "acme", "file_path": "docs/a.txt"}
        put = acme.post(f"{V1}/add_file", json={**body, "file_content": b64(b"x")})
        assert put.json() == {"message": "File 'docs/a.txt' added to project 'acme'."}
        assert acme.post(f"{V1}/get_file", json=body).json() == {"file_content": b64(b"x")}
        missing = acme.post(f"{V1}/get_file", json={"name": "acme", "file_path": "no"})
        problem(missing, 404, "no file")
        assert acme.get(f"{V1}/get_file").status_code == 405

    def test_a_file_is_streamed_as_it_is_and_in_parts(self, acme):
        content = bytes(range(256))
        acme.put(f"{V2}/acme/files/a.bin", json={"value": b64(content)})
        whole = acme.get(f"{V2}/acme/files/a.bin", params={"raw": "true"})
        assert whole.content == content
        assert whole.headers["content-disposition"].startswith("attachment")
        assert whole.headers["content-type"] == "application/octet-stream"
        part = acme.get(
            f"{V2}/acme/files/a.bin", params={"raw": "true"}, headers={"Range": "bytes=2-4"}
        )
        assert (part.status_code, part.content) == (206, content[2:5])

    @pytest.mark.parametrize(
        ("asked", "status", "content"),
        [
            ({"Range": "bytes=1-2"}, 206, b"el"),
            ({"Range": "bytes=abc"}, 200, b"hello"),
            ({"Range": "bytes=3-1"}, 200, b"hello"),
            ({"Range": "lines=1-2"}, 200, b"hello"),
            ({"Range": "bytes=0-0,2-3"}, 200, b"hello"),
            ({"If-None-Match": "*"}, 304, b""),
            ({"If-None-Match": "{tag}"}, 304, b""),
            ({"If-None-Match": '"other"'}, 200, b"hello"),
            ({"Range": "bytes=1-2", "If-Range": "{tag}"}, 206, b"el"),
            ({"Range": "bytes=1-2", "If-Range": '"other"'}, 200, b"hello"),
        ],
    )
    def test_it_is_streamed_by_the_rules_of_all_that_is_streamed(
        self, acme, asked, status, content
    ):
        place = f"{V2}/acme/files/docs/b.txt?raw=true"
        acme.put(place, json={"value": b64(b"hello")})
        tag = f'"{hashlib.sha256(b"hello").hexdigest()}"'
        asked = {name: value.replace("{tag}", tag) for name, value in asked.items()}
        answer = acme.get(place, headers=asked)
        assert (answer.status_code, answer.content) == (status, content)
        assert answer.headers["etag"] == tag
        assert "multipart" not in answer.headers.get("content-type", "")
        head = acme.head(place, headers=asked)
        assert (head.status_code, head.content) == (status, b"")
        assert head.headers["etag"] == tag

    def test_a_part_that_it_does_not_have_is_a_problem_with_its_size(self, acme):
        place = f"{V2}/acme/files/b.txt?raw=true"
        acme.put(place, json={"value": b64(b"hello")})
        answer = acme.get(place, headers={"Range": "bytes=9-"})
        problem(answer, 416, "behind the end")
        assert answer.headers["content-range"] == "bytes */5"

    def test_exactly_the_limit_is_taken_and_no_byte_more(self, acme):
        place = f"{V2}/acme/files/large"
        for size in (3 * 1024 - 2, 3 * 1024 - 1, 3 * 1024):
            assert acme.put(place, json={"value": b64(b"x" * size)}).status_code == 200
        for size in (3 * 1024 + 1, 3 * 1024 + 2, 3 * 1024 + 3):
            answer = acme.put(place, json={"value": b64(b"x" * size)})
            problem(answer, 400, "^File size exceeds the limit of 3KB$")

    @pytest.mark.parametrize("value", ["a", "a===", "YQ", "YQ=", "Y Q==", "YQ==\n", "_-A=", "é"])
    def test_what_is_no_base64_is_refused(self, acme, value):
        problem(acme.put(f"{V2}/acme/files/x", json={"value": value}), 400, "no base64")

    def test_an_empty_file_is_a_file(self, acme):
        acme.put(f"{V2}/acme/files/empty", json={"value": ""})
        assert acme.get(f"{V2}/acme/files/empty").json() == {"value": ""}

    def test_the_log_of_the_project_is_read_this_way(self, acme, served):
        """The reference's desktop client relies on it."""
        project = served.service.project(acme.get(f"{V2}/acme").json()["id"])
        project.register("orders", io.BytesIO(b"a\n"), file_name="a.csv")
        log = acme.get(f"{V2}/acme/files/logs/csvpath.log").json()["value"]
        assert b"register 'orders'" in base64.b64decode(log)

    def test_what_is_in_the_way_is_told(self, acme):
        acme.put(f"{V2}/acme/files/docs/a", json={"value": ""})
        for path in ("docs", "docs/a/b"):
            problem(acme.put(f"{V2}/acme/files/{path}", json={"value": ""}), 409, "can't be stored")
        for path in ("docs", "docs/a/b", "docs/"):
            problem(acme.get(f"{V2}/acme/files/{path}"), 404, "no file")
        assert [
            one["path"] for one in acme.get(f"{V2}/acme/files?prefix=docs").json()["files"]
        ] == ["docs/a"]

    @pytest.mark.parametrize("sign", ["x", "é", "ü", "日", "😀", '"'])
    def test_a_page_may_end_with_a_path_as_long_as_can_be(self, acme, sign):
        """Nearly 1,000 characters; the system counts bytes, with those of the home."""
        part = sign * min(100, 200 // len(sign.encode()))
        above = f"{part}/" * (900 // len(part))
        paths = [f"{above[:930].rstrip('/')}/{end}" for end in "ab"]
        for path in paths:
            answer = acme.put(f"{V2}/acme/files/{quote(path)}", json={"value": ""})
            assert answer.is_success, answer.text
        asked = {"limit": 1, "prefix": sign}
        first = acme.get(f"{V2}/acme/files", params=asked).json()
        asked["cursor"] = first["next_cursor"]
        second = acme.get(f"{V2}/acme/files", params=asked).json()
        assert [one["path"] for page in (first, second) for one in page["files"]] == paths
        assert second["next_cursor"] is None

    def test_a_list_has_pages(self, acme):
        paths = ["a/1", "a/ü", "a.txt", "b/c/d", "é"]
        for path in paths:
            acme.put(f"{V2}/acme/files/{path}", json={"value": ""})
        seen, more = [], True
        asked = {"limit": 2}
        while more:
            page = acme.get(f"{V2}/acme/files", params=asked).json()
            seen += [one["path"] for one in page["files"]]
            asked["cursor"] = more = page["next_cursor"]
        assert [path for path in seen if not path.startswith("logs/")] == paths
        assert seen == [one["path"] for one in acme.get(f"{V2}/acme/files").json()["files"]]
        problem(acme.get(f"{V2}/acme/files", params={"cursor": "WzFd"}), 400, "cursor")
