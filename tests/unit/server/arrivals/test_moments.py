"""Times as senders write them."""

from __future__ import annotations

import pytest

from preboard.server.arrivals.moments import moment

SEVEN = "2026-11-21T07:12:00.000000+00:00"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("2026-11-21T07:12:00Z", SEVEN),
        ("2026-11-21T08:12:00+01:00", SEVEN),
        ("2026-11-21T07:12:00", SEVEN),
        ("2026-11-21 07:12:00", SEVEN),
        ("20261121T071200Z", SEVEN),
        (1795245120, SEVEN),
        (1795245120000, SEVEN),
        (1795245120000000000, SEVEN),
        ("1795245120000000000", SEVEN),
        (1795245120.5, None),
        ("", None),
        (None, None),
        (True, None),
        ({}, None),
        (-5, None),
        (10**30, None),
        ("9999-12-31T23:59:59-12:00", None),
        ("0001-01-01T00:00:00+12:00", None),
        ("2026-13-01", None),
        ("x" * 10_000, None),
    ],
    ids=lambda value: str(value)[:40],
)
def test_moment(told, expected):
    assert moment(told) == expected
