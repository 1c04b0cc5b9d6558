"""B5, B6, B12 and B14 of the reference's weaknesses, with the server as people start it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from tests.integration.jobs.working import until
from tests.integration.served import Serving, started

LINES = b"id,name,amount\n1,Ann,3\n2,Bob,x\n"
LONG = b"id,name,amount\n" + b"".join(b"%d,Ann Other %d,%d\n" % (n, n, n) for n in range(400_000))
CHECKS = "~ id: amounts ~ $[1*][ integer(#amount) ]"
SLOW = "~ id: slow ~ $[*][ regex(#name, /(\\w+) (\\w+) (\\d+)/) @n = count_lines() ]"
RUN = {"project_name": "acme", "file_name": "orders", "validation_name": "checks"}


def prepared(server: Serving, *, long: bool = False) -> None:
    """Make a project with files and groups."""
    server.wait_until_ready()
    with server.client() as client:
        client.post("/v2/projects", json={"name": "acme"}).raise_for_status()
        files = {"orders": LINES, "long": LONG} if long else {"orders": LINES}
        for name, lines in files.items():
            where = f"/v2/files/{name}?project_name=acme&file_name={name}.csv"
            client.post(where, content=lines).raise_for_status()
        for name, text in (("checks", CHECKS), ("slow", SLOW)):
            body = {"project_name": "acme", "csvpaths": text}
            client.post(f"/v2/validations/{name}", json=body).raise_for_status()


def kill(server: Serving) -> None:
    """Kill all processes of a server at once."""
    for process in [server.process.pid, *server.children()]:
        os.kill(process, signal.SIGKILL)
    server.process.wait(10)


def ended(client, run: str, within_s: float = 90) -> dict:
    """Return the status of a run when it has ended."""

    def look() -> dict | None:
        answer = client.get(f"/v2/runs/{run}")
        assert answer.status_code == 200
        found: dict = answer.json()
        return None if found["status"] in ("queued", "running") else found

    return until(look, within_s)


def test_b5_a_run_that_was_cut_off_is_neither_listed_as_done_nor_left_open(tmp_path):
    with started(tmp_path / "home") as server:
        prepared(server, long=True)
        with server.client() as client:
            slow = {**RUN, "file_name": "long", "validation_name": "slow"}
            run = client.post("/v2/runs", json=slow).json()["run_uuid"]
            until(lambda: client.get(f"/v2/runs/{run}").json()["status"] == "running" or None)
            time.sleep(1)
        kill(server)
    with started(tmp_path / "home") as again:
        again.wait_until_ready()
        with again.client(server.key()) as client:
            home = client.get("/v2/archive/slow", params={"project_name": "acme"})
            assert home.json()["names"] == []
            done = ended(client, run)
            assert (done["status"], done["valid"]) == ("done", True)
            assert client.get("/v2/runs").json()["runs"] == []
            listed = client.get("/v2/archive/slow", params={"project_name": "acme"}).json()["names"]
    assert [f"$slow.results.{name}" for name in listed] == [done["result_reference"]]


def test_b6_of_sixty_accepted_runs_a_kill_loses_none(tmp_path):
    with started(tmp_path / "home") as server:
        prepared(server)
        with server.client() as client:
            accepted = [client.post("/v2/runs", json=RUN).json()["run_uuid"] for _ in range(60)]
        kill(server)
    with started(tmp_path / "home") as again:
        again.wait_until_ready()
        with again.client(server.key()) as client:
            found = [ended(client, run) for run in accepted]
            listed = client.get(
                "/v2/archive/checks", params={"project_name": "acme", "limit": 100}
            ).json()["names"]
    assert {each["status"] for each in found} == {"done"}
    assert len({each["result_reference"] for each in found}) == 60
    assert len(listed) == 60


def test_b12_switches_hold_in_every_process_and_the_whole_server_stops(tmp_path):
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "orders.csv").write_bytes(LINES)
    env = {"PREBOARD_LOCAL_ROOTS": str(inbox)}
    with started(tmp_path / "home", "--workers", "2", env=env) as server:
        prepared(server)
        with server.client() as client:
            location = str(inbox / "orders.csv")
            body = {"project_name": "acme", "file_location": location}

            def status() -> str:
                uuid = client.post("/v2/registrations/local", json=body).json().get("uuid")
                if uuid is None:
                    return "refused"
                asked = {"uuid": uuid, "project_name": "acme"}

                def look() -> str | None:
                    found = client.get("/v2/registrations/local/status", params=asked).json()
                    return None if found["status"] == "pending" else str(found["status"])

                return until(look)

            def switch(*, allowed: bool) -> None:
                client.put("/v2/admin/local-files", json={"allowed": allowed}).raise_for_status()
                if allowed:
                    client.put("/v2/admin/projects/acme/local-files").raise_for_status()

            for allowed, expected in ((True, {"done"}), (False, {"refused", "failed"})) * 2:
                switch(allowed=allowed)
                assert {status() for _ in range(6)} <= expected
            processes = server.children()
            client.post("/v2/admin/shutdown").raise_for_status()
        assert server.process.wait(60) == 0
        assert not [each for each in processes if Path(f"/proc/{each}/exe").exists()]


def test_b14_a_server_that_is_started_elsewhere_knows_all_runs(tmp_path, monkeypatch):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    monkeypatch.chdir(tmp_path / "one")
    with started(tmp_path / "home") as server:
        prepared(server)
        with server.client() as client:
            run = client.post("/v2/runs", json=RUN).json()["run_uuid"]
            first = ended(client, run)
        assert server.end() == 0
    monkeypatch.chdir(tmp_path / "two")
    with started(tmp_path / "home") as again:
        again.wait_until_ready()
        with again.client(server.key()) as client:
            assert client.get(f"/v2/runs/{run}").json() == first
    assert not list((tmp_path / "one").iterdir())
    assert not list((tmp_path / "two").iterdir())
