"""`/v2/runs` and `/v2/archive` over a real socket with a real worker."""

from __future__ import annotations

import base64
import json
import logging
import threading
import time
from uuid import uuid4

import pytest
from tests.integration.server.asked import ORDERS, ended, line_of, project, run, upload
from tests.integration.server.working import working

ACME = {"project_name": "acme"}
SLOW = "~ id: slow ~ $[*][ @n = count_lines() sum(#0) regex(#1, /(a+)+b/) ]"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    inbox = tmp_path_factory.mktemp("inbox")
    (inbox / "in.csv").write_text(ORDERS)
    (inbox / "slow.csv").write_text("".join(f"{n},{'a' * 18}\n" for n in range(200_000)))
    home = tmp_path_factory.mktemp("home")
    with working(home, local_files=True, local_roots=[inbox]) as server:
        yield server


@pytest.fixture(scope="module")
def api(served):
    with served.client() as client:
        project(client)
        assert client.put("/v2/admin/projects/acme/local-files").status_code == 200
        yield client


@pytest.fixture(scope="module")
def inbox(served):
    return served.service.settings.local_roots[0]


@pytest.fixture(scope="module")
def done(api):
    """A run that ended."""
    return run(api)


@pytest.fixture(scope="module")
def at(done):
    """Where the run that ended is told."""
    return f"/v2/archive/checks/{done['result_reference'].rpartition('.')[2]}"


@pytest.fixture(scope="module")
def stranger(served):
    with served.client(served.plain_key()) as client:
        yield client


def begin_slow(api, inbox) -> str:
    told = {"csvpaths": [SLOW], **ACME}
    assert api.post("/v2/validations/slow", json=told).status_code == 201
    body = {"file_name": "slow", "validation_name": "slow", **ACME}
    body |= {"file_location": str(inbox / "slow.csv")}
    answer = api.post("/v2/runs", json=body)
    assert answer.status_code == 202, answer.text
    return answer.json()["run_uuid"]


class TestStart:
    @pytest.mark.parametrize("path", ["/v2/runs", "/v2/files/more", "/csvpath/run"])
    def test_the_line_of_the_request_in_the_log_tells_the_run(self, api, caplog, path):
        asked = {"file_name": "orders", "validation_name": "checks", "path_name": "checks", **ACME}
        with caplog.at_level(logging.INFO, logger="preboard.server"):
            if path.startswith("/v2/files"):
                query = {"group": "checks", "file_name": "orders.csv", **ACME}
                answer = api.post(path, params=query, content=f"{ORDERS}9,{uuid4()},5,DE\n")
            else:
                answer = api.post(path, json=asked)
            job = line_of(answer, caplog)["job"]

        status = ended(api, job)
        assert answer.json().get("run_uuid", job) == job
        assert path != "/csvpath/run" or answer.json()["reference"] == status["result_reference"]

    def test_a_run_is_there_at_once_and_comes_to_its_end(self, api):
        body = {"file_name": "orders", "validation_name": "checks", **ACME}
        answer = api.post("/v2/runs", json=body)
        assert answer.status_code == 202
        assert set(answer.json()) == {"run_uuid", "registration_reference"}
        assert answer.json()["registration_reference"] is None
        first = api.get(f"/v2/runs/{answer.json()['run_uuid']}")
        assert first.status_code == 200
        status = ended(api, answer.json()["run_uuid"])
        assert status["result_reference"].startswith("$checks.results.")
        assert (status["status"], status["valid"], status["completed"], status["error_count"]) == (
            "done", False, True, 1,
        )  # fmt: skip
        assert (status["error"], status["reason"]) == (None, None)

    def test_a_location_is_registered_first_and_just_it_is_run(self, api, inbox):
        body = {"file_name": "inbound", "validation_name": "checks", **ACME}
        answer = api.post("/v2/runs", json=body | {"file_location": str(inbox / "in.csv")})
        reference = answer.json()["registration_reference"]
        assert reference.startswith("$inbound.files.")
        assert ended(api, answer.json()["run_uuid"])["registration_reference"] == reference

    def test_no_method_is_collect_paths(self, api):
        assert run(api, method=None)["run_method"] == "collect_paths"

    def test_a_delimiter_is_of_this_run(self, api):
        upload(api, "semi", ORDERS.replace(",", ";"), file_name="semi.csv")
        found = run(api, file_name="semi", delimiter=";")
        assert (found["status"], found["error_count"]) == ("done", 1)

    @pytest.mark.parametrize(
        ("more", "status", "word"),
        [
            ({"file_name": "nosuch"}, 404, "nosuch"),
            ({"validation_name": "nosuch"}, 404, "nosuch"),
            ({"project_name": "nosuch"}, 404, "Unknown project name"),
            ({"file_location": "/nowhere/x.csv"}, 400, "x.csv"),
            ({"run_template": "x"}, 400, "run_dir"),
            ({"file_name": "$orders.files.:nonsense"}, 400, "nonsense"),
            ({"file_name": "$orders.files.:9"}, 404, ":9"),
            ({"method": "nosuch"}, 422, None),
            ({"delimiter": "abc"}, 400, "delimiter"),
            ({"delimiter": ""}, 400, "delimiter"),
            ({"quotechar": ""}, 400, "quotechar"),
        ],
    )
    def test_what_can_not_be_run_is_refused_at_once(self, api, more, status, word):
        body = {"file_name": "orders", "validation_name": "checks", **ACME} | more
        answer = api.post("/v2/runs", json=body)
        assert answer.status_code == status, answer.text
        if word is not None:
            assert word in answer.json()["detail"]

    def test_asking_again_with_a_key_starts_nothing(self, api):
        body = {"file_name": "orders", "validation_name": "checks", **ACME}
        headers = {"Idempotency-Key": str(uuid4())}
        answers = [api.post("/v2/runs", json=body, headers=headers) for _ in range(2)]
        assert answers[0].json() == answers[1].json()
        assert answers[1].headers["Idempotency-Replayed"] == "true"
        other = api.post("/v2/runs", json=body | {"delimiter": ";"}, headers=headers)
        assert other.status_code == 409
        ended(api, answers[0].json()["run_uuid"])

    def test_many_that_ask_the_same_at_once_start_one_run(self, served, api):
        body = {"file_name": "orders", "validation_name": "checks", **ACME}
        headers = {"Idempotency-Key": str(uuid4())}
        found: list[str] = []

        def ask() -> None:
            with served.client() as client:
                found.append(client.post("/v2/runs", json=body, headers=headers).json()["run_uuid"])

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 8
        assert len(set(found)) == 1
        ended(api, found[0])


