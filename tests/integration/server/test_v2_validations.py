"""`/v2/validations` and `/v2/schedules` over a real socket."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from tests.integration.server.asked import project
from tests.integration.server.working import working

from preboard.clock import utc_now

BASE = "/v2/validations"
ACME = {"project_name": "acme"}
ONE = "~ id: one ~ $[*][ yes() ]"
TWO = "~ id: two ~ $[*][ yes() ]"
BROKEN = "~ id: bad ~ $[*][ lenght(#0) ]"


@pytest.fixture(scope="module")
def inbox(tmp_path_factory):
    inbox = tmp_path_factory.mktemp("inbox")
    (inbox / "checks.csvpaths").write_text(f"{ONE}\n---- CSVPATH ----\n{TWO}")
    return inbox


@pytest.fixture(scope="module")
def api(tmp_path_factory, inbox):
    home = tmp_path_factory.mktemp("home")
    with working(home, local_files=True, local_roots=[inbox]) as served, served.client() as client:
        project(client)
        assert client.put("/v2/admin/projects/acme/local-files").status_code == 200
        yield client


def load(api, name: str, **body):
    return api.post(f"{BASE}/{name}", json=ACME | body)


class TestLoad:
    def test_a_group_is_loaded_from_where_it_lies(self, api, inbox):
        answer = load(api, "lies", file_location=str(inbox / "checks.csvpaths"))
        assert answer.status_code == 201, answer.text
        assert answer.json() == {"reference": "$lies.csvpaths.0:from"}
        assert api.get(f"{BASE}/lies", params=ACME).json() == {
            "paths": [ONE, TWO],
            "identities": ["one", "two"],
        }

    def test_a_group_is_loaded_from_a_list_or_a_text(self, api):
        for told in ([ONE, TWO], f"{ONE}\n---- CSVPATH ----\n{TWO}"):
            assert load(api, "inline", csvpaths=told).status_code == 201
            assert api.get(f"{BASE}/inline", params=ACME).json()["paths"] == [ONE, TWO]

    def test_a_group_is_sent_as_a_file_and_appended_to(self, api):
        sent = api.put(f"{BASE}/sent", params=ACME, content=ONE.encode())
        assert sent.status_code == 201, sent.text
        more = {"append": "true", **ACME}
        headers = {"Content-Type": "text/plain"}
        assert api.put(f"{BASE}/sent", params=more, content=TWO, headers=headers).is_success
        assert api.get(f"{BASE}/sent", params=ACME).json()["identities"] == ["one", "two"]
        assert api.put(f"{BASE}/sent", params=ACME).status_code == 400

    @pytest.mark.parametrize(
        ("name", "body", "status"),
        [
            ("x", {"csvpaths": [BROKEN]}, 400),
            ("x", {"csvpaths": [ONE, ONE]}, 400),
            ("x", {"csvpaths": [ONE], "template": ":run_dir/z"}, 400),
            ("x", {"csvpaths": []}, 400),
            ("1x", {"csvpaths": [ONE]}, 400),
            ("x", {"file_location": "/etc/passwd"}, 400),
            ("x", {}, 422),
            ("x", {"csvpaths": [ONE], "file_location": "x"}, 422),
            ("x", {"csvpaths": [ONE], "project_name": "none"}, 404),
        ],
    )
    def test_what_can_not_be_a_group_is_refused(self, api, name, body, status):
        answer = load(api, name, **body)
        assert answer.status_code == status, answer.text
        assert api.get(f"{BASE}/{name}", params=ACME).status_code == 404

    def test_a_broken_statement_is_shown_with_its_place(self, api):
        detail = load(api, "x", csvpaths=[ONE, BROKEN]).json()["detail"]
        assert "lenght" in detail

    def test_a_file_that_is_no_text_is_refused(self, api):
        answer = api.put(f"{BASE}/x", params=ACME, content=b"\xff\xfe")
        assert (answer.status_code, "UTF-8" in answer.json()["detail"]) == (400, True)


class TestRead:
    def test_names_are_in_order(self, api):
        names = api.get(BASE, params=ACME).json()["names"]
        assert "checks" in names
        assert names == sorted(names)

    @pytest.mark.parametrize(
        ("reference", "identities"),
        [
            ("$checks.csvpaths.amounts", ["amounts"]),
            ("$checks.csvpaths.0:from", ["us_only", "amounts"]),
            ("checks#us_only", ["us_only"]),
            ("$checks.csvpaths.nosuch", []),
        ],
    )
    def test_a_reference_means_some_of_them(self, api, reference, identities):
        answer = api.get(f"{BASE}/checks", params={"reference": reference, **ACME})
        assert answer.json()["identities"] == identities

    def test_references_are_of_the_group(self, api):
        for reference in ("$other.csvpaths.0:from", "other", "$checks.files.:last"):
            answer = api.get(f"{BASE}/checks", params={"reference": reference, **ACME})
            assert answer.status_code == 400, answer.text
        unknown = api.get(f"{BASE}/nosuch", params=ACME)
        assert unknown.status_code == 404
        assert unknown.json()["detail"] == "Validation group 'nosuch' not found"

    def test_every_text_is_kept(self, api):
        load(api, "changed", csvpaths=[ONE])
        load(api, "changed", csvpaths=[TWO])
        loads = api.get(f"{BASE}/changed/history", params=ACME).json()["loads"]
        assert [ONE in each["text"] for each in loads] == [True, False]
        assert loads[0]["fingerprint"] != loads[1]["fingerprint"]

    def test_the_texts_of_a_group_come_by_pages(self, api):
        for text in (ONE, TWO, ONE):
            load(api, "paged", csvpaths=[text])
        everything = api.get(f"{BASE}/paged/history", params=ACME).json()
        assert (everything["total"], everything["next_cursor"]) == (3, None)
        first = api.get(f"{BASE}/paged/history", params={"limit": 2, **ACME}).json()
        more = {"limit": 2, "cursor": first["next_cursor"], **ACME}
        second = api.get(f"{BASE}/paged/history", params=more).json()
        assert first["loads"] + second["loads"] == everything["loads"]
        assert (first["total"], second["total"], second["next_cursor"]) == (3, 3, None)

    def test_a_group_is_removed(self, api):
        load(api, "gone", csvpaths=[ONE])
        assert api.delete(f"{BASE}/gone", params=ACME).status_code == 200
        assert api.get(f"{BASE}/gone", params=ACME).status_code == 404
        assert api.delete(f"{BASE}/gone", params=ACME).status_code == 404

    def test_settings_are_set_and_told(self, api):
        load(api, "settled", csvpaths=[ONE])
        body = {"definition": {"template": ":1/:run_dir"}, **ACME}
        assert api.put(f"{BASE}/settled/definition", json=body).status_code == 200
        told = api.get(f"{BASE}/settled/definition", params=ACME).json()
        assert told["definition"]["template"] == ":1/:run_dir"
        body = {"definition": {"template": "no"}, **ACME}
        assert api.put(f"{BASE}/settled/definition", json=body).status_code == 400


def test_what_a_reference_leads_to_is_told(api):
    found = api.get("/v2/projects/acme/find", params={"reference": "$orders.files.:last"}).json()
    assert found["total"] == 1
    assert found["found"][0]["kind"] == "version"
    assert found["found"][0]["path"].startswith("inputs/named_files/orders/")
    for reference, status in (("$orders.files", 400), ("nosuch", 404)):
        answer = api.get("/v2/projects/acme/find", params={"reference": reference})
        assert answer.status_code == status, answer.text


class TestSchedules:
    BODY = ACME | {"name": "daily", "cron": "0 6 * * *", "zone": "Europe/Berlin",
                   "file_name": "orders", "validation_name": "checks"}  # fmt: skip

    def make(self, api, **more):
        return api.post("/v2/schedules", json=self.BODY | {"name": str(uuid4())} | more)

    def test_a_schedule_says_when_it_is_due(self, api):
        made = self.make(api, name="daily")
        assert made.status_code == 201, made.text
        times = [datetime.fromisoformat(each) for each in made.json()["next_times"]]
        assert len(times) == 5
        assert utc_now() < times[0] < utc_now() + timedelta(hours=25)
        listed = api.get("/v2/schedules", params=ACME).json()["schedules"]
        assert made.json() in listed
        one = api.get(f"/v2/schedules/{made.json()['id']}", params=ACME)
        assert one.json() == made.json()
        assert self.make(api, name="daily").status_code == 409

    def test_schedules_come_by_pages(self, api):
        for name in ("b", "a", "c"):
            assert self.make(api, name=f"page {name}").status_code == 201
        everything = api.get("/v2/schedules", params=ACME).json()
        page: dict = {"next_cursor": None}
        found: list = []
        while page["next_cursor"] or not found:
            more = {"cursor": page["next_cursor"]} if page["next_cursor"] else {}
            page = api.get("/v2/schedules", params={"limit": 2, **more, **ACME}).json()
            assert page["total"] == everything["total"] == len(everything["schedules"])
            found += page["schedules"]
        assert found == everything["schedules"]
        names = [each["name"] for each in found]
        assert names == sorted(names)
        assert {"page a", "page b", "page c"} <= set(names)

    def test_a_schedule_is_paused_resumed_and_removed(self, api):
        at = f"/v2/schedules/{self.make(api).json()['id']}"
        assert api.post(f"{at}/pause", params=ACME).json()["next_times"] == []
        assert api.get(at, params=ACME).json()["paused"] is True
        assert len(api.post(f"{at}/resume", params=ACME).json()["next_times"]) == 5
        assert api.delete(at, params=ACME).status_code == 200
        for answer in (api.get(at, params=ACME), api.delete(at, params=ACME),
                       api.post(f"{at}/pause", params=ACME)):  # fmt: skip
            assert answer.status_code == 404

    def test_what_can_not_be_its_name_is_told_so(self, api):
        answer = self.make(api, name="a/b")
        assert answer.status_code == 400
        assert "'a/b' can't be the name of a schedule" in answer.json()["detail"]

    @pytest.mark.parametrize(
        ("more", "status"),
        [
            ({"cron": "61 * * * *"}, 400),
            ({"cron": "* * *"}, 400),
            ({"zone": "Mars/Olympus"}, 400),
            ({"name": "../x"}, 400),
            ({"file_name": "nosuch"}, 404),
            ({"validation_name": "nosuch"}, 404),
            ({"file_location": "/etc/passwd"}, 400),
            ({"method": "nosuch"}, 422),
            ({"project_name": "nosuch"}, 404),
        ],
    )
    def test_what_could_not_be_run_is_refused(self, api, more, status):
        answer = self.make(api, **more)
        assert answer.status_code == status, answer.text
