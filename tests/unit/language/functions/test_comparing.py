"""The order of values, where no recorded case tells."""

import io
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

import preboard
from preboard.language.functions.comparing import comparable

NUMBER, LATER = "9007199254740993", "2024-01-31T10:00:00+02:00"


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ("9", "10"),
        ("$5", 6),
        (False, True),
        (9007199254740992, NUMBER),
        ("12/31/2023", "Jan 1, 2024"),
        (date(2024, 1, 31), datetime(2024, 1, 31, 0, 0, 1, tzinfo=UTC)),
        (LATER, "2024-01-31 09:00"),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), "9999-12-31"),
        ("Bo ", " Cy"),
        ("A12345", "B2"),
        ("9" * 4000, "inf"),
    ],
)
def test_same_kind(less, more):
    """Numbers, dates and texts have an order among themselves."""
    pair = comparable(less, more)
    assert pair is not None
    assert pair[0] < pair[1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("", 1), (None, None), ("nan", "a"), (float("nan"), 1), ([], 1), ({"a": 1}, {"a": 2}),
        ("four", 1), ("4", "four"), ("2024-01-31", "x"), (date(2024, 1, 31), 5), (["a"], ["b"]),
    ],
)  # fmt: skip
def test_other_kinds(one, other):
    """Empty values and values of different kinds have no order."""
    assert comparable(one, other) is None


def test_not_a_date_between_dates():
    """Text between dates is an error of the line, as text between numbers is."""
    statement = '$[1*][between(#a, date("2024-01-01"), date("2024-12-31"))]'
    report = preboard.validate(statement, io.BytesIO(b'a\n2024-05-05\nsoon\n""\n'))
    assert report.lines == [["2024-05-05"]]
    assert [error.line for error in report.errors] == [2]
