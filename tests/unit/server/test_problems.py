"""Problems: which error is answered how, and what no answer tells."""

import pytest
from starlette.requests import Request

from preboard.diagnostics import Diagnostic, Span
from preboard.errors import (
    BadReference,
    ConfigError,
    Conflict,
    DataError,
    InputError,
    NameRefused,
    NotFound,
    NotUnderstood,
    PartlyRegistered,
    PreboardError,
    Refused,
    RunInterrupted,
    StatementError,
    StoreError,
    Superseded,
    Tampered,
)
from preboard.groups.faults import BrokenGroup
from preboard.server.faults import Forbidden, KeyMissing, TooLarge, TooMany
from preboard.server.problems import misfits, of_error, status_of, told

HOME = "/srv/pb"
FINDING = Diagnostic("syntax", "no end", Span(0, 1))
STATUS = [
    (PreboardError("x"), 400),
    (StatementError([FINDING], "$[*]["), 400),
    (InputError("x"), 400),
    (NotUnderstood("x"), 422),
    (DataError("x"), 400),
    (ConfigError("x"), 400),
    (BadReference("$", 0, "x"), 400),
    (NameRefused("x"), 400),
    (Refused("x"), 400),
    (PartlyRegistered([], [("a", NotFound("x"))]), 400),
    (KeyMissing(), 401),
    (Forbidden("x"), 403),
    (NotFound("x"), 404),
    (Conflict("x"), 409),
    (Tampered("x"), 409),
    (Superseded("x"), 409),
    (RunInterrupted("x"), 409),
    (TooLarge("x"), 413),
    (TooMany("x", retry_after_s=7), 429),
    (StoreError("x"), 503),
]


def every(kind):
    yield kind
    for child in kind.__subclasses__():
        yield from every(child)


def request(path="/v2/x"):
    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""}
    return Request({**scope, "state": {"request_id": "r1"}, "server": ("s", 80), "scheme": "http"})


@pytest.mark.parametrize(("error", "status"), STATUS, ids=lambda case: type(case).__name__)
def test_each_error_has_its_status(error, status):
    assert status_of(error) == status


def test_no_error_of_the_package_is_without_one():
    for kind in every(PreboardError):
        assert 400 <= status_of(kind.__new__(kind)) <= 504
    assert status_of(BrokenGroup.__new__(BrokenGroup)) == 400


def test_headers_that_an_error_brings():
    answer = of_error(request(), TooMany("x", retry_after_s=7), HOME)

    assert answer.headers["retry-after"] == "7"
    assert answer.media_type == "application/problem+json"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("orders.csv is empty", "orders.csv is empty"),
        ("/srv/pb/projects/5f0c/archive/x is gone", "archive/x is gone"),
        ("'/srv/pb/projects/5f0c' is no project", "'' is no project"),
        ("/srv/pb/preboard.db is locked", "preboard.db is locked"),
        ("two: /srv/pb/projects/1/a and /srv/pb/projects/2/b", "two: a and b"),
        ("caf\udce9 is no name", "caf\\udce9 is no name"),
    ],
)
def test_paths_of_the_home_are_told_from_there_on(text, shown):
    assert told(text, HOME) == shown


@pytest.mark.parametrize(
    ("loc", "given", "shown"),
    [
        (("body", "name"), 7, 7),
        (("body", "name"), True, True),
        (("body", "name"), "abc", "abc"),
        (("body", "name"), 1.5, "1.5"),
        (("body", "name"), float("nan"), "nan"),
        (("body", "name"), "\ud800", "\\ud800"),
        (("body", "name"), b"\xff", "b'\\xff'"),
        (("body",), {"api_key": "s3cret"}, None),
        (("body",), b'{"api_key": "s3cret"}', None),
        (("body",), "s3cret", None),
        (("body", "definition"), '{"sources": "s3cret"}', None),
        (("body", "key"), "s3cret", None),
        (("body", "projects"), ["s3cret"], None),
        (("body", "api_key"), "s3cret", None),
        (("body", "value"), "s3cret", None),
        (("query", "limit"), "x", "x"),
    ],
)
def test_what_stood_there_is_told_unless_it_is_secret_or_much(loc, given, shown):
    (found,) = misfits([{"type": "t", "loc": loc, "msg": "m", "input": given, "ctx": {}}])

    assert found == {"type": "t", "loc": list(loc), "msg": "m", "input": shown}


def test_a_long_one_is_cut():
    (found,) = misfits([{"type": "t", "loc": ("query", "q"), "msg": "m", "input": "x" * 10_000}])

    assert len(found["input"]) <= 200
