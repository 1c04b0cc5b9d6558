"""What was wrong with the reference's v2, and can't be with ours (spec/server-weaknesses.md)."""

from __future__ import annotations

import hashlib
import re
import threading
from typing import Any
from urllib.parse import quote

import pytest
from tests.integration.server.asked import ORDERS, ended, project, run, upload
from tests.integration.server.working import working

ACME = {"project_name": "acme"}


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    inbox = tmp_path_factory.mktemp("inbox")
    (inbox / "in.csv").write_text(ORDERS)
    with working(tmp_path_factory.mktemp("home"), local_files=True, local_roots=[inbox]) as server:
        yield server


@pytest.fixture(scope="module")
def api(served):
    with served.client() as client:
        project(client)
        assert client.put("/v2/admin/projects/acme/local-files").status_code == 200
        yield client


@pytest.fixture(scope="module")
def run_dir(api):
    return run(api)["result_reference"].rpartition(".")[2]


UPWARDS = [
    "../../../../config/config.ini",
    "../manifest.json",
    "..%2f..%2f..%2f..%2fconfig%2fconfig.ini",
    "%2e%2e/%2e%2e/%2e%2e/%2e%2e/config/config.ini",
    "..%252f..%252fconfig%252fconfig.ini",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "....//....//etc/passwd",
    "..%5c..%5cconfig.ini",
    "x%00.csv",
    "data.csv/../../amounts/data.csv",
]


@pytest.mark.parametrize("path", UPWARDS)
@pytest.mark.parametrize("way", ["files", "raw"])
def test_a4_no_path_leads_out_of_an_instance(api, run_dir, path, way):
    """`files/{path}` read any file of the machine."""
    url = f"/v2/archive/checks/{run_dir}/us_only/{way}/{path}?project_name=acme"
    answer = api.build_request("GET", url)
    answer.url = answer.url.copy_with(raw_path=url.encode())  # as it stands, not tidied up
    told = api.send(answer)
    assert told.status_code in {400, 404}, told.text
    assert "root:" not in told.text
    assert "[results]" not in told.text


@pytest.mark.parametrize("stream", ["../us_only/data", "../../manifest", "..%2fdata", "data"])
def test_a4_a_printstream_is_a_name_and_no_file(api, run_dir, stream):
    at = f"/v2/archive/checks/{run_dir}/amounts/printouts"
    assert api.get(at, params={"printstream": stream, **ACME}).status_code == 404


def test_a4_a_link_in_the_archive_is_not_followed(api, served, run_dir):
    home = next(served.service.settings.projects.glob(f"*/archive/checks/{run_dir}/us_only"))
    (home / "link.csv").symlink_to("/etc/passwd")
    for way in ("files", "raw"):
        at = f"/v2/archive/checks/{run_dir}/us_only/{way}/link.csv"
        assert api.get(at, params=ACME).status_code in {400, 404}
    (home / "link.csv").unlink()


def test_b1_a_registration_registers(api, served):
    """Every registration of v2 was answered 202 and never made."""
    location = str(served.service.settings.local_roots[0] / "in.csv")
    for name in ("b1", "b8"):
        # B8: the same bytes again resolve, too.
        references = []
        for _ in range(2):
            body = {"file_location": location, **ACME}
            uuid = api.post(f"/v2/registrations/{name}", json=body).json()["uuid"]
            params = {"uuid": uuid, **ACME}
            while True:
                status = api.get(f"/v2/registrations/{name}/status", params=params)
                assert status.status_code == 200
                if status.json()["status"] != "pending":
                    break
            told = api.get(f"/v2/registrations/{name}/reference", params=params)
            references.append(told.json()["reference"])
        assert references[0] == references[1]
        found = api.get(f"/v2/registrations/{name}", params=ACME).json()
        assert [each["reference"] for each in found["versions"]] == references[:1]


