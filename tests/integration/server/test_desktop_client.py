"""The calls of the reference's desktop client, in its order: both versions, over a real socket.

It pings with GET /, chooses a version by `message.api_versions`, makes and promotes keys, keeps its
projects with config and env, puts and reads files, reads the project's log, and ends the server
(spec/server.md 2, 3, 4).
"""

from __future__ import annotations

import base64

import pytest
from tests.integration.serving import serving

KEY = {"key_name": "desk", "key_owner_name": "Ann", "key_owner_contact": "ann@example.com"}
LOG = "logs/csvpath.log"
GROUP = "~ id: named ~ $[*][ yes() ]"


@pytest.fixture
def served(tmp_path):
    """A server that has no key yet."""
    with serving(tmp_path / "home", with_key=False) as made:
        yield made


def ok(answer, status: int = 200):
    assert answer.status_code == status, answer.text
    return answer.json()


def run_something(served, name: str) -> None:
    """Leave something in the log of the only project."""
    [hosted] = served.service.hosting.named(name)
    project = served.service.project(hosted.project)
    project.load_group("checks", [GROUP])


def test_its_calls_of_the_first_version(served):
    with served.client("") as client:
        message = ok(client.get("/"))["message"]
        assert set(message) == {
            "name", "version", "started", "cwd", "config", "keyfile", "api_versions",
        }  # fmt: skip
        assert message["api_versions"] == ["v1", "v2"]
        admin = ok(client.post("/admin/new_key", json=KEY))["api_key"]
    with served.client(admin) as client:
        second = ok(client.post("/admin/new_key", json=KEY))["api_key"]
        promoted = ok(client.post("/admin/make_admin_key", json={"api_key": second}))
        assert second not in str(promoted)
        assert ok(client.get("/projects/get_project_names")) == {"names": []}
        made = ok(client.post("/projects/new_project", json={"name": "acme", "config_str": None}))
        assert made == {"message": "Config 'acme' created."}
        assert ok(client.post("/projects/get_project_names")) == {"names": ["acme"]}

        name = {"name": "acme"}
        config = ok(client.request("GET", "/projects/get_project_config", json=name))
        assert isinstance(config, str)
        assert "[inputs]" in config
        changed = {**name, "config_str": config.replace("csvpaths = info", "csvpaths = debug")}
        ok(client.post("/projects/set_project_config", json=changed))
        assert "csvpaths = debug" in ok(client.post("/projects/get_project_config", json=name))

        assert ok(client.request("GET", "/projects/get_env_file", json=name)) == "{}"
        ok(client.post("/projects/set_env_file", json={**name, "env_str": '{"A": "one"}'}))
        ok(client.post("/projects/set_env_key", json={**name, "key": "B", "value": "two"}))
        env = ok(client.post("/projects/get_env_file", json=name))
        assert '"A"' in env
        assert '"two"' in env

        content = base64.b64encode(GROUP.encode()).decode()
        file = {**name, "file_path": "checks/a.csvpath"}
        added = ok(client.post("/projects/add_file", json={**file, "file_content": content}))
        assert added == {"message": "File 'checks/a.csvpath' added to project 'acme'."}
        assert ok(client.post("/projects/get_file", json=file)) == {"file_content": content}

        run_something(served, "acme")
        log = ok(client.post("/projects/get_file", json={**name, "file_path": LOG}))
        assert b"checks" in base64.b64decode(log["file_content"])

        assert ok(client.get("/admin/active_runs")) == {"runs": []}
        gone = ok(client.post("/projects/delete_project", json=name))
        assert gone["message"]
        assert ok(client.get("/projects/get_project_names")) == {"names": []}
        ended = ok(client.get("/admin/shutdown"))
        assert ended == {"message": "Server is shutting down."}
    assert served.stopped.wait(5)


def test_its_calls_of_the_second_version(served):
    with served.client("") as client:
        assert "v2" in ok(client.get("/"))["message"]["api_versions"]
        admin = ok(client.post("/v2/admin/keys", json=KEY), 201)["api_key"]
    with served.client(admin) as client:
        second = ok(client.post("/v2/admin/keys", json=KEY), 201)["api_key"]
        promoted = ok(client.post("/v2/admin/keys/admin", json={"api_key": second}))
        assert promoted == {"message": "Key promoted to admin status."}
        made = ok(client.post("/v2/projects", json={"name": "acme"}), 201)
        assert made["message"] == "Project 'acme' created."
        assert ok(client.get("/v2/projects"))["names"] == ["acme"]

        config = ok(client.get("/v2/projects/acme/config"))["value"]
        ok(client.put("/v2/projects/acme/config", json={"value": config}))
        field = "/v2/projects/acme/config/logging/csvpaths"
        assert ok(client.get(field)) == {"value": "info"}
        assert ok(client.patch(field, json={"value": "debug"})) == {
            "message": "Config field 'logging.csvpaths' updated for project 'acme'."
        }
        assert ok(client.get(field)) == {"value": "debug"}

        assert ok(client.get("/v2/projects/acme/env")) == {"value": "{}"}
        ok(client.put("/v2/projects/acme/env", json={"value": '{"A": "one"}'}))
        ok(client.patch("/v2/projects/acme/env/B", json={"value": "two"}))
        assert ok(client.get("/v2/projects/acme/env/B")) == {"value": "two"}
        assert client.get("/v2/projects/acme/env/C").status_code == 404

        content = base64.b64encode(GROUP.encode()).decode()
        where = "/v2/projects/acme/files/checks/a.csvpath"
        assert ok(client.put(where, json={"value": content})) == {
            "message": "File 'checks/a.csvpath' stored in project 'acme'."
        }
        assert ok(client.get(where)) == {"value": content}

        run_something(served, "acme")
        log = ok(client.get(f"/v2/projects/acme/files/{LOG}"))["value"]
        assert b"checks" in base64.b64decode(log)

        assert ok(client.get("/v2/admin/runs"))["runs"] == []
        gone = ok(client.delete("/v2/projects/acme"))
        assert gone == {"message": "Project 'acme' deleted."}
        ok(client.post("/v2/admin/shutdown"))
    assert served.stopped.wait(5)
