"""Projects that are deleted while something goes on in them: it ends, and others' goes on."""

from __future__ import annotations

import io
import time

import pytest
from tests.integration.patience import PATIENCE_S
from tests.integration.server.working import working

V2 = "/v2/projects"
SLOW = "~ id: slow ~ $[*][ @n = count_lines() sum(#0) regex(#1, /(a+)+b/) ]"
QUICK = "~ id: quick ~ $[*][ yes() ]"
LINES = 100_000


@pytest.fixture
def served(tmp_path):
    """Serve a home with one worker."""
    with working(tmp_path / "home", slots=1) as server:
        yield server


def prepared(served, api, name, statement, content):
    """Make a project with a file and a group; return its id."""
    assert api.post(V2, json={"name": name}).status_code == 201
    project = api.get(f"{V2}/{name}").json()["id"]
    opened = served.service.project(project)
    opened.register("orders", io.BytesIO(content), file_name="orders.csv")
    told = {"project_name": name, "csvpaths": [statement]}
    assert api.post("/v2/validations/check", json=told).status_code == 201
    return project


def begun(api, name):
    body = {"project_name": name, "file_name": "orders", "validation_name": "check"}
    answer = api.post("/v2/runs", json=body)
    assert answer.status_code == 202, answer.text
    return answer.json()["run_uuid"]


def until(served, job, states):
    """Wait until a job is in one of some states; return which."""
    end = time.monotonic() + PATIENCE_S
    while (state := served.service.jobs.by_id(job).state) not in states:
        assert time.monotonic() < end, state
        time.sleep(0.05)
    return state


def test_what_goes_on_in_a_deleted_project_ends_and_nothing_of_it_is_left(served):
    content = "".join(f"{n},{'a' * 18}\n" for n in range(LINES)).encode()
    with served.client(served.plain_key()) as api:
        slow = prepared(served, api, "slow", SLOW, content)
        other = prepared(served, api, "other", QUICK, b"a,b\n1,2\n")
        running, waiting = begun(api, "slow"), begun(api, "slow")
        until(served, running, {"running"})
        assert api.delete(f"{V2}/slow").status_code == 200
        assert until(served, waiting, {"cancelled"})
        assert until(served, running, {"cancelled", "failed", "done"}) == "cancelled"
        assert until(served, begun(api, "other"), {"done", "failed"}) == "done"
        projects = served.service.settings.projects
        end = time.monotonic() + PATIENCE_S
        while [path.name for path in projects.iterdir()] != [other]:
            assert time.monotonic() < end, list(projects.iterdir())
            time.sleep(0.05)
        assert served.service.hosting.counts(slow).runs == 0
        assert api.get(f"{V2}/other").json()["runs"] == 1
