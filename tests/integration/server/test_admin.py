"""What an administrator does: local files, what goes on, the audit, the end of the server."""

from typing import Any
from uuid import uuid4

import pytest
from tests.integration.serving import serving

from preboard.catalog.service.jobs import NewJob, Wish
from preboard.catalog.service.keys import id_in
from preboard.clock import iso, utc_now


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    root = tmp_path_factory.mktemp("admin")
    with serving(root / "home", local_roots=(root / "in",)) as server:
        yield server


@pytest.fixture(scope="module")
def admin(served):
    with served.client() as client:
        yield client


@pytest.fixture
def plain(served):
    with served.client(served.plain_key()) as client:
        yield client


def project(served, name, owner="o1"):
    with served.client(served.plain_key(owner=owner)) as client:
        client.post("/v2/projects", json={"name": name}).raise_for_status()
    return served.service.hosting.by_name(owner, name)


@pytest.fixture
def local(admin):
    admin.put("/v2/admin/local-files", json={"allowed": True}).raise_for_status()
    yield
    admin.put("/v2/admin/local-files", json={"allowed": False}).raise_for_status()


class TestLocalFiles:
    def test_they_are_off_until_somebody_switches_them_on(self, tmp_path):
        with serving(tmp_path / "home") as server, server.client() as admin:
            assert admin.get("/v2/admin/local-files").json() == {"allowed": False}
            answer = admin.put("/v2/admin/local-files", json={"allowed": True})
            assert answer.status_code == 403
            assert "local_roots" in answer.json()["hint"]
            answer = admin.put("/v2/admin/local-files", json={"allowed": False})
            assert answer.json() == {"message": "Server local files disabled."}

    def test_the_settings_can_say_that_they_begin_as_on(self, tmp_path):
        told: dict[str, Any] = {"local_files": True, "local_roots": (tmp_path / "in",)}
        with serving(tmp_path / "home", **told) as server, server.client() as admin:
            assert admin.get("/v2/admin/local-files").json() == {"allowed": True}
            admin.put("/v2/admin/local-files", json={"allowed": False})
        with serving(tmp_path / "home", with_key=False, **told) as server:
            assert server.service.switches.local_files() is False

    def test_both_switches_let_a_project_take_them(self, served, admin):
        acme = project(served, "acme")
        path = "/v2/admin/projects/acme/local-files"
        assert admin.put(path).status_code == 403

        answer = admin.put("/v2/admin/local-files", json={"allowed": True})
        assert answer.json() == {"message": "Server local files enabled."}
        assert not served.service.allows_local_files(acme.project)
        answer = admin.put(path)
        assert answer.json() == {"message": "Local files enabled for project 'acme'."}
        assert served.service.allows_local_files(acme.project)
        answer = admin.delete(path)
        assert answer.json() == {"message": "Local files disabled for project 'acme'."}
        assert not served.service.allows_local_files(acme.project)

    @pytest.mark.usefixtures("local")
    def test_off_for_the_server_is_off_for_every_project_also_later(self, served, admin):
        beta = project(served, "beta")
        admin.put("/v2/admin/projects/beta/local-files").raise_for_status()
        admin.put("/v2/admin/local-files", json={"allowed": False}).raise_for_status()
        assert not served.service.allows_local_files(beta.project)
        admin.put("/v2/admin/local-files", json={"allowed": True}).raise_for_status()
        assert not served.service.allows_local_files(beta.project)

    @pytest.mark.usefixtures("local")
    @pytest.mark.parametrize("name", ["nosuch", "a%00b", "%F0%9F%98%80", "x" * 150])
    def test_an_unknown_project(self, admin, name):
        answer = admin.put(f"/v2/admin/projects/{name}/local-files")
        assert answer.status_code in (404, 405)

    @pytest.mark.parametrize("allowed", [0, "yes", None])
    def test_a_switch_is_on_or_off_and_nothing_else(self, admin, allowed):
        answer = admin.put("/v2/admin/local-files", json={"allowed": allowed})
        assert answer.status_code == 422

    def test_only_an_admin_switches(self, plain):
        for call in (
            plain.get("/v2/admin/local-files"),
            plain.put("/v2/admin/local-files", json={"allowed": False}),
            plain.put("/v2/admin/projects/acme/local-files"),
            plain.delete("/v2/admin/projects/acme/local-files"),
        ):
            assert call.status_code == 403


