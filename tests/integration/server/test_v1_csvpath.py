"""`/csvpath` over a real socket with a real worker: every operation, done and refused."""

from __future__ import annotations

import json
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from tests.integration.formats import as_xlsx
from tests.integration.patience import PATIENCE_S
from tests.integration.server.pages import pages
from tests.integration.server.working import working
from tests.integration.serving import serving
from tests.integration.settings import say

from preboard.catalog.service.jobs import Wanted
from preboard.jobs.engine import prepare
from preboard.server.settings import read_settings

ORDERS = "id,name,amount\n1,Ann,3\n2,Bob,abc\n3,Cid,5\n"
CHECKS = """~ id: named  owner: Ops ~
$[1*][ exists(#name) @seen = count_lines() print("line $.csvpath.line_number: $.headers.name") ]
---- CSVPATH ----
~ id: amounts ~
$[1*][ integer(#amount) @last = #id print("amount $.headers.amount", "audit") ]
"""
INT = "~ id: one ~ $[*][ yes() ]"
RUN = r"\$check\.results\.\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d(_\d+)?"


@pytest.fixture(scope="module")
def inbox(tmp_path_factory):
    """A directory that the server may take files from."""
    inbox = tmp_path_factory.mktemp("inbox")
    (inbox / "eu").mkdir()
    (inbox / "eu" / "orders.csv").write_text(ORDERS)
    (inbox / "check.csvpaths").write_text(CHECKS)
    (inbox / "one.csvpaths").write_text(INT)
    (inbox / "broken.csvpaths").write_text("~ id: bad ~ $[*][ lenght(#0) ]")
    (inbox / "raises.csvpaths").write_text(
        "~ id: strict  validation-mode: raise ~ $[1*][ integer(#amount) ]"
    )
    return inbox


@pytest.fixture(scope="module")
def served(tmp_path_factory, inbox):
    """Serve one home with one worker to all tests of the module."""
    home = tmp_path_factory.mktemp("home")
    more: dict[str, Any] = {"local_roots": [inbox], "private_hosts": ["127.0.0.1"]}
    with working(home, local_files=True, **more) as server:
        yield server


@pytest.fixture(scope="module")
def api(served, inbox):
    """A client whose owner has the project acme, with a file and a group, and an empty one."""
    with served.client() as client:
        for name in ("acme", "bare"):
            assert client.post("/v2/projects", json={"name": name}).status_code == 201
        assert client.put("/v2/admin/projects/acme/local-files").status_code == 200
        done(client, "register_file", name="orders", file_location=str(inbox / "eu/orders.csv"))
        for group in ("check", "one", "raises"):
            location = str(inbox / f"{group}.csvpaths")
            done(client, "register_csvpath_group", name=group, file_location=location)
        yield client


@pytest.fixture(scope="module")
def run(api):
    """The reference of a run that ended."""
    return done(api, "run", file_name="orders", path_name="check")["reference"]


def done(api, what, by="POST", **body):
    """Ask for something in the project acme that is done; return the answer."""
    answer = api.request(by, f"/csvpath/{what}", json={"project_name": "acme", **body})
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(api, what, status, detail, **body):
    """Ask for something that is refused, with this status and words."""
    # As JSON may say it, in ASCII: with signs that no UTF-8 has.
    content = json.dumps({"project_name": "acme", **body})
    headers = {"Content-Type": "application/json"}
    answer = api.post(f"/csvpath/{what}", content=content, headers=headers)
    told = answer.json()
    assert (answer.status_code, told["status"]) == (status, status), told
    assert re.search(detail, told["detail"]), told
    return told


