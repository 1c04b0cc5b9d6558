"""The system clock and the calendar: the only place of the project's packages that asks them."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return this moment in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is the clock


def iso(moment: datetime) -> str:
    """Return a moment as manifests hold it: ISO 8601 in UTC with six decimals.

    The width never changes, so that texts sort as the moments do.

    >>> iso(datetime(2026, 11, 21, 7, 12, tzinfo=UTC))
    '2026-11-21T07:12:00.000000+00:00'
    """
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def elapsed_s() -> float:
    """Return seconds on a clock that only goes forward; differences are what it is for."""
    return time.monotonic()
