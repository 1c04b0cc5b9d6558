"""Definitions of hooks, and what their rules make of an arrival.

definitions.jsonl: a change of a good definition, the JSON pointer and a pattern of the complaint.
routes.jsonl: a rule and an arrival, and what is said of the delivery, or why it is left.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path

import pytest

from preboard.errors import NotUnderstood
from preboard.server.arrivals.arrival import FileArrival, Heard, Incoming, Left
from preboard.server.arrivals.mapping import parse
from preboard.server.arrivals.routing import Delivery, route

HERE = Path(__file__).parent
GOOD = {
    "project": "acme",
    "adapter": "sftpgo",
    "secret": {"header": "X-Preboard-Token"},
    "named_file": "orders",
    "group": "checks",
}


def cases(name):
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]


def delivered(hook, arrival):
    told = FileArrival(**{"kind": "upload", **arrival})
    return route(parse(hook), told)


@pytest.mark.parametrize("case", cases("definitions.jsonl"), ids=lambda case: case["id"])
def test_wrong_definition(case):
    parse(GOOD)
    pointer, message = case["refused"]
    with pytest.raises(NotUnderstood, match=message) as raised:
        parse({**GOOD, **case["change"]})
    assert raised.value.pointer == pointer


@pytest.mark.parametrize("value", [None, 5, "acme", [GOOD], True], ids=str)
def test_a_definition_is_an_object(value):
    with pytest.raises(NotUnderstood, match="must be an object"):
        parse(value)


@pytest.mark.parametrize("case", cases("routes.jsonl"), ids=lambda case: case["id"])
def test_route(case):
    hook = {key: GOOD[key] for key in ("project", "adapter", "secret")}
    outcome = delivered({**hook, **case["rule"]}, case["arrival"])
    if "left" in case:
        assert isinstance(outcome, Left)
        assert re.search(re.escape(case["left"]), outcome.reason)
        assert "p4ss" not in outcome.reason
        return
    assert isinstance(outcome, Delivery)
    told = {**asdict(outcome), "partner": outcome.arrival.partner}
    assert {key: told[key] for key in case["delivery"]} == case["delivery"]


RULES = {
    **{key: GOOD[key] for key in ("project", "adapter", "secret")},
    "location": "sftp://h{path}",
    "partner": "Alder",
    "rules": [
        {"paths": "/orders/eu/*", "named_file": "eu", "group": "checks", "partner": "{account}"},
        {"paths": "/orders/**", "named_file": "orders", "location": "/srv{path}"},
    ],
}


class TestRules:
    @pytest.mark.parametrize(
        ("path", "named_file", "location", "partner"),
        [
            ("/orders/eu/a.csv", "eu", "sftp://h/orders/eu/a.csv", "acme"),
            ("/orders/us/a.csv", "orders", "/srv/orders/us/a.csv", "Alder"),
        ],
    )
    def test_the_first_that_takes_the_path_decides(self, path, named_file, location, partner):
        """Location and partner of the hook count where a rule says none."""
        outcome = delivered(RULES, {"location": "", "path": path, "account": "acme"})

        assert isinstance(outcome, Delivery)
        assert (outcome.named_file, outcome.location) == (named_file, location)
        assert outcome.arrival.partner == partner

    def test_none_takes_it(self):
        outcome = delivered(RULES, {"location": "", "path": "/returns/a.csv"})

        assert outcome == Left("/returns/a.csv", "no rule of the hook takes this path")


@pytest.mark.parametrize(
    ("adapter", "settings", "answer"),
    [
        ("sftpgo", {}, 202),
        ("sftpgo-hook", {}, 200),
        ("sftpplus", {"events": ["1"]}, 200),
        ("event-grid", {}, 200),
        ("s3-sns", {}, 202),
    ],
)
def test_a_sender_is_answered_as_it_takes_for_success(adapter, settings, answer):
    hook = {**GOOD, "adapter": adapter, "settings": settings}

    assert parse(hook).answer == answer
    assert parse({**hook, "answer": 200}).answer == 200


def test_a_mapping_reads_with_its_settings_and_its_own_id():
    mapping = parse({**GOOD, "event_id": "/time", "settings": {"events": ["upload", "copy"]}})
    body = {"event": "copy", "status": 1, "path": "/a", "target_path": "/b.csv", "time": "7"}

    heard = mapping.read(Incoming(json.dumps(body).encode()))

    assert isinstance(heard, Heard)
    assert [(file.path, file.event_id) for file in heard.files] == [("/b.csv", "7")]