class TestRegisteringFiles:
    def test_a_file_becomes_a_version_under_the_hash_of_its_bytes(self, api, inbox):
        location = str(inbox / "eu/orders.csv")
        first = done(api, "register_file", name="once", file_location=location)
        assert re.fullmatch(r"\$once\.files\.[0-9a-f]{64}", first["reference"])
        assert done(api, "register_file", name="once", file_location=location) == first
        assert done(api, "register", name="once", file_location=location) == first

    def test_who_registered_it_and_from_where_is_kept_with_it(self, served, api, inbox):
        location = str(inbox / "eu/orders.csv")
        done(api, "register_file", name="told", file_location=location, template=":3/:filename")
        version = open_project(served).version("told")
        assert version.entry.provenance.registered_by == "the first"
        assert version.entry.provenance.address == "127.0.0.1"
        assert version.entry.provenance.protocol == "http"

    def test_a_file_from_elsewhere_is_fetched_before_the_answer(self, served, api):
        with pages({"/f.csv": ORDERS.encode()}) as site:
            say_http(served)
            got = done(api, "register_file", name="web", file_location=f"{site}/f.csv")
        assert got["reference"] == open_project(served).version("web").reference

    @pytest.mark.parametrize(
        ("asked", "status", "detail"),
        [
            ({"file_location": "{inbox}/none.csv"}, 404, "there is no file"),
            ({"file_location": "/etc/passwd"}, 400, "lies in no directory"),
            ({"file_location": "{inbox}/../x.csv"}, 400, "lies in no directory"),
            ({"file_location": "\0"}, 400, "lies in no directory|can't be read"),
            ({"file_location": ""}, 400, "^'' lies in no directory"),
            ({"file_location": "near.csv"}, 400, "^'near.csv' lies in no directory"),
            ({"name": "a/b"}, 400, "can't be the name of a named-file"),
            ({"template": ":1/x"}, 400, "does not end in /:filename"),
            ({"template": ":99/:filename"}, 400, "asks for part 99"),
            ({"file_location": "s3://bucket/x.csv"}, 400, "does not list it"),
            ({"file_location": "sftp://h/x.csv"}, 400, "does not list it"),
            ({"project_name": "nosuch"}, 404, "Unknown project name"),
            ({"project_name": "../acme"}, 404, "Unknown project name"),
        ],
    )
    def test_what_can_not_be_registered_is_refused_in_words(
        self, api, inbox, asked, status, detail
    ):
        body = {"name": "refused", "file_location": "{inbox}/eu/orders.csv", **asked}
        body["file_location"] = body["file_location"].replace("{inbox}", str(inbox))
        refused(api, "register_file", status, detail, **body)

    def test_local_files_need_the_switch_of_the_project(self, api, inbox):
        told = {"name": "x", "file_location": str(inbox / "eu/orders.csv")}
        refused(api, "register_file", 400, "not allowed|no directory", project_name="bare", **told)

    def test_registering_is_no_get(self, api):
        assert api.get("/csvpath/register_file").status_code == 405


class TestLoadingGroups:
    def test_statements_are_replaced_or_put_behind(self, served, api, inbox):
        location = str(inbox / "one.csvpaths")
        got = done(api, "register_csvpath_group", name="grown", file_location=location)
        assert got == {"reference": "$grown.csvpaths.0:from"}
        (inbox / "two.csvpaths").write_text("~ id: two ~ $[*][ no() ]")
        location = str(inbox / "two.csvpaths")
        more = {"name": "grown", "file_location": location, "append": True}
        done(api, "register_csvpath_group", **more, template=":1/:run_dir")
        project = open_project(served)
        group = project.groups.group(project.groups.current("grown"))
        assert group.identities == ["one", "two"]
        assert project.group_settings("grown")["template"] == ":1/:run_dir"

    def test_a_group_from_elsewhere_is_fetched(self, served, api):
        with pages({"/g.csvpaths": CHECKS.encode(), "/big": b"~" * (1 << 21)}) as site:
            say_http(served)
            location = f"{site}/g.csvpaths"
            done(api, "register_csvpath_group", name="web", file_location=location)
            refused(
                api, "register_csvpath_group", 400, "larger|more than", name="big",
                file_location=f"{site}/big",
            )  # fmt: skip
        assert "web" in open_project(served).group_names()

    @pytest.mark.parametrize(
        ("asked", "status", "detail"),
        [
            ({"file_location": "{inbox}/none.csvpaths"}, 404, "there is no file"),
            ({"file_location": "/etc/passwd"}, 400, "lies in no directory"),
            ({"file_location": "near.csvpaths"}, 400, "^'near.csvpaths' lies in no directory"),
            ({"file_location": "$[*][ yes() ]"}, 400, "lies in no directory"),
            ({"file_location": "{inbox}/broken.csvpaths"}, 400, "lenght"),
            ({"file_location": "s3://bucket/g.csvpaths"}, 400, "does not list it"),
            ({"file_location": "https://example.com/g.json"}, 400, "definition"),
            ({"template": ":run_dir/z"}, 400, "does not end in /:run_dir"),
            ({"name": "../x"}, 400, "can't be the name of a named-paths group"),
            ({"project_name": "nosuch"}, 404, "Unknown project name"),
        ],
    )
    def test_what_can_not_be_loaded_is_refused_in_words(self, api, inbox, asked, status, detail):
        body = {"name": "refused", "file_location": "{inbox}/one.csvpaths", **asked}
        body["file_location"] = body["file_location"].replace("{inbox}", str(inbox))
        refused(api, "register_csvpath_group", status, detail, **body)


