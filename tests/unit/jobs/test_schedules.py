"""When schedules are due."""

from datetime import UTC, datetime

import pytest

from preboard.errors import ConfigError
from preboard.jobs.schedules import next_due


@pytest.mark.parametrize(
    ("cron", "zone", "after", "due"),
    [
        ("0 6 * * *", "UTC", "2026-11-21T05:59", "2026-11-21T06:00"),
        ("0 6 * * *", "UTC", "2026-11-21T06:00", "2026-11-22T06:00"),
        ("0 6 * * *", "America/New_York", "2026-11-21T05:59", "2026-11-21T11:00"),
        ("*/15 * * * *", "Asia/Kolkata", "2026-11-21T05:59", "2026-11-21T06:00"),
        ("0 6 * * 1-5", "UTC", "2026-11-21T05:59", "2026-11-23T06:00"),
        ("0 0 29 2 *", "UTC", "2026-11-21T05:59", "2028-02-29T00:00"),
        # Clocks go back: six o'clock is an hour later by the sun.
        ("0 6 * * *", "Europe/Berlin", "2026-10-24T05:00", "2026-10-25T05:00"),
        ("0 6 * * *", "Europe/Berlin", "2026-10-23T05:00", "2026-10-24T04:00"),
    ],
)
def test_a_schedule_is_due_by_the_clocks_of_its_zone(cron, zone, after, due):
    moment = datetime.fromisoformat(after).replace(tzinfo=UTC)

    assert next_due(cron, zone, moment) == f"{due}:00.000000+00:00"


@pytest.mark.parametrize("after", ["2026-03-28T12:00", "2026-10-24T12:00"])
def test_a_night_that_changes_the_clocks_has_its_hour_once(after):
    moment = datetime.fromisoformat(after).replace(tzinfo=UTC)
    first = next_due("30 2 * * *", "Europe/Berlin", moment)
    second = next_due("30 2 * * *", "Europe/Berlin", datetime.fromisoformat(first))

    assert (datetime.fromisoformat(second) - datetime.fromisoformat(first)).total_seconds() > 79_000


@pytest.mark.parametrize(
    ("cron", "zone"),
    [
        ("R * * * *", "UTC"), ("0 r(1-5) * * *", "UTC"), ("0 0 * * R/2", "UTC"),
        ("", "UTC"), ("* * * *", "UTC"), ("* * * * * *", "UTC"), ("61 * * * *", "UTC"),
        ("a b c d e", "UTC"), ("0 0 31 2 *", "UTC"), ("0 6 * * *", "Mars/Olympus"),
        ("0 6 * * *", "../../etc/passwd"), ("0 6 * * *", "/etc/localtime"), ("0 6 * * *", ""),
    ],
)  # fmt: skip
def test_what_is_no_schedule_is_refused(cron, zone):
    with pytest.raises(ConfigError):
        next_due(cron, zone, datetime(2026, 11, 21, tzinfo=UTC))