class TestList:
    @pytest.mark.usefixtures("done")
    def test_runs_are_listed_newest_first_by_pages(self, api):
        run(api)
        page = api.get("/v2/runs", params={"status": "any", "limit": 2}).json()
        assert len(page["runs"]) == 2
        assert page["total"] >= 2
        assert page["runs"][0]["accepted_time"] > page["runs"][1]["accepted_time"]
        found = list(page["runs"])
        while page["next_cursor"]:
            params = {"status": "any", "limit": 2, "cursor": page["next_cursor"]}
            page = api.get("/v2/runs", params=params).json()
            found += page["runs"]
        assert len({each["run_uuid"] for each in found}) == len(found) == page["total"]

    @pytest.mark.parametrize(
        ("params", "are_there"),
        [
            ({"status": "done"}, True),
            ({"status": "failed"}, False),
            ({}, False),
            ({"status": "any", "validation_name": "checks"}, True),
            ({"status": "any", "validation_name": "other"}, False),
            ({"status": "any", "file_name": "orders"}, True),
            ({"status": "any", "file_name": "nosuch"}, False),
            ({"status": "any", "project_name": "acme"}, True),
            ({"status": "any", "since": "2020-01-01T00:00:00Z"}, True),
            ({"status": "any", "until": "2020-01-01T00:00:00Z"}, False),
        ],
    )
    @pytest.mark.usefixtures("done")
    def test_runs_are_narrowed(self, api, params, are_there):
        answer = api.get("/v2/runs", params=params)
        assert bool(answer.json()["runs"]) is are_there, answer.text
        assert bool(answer.json()["total"]) is are_there

    @pytest.mark.parametrize(
        ("params", "status"),
        [
            ({"project_name": "nosuch"}, 404),
            ({"status": "nosuch"}, 422),
            ({"since": "yesterday"}, 422),
            ({"since": "0001-01-01T00:00:00+14:00"}, 400),
            ({"cursor": "bm90aGluZw"}, 400),
            ({"limit": "0"}, 422),
            ({"file_name": "a\0b"}, 400),
        ],
    )
    def test_what_is_no_filter_is_refused(self, api, params, status):
        assert api.get("/v2/runs", params=params).status_code == status

    def test_others_see_none_of_them(self, stranger, done):
        assert stranger.get("/v2/runs", params={"status": "any"}).json()["total"] == 0
        for tail in ("", "/events", "/result"):
            assert stranger.get(f"/v2/runs/{done['run_uuid']}{tail}").status_code == 404
        assert stranger.post(f"/v2/runs/{done['run_uuid']}/cancel").status_code == 404