class TestRunning:
    def test_the_answer_comes_when_the_run_has_ended(self, served, run):
        assert re.fullmatch(RUN, run)
        result = open_project(served).result(run)
        assert (result.state, result.valid, result.error_count) == ("complete", False, 1)

    @pytest.mark.parametrize("method", ["fast_forward_by_line", "collect_by_line", None])
    def test_every_method_runs_and_null_is_the_default(self, served, api, method):
        reference = done(api, "run", file_name="orders", path_name="one", method=method)
        manifest = open_project(served).result(reference["reference"]).manifest
        assert manifest.method == (method or "collect_paths")

    @pytest.mark.usefixtures("run")
    @pytest.mark.parametrize(
        "named",
        [
            {"file_name": "$orders.files.:first"},
            {"path_name": "check#named"},
            {"path_name": "$check.csvpaths.amounts"},
            {"file_name": "$check.results.:last.named"},
        ],
    )
    def test_references_name_files_statements_and_results(self, api, named):
        got = done(api, "run", **{"file_name": "orders", "path_name": "check", **named})
        assert re.fullmatch(RUN, got["reference"])

    def test_a_template_places_the_run_and_its_reference_leads_there(self, api):
        wish = {"file_name": "orders", "path_name": "check", "template": "out/:3/:run_dir"}
        reference = done(api, "run", **wish)["reference"]
        assert re.match(r"\$check\.results\.out/", reference)
        path = done(api, "get_run_path", run_reference=reference)["path"]
        assert path.endswith(reference.removeprefix("$check.results."))

    @pytest.mark.usefixtures("run")
    @pytest.mark.parametrize(
        ("asked", "status", "detail"),
        [
            ({"file_name": "nosuch"}, 404, "there is no named-file 'nosuch'"),
            ({"file_name": "$orders.files.9"}, 404, "leads to no file"),
            ({"file_name": "$orders.files"}, 400, "character"),
            ({"file_name": "$check.results.:last"}, 400, "holds no lines"),
            ({"file_name": "x\0"}, 400, "can't stand"),
            ({"file_name": "\udc80"}, 400, "can't stand"),
            ({"path_name": "nosuch"}, 404, "there is no group 'nosuch'"),
            ({"path_name": "check#nosuch"}, 404, "has no statement 'nosuch'"),
            ({"template": "no"}, 400, "does not end in /:run_dir"),
            ({"project_name": "nosuch"}, 404, "Unknown project name"),
        ],
    )
    def test_what_can_not_be_run_is_refused_before_it_is_accepted(
        self, served, api, asked, status, detail
    ):
        before = count_jobs(served)
        body = {"file_name": "orders", "path_name": "check", **asked}
        refused(api, "run", status, detail, **body)
        assert count_jobs(served) == before

    def test_an_unknown_method_does_not_fit(self, api):
        body = {"project_name": "acme", "file_name": "orders", "path_name": "one"}
        answer = api.post("/csvpath/run", json={**body, "method": "by_magic"})
        assert answer.status_code == 422
        assert answer.json()["detail"][0]["loc"] == ["body", "method"]

    def test_a_run_that_failed_is_an_error_that_says_why(self, api):
        told = refused(api, "run", 400, "abc|integer", file_name="orders", path_name="raises")
        assert "$raises.results." in told["hint"]

    def test_a_reference_to_several_files_is_refused(self, served, api):
        register(served, "many", b"a\n1\n")
        register(served, "many", b"a\n2\n")
        detail = "means 2 files"
        refused(api, "run", 400, detail, file_name="$many.files.:all", path_name="one")

    def test_a_worksheet_is_run_of_the_version_that_is_there_now(self, served, api):
        register(
            served, "book", as_xlsx(sheets=[("v2.0", "visible", [["a"], ["1"], ["2"]])]), "b.xlsx"
        )
        got = done(api, "run", file_name="book#v2.0", path_name="one")["reference"]
        text = api.post(
            "/find/get_result", json={"project_name": "acme", "reference": f"{got}.one"}
        ).json()
        assert text == {"result": "a\r\n1\r\n2\r\n"}
        assert open_project(served).result(got).manifest.named_file_uuid is not None

    @pytest.mark.usefixtures("api")
    def test_a_key_that_may_not_run_is_refused(self, served):
        owner = served.service.keys.list(10)[0].owner
        reader = served.plain_key("reader", owner=owner, scopes=("read", "register"))
        body = {"project_name": "acme", "file_name": "orders", "path_name": "one"}
        with served.client(reader) as other:
            assert other.post("/csvpath/run", json=body).status_code == 403

    @pytest.mark.usefixtures("api")
    def test_a_key_of_others_does_not_find_the_project(self, served):
        with served.client(served.plain_key()) as other:
            body = {"project_name": "acme", "file_name": "orders", "path_name": "one"}
            assert other.post("/csvpath/run", json=body).status_code == 404

    def test_the_same_idempotency_key_makes_one_run(self, served, api):
        body = {"project_name": "acme", "file_name": "orders", "path_name": "one"}
        headers = {"Idempotency-Key": str(uuid4())}
        before = count_jobs(served)

        def ask(_):
            return api.post("/csvpath/run", json=body, headers=headers)

        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(ask, range(4)))
        assert len({answer.json()["reference"] for answer in answers}) == 1
        assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
        assert count_jobs(served) == before + 1
        other = api.post("/csvpath/run", json={**body, "path_name": "check"}, headers=headers)
        assert other.status_code == 409

    def test_who_goes_away_leaves_the_run_going(self, served, api):
        before = count_jobs(served)
        asked = {"project_name": "acme", "file_name": "orders", "path_name": "one"}
        body = json.dumps(asked).encode()
        host, port = served.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), PATIENCE_S) as hasty:
            hasty.sendall(
                b"POST /csvpath/run HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                b"Access_token: " + api.headers["access_token"].encode() + b"\r\n"
                b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body
            )
            until = time.monotonic() + PATIENCE_S
            while count_jobs(served) == before and time.monotonic() < until:
                time.sleep(0.001)
        while count_jobs(served, "done", "failed") <= before and time.monotonic() < until:
            time.sleep(0.02)
        newest = served.service.jobs.page(Wanted(), 1)[0]
        assert (count_jobs(served), newest.state) == (before + 1, "done")
        assert done(api, "get_run_path", run_reference=newest.reference)


