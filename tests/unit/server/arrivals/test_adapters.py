"""Requests as senders make them, a case a line of the .jsonl files: what each adapter makes of it.

The bodies have the members that the documents of the senders name. `files` holds what is told of
each file and nothing that is not; `left` the path of each event that is not taken, and a pattern
of the reason; `refused` the JSON pointer and a pattern of the message.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preboard.errors import NotUnderstood
from preboard.server.arrivals.adapters import ADAPTERS
from preboard.server.arrivals.arrival import (
    MOST_EVENTS,
    FileArrival,
    Handshake,
    Heard,
    Incoming,
)
from preboard.server.arrivals.parts import Part, pointer_of

HERE = Path(__file__).parent
WITH_ADAPTERS = ["sftpgo", "sftpgo-hook", "sftpplus", "s3", "eventbridge", "azure", "gcs", "json"]
CASES = [
    json.loads(line)
    for name in WITH_ADAPTERS
    for line in (HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
]
NEEDED = {"sftpplus": {"events": ["1"]}, "json": {"path": "/path"}}


def body_of(case) -> bytes:
    body = case["body"]
    if isinstance(body, dict) and list(body) == ["base64"]:
        return base64.b64decode(body["base64"])
    return (body if isinstance(body, str) else json.dumps(body)).encode()


def as_base64(body):
    return {"base64": base64.b64encode(body).decode()}


def read(case):
    adapter = ADAPTERS[case["adapter"]]
    incoming = Incoming(body_of(case), case.get("headers", {}), {}, case.get("method", "POST"))
    event_id = pointer_of(case["event_id"]) if "event_id" in case else None
    return adapter.read(incoming, adapter.settings(Part(case.get("settings", {}))), event_id)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['adapter']}: {case['id']}")
def test_request(case):
    if "refused" in case:
        pointer, message = case["refused"]
        with pytest.raises(NotUnderstood, match=message) as raised:
            read(case)
        assert raised.value.pointer == pointer
        return
    heard = read(case)
    if "handshake" in case:
        assert isinstance(heard, Handshake)
        assert asdict(heard) == case["handshake"]
        return
    assert isinstance(heard, Heard)
    told = [
        {key: value for key, value in asdict(file).items() if value is not None}
        for file in heard.files
    ]
    assert told == case.get("files", [])
    wanted = case.get("left", [])
    assert [left.path for left in heard.left] == [path for path, _ in wanted]
    for left, (_, reason) in zip(heard.left, wanted, strict=True):
        assert re.search(reason, left.reason)


def test_every_adapter_has_cases():
    assert {case["adapter"] for case in CASES} == set(ADAPTERS)


class TestBounds:
    """What is larger than any real sender makes it is refused, or left, and costs little."""

    @pytest.mark.parametrize(
        ("body", "pointer", "message"),
        [
            ("[" * 100_000, "", "too deep"),
            ("[" * 41 + "]" * 41, "", "nested deeper than 40"),
            ('{"size": 1' + "0" * 5_000 + "}", "", "too large a number"),
            ('{"path": "/a.csv", "size": 1' + "0" * 400 + "}", "/size", "a number of that size"),
            ('{"path": "' + "a" * 9_000 + '"}', "/path", "longer than 8,192"),
            ('{"path": "/a.csv", "id": "' + "1" * 1_025 + '"}', "/id", "longer than 1,024"),
        ],
        ids=["open lists", "deep", "digits", "size", "text", "id"],
    )
    def test_refused(self, body, pointer, message):
        with pytest.raises(NotUnderstood, match=message) as raised:
            self.read(body)
        assert raised.value.pointer == pointer

    @pytest.mark.parametrize(
        ("path", "reason"),
        [("a" * 5_000, "more than 4,096"), ("a/" * 300 + "b", "more than 256 parts")],
    )
    def test_left(self, path, reason):
        (left,) = self.read(json.dumps({"path": path})).left

        assert reason in left.reason
        assert len(left.path) <= 1_000

    def test_so_many_events_are_read_and_one_more_is_not(self):
        settings = {"events": "", "path": "/path"}
        events = [{"path": "/a.csv"}] * MOST_EVENTS

        assert len(self.read(json.dumps(events), settings).files) == MOST_EVENTS
        with pytest.raises(NotUnderstood, match="more than 5,000 events"):
            self.read(json.dumps([*events, events[0]]), settings)

    def read(self, body, settings=None):
        given = settings or {"path": "/path", "size": "/size", "event_id": "/id"}
        return read({"adapter": "json", "settings": given, "body": body})


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


def places(value, place=()):
    """Yield the place of every value in a document."""
    yield place
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(item, (*place, key))


def changed(value, place, other):
    if not place:
        return other
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[place[0]] = changed(copy[place[0]], place[1:], other)
    return copy


def heard_or_complaint(case):
    """Return what is heard, or the message that it is not understood; nothing else may come."""
    try:
        return read(case)
    except NotUnderstood as error:
        return error.message


@given(
    st.sampled_from([case for case in CASES if "files" in case and case["body"]]),
    st.data(),
    JSON_VALUES,
)
def test_a_body_with_any_other_value_somewhere_is_read_or_refused(case, data, other):
    """Whatever a sender puts in place of a value, the answer is ours and never a crash."""
    document = case["body"]
    if isinstance(document, str):
        document = json.loads(document.removeprefix("\ufeff"))
    place = data.draw(st.sampled_from(list(places(document))))
    outcome = heard_or_complaint({**case, "body": json.dumps(changed(document, place, other))})

    assert isinstance(outcome, Heard | Handshake) or outcome.isprintable()


@given(st.sampled_from(sorted(ADAPTERS)), st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(name, body):
    case = {"adapter": name, "settings": NEEDED.get(name, {}), "body": as_base64(body)}
    outcome = heard_or_complaint(case)

    assert isinstance(outcome, Heard | Handshake) or outcome.isprintable()


def test_a_request_does_not_show_its_secrets():
    incoming = Incoming(b"s3cret", {"x-token": "s3cret"}, {"token": "s3cret"})

    assert "s3cret" not in repr(incoming)


def test_the_origin_of_a_version_is_what_the_sender_told():
    arrival = FileArrival(
        location="s3://in/a.csv", path="a\ud800.csv", kind="upload", account="x" * 3_000
    )

    provenance = arrival.provenance

    assert provenance.original_path == "a\\ud800.csv"
    assert provenance.account == "x" * 2_000
    assert provenance.partner is None