class TestFollow:
    def test_the_reference_is_there_when_the_run_is(self, api, done):
        params = {"uuid": done["run_uuid"], **ACME}
        answer = api.get("/v2/runs/checks/reference", params=params)
        assert answer.json() == {"reference": done["result_reference"]}
        assert api.get("/v2/runs/other/reference", params=params).status_code == 404
        params["uuid"] = str(uuid4())
        assert api.get("/v2/runs/checks/reference", params=params).status_code == 404

    def test_the_result_leads_to_everything(self, api, done):
        result = api.get(f"/v2/runs/{done['run_uuid']}/result").json()
        assert result["reference"] == done["result_reference"]
        assert [each["identity"] for each in result["instances"]] == ["us_only", "amounts"]
        assert [each["valid"] for each in result["instances"]] == [True, False]
        for instance in result["instances"]:
            assert "data.csv" in instance["files"]
            for link in instance["links"].values():
                assert api.get(link).status_code == 200, link
        for link in result["links"].values():
            assert api.get(link).status_code == 200, link

    def test_events_come_to_the_end(self, api):
        body = {"file_name": "orders", "validation_name": "checks", **ACME}
        uuid = api.post("/v2/runs", json=body).json()["run_uuid"]
        with api.stream("GET", f"/v2/runs/{uuid}/events") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            text = stream.read().decode()
        blocks = [
            dict(line.split(": ", 1) for line in block.splitlines())
            for block in text.strip().split("\n\n")
        ]
        assert [each["event"] for each in blocks][-2:] == ["run", "end"]
        last = json.loads(blocks[-1]["data"])
        assert (last["status"], last["run_uuid"]) == ("done", uuid)
        again = {"Last-Event-ID": blocks[-1]["id"]}
        assert api.get(f"/v2/runs/{uuid}/events", headers=again).status_code == 204

    def test_a_key_has_so_many_streams_at_once(self, api, served, inbox):
        uuid = begin_slow(api, inbox)
        slots = served.service.streams
        key = served.service.keys.by_public_id(served.key[3:11]).owner
        for _ in range(slots.most_of_one):
            slots.take(key)
        try:
            answer = api.get(f"/v2/runs/{uuid}/events")
            assert answer.status_code == 429
            assert answer.headers["retry-after"]
        finally:
            for _ in range(slots.most_of_one):
                slots.give_back(key)
        assert api.post(f"/v2/runs/{uuid}/cancel").status_code == 202
        assert ended(api, uuid)["status"] == "cancelled"


class TestCancel:
    def test_a_run_that_goes_on_is_ended(self, api, inbox):
        uuid = begin_slow(api, inbox)
        while api.get(f"/v2/runs/{uuid}").json()["status"] == "queued":
            time.sleep(0.01)
        active = api.get("/v2/runs/slow/reference", params={"uuid": uuid, **ACME})
        assert active.status_code == 404
        assert "still active" in active.json()["detail"]
        assert api.get(f"/v2/runs/{uuid}/result").status_code == 404
        listed = api.get("/v2/runs").json()["runs"]
        assert [each["run_uuid"] for each in listed] == [uuid]
        assert api.post(f"/v2/runs/{uuid}/cancel").status_code == 202
        status = ended(api, uuid)
        assert (status["status"], status["reason"]) == ("cancelled", "cancelled")
        assert "cancelled by" in status["error"]
        assert api.post(f"/v2/runs/{uuid}/cancel").status_code == 409
        for path in ("/v2/runs/slow/reference", f"/v2/runs/{uuid}/result"):
            assert api.get(path, params={"uuid": uuid, **ACME}).status_code == 409

    def test_what_there_is_not_can_not_be_cancelled(self, api, done):
        assert api.post(f"/v2/runs/{uuid4()}/cancel").status_code == 404
        assert api.post(f"/v2/runs/{done['run_uuid']}/cancel").status_code == 409
        assert api.post("/v2/runs/x/cancel").status_code == 422


