"""Dates where no recorded case tells."""

import io
from datetime import UTC, date, datetime

import pytest

import preboard


def value(call, cell="2024-01-31", **options):
    report = preboard.validate(f"$[1][@v = {call}]", io.BytesIO(f"d\n{cell}\n".encode()), **options)
    return report.variables["v"], [error.message for error in report.errors]


def test_now_is_in_utc_and_says_so():
    moment = datetime.fromisoformat(value("now()")[0])
    assert moment.utcoffset() == UTC.utcoffset(None)


@pytest.mark.parametrize(
    ("call", "cell", "expected"),
    [
        ("year(#d)", "2021", "2021"),
        ("month(#d)", "March 2021", "03"),
        ("day(#d)", "none", None),
        ("year(roll(#d, 1, 'year'))", "2024-02-29", "2025"),
    ],
)
def test_a_part_needs_no_whole_date(call, cell, expected):
    assert value(call.replace("'", '"'), cell) == (expected, [])


def test_a_part_that_the_text_leaves_out_is_an_error():
    assert value("day(#d)", "March 2021") == (None, ["'March 2021' has no day"])


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2024-01-31", date(2024, 2, 1)),
        ("2024-01-31 23:00", datetime(2024, 2, 1, 23)),  # noqa: DTZ001 - as in the data
        ("2024-01-31T23:00:00Z", datetime(2024, 2, 1, 23, tzinfo=UTC)),
    ],
)
def test_roll_keeps_what_the_text_had(cell, expected):
    """A date stays a date, a time stays with its zone or without one."""
    found, errors = value('roll(#d, "1", "day")', cell)
    assert (found, type(found), errors) == (expected, type(expected), [])


def test_roll_out_of_the_calendar_is_an_error():
    _, errors = value('roll(#d, 999999, "years")')
    assert "outside of the calendar" in errors[0]


@pytest.mark.parametrize(
    ("call", "code"),
    [('format_date(#d, "plain")', "bad-format"), ('roll(#d, 1, "weeks")', "bad-unit")],
)
def test_literals_that_never_work_are_refused(call, code):
    with pytest.raises(preboard.StatementError) as error:
        value(call)
    assert error.value.diagnostics[0].code == code
