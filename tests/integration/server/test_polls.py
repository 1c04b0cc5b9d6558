"""Folders that hooks look into: an SFTP server, a store, a directory of the machine."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from dataclasses import replace
from uuid import uuid4

import pytest
from tests.integration import postgres
from tests.integration.patience import PATIENCE_S
from tests.integration.served import started
from tests.integration.server.hooking import BAD, GOOD, hooked

from preboard.clock import iso, utc_now
from preboard.server.polling import Poller
from preboard.server.services import folders
from preboard.storage.remote.listing import Listed
from preboard.storage.remote.rules import RemoteRules

QUICK = {"every_s": 5, "settle_s": 0}


@pytest.fixture(scope="module")
def at(tmp_path_factory):
    with hooked(tmp_path_factory.mktemp("polled")) as made:
        yield made


@pytest.fixture
def polling(at):
    """Two processes that look, as if there were two: each folder is looked at once."""
    with polled_by(at, 2) as pollers:
        yield pollers


@contextmanager
def polled_by(at, count):
    pollers = [Poller(at.served.service, tick_s=0.05) for _ in range(count)]
    for each in pollers:
        each.start()
    try:
        yield pollers
    finally:
        for each in pollers:
            each.stop()


@pytest.fixture
def name():
    """A folder of this test alone."""
    return f"in-{uuid4().hex[:8]}"


def poll(at, location, **more):
    definition = {key: more.pop(key) for key in ("group", "paths", "rules") if key in more}
    return at.hook("poll", poll={"location": location, **QUICK, **more}, **definition)


def seen(at, hook, count, outcome="taken"):
    """Wait until so many arrivals came to an outcome, and return them, oldest first."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        rows = at.arrivals(hook, outcome=outcome)
        if len(rows) >= count:
            assert len(rows) == count
            return rows[::-1]
        time.sleep(0.05)
    raise AssertionError(f"{outcome}: {at.arrivals(hook)}, {shown(at, hook)}")


def shown(at, hook):
    return at.api.get(f"/v2/hooks/{hook['id']}").json()


def soon(at, hook):
    """Let the next look be now, and not in some seconds."""
    at.served.service.hooks.change(hook["id"], {"next_poll": iso(utc_now())})


def look(at, hook):
    """Have a look at once, as the poller does."""
    row = at.served.service.hooks.by_id(hook["id"])
    return folders.look(at.served.service, row, folders_mapping(row))


def folders_mapping(row):
    from preboard.server.services.arriving import mapping_of  # noqa: PLC0415

    return mapping_of(row.mapping)


@pytest.mark.usefixtures("polling")
class TestFolders:
    @pytest.mark.parametrize("kind", ["sftp", "s3", "local"])
    def test_a_file_is_taken_once_and_again_in_another_state(self, at, name, kind):
        below = {
            "sftp": f"{at.sftp.url}/{name}",
            "s3": f"s3://acme-in/{name}",
            "local": f"{at.inbox}/{name}",
        }[kind]
        at.put(f"{below}/a.csv", GOOD)
        at.put(f"{below}/deep/c.csv", GOOD)  # not in the folder itself
        hook = poll(at, f"{below}/" if kind != "local" else below, group="order-checks")

        (first,) = seen(at, hook, 1)
        at.put(f"{below}/b.csv", BAD)
        soon(at, hook)
        two = seen(at, hook, 2)
        ends = [at.ended(row["run_uuid"]) for row in two]  # then it is fetched
        at.put(f"{below}/a.csv", BAD)
        soon(at, hook)
        three = seen(at, hook, 3)

        assert two[0] == first
        ends.append(at.ended(three[2]["run_uuid"]))
        assert [end["state"] for end in ends] == ["done"] * 3, ends
        assert [end["valid"] for end in ends] == [True, False, False]
        names = [os.path.basename(row["path"]) for row in three]  # noqa: PTH119 - no path of ours
        assert names == ["a.csv", "b.csv", "a.csv"]
        kept = at.version(three[1]["run_uuid"]).entry.provenance
        assert kept.registered_by == f"hook {hook['name']}"
        assert kept.event_time
        told = shown(at, hook)
        assert (told["last_error"], told["url"]) == (None, None)

    def test_a_folder_that_is_not_there_is_told_once_and_asked_less_and_less(self, at, name):
        hook = poll(at, f"{at.sftp.url}/{name}/")

        (row,) = seen(at, hook, 1, "refused")

        assert "is not there" in row["reason"]
        assert "is not there" in shown(at, hook)["last_error"]
        row = at.served.service.hooks.by_id(hook["id"])
        assert row.failures == 1
        at.put(f"{at.sftp.url}/{name}/a.csv")
        soon(at, hook)
        seen(at, hook, 1)
        assert shown(at, hook)["last_error"] is None

    def test_a_paused_hook_does_not_look(self, at, name):
        at.put(f"{at.inbox}/{name}/a.csv")
        hook = poll(at, f"{at.inbox}/{name}")
        seen(at, hook, 1)
        path = f"/v2/hooks/{hook['id']}"
        assert at.api.patch(path, json={"paused": True}).json()["next_look"] is None
        at.put(f"{at.inbox}/{name}/b.csv")
        soon(at, hook)
        time.sleep(0.5)
        assert len(at.arrivals(hook)) == 1
        at.api.patch(path, json={"paused": False})
        seen(at, hook, 2)