class TestArchive:
    def test_names_and_runs_are_listed(self, api, done):
        assert "checks" in api.get("/v2/archive", params=ACME).json()["names"]
        later = run(api)
        found = api.get("/v2/archive/checks", params=ACME).json()
        assert found["names"][0] == later["result_reference"].rpartition(".")[2]
        assert found["names"] == [each["name"] for each in found["runs"]]
        assert found["names"].index(done["result_reference"].rpartition(".")[2]) > 0
        assert found["runs"][0]["run_uuid"] == later["run_uuid"]
        page = api.get("/v2/archive/checks", params={"limit": 1, **ACME}).json()
        more = {"cursor": page["next_cursor"], **ACME}
        rest = api.get("/v2/archive/checks", params=more).json()
        assert page["names"] + rest["names"] == found["names"]
        assert page["total"] == rest["total"] == found["total"] == len(found["names"])
        assert api.get("/v2/archive/nosuch", params=ACME).json()["names"] == []

    @pytest.mark.parametrize(
        ("params", "are_there"),
        [
            ({"valid": "true"}, False),
            ({"valid": "false"}, True),
            ({"state": "complete"}, True),
            ({"state": "failed"}, False),
            ({"since": "2020-01-01T00:00:00Z"}, True),
            ({"until": "2020-01-01T00:00:00Z"}, False),
        ],
    )
    @pytest.mark.usefixtures("done")
    def test_runs_are_narrowed(self, api, params, are_there):
        answer = api.get("/v2/archive/checks", params=params | ACME)
        assert bool(answer.json()["names"]) is are_there, answer.text

    def test_a_run_has_its_statements(self, api, at):
        assert api.get(at, params=ACME).json() == {"names": ["us_only", "amounts"]}
        last = api.get("/v2/archive/checks/:last", params=ACME)
        assert last.json() == {"names": ["us_only", "amounts"]}
        assert api.get("/v2/archive/checks/:nonsense", params=ACME).status_code == 400

    def test_a_statement_has_what_it_left(self, api, at):
        def got(tail: str, **params: str):
            answer = api.get(f"{at}/{tail}", params=params | ACME)
            assert answer.status_code == 200, answer.text
            return answer.json()

        def content(tail: str, **params: str) -> str:
            return base64.b64decode(got(tail, **params)["value"]).decode()

        errors = got("amounts/errors")["errors"]
        assert [each["line_count"] for each in errors] == [2]
        assert got("us_only/errors") == {"errors": []}
        assert got("amounts/meta")["meta"]["identity"] == "amounts"
        assert got("us_only/variables") == {"variables": {"last": "3"}}
        assert content("us_only/data") == "1,Ann,3,US\r\n2,Bob,abc,US\r\n"
        assert content("amounts/unmatched") == "2,Bob,abc,US\r\n"
        assert content("amounts/printouts", printstream="audit") == "to audit\n" * 3
        assert "to audit" not in content("amounts/printouts", printstream="default")
        assert content("amounts/printouts").count("---- PRINTOUT:") == 2
        assert json.loads(content("amounts/files/manifest.json"))["instance_identity"] == "amounts"

    @pytest.mark.parametrize(
        ("tail", "status"),
        [
            ("nosuch/errors", 404),
            ("us_only/unmatched", 404),
            ("us_only/printouts", 404),
            ("amounts/printouts?printstream=nosuch", 404),
            ("amounts/files/nosuch.csv", 404),
            ("amounts/raw/nosuch.csv", 404),
        ],
    )
    def test_what_there_is_not_is_not_found(self, api, at, tail, status):
        path, _, stream = tail.partition("?printstream=")
        params = ACME | ({"printstream": stream} if stream else {})
        answer = api.get(f"{at}/{path}", params=params)
        assert answer.status_code == status, answer.text

    def test_files_are_streamed_by_ranges(self, api, at):
        whole = api.get(f"{at}/us_only/raw/data.csv", params=ACME)
        assert whole.text == "1,Ann,3,US\r\n2,Bob,abc,US\r\n"
        assert whole.headers["etag"].strip('"').isalnum()
        part = api.get(f"{at}/us_only/raw/data.csv", params=ACME, headers={"Range": "bytes=-3"})
        assert (part.status_code, part.text) == (206, "S\r\n")
        assert api.head(f"{at}/us_only/raw/data.csv", params=ACME).status_code == 200

    def test_a_trace_leads_back_to_the_bytes(self, api, at):
        trace = api.get(f"{at}/trace", params=ACME).json()["trace"]
        assert trace["version"]["reference"].startswith("$orders.files.")
        assert trace["load"]["named_paths_count"] == 2