@pytest.fixture(scope="module")
def jobs(served):
    hosted = project(served, "busy")
    owner = served.service.keys.by_public_id(id_in(served.key))
    made = []
    with served.service.database.writing() as connection:
        for at in range(3):
            wish = Wish(file=f"orders{at}", group="check", template=":run_dir")
            new = NewJob(
                id=str(uuid4()),
                project=hosted.project,
                wish=wish,
                asked_by="k",
                key=owner.id,
                registration="$orders.files.abc" if at else None,
            )
            served.service.jobs.add(connection, new, iso(utc_now()))
            made.append(new.id)
        upload = NewJob(id=str(uuid4()), project=hosted.project, wish=Wish(file="x"), asked_by="k")
        served.service.jobs.add(connection, upload, iso(utc_now()))
    served.service.jobs.claim(made[1], "w", iso(utc_now()))
    with served.service.database.writing() as connection:
        served.service.jobs.end_queued(
            connection, made[2], {"state": "failed", "ended": iso(utc_now())}
        )
    return made


class TestRuns:
    def test_v1_lists_those_that_have_not_ended(self, admin, jobs):
        runs = admin.get("/admin/active_runs").json()["runs"]

        assert [run["run_uuid"] for run in runs] == jobs[:2]
        assert set(runs[0]) == {
            "run_uuid", "start_time", "end_time", "run_method", "pathsname", "filename", "template",
            "api_key", "result_reference", "project_name", "config_path", "run_summary_path",
        }  # fmt: skip
        assert runs[0]["project_name"] == "busy"
        assert runs[0]["api_key"].startswith("pb_")
        assert len(runs[0]["api_key"]) == 11
        assert runs[0]["start_time"] is None
        assert runs[1]["start_time"].endswith("Z")

    def test_v2_tells_their_state(self, admin, jobs):
        runs = admin.get("/v2/admin/runs").json()["runs"]

        assert [run["run_uuid"] for run in runs] == jobs[:2]
        assert [run["status"] for run in runs] == ["queued", "running"]
        assert runs[1]["registration_reference"] == "$orders.files.abc"
        assert set(runs[0]) >= {
            "run_uuid", "project_name", "validation_name", "file_name", "run_method", "start_time",
            "end_time", "result_reference", "valid", "error", "reason", "progress", "completed",
        }  # fmt: skip

    def test_v2_has_pages(self, admin, jobs):
        first = admin.get("/v2/admin/runs", params={"limit": 1}).json()
        more = {"limit": 1, "cursor": first["next_cursor"]}
        second = admin.get("/v2/admin/runs", params=more).json()

        assert [first["runs"][0]["run_uuid"], second["runs"][0]["run_uuid"]] == jobs[:2]
        assert second["next_cursor"] is None
        assert first["total"] == second["total"] == 2


class TestShutdown:
    @pytest.mark.parametrize(
        ("method", "path"), [("GET", "/admin/shutdown"), ("POST", "/v2/admin/shutdown")]
    )
    def test_the_server_is_asked_to_end_behind_the_answer(self, tmp_path, method, path):
        with serving(tmp_path / "home") as server, server.client() as admin:
            answer = admin.request(method, path)

            assert answer.json() == {"message": "Server is shutting down."}
            assert server.stopped.wait(5)

    def test_only_by_an_admin(self, served, plain):
        for answer in (plain.get("/admin/shutdown"), plain.post("/v2/admin/shutdown")):
            assert answer.json()["detail"] == "Admin privileges required"
        assert not served.stopped.is_set()

    def test_no_get_in_v2(self, admin):
        assert admin.get("/v2/admin/shutdown").status_code == 405


class TestAudit:
    def test_who_did_what_newest_first(self, served, admin):
        wish = {"key_name": "n", "key_owner_name": "o", "key_owner_contact": ""}
        key = admin.post("/v2/admin/keys", json=wish).json()
        admin.delete(f"/v2/admin/keys/{key['id']}")

        answer = admin.get("/v2/admin/audit", params={"limit": 2}).json()

        assert [deed["action"] for deed in answer["deeds"]] == ["key.revoke", "key.create"]
        assert {deed["target"] for deed in answer["deeds"]} == {key["id"]}
        assert answer["deeds"][0]["key"] == f"{served.key[:11]} the first"
        assert answer["deeds"][0]["address"] == "127.0.0.1"
        more = admin.get("/v2/admin/audit", params={"cursor": answer["next_cursor"]}).json()
        assert more["deeds"][0]["time"] <= answer["deeds"][1]["time"]
        assert more["total"] == answer["total"] == 2 + len(more["deeds"])

    def test_only_for_an_admin(self, plain):
        assert plain.get("/v2/admin/audit").status_code == 403