class TestLooks:
    def test_a_file_that_is_still_written_waits(self, at, name):
        path = f"{at.inbox}/{name}/a.csv"
        at.put(path, GOOD)
        hook = poll(at, f"{at.inbox}/{name}")

        assert look(at, hook).is_soon  # seen for the first time
        at.put(path, GOOD + b"3,Cid,5\n")
        assert look(at, hook).is_soon  # it has grown
        assert at.arrivals(hook) == []
        assert not look(at, hook).is_soon
        assert not look(at, hook).is_soon
        assert [row["outcome"] for row in at.arrivals(hook)] == ["taken"]

    def test_two_looks_lie_as_far_apart_as_is_said(self, at, name):
        at.put(f"{at.inbox}/{name}/a.csv")
        hook = poll(at, f"{at.inbox}/{name}", settle_s=2)

        assert look(at, hook).is_soon
        assert look(at, hook).is_soon
        time.sleep(2)
        assert not look(at, hook).is_soon
        assert len(at.arrivals(hook)) == 1

    def test_what_is_no_file_yet_and_what_no_rule_takes_is_left_once(self, at, name):
        for file in ("a.csv.part", ".hidden.csv", "b.txt", "c.csv"):
            at.put(f"{at.inbox}/{name}/{file}")
        at.put(f"{at.inbox}/{name}/empty.csv", b"")
        hook = poll(at, f"{at.inbox}/{name}", paths="*.csv")
        for _ in range(3):
            look(at, hook)
        rows = {row["path"]: row["outcome"] for row in at.arrivals(hook)}
        assert rows == {
            "/a.csv.part": "left",
            "/.hidden.csv": "left",
            "/b.txt": "left",
            "/empty.csv": "left",
            "/c.csv": "taken",
        }
        assert len(at.arrivals(hook)) == len(rows)
        at.put(f"{at.inbox}/{name}/empty.csv")  # now it is there
        for _ in range(2):
            look(at, hook)
        assert at.arrivals(hook)[0]["outcome"] == "taken"

    def test_folders_in_it_if_so_wished_and_no_links(self, at, name):
        for file in ("a.csv", "deep/b.csv", "deep/deeper/c.csv"):
            at.put(f"{at.inbox}/{name}/{file}")
        (at.inbox / name / "link.csv").symlink_to("/etc/passwd")
        (at.inbox / name / "linked").symlink_to("/etc")
        hook = poll(at, f"{at.inbox}/{name}", recurse=True)
        for _ in range(2):
            look(at, hook)
        paths = {row["path"] for row in at.arrivals(hook)}
        assert paths == {"/a.csv", "/deep/b.csv", "/deep/deeper/c.csv"}

    def test_a_file_that_left_and_comes_again_is_taken_again(self, at, name):
        path = at.inbox / name / "a.csv"
        at.put(str(path), GOOD)
        hook = poll(at, f"{at.inbox}/{name}")
        for _ in range(2):
            look(at, hook)
        path.unlink()
        look(at, hook)
        assert at.served.service.seen.of(hook["id"]) == {}
        at.put(str(path), GOOD + b"9,Eve,1\n")
        for _ in range(2):
            look(at, hook)
        assert [row["outcome"] for row in at.arrivals(hook)] == ["taken", "taken"]

    def test_what_can_not_be_fetched_yet_is_waited_for(self, at, name, monkeypatch):
        path = at.inbox / name / "a.csv"
        at.put(str(path), GOOD)
        hook = poll(at, f"{at.inbox}/{name}")
        look(at, hook)
        away = path.rename(path.with_suffix(".away"))
        one = Listed(str(path), "/a.csv", len(GOOD), "then")
        monkeypatch.setattr(folders, "folder_of", lambda *_: folders.Folder([one], is_whole=True))
        for _ in range(2):
            look(at, hook)
        (row,) = at.arrivals(hook)
        at.postponed(row["run_uuid"])
        away.rename(path)
        at.hasten(row["run_uuid"])
        assert at.ended(row["run_uuid"])["state"] == "done"
        look(at, hook)
        assert len(at.arrivals(hook)) == 1

    def test_a_name_that_is_no_unicode_holds_no_other_one_up(self, at, name):
        at.put(f"{at.sftp.url}/{name}/a.csv")
        (at.sftp.root / name / os.fsdecode(b"bad\xff.csv")).write_bytes(GOOD)
        hook = poll(at, f"{at.sftp.url}/{name}/")
        for _ in range(2):
            look(at, hook)
        outcomes = {row["path"].rpartition("/")[2]: row["outcome"] for row in at.arrivals(hook)}
        assert outcomes == {"a.csv": "taken", "bad\\udcff.csv": "left"}

    def test_a_file_that_may_not_be_fetched_holds_no_other_one_up(self, at, name):
        at.put(f"s3://acme-in/{name}/a.csv")
        at.put(f"s3://acme-in/{name}/back%5Cslash.csv")
        hook = poll(at, f"s3://acme-in/{name}/")
        look(at, hook)
        looked = look(at, hook)
        assert [row["path"].rpartition("/")[2] for row in at.arrivals(hook, outcome="taken")] == [
            "a.csv"
        ]
        assert "is no address" in looked.refused
        at.put(f"s3://acme-in/{name}/b.csv")
        for _ in range(2):
            look(at, hook)
        assert len(at.arrivals(hook, outcome="taken")) == 2

    def test_more_files_than_one_list_has_are_all_seen(self, at, name, monkeypatch):
        for number in range(7):
            at.put(f"s3://acme-in/{name}/{number}.csv", f"id\n{number}\n".encode())
            at.put(f"{at.sftp.url}/{name}/{number}.csv", f"id\n{number}\n".encode())
        project = at.served.service.project(at.served.service.hosting.named("acme")[0].project)
        rules = project.staging.rules
        narrow = replace(rules, remote=replace(rules.remote, most_listed=3))
        assert isinstance(narrow.remote, RemoteRules)
        monkeypatch.setattr(project.staging, "rules", narrow)
        for location in (f"s3://acme-in/{name}/", f"{at.sftp.url}/{name}/"):
            hook = poll(at, location)
            mapping = folders_mapping(at.served.service.hooks.by_id(hook["id"]))
            found = folders.folder_of(project, mapping.poll)
            assert [len(found.files), found.is_whole] == [7, True]

    @pytest.mark.parametrize(
        ("location", "told"),
        [
            ("s3://others/in/", "does not list it"),
            ("sftp://10.0.0.7/in/", "does not list it"),
            ("/etc", "lies in no directory"),
        ],
    )
    def test_a_folder_that_may_not_be_read_makes_no_hook(self, at, location, told):
        body = {"project": "acme", "named_file": "x", "poll": {"location": location}}
        answer = at.api.post("/v2/hooks", json=body)
        assert answer.status_code == 400
        assert told in answer.json()["detail"]

    def test_a_hook_that_looks_takes_no_requests(self, at, name):
        hook = poll(at, f"{at.inbox}/{name}")
        assert hook["secret"] is None
        assert at.sender.post(f"/v2/hooks/{hook['id']}", json={}).status_code == 401
        assert at.api.post(f"/v2/hooks/{hook['id']}/rotate").status_code == 409

    def test_local_files_end_with_the_switch(self, at, name):
        at.put(f"{at.inbox}/{name}/a.csv")
        hook = poll(at, f"{at.inbox}/{name}")
        assert at.api.delete("/v2/admin/projects/acme/local-files").status_code == 200
        try:
            with polled_by(at, 1):
                (row,) = seen(at, hook, 1, "refused")
        finally:
            assert at.api.put("/v2/admin/projects/acme/local-files").status_code == 200
        assert "local files are not allowed" in row["reason"]


