"""What the reference does wrong with files and runs that come at the same time: it can't be here.

Each test is an item of the list of its weaknesses, measured as there, through v1.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from tests.integration.server.working import working

CHECKS = ["~ id: one ~ $[1*][ integer(#amount) ]", "~ id: two ~ $[*][ yes() ]"]


@pytest.fixture(scope="module")
def inbox(tmp_path_factory):
    """Files with contents of their own, which the server may take."""
    inbox = tmp_path_factory.mktemp("inbox")
    for at in range(20):
        (inbox / f"{at}.csv").write_text(f"id,amount\n{at},{at}\n")
    return inbox


@pytest.fixture(scope="module")
def served(tmp_path_factory, inbox):
    """Serve one home with one worker to all tests of the module."""
    with working(tmp_path_factory.mktemp("home"), local_files=True, local_roots=[inbox]) as server:
        with server.client() as client:
            assert client.post("/v2/projects", json={"name": "acme"}).status_code == 201
            assert client.put("/v2/admin/projects/acme/local-files").status_code == 200
        yield server


@pytest.fixture(scope="module")
def project(served):
    """The project acme, with a group and a file."""
    project = served.service.project(served.service.hosting.named("acme")[0].project)
    project.load_group("check", CHECKS)
    project.register("orders", BytesIO(b"id,amount\n1,x\n"), file_name="orders.csv")
    return project


@pytest.fixture(scope="module")
def api(served, project):
    """A client of the owner of acme."""
    assert project.group_names() == ["check"]
    with served.client() as client:
        yield client


def ask(api, path, **body):
    return api.post(path, json={"project_name": "acme", **body})


def at_once(api, path, bodies, clients):
    """Ask for several things, so many at a time; all are done."""
    with ThreadPoolExecutor(clients) as pool:
        answers = list(pool.map(lambda body: ask(api, path, **body), bodies))
    assert [answer.text for answer in answers if answer.status_code != 200] == []
    return [answer.json() for answer in answers]


def manifest(path):
    return json.loads(Path(path).read_text())


def test_b2_files_that_come_at_once_under_one_name_all_become_versions(api, project, inbox):
    """20 registrations, 10 at a time: each is a version, and nothing else is stored."""
    files = [inbox / f"{at}.csv" for at in range(20)]
    bodies = [{"name": "many", "file_location": str(file)} for file in files]
    got = at_once(api, "/csvpath/register_file", bodies, 10)

    prints = [sha256(file.read_bytes()).hexdigest() for file in files]
    assert [each["reference"] for each in got] == [f"$many.files.{each}" for each in prints]
    home = project.place.path(project.place.files) / "many"
    entries = manifest(home / "manifest.json")
    assert sorted(entry["fingerprint"] for entry in entries) == sorted(prints)
    stored = {path.stem for path in home.rglob("*.csv") if path.is_file()}
    assert stored == set(prints)


def test_b3_each_run_reads_the_file_that_was_registered_with_it(api, project, inbox):
    """16 calls, 8 at a time, under one name: no run reads the file of another caller."""
    bodies = [
        {
            "file_name": "mixed",
            "file_location": str(inbox / f"{at}.csv"),
            "csvpaths_group_name": "check",
        }
        for at in range(16)
    ]
    got = at_once(api, "/csvpath/register_and_run", bodies, 8)

    for at, each in enumerate(got):
        run = project.result(each["run_reference"])
        registered = each["register_reference"].rpartition(".")[2]
        assert registered == sha256((inbox / f"{at}.csv").read_bytes()).hexdigest()
        assert run.manifest.named_file_fingerprint == registered
        assert manifest(run.home / "manifest.json")["named_file_fingerprint"] == registered
    assert len({each["run_reference"] for each in got}) == 16


def test_b4_runs_at_once_lose_no_entry_of_the_ledger_of_the_archive(api, project):
    """24 runs of two statements, 8 at a time: 48 entries more, each with its run directory."""
    ledger = project.place.path(project.place.archive) / "manifest.json"
    before = len(manifest(ledger)) if ledger.exists() else 0
    bodies = [{"file_name": "orders", "path_name": "check"}] * 24
    got = at_once(api, "/csvpath/run", bodies, 8)

    project.catalog.documents.repair()  # views follow the catalog within a moment
    entries = manifest(ledger)
    assert len(entries) == before + 48
    homes = {project.result(each["reference"]).home for each in got}
    assert len(homes) == 24
    told = {project.place.path(entry["run_home"]) for entry in entries}
    assert homes <= told


def test_b9_a_run_that_there_is_not_is_never_another_one(api):
    ask(api, "/csvpath/run", file_name="orders", path_name="check")
    for directory in ("1999-01-01_00-00-00", "1999", "nosuch", "2099-01-01_00-00-00/x"):
        reference = f"$check.results.{directory}.one"
        for path, member in (
            ("/csvpath/get_run_path", "run_reference"),
            ("/csvpath/get_run_errors", "run_reference"),
            ("/find/get_result", "reference"),
        ):
            assert ask(api, path, **{member: reference}).status_code == 404


def test_b10_the_runtime_data_of_a_run_are_those_of_its_end(api):
    """A finished, invalid run says that it is invalid, and what it counted."""
    run = ask(api, "/csvpath/run", file_name="orders", path_name="check").json()["reference"]
    told = ask(api, "/csvpath/get_run_metadata", run_reference=run).json()["metadata"]
    runtime = told["runtime"]["one"]
    assert runtime["valid"] is told["manifest"]["one"]["valid"] is False
    assert (runtime["count_scans"], runtime["total_lines"], runtime["errors_count"]) == (1, 2, 1)
    assert told["runtime"]["two"]["valid"] is True
    assert told["runtime"]["two"]["count_matches"] == 2


def test_b11_templated_runs_are_found_by_the_references_that_they_answer_with(api, project):
    """Also where a run under another template has a directory of just the same name."""
    wish = {"file_name": "orders", "path_name": "check"}
    templates = [None, "eu/:run_dir", "us/:run_dir", "eu/:run_dir"] * 2
    bodies = [{**wish, "template": template} for template in templates]
    got = [each["reference"] for each in at_once(api, "/csvpath/run", bodies, 8)]

    assert len(set(got)) == 8
    for template, reference in zip(templates, got, strict=True):
        told = ask(api, "/csvpath/get_run_path", run_reference=reference).json()["path"]
        path = reference.removeprefix("$check.results.")
        below = project.place.path(project.place.archive) / "check"
        assert Path(told) == below / path
        assert path.rpartition("/")[0] == (template or "/").split("/")[0]
        runs = ask(api, "/find/find_completed_runs", reference=reference).json()["runs"]
        assert runs == [told]


def test_b15_an_error_keeps_the_connection_good_for_the_next_request(served, api, monkeypatch):
    """200 requests of one client, every other one hits a fault: each has its answer."""

    def broken(*_told):
        raise ZeroDivisionError

    monkeypatch.setattr("preboard.server.services.results.errors_of", broken)
    run = ask(api, "/csvpath/run", file_name="orders", path_name="check").json()["reference"]
    with served.client() as client:
        statuses = []
        for _ in range(100):
            answer = ask(client, "/csvpath/get_run_errors", run_reference=run)
            statuses.append(answer.status_code)
            assert answer.json()["detail"] == "the server could not do this"
            statuses.append(ask(client, "/csvpath/get_run_path", run_reference=run).status_code)
    assert statuses == [500, 200] * 100
