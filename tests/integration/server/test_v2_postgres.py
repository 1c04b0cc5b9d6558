"""The whole way over v2, from a file to its result, with PostgreSQL below it."""

from __future__ import annotations

from functools import partial

import pytest
from tests.integration import postgres
from tests.integration.server.asked import ORDERS, ended, project, run, upload
from tests.integration.server.working import working

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not postgres.is_installed(), reason="needs PostgreSQL"),
]
ACME = {"project_name": "acme"}


def test_the_way_of_a_file_is_the_same(tmp_path):
    """Sent, registered, run, found again; asked twice, done once."""
    with (
        postgres.server() as url,
        working(tmp_path / "home", database_url=url) as served,
        served.client() as api,
    ):
        project(api)
        first = run(api)
        assert (first["status"], first["valid"], first["error_count"]) == ("done", False, 1)
        send = partial(upload, api, "orders", f"{ORDERS}4,Dee,6,US\n", group="checks")
        answers = [send(headers={"Idempotency-Key": "once"}) for _ in range(2)]
        assert answers[0].json() == answers[1].json()
        assert answers[1].headers["Idempotency-Replayed"] == "true"
        second = ended(api, answers[0].json()["run_uuid"])
        runs = api.get("/v2/archive/checks", params={"valid": "false", **ACME}).json()["runs"]
        assert [each["run_uuid"] for each in runs] == [second["run_uuid"], first["run_uuid"]]
        assert api.get("/v2/archive", params=ACME).json()["names"] == ["checks"]
        assert api.get("/v2/runs", params={"status": "any"}).json()["total"] == 2
        schedule = ACME | {"name": "daily", "cron": "0 6 * * *", "file_name": "orders"}
        schedule |= {"validation_name": "checks"}
        made = [api.post("/v2/schedules", json=schedule).status_code for _ in range(2)]
        assert made == [201, 409]
        for path in ("/v2/registrations/a%00b", "/v2/archive/a%00b", "/v2/validations/a%00b",
                     "/v2/registrations/a%00b/definition", "/v2/archive/checks/a%00b"):  # fmt: skip
            assert api.get(path, params=ACME).status_code == 400, path
        assert api.delete("/v2/registrations/a%00b", params=ACME).status_code == 400
