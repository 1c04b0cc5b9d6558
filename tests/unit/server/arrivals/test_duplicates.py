"""Which deliveries are one."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest

from preboard.server.arrivals.arrival import FileArrival
from preboard.server.arrivals.duplicates import delivery_key

TOLD = FileArrival(location="/srv/a.csv", path="/a.csv", kind="upload", size=5)


def test_one_event_told_twice_is_one():
    first = replace(TOLD, event_id="e1", event_time="2026-11-21T07:12:00.000000+00:00")
    again = replace(first, event_time="2026-11-21T07:13:00.000000+00:00", address="203.0.113.9")

    assert delivery_key("h1", first) == delivery_key("h1", again)
    assert len(delivery_key("h1", first) or "") == 64


@pytest.mark.parametrize("change", [{"event_id": "e2"}, {"path": "/b.csv"}])
def test_another_event_or_file_is_another(change):
    event = replace(TOLD, event_id="e1")

    assert delivery_key("h1", event) != delivery_key("h1", replace(event, **change))


def test_hooks_do_not_share_keys():
    event = replace(TOLD, event_id="e1")

    assert delivery_key("h1", event) != delivery_key("h2", event)


@pytest.mark.parametrize("told", [{"etag": "x"}, {"version_id": "x"}, {"event_time": "x"}])
def test_without_an_id_the_state_of_the_file_tells(told: dict[str, Any]):
    event = replace(TOLD, **told)
    key = delivery_key("h1", event)

    assert key == delivery_key("h1", replace(event, account="acme"))
    assert key != delivery_key("h1", replace(event, size=6))
    assert key != delivery_key("h1", replace(event, location="/srv/b.csv"))
    assert key != delivery_key("h1", FileArrival(**{**asdict(event), **dict.fromkeys(told, "y")}))


def test_the_same_name_and_size_alone_are_no_duplicate():
    assert delivery_key("h1", TOLD) is None