@pytest.mark.slow
@pytest.mark.skipif(not postgres.is_installed(), reason="there is no PostgreSQL")
def test_folders_on_postgresql(tmp_path):
    with postgres.server() as url, hooked(tmp_path, database_url=url) as at, polled_by(at, 3):
        for number in range(30):
            at.put(f"{at.inbox}/in/{number}.csv", f"id\n{number}\n".encode())
        hook = poll(at, f"{at.inbox}/in")
        rows = seen(at, hook, PATIENCE_S)
        assert {at.ended(row["run_uuid"])["state"] for row in rows} == {"done"}
        assert len(at.arrivals(hook)) == 30


def test_a_server_that_was_started_looks_into_folders(tmp_path):
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "a.csv").write_bytes(GOOD)
    roots = {"PREBOARD_LOCAL_FILES": "true", "PREBOARD_LOCAL_ROOTS": str(inbox)}
    with started(tmp_path / "home", env=roots) as server:
        server.wait_until_ready()
        with server.client() as api:
            assert api.post("/v2/projects", json={"name": "acme"}).status_code == 201
            assert api.put("/v2/admin/projects/acme/local-files").status_code == 200
            told = {"location": str(inbox), **QUICK}
            body = {"project": "acme", "named_file": "orders", "poll": told}
            made = api.post("/v2/hooks", json=body)
            assert made.status_code == 201, made.text
            until = time.monotonic() + PATIENCE_S
            found: list[dict[str, str]] = []
            while not found and time.monotonic() < until:
                found = api.get("/v2/projects/acme/arrivals").json()["arrivals"]
                time.sleep(0.1)
            assert [row["outcome"] for row in found] == ["taken"], server.words()
            while api.get(f"/v2/runs/{found[0]['run_uuid']}").json()["status"] != "done":
                assert time.monotonic() < until
                time.sleep(0.1)
        assert server.end() == 0