def test_a_run_that_takes_too_long_to_wait_for_goes_on_and_is_told_of(tmp_path):
    """Without a worker no run ends: the answer is 504, and the run stays accepted."""
    home = tmp_path / "home"
    home.mkdir()
    prepare(read_settings(home).catalog_url)
    with serving(home, answer_wait_s=0.1) as served, served.client() as api:
        assert api.post("/v2/projects", json={"name": "acme"}).status_code == 201
        register(served, "orders", ORDERS.encode())
        open_project(served).load_group("one", [INT])
        told = refused(api, "run", 504, "has not ended", file_name="orders", path_name="one")
        (job,) = served.service.jobs.page(Wanted(), 2)
        assert job.state == "queued"
        assert job.id in told["hint"]


class TestRegisteringAndRunning:
    def test_the_run_reads_the_version_that_was_registered(self, served, api, inbox):
        got = done(
            api, "register_and_run", file_location=str(inbox / "eu/orders.csv"), file_name="in",
            csvpaths_group_name="check", run_template="in/:run_dir", file_template=":3/:filename",
        )  # fmt: skip
        assert got["message"] == "File registered and run initiated successfully"
        project = open_project(served)
        assert project.version(got["register_reference"]).name == "in"
        manifest = project.result(got["run_reference"]).manifest
        assert manifest.named_file_fingerprint == got["register_reference"].rpartition(".")[2]
        assert "/in/" in manifest.run_home

    def test_a_file_from_elsewhere_is_fetched_registered_and_run(self, served, api):
        with pages({"/r.csv": b"id,name,amount\n9,Zoe,7\n"}) as site:
            say_http(served)
            got = done(
                api, "register_and_run", file_location=f"{site}/r.csv", file_name="web run",
                csvpaths_group_name="check",
            )  # fmt: skip
        result = open_project(served).result(got["run_reference"])
        assert result.valid
        assert result.manifest.named_file_fingerprint in got["register_reference"]

    def test_the_same_idempotency_key_makes_one_version_and_one_run(self, served, api, inbox):
        body = {
            "project_name": "acme",
            "file_location": str(inbox / "eu/orders.csv"),
            "file_name": "once only",
            "csvpaths_group_name": "one",
        }
        headers = {"Idempotency-Key": str(uuid4())}
        before = count_jobs(served)

        def ask(_):
            return api.post("/csvpath/register_and_run", json=body, headers=headers)

        with ThreadPoolExecutor(4) as pool:
            told = list(pool.map(ask, range(4)))
        assert sum("idempotency-replayed" not in answer.headers for answer in told) == 1
        answers = [answer.json() for answer in told]
        assert [each for each in answers if each != answers[0]] == []
        assert answers[0]["register_reference"].startswith("$once only.files.")
        assert count_jobs(served) == before + 1
        assert len(open_project(served).versions("once only")) == 1

    def test_a_registration_is_answered_again_as_the_first_time(self, api, inbox):
        location = inbox / "again.csv"
        location.write_text("a\n1\n")
        body = {"project_name": "acme", "file_location": str(location), "name": "again"}
        headers = {"Idempotency-Key": str(uuid4())}
        first = api.post("/csvpath/register_file", json=body, headers=headers).json()
        location.unlink()
        for path in ("register_file", "register"):
            again = api.post(f"/csvpath/{path}", json=body, headers=headers)
            assert again.json() == first
            assert again.headers["Idempotency-Replayed"] == "true"

    def test_an_idempotency_key_goes_with_any_text(self, api):
        body = json.dumps({"project_name": "acme", "file_name": "\ud800", "path_name": "one"})
        headers = {"Idempotency-Key": str(uuid4()), "Content-Type": "application/json"}
        assert api.post("/csvpath/run", content=body, headers=headers).status_code == 400

    @pytest.mark.parametrize(
        ("asked", "status", "detail"),
        [
            ({"file_location": "{inbox}/none.csv"}, 404, "there is no file"),
            ({"csvpaths_group_name": "nosuch"}, 404, "there is no group 'nosuch'"),
            ({"file_template": "x"}, 400, "does not end in /:filename"),
            ({"run_template": "x"}, 400, "does not end in /:run_dir"),
            ({"file_name": "no/name"}, 400, "can't be the name"),
        ],
    )
    def test_what_is_refused_leaves_neither_version_nor_run(
        self, served, api, inbox, asked, status, detail
    ):
        body = {
            "file_location": "{inbox}/eu/orders.csv",
            "file_name": "never",
            "csvpaths_group_name": "check",
            **asked,
        }
        body["file_location"] = body["file_location"].replace("{inbox}", str(inbox))
        before = count_jobs(served)
        refused(api, "register_and_run", status, detail, **body)
        assert count_jobs(served) == before
        assert "never" not in open_project(served).named_files()

    def test_a_location_that_gives_nothing_is_not_found(self, served, api):
        with pages({}) as site:
            say_http(served)
            refused(
                api, "register_and_run", 404, "404|not there|does not have", file_name="gone",
                file_location=f"{site}/gone.csv", csvpaths_group_name="check",
            )  # fmt: skip


