"""Cursors: handed back as they were, and nothing else is taken for one."""

import base64
import json

import pytest

from preboard.server.faults import RequestError
from preboard.server.pagination import cursor_of, key_of, place_of


@pytest.mark.parametrize("key", [("2026-11-21T07:12:00.000000+00:00", "k3f09aqx"), (0,), (2**40,)])
def test_a_cursor_gives_back_its_key(key):
    assert key_of(cursor_of(*key), *map(type, key)) == key


def test_no_cursor_is_the_beginning():
    assert place_of(None) is None
    assert place_of(cursor_of(7)) == 7


def encoded(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "====", "AAAA", "_", encoded({}), encoded([]), encoded(["7"]), encoded([7, 8]),
     encoded([True]), encoded([7.0]), encoded([None]), encoded([2**70]), encoded([[7]]),
     base64.urlsafe_b64encode(b"[" * 1400).decode(), "W1Nd\n"],
)  # fmt: skip
def test_what_is_none_of_this_list_is_refused(cursor):
    with pytest.raises(RequestError, match="cursor"):
        place_of(cursor)


@pytest.mark.parametrize("text", ["a\0", "é", "\ud800"])
def test_texts_in_it_are_those_that_lists_are_ordered_by(text):
    with pytest.raises(RequestError):
        key_of(encoded([text]), str)