def test_b2_b3_files_that_come_at_once_are_all_kept_and_each_run_reads_its_own(api, served):
    """Nearly half of them were lost, and most runs read what somebody else had sent."""
    sent: list[tuple[str, dict[str, Any]]] = []

    def send(first: int) -> None:
        with served.client() as client:
            for number in range(first, 12, 4):
                text = f"{ORDERS}{number},Zoe,1,US\n"
                answer = upload(client, "busy", text, group="checks")
                assert answer.status_code == 201, answer.text
                sent.append((hashlib.sha256(text.encode()).hexdigest(), answer.json()))

    threads = [threading.Thread(target=send, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = api.get(
        "/v2/registrations/busy", params={"reference": "$busy.files.:all", **ACME}
    ).json()
    assert len(found["versions"]) == len(sent) == 12
    for fingerprint, told in sent:
        assert told["fingerprint"] == fingerprint
        run_dir = ended(api, told["run_uuid"])["result_reference"].rpartition(".")[2]
        trace = api.get(f"/v2/archive/checks/{run_dir}/trace", params=ACME).json()["trace"]
        assert trace["version"]["fingerprint"] == fingerprint


def test_b7_the_poll_right_after_the_answer_finds_the_run(api):
    """It was 404 every time; a run that failed said nothing of why."""
    body = {"file_name": "orders", "validation_name": "checks", **ACME}
    accepted = []
    for _ in range(10):
        accepted.append(api.post("/v2/runs", json=body).json()["run_uuid"])
        assert api.get(f"/v2/runs/{accepted[-1]}").status_code == 200
    assert {ended(api, uuid)["status"] for uuid in accepted} == {"done"}


def test_b7_a_run_that_fails_says_why(api):
    upload(api, "book", b"this is no workbook", file_name="book.xlsx")
    status = run(api, file_name="book")
    assert status["status"] == "failed"
    assert status["reason"]
    assert status["error"]


@pytest.mark.parametrize("run_dir", ["1999-01-01_00-00-00", "2026", "2", "nosuch/deeper"])
def test_b9_another_run_is_never_taken_for_one_that_there_is_not(api, run_dir):
    run(api)
    for tail in ("", "/us_only/data", "/us_only/errors", "/us_only/raw/data.csv", "/trace"):
        answer = api.get(f"/v2/archive/checks/{run_dir}{tail}", params=ACME)
        assert answer.status_code == 404, (tail, answer.text)


def test_b11_a_run_of_a_template_is_listed_opened_and_referred_to(api):
    """It could be made, and not be opened; its reference did not resolve."""
    status = run(api, run_template="out/:run_dir")
    path = status["result_reference"].removeprefix("$checks.results.")
    assert re.fullmatch(r"out/\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d(_\d+)?", path)
    params = {"uuid": status["run_uuid"], **ACME}
    told = api.get("/v2/runs/checks/reference", params=params).json()["reference"]
    assert told == status["result_reference"]
    assert path in api.get("/v2/archive/checks", params=ACME).json()["names"]
    for told_as in (path, quote(path, safe=""), path.rpartition("/")[2]):
        at = f"/v2/archive/checks/{told_as}"
        assert api.get(at, params=ACME).json() == {"names": ["us_only", "amounts"]}
        assert api.get(f"{at}/us_only/data", params=ACME).status_code == 200
        assert api.get(f"{at}/us_only/raw/data.csv", params=ACME).status_code == 200
    found = api.get("/v2/projects/acme/find", params={"reference": told}).json()
    assert [each["kind"] for each in found["found"]] == ["run"]


@pytest.mark.parametrize(
    "above",
    ["p/q/raw", "p/q/files", "raw", "files/files/raw/raw", "trace", "p/errors",
     "2026-11-21_07-12-53/us_only/raw"],
)  # fmt: skip
def test_b11_whatever_a_template_calls_its_directories_every_link_leads_there(api, above):
    status = run(api, run_template=f"{above}/:run_dir")
    result = api.get(f"/v2/runs/{status['run_uuid']}/result").json()
    links = {"/": result["links"]["run"], "trace": result["links"]["trace"]}
    for each in result["instances"]:
        links |= {f"{each['identity']} {word}": link for word, link in each["links"].items()}
    assert len(links) > 10
    for word, link in links.items():
        answer = api.get(link)
        assert answer.status_code == 200, (word, link, answer.text)
    assert api.get(links["/"]).json() == {"names": ["us_only", "amounts"]}
    assert api.get(links["us_only raw:data.csv"]).text.startswith("1,Ann,")
    file = "/files/".join(links["us_only raw:data.csv"].rsplit("/raw/", 1))
    assert api.get(file).json() == api.get(links["us_only data"]).json()
