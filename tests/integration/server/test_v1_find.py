"""`/find` over a real socket with a real worker: every operation, done and refused."""

from __future__ import annotations

import base64
from io import BytesIO
from pathlib import Path

import pytest
from tests.integration.server.working import working

FIRST, SECOND = b"id,amount\n1,3\n2,x\n", b"id,amount\n1,4\n"
CHECKS = [
    "~ id: kept  unmatched-mode: keep ~ $[1*][ #amount == 3 ]",
    "~ id: amounts ~ $[1*][ integer(#amount) ]",
]
BOTH = pytest.mark.parametrize("by", ["GET", "POST"])


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Serve one home with one worker to all tests of the module."""
    with working(tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.fixture(scope="module")
def project(served):
    """The project acme with two versions of a file and a group."""
    with served.client() as client:
        assert client.post("/v2/projects", json={"name": "acme"}).status_code == 201
    project = served.service.project(served.service.hosting.named("acme")[0].project)
    for content in (FIRST, SECOND):
        project.register("orders", BytesIO(content), file_name="orders.csv")
    project.load_group("check", CHECKS)
    project.load_group("idle", CHECKS)
    return project


@pytest.fixture(scope="module")
def api(served, project):
    """A client of the owner of acme."""
    assert project.named_files() == ["orders"]
    with served.client() as client:
        yield client


@pytest.fixture(scope="module")
def runs(api):
    """The references of three runs: over the first version, over the second, and templated."""
    wishes = (
        {"file_name": "$orders.files.:first"},
        {"file_name": "orders", "method": "fast_forward_paths"},
        {"file_name": "orders", "template": "out/:run_dir"},
    )
    return [done(api, "/csvpath/run", path_name="check", **wish)["reference"] for wish in wishes]


def done(api, path, by="POST", **body):
    answer = api.request(by, path, json={"project_name": "acme", **body})
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(api, path, by="POST", **body):
    """Return the status of what is refused; the words are one flat text."""
    answer = api.request(by, path, json={"project_name": "acme", **body})
    told = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert isinstance(told["detail"], str)
    assert not told["detail"].startswith("[")
    return answer.status_code


@BOTH
class TestFiles:
    def test_a_name_means_its_newest_version(self, api, by):
        (path,) = done(api, "/find/find_files", by, reference="orders")["files"]
        assert Path(path).read_bytes() == SECOND

    @pytest.mark.parametrize(
        ("pointer", "contents"),
        [
            (":all", [FIRST, SECOND]),
            (":first", [FIRST]),
            (":last", [SECOND]),
            (":0", [FIRST]),
            (":1", [SECOND]),
            (":today", [FIRST, SECOND]),
            (":yesterday", []),
        ],
    )
    def test_references_mean_versions_by_place_and_day(self, api, by, pointer, contents):
        got = done(api, "/find/find_files", by, reference=f"$orders.files.{pointer}")
        assert [Path(path).read_bytes() for path in got["files"]] == contents

    def test_the_content_of_a_version_comes_as_base64(self, api, by):
        got = done(api, "/find/get_file", by, reference="$orders.files.:first")
        assert base64.b64decode(got["file"]) == FIRST

    def test_what_means_no_file_is_not_found(self, api, by):
        assert refused(api, "/find/find_files", by, reference="nosuch") == 404
        assert refused(api, "/find/find_files", by, reference="$nosuch.files.:all") == 404
        assert refused(api, "/find/get_file", by, reference="$orders.files.:yesterday") == 404
        assert refused(api, "/find/get_file", by, project_name="no", reference="orders") == 404

    def test_what_means_several_or_nothing_is_refused(self, api, by):
        assert refused(api, "/find/get_file", by, reference="$orders.files.:all") == 400
        for text in ("$orders.files", "$orders.results.:last", "x\0y"):
            assert refused(api, "/find/find_files", by, reference=text) == 400

    def test_a_version_that_is_too_large_for_json_is_refused(self, api, by, monkeypatch):
        monkeypatch.setattr("preboard.server.services.results.MOST_IN_JSON", 5)
        assert refused(api, "/find/get_file", by, reference="orders") == 400


@BOTH
class TestRuns:
    @pytest.mark.parametrize("under", ["/find", "/csvpath"])
    def test_completed_runs_are_told_oldest_first(self, api, project, runs, by, under):
        got = done(api, f"{under}/find_completed_runs", by, reference="$check.results.:all")
        assert got["runs"][:3] == [str(project.result(run).home) for run in runs]

    def test_a_reference_narrows_them(self, api, project, runs, by):
        got = done(api, "/find/find_completed_runs", by, reference="$check.results.out:first")
        assert got["runs"] == [str(project.result(runs[2]).home)]

    def test_a_group_without_runs_and_one_that_there_is_not_have_none(self, api, by):
        for group in ("idle", "nosuch"):
            got = done(api, "/find/find_completed_runs", by, reference=f"${group}.results.:all")
            assert got == {"runs": []}

    def test_what_is_no_reference_to_results_is_refused(self, api, by):
        for text in ("check", "$check.results", "$orders.files.:all", ""):
            assert refused(api, "/find/find_completed_runs", by, reference=text) == 400


@BOTH
class TestResults:
    def test_the_data_of_each_csvpath_are_told(self, api, project, runs, by):
        home = project.result(runs[0]).home
        got = done(api, "/find/find_results", by, reference=runs[0])["results"]
        assert got == [str(home / "kept/data.csv"), str(home / "amounts/data.csv")]
        one = done(api, "/find/find_results", by, reference=f"{runs[0]}.amounts")["results"]
        assert one == [str(home / "amounts/data.csv")]

    def test_of_several_runs_the_first_one_counts(self, api, runs, by):
        got = done(api, "/find/find_results", by, reference="$check.results.:all")
        assert got == done(api, "/find/find_results", by, reference=runs[0])

    def test_the_text_of_the_data_of_a_csvpath(self, api, runs, by):
        got = done(api, "/find/get_result", by, reference=f"{runs[0]}.kept")
        assert got == {"result": "1,3\r\n"}
        got = done(api, "/find/get_result", by, reference=f"{runs[0]}.kept:unmatched")
        assert got == {"result": "2,x\r\n"}

    def test_a_templated_run_is_read_by_its_reference(self, api, runs, by):
        assert runs[2].startswith("$check.results.out/")
        got = done(api, "/find/get_result", by, reference=f"{runs[2]}.amounts")
        assert got == {"result": "1,4\r\n"}

    def test_a_run_of_several_csvpaths_is_no_one_result(self, api, runs, by):
        assert refused(api, "/find/get_result", by, reference=runs[0]) == 400

    def test_what_there_is_not_is_not_found(self, api, runs, by):
        missing = ("$check.results.1999-01-01_00-00-00", f"{runs[0]}.nosuch", "$no.results.:last")
        for reference in missing:
            for what in ("find_results", "get_result"):
                assert refused(api, f"/find/{what}", by, reference=reference) == 404

    def test_a_run_that_kept_no_lines_has_no_result(self, api, runs, by):
        reference = f"{runs[1]}.amounts"
        (path,) = done(api, "/find/find_results", by, reference=reference)["results"]
        assert not Path(path).exists()
        assert refused(api, "/find/get_result", by, reference=reference) == 404


def test_the_paths_stay_below_the_project(api, project, runs):
    """Whatever is told, it lies in the project's own directory, whose name is no secret."""
    told = [
        *done(api, "/find/find_files", reference="$orders.files.:all")["files"],
        *done(api, "/find/find_completed_runs", reference="$check.results.:all")["runs"],
        *done(api, "/find/find_results", reference=runs[0])["results"],
    ]
    assert all(Path(path).is_relative_to(project.root) for path in told)


def test_a_key_of_others_finds_nothing(served, api):
    assert done(api, "/find/find_files", reference="orders")["files"]
    with served.client(served.plain_key()) as other:
        assert refused(other, "/find/find_files", reference="orders") == 404
    with served.client("") as nobody:
        body = {"project_name": "acme", "reference": "orders"}
        assert nobody.post("/find/find_files", json=body).status_code == 401
