"""Hooks over a real socket, from the request of a sender to the end of the run that it starts."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4, uuid5

import pytest
from tests.docs.test_arrivals import PAGES, blocks, outcomes
from tests.integration import postgres
from tests.integration.patience import PATIENCE_S
from tests.integration.server.asked import line_of
from tests.integration.server.hooking import BAD, BUCKET, GOOD, event, hooked, load, sent

from preboard.errors import NotFound
from preboard.jobs.child import AGAIN_S
from preboard.server.arrivals.mapping import parse
from preboard.server.arrivals.routing import Delivery
from preboard.server.confirming import Confirmations

COMMAND = re.compile(r"^```sh\n(curl .*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def at(tmp_path_factory):
    with hooked(tmp_path_factory.mktemp("hooked")) as made:
        yield made


@pytest.fixture
def hook(at):
    """A hook of SFTPGo whose files are fetched by SFTP and run."""
    return at.hook("sftpgo", group="order-checks", location=f"{at.sftp.url}{{path}}")


def shown_pairs():
    """Return each hook of the pages with a body that they show for it."""
    for page in PAGES:
        definition = None
        for number, (kind, value) in enumerate(blocks(page)):
            if kind == "hook":
                definition = value
            elif kind == "body":
                yield pytest.param(definition, value, id=f"{page.stem}-{number}")


def here(at, definition):
    """Return a definition whose files lie where the tests put them."""
    text = json.dumps(definition)
    for host in ("sftp.example.com:2022", "sftp.example.com"):
        text = text.replace(f"sftp://{host}", at.sftp.url)
    found = json.loads(text.replace("/mnt/incoming", str(at.inbox)))
    if found["adapter"] in ("event-grid", "gcs-pubsub"):
        found["location"] = "s3://acme-in/{path}"
    elif "location" not in found and found["adapter"] in ("sftpgo", "json"):
        found["location"] = f"{at.sftp.url}{{path}}"
    return found


class TestSenders:
    @pytest.mark.parametrize(("definition", "body"), [*shown_pairs()])
    def test_what_the_pages_show_is_fetched_registered_and_run(self, at, definition, body):
        definition = here(at, definition)
        mapping = parse(definition)
        deliveries = [each for each in outcomes(mapping, body) if isinstance(each, Delivery)]
        for each in deliveries:
            at.put(each.location, GOOD + f"3,{uuid4()},5\n".encode())
            if each.group:
                load(at.api, each.group)
        made = at.api.post("/v2/hooks", json=definition).json()

        answer = at.call(made, body)

        assert answer.status_code == mapping.answer
        runs = answer.json()["runs"]
        assert [run["named_file"] for run in runs] == [each.named_file for each in deliveries]
        for run, each in zip(runs, deliveries, strict=True):
            ended = at.ended(run["run_uuid"])
            assert ended["state"] == "done", ended["error"]
            assert ended["valid"] is (True if each.group else None)
            kept = at.version(run["run_uuid"]).entry.provenance
            assert kept.original_path == each.arrival.path
            assert kept.event_id == each.arrival.event_id

    @pytest.mark.parametrize(("content", "valid"), [(GOOD, True), (BAD, False)])
    def test_an_upload_becomes_a_version_with_its_origin_and_a_run(self, at, hook, content, valid):
        at.put(f"{at.sftp.url}/orders/may.csv", content + f"3,{uuid4()},5\n".encode())
        told = event()

        answer = at.call(hook, told)

        assert answer.status_code == 202
        (run,) = answer.json()["runs"]
        ended = at.ended(run["run_uuid"])
        assert (ended["state"], ended["valid"]) == ("done", valid)
        kept = at.version(run["run_uuid"]).entry.provenance
        assert (kept.account, kept.protocol, kept.address) == ("alder", "SFTP", "203.0.113.9")
        assert kept.event_id == told["id"]
        assert kept.event_time == "2026-11-21T07:12:00.000000+00:00"
        assert kept.registered_by == f"hook {hook['name']}"
        status = at.api.get(f"/v2/runs/{run['run_uuid']}").json()
        assert (status["status"], status["valid"]) == ("done", valid)
        asked = {"project_name": "acme", "reference": status["registration_reference"]}
        (shown,) = at.api.get("/v2/registrations/orders", params=asked).json()["versions"]
        assert shown["provenance"]["account"] == "alder"
        assert shown["provenance"]["event_id"] == told["id"]
        (row,) = at.arrivals(hook)
        assert (row["outcome"], row["run_uuid"]) == ("taken", run["run_uuid"])
        assert row in at.api.get("/v2/projects/acme/arrivals").json()["arrivals"]

    def test_the_line_of_the_request_in_the_log_tells_the_run(self, at, hook, caplog):
        at.put(f"{at.sftp.url}/orders/may.csv", GOOD + f"3,{uuid4()},5\n".encode())
        with caplog.at_level(logging.INFO, logger="preboard.server"):
            answer = at.call(hook, event())
            line = line_of(answer, caplog)

        assert line["job"] == answer.json()["runs"][0]["run_uuid"]

    def test_fifty_deliveries_of_one_event_at_once_are_one_run(self, at, hook):
        at.put(f"{at.sftp.url}/orders/may.csv")
        told, answers = event(), []

        def deliver():
            answers.append(at.call(hook, told))

        threads = [threading.Thread(target=deliver) for _ in range(50)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert {answer.status_code for answer in answers} == {202}
        runs = [answer.json()["runs"][0] for answer in answers]
        assert len({run["run_uuid"] for run in runs}) == 1
        assert [run["duplicate"] for run in runs].count(False) == 1
        outcomes_of = [row["outcome"] for row in at.arrivals(hook)]
        assert sorted(outcomes_of) == ["duplicate"] * 49 + ["taken"]
        assert at.ended(runs[0]["run_uuid"])["state"] == "done"

    def test_the_same_with_an_idempotency_key_is_one_run_and_told_as_before(self, at):
        hook = at.hook("json", settings={"path": "/path"}, location=f"{at.sftp.url}{{path}}")
        at.put(f"{at.sftp.url}/orders/keyed.csv")
        body, key = {"path": "/orders/keyed.csv"}, {"Idempotency-Key": str(uuid4())}
        with ThreadPoolExecutor(8) as pool:  # without an id or a time they are no duplicates
            answers = list(pool.map(lambda _: at.call(hook, body, headers=key), range(8)))

        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.text for answer in answers}) == 1
        assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
        (row,) = at.arrivals(hook)
        assert row["run_uuid"] == answers[0].json()["runs"][0]["run_uuid"]
        anew = at.call(hook, body, headers={"Idempotency-Key": str(uuid4())})
        assert anew.json()["runs"][0]["run_uuid"] != row["run_uuid"]

    def test_an_idempotency_key_is_of_one_hook_one_body_and_who_knows_the_secret(self, at, hook):
        told, key = event(status="2"), {"Idempotency-Key": str(uuid4())}
        other = at.hook("sftpgo", location=f"{at.sftp.url}{{path}}")
        assert at.call(hook, told, headers=key).status_code == 202

        assert at.call({**hook, "secret": "wrong"}, told, headers=key).status_code == 401
        assert at.call(hook, event(status="2"), headers=key).status_code == 409
        answer = at.call(other, told, headers=key)
        assert (answer.status_code, "idempotency-replayed" in answer.headers) == (202, False)
        refused = at.call(hook, told, headers={"Idempotency-Key": "a b"})
        assert (refused.status_code, refused.json()["code"]) == (400, "request")

    def test_what_may_not_be_fetched_is_not_kept_with_an_idempotency_key(self, at):
        hook = at.hook("sftpgo", location="sftp://elsewhere.example.com{path}")
        key = {"Idempotency-Key": str(uuid4())}
        told = event()
        for _ in range(2):
            assert at.call(hook, told, headers=key).status_code == 403
        definition = {**hook["definition"], "location": f"{at.sftp.url}{{path}}"}
        at.api.patch(f"/v2/hooks/{hook['id']}", json={"definition": definition}).raise_for_status()
        assert at.call(hook, told, headers=key).status_code == 202

    def test_what_can_not_be_fetched_yet_is_waited_for(self, at, hook):
        path = f"/orders/{uuid4()}.csv"
        told = event(path=path)
        (first,) = at.call(hook, told).json()["runs"]
        waits = at.postponed(first["run_uuid"])
        assert (waits["status"], waits["reason"]) == ("queued", NotFound.code)
        assert "is not there" in waits["error"]
        at.put(f"{at.sftp.url}{path}")
        (again,) = at.call(hook, told).json()["runs"]  # so that it need not wait

        assert (again["duplicate"], again["run_uuid"]) == (True, first["run_uuid"])
        assert at.ended(first["run_uuid"])["state"] == "done"
        done = at.api.get(f"/v2/runs/{first['run_uuid']}").json()
        assert (done["attempt"], done["error"], done["next_attempt"]) == (2, None, None)

    def test_what_is_still_empty_is_waited_for(self, at, hook):
        path = f"/orders/{uuid4()}.csv"
        at.put(f"{at.sftp.url}{path}", b"")
        told = event(path=path)
        del told["size"]
        (first,) = at.call(hook, told).json()["runs"]
        assert "is empty" in at.postponed(first["run_uuid"])["error"]
        at.put(f"{at.sftp.url}{path}")
        at.hasten(first["run_uuid"])

        assert at.ended(first["run_uuid"])["state"] == "done"
        assert at.version(first["run_uuid"]).size > 0

    def test_what_is_waited_for_can_be_cancelled(self, at, hook):
        (run,) = at.call(hook, event(path=f"/orders/{uuid4()}.csv")).json()["runs"]
        at.postponed(run["run_uuid"])

        answer = at.api.post(f"/v2/runs/{run['run_uuid']}/cancel")
        assert answer.status_code == 202, answer.text
        assert at.ended(run["run_uuid"])["state"] == "cancelled"

    def test_what_never_came_is_fetched_when_it_is_told_again(self, at, hook):
        path = f"/orders/{uuid4()}.csv"
        told = event(path=path)
        (first,) = at.call(hook, told).json()["runs"]
        at.postponed(first["run_uuid"])
        at.hasten(first["run_uuid"], attempt=len(AGAIN_S))
        failed = at.ended(first["run_uuid"])
        assert failed["state"] == "failed"
        assert "is not there" in failed["error"]
        at.put(f"{at.sftp.url}{path}")

        (again,) = at.call(hook, told).json()["runs"]
        (third,) = at.call(hook, told).json()["runs"]

        assert (again["duplicate"], third["duplicate"]) == (False, True)
        assert again["run_uuid"] == third["run_uuid"] != first["run_uuid"]
        assert at.ended(again["run_uuid"])["state"] == "done"

    def test_several_events_of_one_body_each_find_their_rule(self, at):
        hook = at.hook(
            "json",
            settings={"events": "/files", "path": "/name", "event_id": "/id"},
            location=f"{at.inbox}/{{path}}",
        )
        for name in ("a.csv", "b.csv"):
            at.put(f"{at.inbox}/{name}")
        names = ["a.csv", "b.csv", "c.csv.part", ".hidden/d.csv", "a.csv"]
        files = [{"name": name, "id": f"{name} 1"} for name in names]

        answer = at.call(hook, {"files": files})

        told = answer.json()
        assert [run["path"] for run in told["runs"]] == ["a.csv", "b.csv", "a.csv"]
        assert [run["duplicate"] for run in told["runs"]] == [False, False, True]
        assert [left["path"] for left in told["left"]] == ["c.csv.part", ".hidden/d.csv"]
        assert {at.ended(run["run_uuid"])["state"] for run in told["runs"]} == {"done"}
        found = {row["path"]: row["reason"] for row in at.arrivals(hook, outcome="left")}
        assert "still being written" in found["c.csv.part"]

    @pytest.mark.parametrize(
        ("changed", "reason"),
        [
            ({"status": "2"}, "failed"),
            ({"path": "/orders/may.csv.part"}, "still being written"),
            ({"size": "0"}, "empty"),
            ({"path": "/orders/.may.csv"}, "hidden"),
            ({"path": "/orders/../may.csv"}, "goes up"),
            ({"path": "/orders/manifest.json"}, "can't be the name"),
        ],
        ids=lambda value: str(value)[:40],
    )
    def test_what_is_no_file_yet_is_left_with_a_reason(self, at, hook, changed, reason):
        answer = at.call(hook, event(**changed))

        assert answer.status_code == 202
        assert answer.json()["runs"] == []
        assert reason in answer.json()["left"][0]["reason"]

    def test_what_the_definition_of_the_file_says_of_arrivals_holds_for_hooks(self, at):
        at.put(f"{at.sftp.url}/orders/june.csv", BAD + b"3,Cid,7\n")
        project = at.served.service.hosting.named("acme")[0].project
        opened = at.served.service.project(project)
        arrival = {"named_paths_group": "order-checks"}
        opened.configure_named_file("by itself", {"on_arrival": arrival})
        hook = at.hook("sftpgo", named_file="by itself", location=f"{at.sftp.url}{{path}}")

        (run,) = at.call(hook, event(path="/orders/june.csv")).json()["runs"]

        assert at.ended(run["run_uuid"])["job"].kind == "register"
        following = at.ended(str(uuid5(UUID(run["run_uuid"]), "on arrival")))
        assert (following["state"], following["valid"]) == ("done", False)
        assert following["job"].wish.group == "order-checks"

    def test_a_file_whose_group_is_gone_is_registered_all_the_same(self, at):
        at.put(f"{at.sftp.url}/orders/may.csv")
        hook = at.hook("sftpgo", group="gone", location=f"{at.sftp.url}{{path}}")

        answer = at.call(hook, event())

        (run,) = answer.json()["runs"]
        assert run["group"] is None
        assert run["note"] == "only registered: there is no group 'gone'"
        assert at.arrivals(hook)[0]["reason"] == run["note"]
        assert at.ended(run["run_uuid"])["state"] == "done"
        assert at.version(run["run_uuid"]).size == len(GOOD)


@pytest.mark.slow
@pytest.mark.skipif(not postgres.is_installed(), reason="there is no PostgreSQL")
def test_fifty_deliveries_of_one_event_on_postgresql(tmp_path):
    with postgres.server() as url, hooked(tmp_path, database_url=url) as at:
        hook = at.hook("sftpgo", group="order-checks", location=f"{at.sftp.url}{{path}}")
        TestSenders().test_fifty_deliveries_of_one_event_at_once_are_one_run(at, hook)
        TestSenders().test_what_can_not_be_fetched_yet_is_waited_for(at, hook)
        TestSenders().test_what_never_came_is_fetched_when_it_is_told_again(at, hook)
        TestSenders().test_the_same_with_an_idempotency_key_is_one_run_and_told_as_before(at)


def test_the_commands_of_the_page(at, tmp_path):
    page = next(each for each in PAGES if each.stem == "README")
    make, allow, send = COMMAND.findall(page.read_text(encoding="utf-8"))
    found = blocks(page)
    definition = here(at, next(value for kind, value in found if kind == "hook"))
    (tmp_path / "hook.json").write_text(json.dumps(definition))
    body = next(value for kind, value in found if kind == "body")
    (tmp_path / "event.json").write_text(json.dumps(body))
    at.put(f"{at.sftp.url}{body['path']}")

    made = run(make, tmp_path, URL=at.served.url, KEY=at.served.key)
    assert made["url"] == f"{at.served.url}/v2/hooks/{made['id']}"
    where = f"{at.sftp.url}/*, s3://{BUCKET}/*"
    allow = allow.replace("sftp://sftp.example.com:2022/*", where)
    assert where in allow
    run(allow, tmp_path, URL=at.served.url, KEY=at.served.key)
    told = run(send, tmp_path, URL=at.served.url, ID=made["id"], SECRET=made["secret"])

    assert [each["named_file"] for each in told["runs"]] == ["orders"]
    assert at.ended(told["runs"][0]["run_uuid"])["state"] == "done"


def run(command, directory, **environment):
    """Return what a command of the page prints."""
    told = subprocess.run(
        ["/bin/sh", "-ec", command],
        cwd=directory,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", **environment},
        capture_output=True,
        check=True,
        timeout=60,
    )
    return json.loads(told.stdout)


class TestRefusals:
    @pytest.mark.parametrize(
        ("location", "reason"),
        [
            ("s3://other/{path}", "does not list it"),
            ("sftp://10.0.0.7/{path}", "does not list it"),
            ("https://intranet.example{path}", "HTTP is not allowed"),
            ("/etc{path}", "lies in no directory"),
        ],
    )
    def test_what_may_not_be_fetched_is_refused_before_it_is_accepted(self, at, location, reason):
        hook = at.hook("sftpgo", location=location)

        answer = at.call(hook, event())

        assert answer.status_code == 403
        assert reason in answer.json()["detail"]
        (row,) = at.arrivals(hook)
        assert (row["outcome"], row["run_uuid"]) == ("refused", None)
        assert reason in row["reason"]

    def test_a_host_of_a_private_network_is_not_asked_though_the_project_lists_it(self, at):
        hook = at.hook("json", settings={"location": "/at", "event_id": "/id"})
        told = {"at": "sftp://127.0.0.2/x.csv", "id": str(uuid4())}
        assert at.call(hook, told).status_code == 403

    def test_a_path_that_leads_out_of_the_root_is_refused(self, at):
        (at.inbox / "out").symlink_to("/etc")
        hook = at.hook("json", settings={"location": "/at", "event_id": "/id"})

        for where in ("/out/passwd", "/../home/preboard.db"):
            answer = at.call(hook, {"at": f"{at.inbox}{where}", "id": str(uuid4())})
            assert answer.json().get("runs", []) == [], where
        home = at.served.service.settings.home / "preboard.db"
        assert at.call(hook, {"at": str(home), "id": "1"}).status_code == 403

    def test_local_files_end_with_the_switch(self, at):
        at.put(f"{at.inbox}/may.csv")
        hook = at.hook("json", settings={"location": "/at", "event_id": "/id"})
        where = {"at": f"{at.inbox}/may.csv"}

        (run,) = at.call(hook, {**where, "id": "on"}).json()["runs"]
        assert at.ended(run["run_uuid"])["state"] == "done"
        assert at.api.delete("/v2/admin/projects/acme/local-files").status_code == 200
        try:
            off = at.call(hook, {**where, "id": "off"})
        finally:
            assert at.api.put("/v2/admin/projects/acme/local-files").status_code == 200
        assert off.status_code == 403
        assert "not allowed" in off.json()["detail"]
        (run,) = at.call(hook, {**where, "id": "off"}).json()["runs"]
        assert run["duplicate"] is False  # what was refused was not taken

    def test_one_file_that_is_refused_keeps_no_other_out(self, at):
        at.put(f"{at.inbox}/may.csv")
        hook = at.hook("json", settings={"events": "/files", "location": "/at"})
        files = [{"at": "/etc/passwd"}, {"at": f"{at.inbox}/may.csv"}]

        answer = at.call(hook, {"files": files})

        assert answer.status_code == 202
        assert len(answer.json()["runs"]) == 1
        assert [each["path"] for each in answer.json()["refused"]] == ["/etc/passwd"]

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            (b"no json", None),
            (b"[]", None),
            (b'{"event": "upload", "status": "1"}', "/path"),
            (b'{"event": "upload", "path": "/a.csv"}', "/status"),
            (b"\xff\xfe", None),
        ],
    )
    def test_a_body_that_is_not_understood_is_told_where(self, at, hook, body, pointer):
        answer = at.call(hook, body)

        assert answer.status_code == 422
        problem = answer.json()
        assert (problem["code"], problem.get("pointer") or None) == ("not-understood", pointer)
        (row,) = at.arrivals(hook)
        assert (row["outcome"], row["path"]) == ("refused", "")

    def test_a_body_that_is_too_large(self, at, hook):
        answer = at.call(hook, b"{" + b" " * at.served.service.settings.most_body_bytes)
        assert answer.status_code == 413

    def test_other_methods_are_not_taken(self, at, hook):
        headers, _ = sent(hook, b"")
        path = f"/v2/hooks/{hook['id']}"
        assert at.sender.put(path, headers=headers).status_code == 405
        assert at.sender.get(path, headers=headers).status_code == 401  # the one of the API

    def test_a_paused_hook_says_come_again(self, at, hook, caplog):
        at.put(f"{at.sftp.url}/orders/may.csv")
        path, told = f"/v2/hooks/{hook['id']}", event()

        assert at.api.patch(path, json={"paused": True}).json()["paused"] is True
        answer = at.call(hook, told)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
        [line] = [each for each in caplog.records if getattr(each, "code", None) == "paused"]
        assert (line.levelname, line.exc_info) == ("WARNING", None)  # it is as it should be
        assert at.api.patch(path, json={"paused": False}).json()["paused"] is False
        assert at.call(hook, told).json()["runs"][0]["duplicate"] is False


class TestHandshakes:
    def test_event_grid_asks_by_a_code(self, at):
        hook = at.hook("event-grid", secret={"query": "token"})
        told = [{
            "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent",
            "data": {"validationCode": "512d38b6-c7b8"},
        }]  # fmt: skip

        answer = at.call(hook, told)

        assert (answer.status_code, answer.json()) == (200, {"validationResponse": "512d38b6-c7b8"})

    def test_event_grid_asks_by_options(self, at):
        hook = at.hook("event-grid", secret={"query": "token"})
        origin = {"WebHook-Request-Origin": "eventgrid.azure.net"}
        path = f"/v2/hooks/{hook['id']}"
        answer = at.sender.options(path, headers=origin, params={"token": hook["secret"]})
        wrong = at.sender.options(path, headers=origin, params={"token": "x"})
        assert answer.status_code == 200
        assert answer.headers["WebHook-Allowed-Origin"] == "eventgrid.azure.net"
        assert wrong.status_code == 401

    @pytest.mark.parametrize(
        ("status", "outcome"), [(200, "left"), (302, "refused"), (403, "refused")]
    )
    def test_a_topic_is_confirmed_once_behind_the_answer(self, at, monkeypatch, status, outcome):
        asked = []

        def fetch(url, _private_hosts):
            asked.append(url)
            return status

        service = at.served.service
        monkeypatch.setattr(service, "confirmations", Confirmations(service.arrivals, fetch=fetch))
        topic = "arn:aws:sns:eu-west-1:123456789012:acme-in"
        url = f"https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={topic}"
        hook = at.hook("s3-sns", secret={"query": "token"})
        told = {"Type": "SubscriptionConfirmation", "TopicArn": topic}

        answer = at.call(hook, {**told, "SubscribeURL": f"{url}&Token=t"})

        assert (answer.status_code, answer.json()) == (200, {"topic": topic})
        row = _row(at, hook)
        assert asked == [f"{url}&Token=t"]
        assert (row["outcome"], row["path"]) == (outcome, "")
        elsewhere = {**told, "SubscribeURL": "https://evil.example/?Action=ConfirmSubscription"}
        assert at.call(hook, elsewhere).status_code == 422
        assert len(asked) == 1


def _row(at, hook):
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        rows = at.arrivals(hook)
        if rows:
            return rows[0]
        time.sleep(0.02)
    raise AssertionError("nothing was noted")
