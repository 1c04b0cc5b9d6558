"""Whether the server is well, and its figures."""

from __future__ import annotations

import re
import time
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from tests.integration.patience import PATIENCE_S
from tests.integration.serving import serving

from preboard.catalog.service.hosting import Hosted
from preboard.catalog.service.jobs import NewJob, Wish
from preboard.catalog.service.tables import arrivals, jobs
from preboard.catalog.service.workers import Leases
from preboard.clock import iso, utc_now


@pytest.fixture
def served(tmp_path):
    with serving(tmp_path / "home") as server:
        yield server


def ask(served, path, key=None):
    with served.client(key) as client:
        return client.get(path)


def figures(served, key=None):
    """Return each figure by its name and labels; what is read from the catalog is read anew."""
    served.service.metrics._catalog._read_at = None
    answer = ask(served, "/metrics", key)
    assert answer.status_code == 200
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def until(served, name):
    """Return the figures when there is one of this name: a request is counted when it is over."""
    last = time.monotonic() + PATIENCE_S
    while name not in (told := figures(served)) and time.monotonic() < last:
        time.sleep(0.02)
    return told


def add_job(served, **values):
    project, job = str(uuid4()), str(uuid4())
    with served.service.database.writing() as connection:
        new = NewJob(id=job, project=project, wish=Wish(file="f", group="g"), asked_by="x")
        served.service.jobs.add(connection, new, "2026-11-21T10:00:00.000000+00:00")
        if values:
            connection.execute(jobs.update().where(jobs.c.id == job).values(**values))
    return job


def ready(served):
    served.service.readiness._seen_at = None
    answer = ask(served, "/readyz", "")
    return answer.status_code, answer.json()


def work(served, executor="local/0"):
    leases, boot = Leases(served.service.database), str(uuid4())
    leases.enter(executor, "here", boot, iso(utc_now()), 30)
    leases.note(executor, boot, takes_jobs=True)


def test_a_process_that_answers_is_alive_without_a_key(served):
    answer = ask(served, "/healthz", "")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/openapi.json", "/docs", "/redoc"])
def test_whoever_asks_for_the_head_alone_gets_that_of_the_answer(served, path):
    with served.client("") as client:
        whole, head = client.get(path), client.head(path)

    assert (head.status_code, head.content) == (whole.status_code, b"")
    for name in ("content-type", "content-length"):
        assert head.headers[name] == whole.headers[name]


def test_without_a_worker_the_server_is_not_ready(served):
    status, told = ready(served)

    assert status == 503
    assert told["status"] == "not ready"
    assert told["checks"]["workers"] == "none takes jobs"
    assert told["checks"]["database"] == "ok"


def test_with_one_it_is(served):
    work(served)

    assert ready(served) == (
        200,
        {
            "status": "ready",
            "checks": {
                "server": "ok", "database": "ok", "schema": "ok", "workers": "ok", "disk": "ok",
            },
        },
    )  # fmt: skip


def test_a_worker_that_still_starts_is_none_and_one_that_drains(served):
    leases = Leases(served.service.database)
    leases.enter("local/0", "here", "boot", iso(utc_now()), 30)
    assert ready(served)[0] == 503

    leases.note("local/0", "boot", takes_jobs=True)
    assert ready(served)[0] == 200
    leases.note("local/0", "boot", takes_jobs=False)
    assert ready(served)[0] == 503


def test_a_server_without_workers_of_its_own_needs_none(tmp_path):
    with serving(tmp_path / "home", roles="api") as server:
        assert ready(server)[0] == 200


def test_a_schema_of_another_version_is_not_ready(served):
    work(served)
    with served.service.database.writing() as connection:
        connection.execute(text("UPDATE pb_schema SET version_num = '0001'"))

    assert ready(served)[1]["checks"]["schema"].startswith("is 0001")


def test_a_full_disk_is_not_ready(tmp_path):
    with serving(tmp_path / "home", roles="api", least_free_mb=1 << 40) as server:
        status, told = ready(server)

    assert status == 503
    assert "MB left" in told["checks"]["disk"]


def test_a_server_that_ends_is_not_ready(served):
    work(served)
    served.service.closing.set()

    assert ready(served)[1]["checks"]["server"] == "is ending"