class TestOnArrival:
    def test_a_new_version_starts_the_group_of_the_definition_and_a_known_one_does_not(
        self, served, api, inbox
    ):
        definition = {"on_arrival": {"named_paths_group": "one"}}
        open_project(served).configure_named_file("arriving", definition)
        location = str(inbox / "eu/orders.csv")
        before = count_jobs(served)
        done(api, "register_file", name="arriving", file_location=location)
        done(api, "register_file", name="arriving", file_location=location)
        assert count_jobs(served) == before + 1


@pytest.mark.parametrize("method", ["GET", "POST"])
class TestReadingRuns:
    def test_the_path_of_a_run_and_of_a_csvpath(self, served, api, run, method):
        home = open_project(served).result(run).home
        whole = done(api, "get_run_path", method, run_reference=run)
        one = done(api, "get_run_path", method, run_reference=f"{run}.amounts")
        assert (whole, one) == ({"path": str(home)}, {"path": str(home / "amounts")})

    def test_errors_over_the_run_or_of_a_csvpath(self, api, run, method):
        (error,) = done(api, "get_run_errors", method, run_reference=run)["errors"]
        assert (error["identity"], error["line_count"], error["named_file_name"]) == (
            "amounts", 2, "orders",
        )  # fmt: skip
        assert error.keys() >= {
            "line_count", "match_count", "scan_count", "source", "message", "named_paths_name",
            "named_file_name", "identity", "filename", "time", "run_dir",
        }  # fmt: skip
        assert done(api, "get_run_errors", method, run_reference=f"{run}.named") == {"errors": []}

    def test_variables_are_merged_over_the_run(self, api, run, method):
        got = done(api, "get_run_variables", method, run_reference=run)["variables"]
        assert got.keys() == {"seen", "last"}
        one = done(api, "get_run_variables", method, run_reference=f"{run}.amounts")["variables"]
        assert one.keys() == {"last"}

    def test_printouts_of_the_default_and_of_a_named_stream(self, api, run, method):
        got = done(api, "get_run_printouts", method, run_reference=run)
        assert got == {"printouts": ["line 1: Ann", "line 2: Bob", "line 3: Cid"]}
        told = done(api, "get_run_printouts", method, run_reference=run, printstream="audit")
        assert told == {"printouts": ["amount 3", "amount abc", "amount 5"]}
        none = done(api, "get_run_printouts", method, run_reference=run, printstream="nobody")
        assert none == {"printouts": []}

    def test_metadata_manifests_and_what_was_counted(self, api, run, method):
        got = done(api, "get_run_metadata", method, run_reference=run)["metadata"]
        assert got.keys() == {"metadata", "manifest", "runtime"}
        assert all(each.keys() == {"named", "amounts"} for each in got.values())
        assert got["metadata"]["named"]["owner"] == "Ops"
        assert got["manifest"]["amounts"]["valid"] is False

    @pytest.mark.parametrize(
        "what",
        ["path", "errors", "metadata", "variables", "printouts"],
    )
    def test_a_run_that_there_is_not_is_not_found(self, api, run, method, what):
        for reference in (
            "$check.results.1999-01-01_00-00-00",
            "$nosuch.results.:last",
            f"{run}.nosuch",
            "nosuch",
        ):
            body = {"project_name": "acme", "run_reference": reference}
            answer = api.request(method, f"/csvpath/get_run_{what}", json=body)
            assert answer.status_code == 404, answer.text
            assert isinstance(answer.json()["detail"], str)

    @pytest.mark.usefixtures("run")
    def test_a_text_that_does_not_mean_one_run_is_refused(self, api, method):
        done(api, "run", file_name="orders", path_name="check")
        for reference in (
            "$check.results.:all",
            "$check.results",
            "$orders.files.:last",
            "a/b",
            "",
        ):
            body = {"project_name": "acme", "run_reference": reference}
            answer = api.request(method, "/csvpath/get_run_path", json=body)
            assert answer.status_code == 400, answer.text

    def test_a_body_that_does_not_fit_is_told_where(self, api, method):
        answer = api.request(method, "/csvpath/get_run_errors", json={"project_name": "acme"})
        assert answer.status_code == 422
        assert answer.json()["detail"][0]["loc"] == ["body", "run_reference"]


def open_project(served):
    """Return the project acme, as the server has it open."""
    hosted = served.service.hosting.named("acme")[0]
    return served.service.project(hosted.project)


def register(served, name, content, file_name="f.csv"):
    """Register bytes on the machine."""
    return open_project(served).register(name, BytesIO(content), file_name=file_name)


def count_jobs(served, *states):
    """Return how many jobs were ever accepted, or are in one of some states."""
    return served.service.jobs.count(Wanted(states=states or None))


def say_http(served):
    """Let the project take files over HTTP, as only the operator can."""
    say(open_project(served).root, {"inputs": {"allow_http_files": "yes"}})