class TestMetrics:
    def test_need_an_admin_key(self, served):
        assert ask(served, "/metrics", "").status_code == 401
        assert ask(served, "/metrics", served.plain_key()).status_code == 403
        assert ask(served, "/metrics").status_code == 200

    def test_need_none_on_this_machine_where_the_settings_say_so(self, tmp_path):
        with serving(tmp_path / "home", metrics_on_loopback=True) as server:
            answer = httpx.get(f"{server.url}/metrics")

        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")

    def test_count_requests_by_their_template(self, served):
        with served.client("") as client:
            client.get("/healthz")
            client.get("/nowhere/at/all")
            client.get("/nowhere/else")
            client.request("BREW", "/healthz")
            until(served, ("preboard_http_requests_total", "other", "/healthz", "405"))
        told = figures(served)

        assert told["preboard_http_requests_total", "/healthz", "200", "GET"] == 1
        assert told["preboard_http_requests_total", "(none)", "404", "GET"] == 2
        assert not any("nowhere" in part for name in told for part in name)
        assert not any("BREW" in name for name in told)

    def test_count_the_bytes_of_bodies(self, served):
        with served.client() as client:
            client.post("/v2/projects", content=b" " * 1000)

        name = ("preboard_http_received_bytes_total", "/v2/projects")
        assert until(served, name)[name] == 1000

    def test_tell_what_waits_and_for_how_long(self, served):
        add_job(served)
        add_job(served, state="running")
        told = figures(served)

        assert told["preboard_jobs", "queued"] == 1
        assert told["preboard_jobs", "running"] == 1
        age = utc_now().timestamp() - 1795255200  # 2026-11-21T10:00:00Z
        assert told[("preboard_queue_age_seconds",)] == pytest.approx(max(age, 0), abs=60)

    def test_count_what_ended_since_the_start_once(self, served):
        figures(served)
        done = {
            "state": "done", "valid": False,
            "started": "2026-11-21T10:00:02.000000+00:00",
            "ended": "2026-11-21T10:00:05.000000+00:00",
        }  # fmt: skip
        slow = add_job(served, state="running")  # what goes on before them holds nothing back
        add_job(served, **done)
        add_job(served, state="failed", ended="2026-11-21T10:00:05.000000+00:00")
        for _ in range(2):
            told = figures(served)
            assert told["preboard_jobs_ended_total", "invalid", "run"] == 1
            assert told["preboard_jobs_ended_total", "failed", "run"] == 1
            assert told["preboard_job_seconds_sum", "run"] == 3
            assert told["preboard_job_wait_seconds_sum", "run"] == 2
        with served.service.database.writing() as connection:
            connection.execute(jobs.update().where(jobs.c.id == slow).values(**done | {"valid": 1}))
        told = figures(served)

        assert told["preboard_jobs_ended_total", "run", "valid"] == 1
        assert told["preboard_jobs_ended_total", "invalid", "run"] == 1

    def test_leave_out_what_ended_before_the_start(self, tmp_path):
        ended = {"state": "done", "valid": True, "ended": "2026-11-21T10:00:05.000000+00:00"}
        with serving(tmp_path / "home") as server:
            add_job(server, state="running")
            add_job(server, **ended)
            key = server.key
        with serving(tmp_path / "home", with_key=False) as server:
            told = figures(server, key=key)

        assert not any(name[0].startswith("preboard_jobs_ended") for name in told)

    def test_count_arrivals_by_outcome_and_live_workers(self, served):
        work(served)
        row = {"project": "p", "hook": "h", "time": iso(utc_now()), "path": "in/x.csv"}
        with served.service.database.writing() as connection:
            for outcome in ("taken", "taken", "left"):
                connection.execute(arrivals.insert().values(outcome=outcome, **row))
        figures(served)
        told = figures(served)

        assert told["preboard_arrivals_total", "taken"] == 2
        assert told["preboard_arrivals_total", "left"] == 1
        assert told[("preboard_workers_live",)] == 1

    def test_tell_no_name_of_a_project(self, served):
        now = iso(utc_now())
        served.service.hosting.create(
            Hosted(project=str(uuid4()), owner=str(uuid4()), name="secret-partner", created=now)
        )

        assert "secret-partner" not in ask(served, "/metrics").text

    def test_are_all_in_the_documents(self, served):
        page = (Path(__file__).parents[3] / "docs" / "how-to" / "run-a-server.md").read_text()
        told = set(re.findall(r"`(preboard_\w+?)(?:_total)?`", page))
        known = {
            family.name
            for family in served.service.metrics.registry.collect()
            if family.name.startswith("preboard_")
        }

        assert told == known
