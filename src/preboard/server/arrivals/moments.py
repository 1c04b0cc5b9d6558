"""Times as senders write them, as manifests hold them.

A time only says when something was, so one that can't be read is None: no file is lost by it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from preboard.clock import iso

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = re.compile(r"[0-9]{1,20}")
_FIRST_OF_NANOSECONDS = 10**16
_FIRST_OF_MILLISECONDS = 10**11


def moment(told: object) -> str | None:
    """Return a time as ISO 8601 in UTC: of ISO 8601, or since 1970 in s, ms or ns.

    Which of the three a number is, its size tells: as seconds, it would lie behind the year 5000.
    A time without a zone is taken for UTC.

    >>> moment("2026-11-21T08:12:00.1234567+01:00")
    '2026-11-21T07:12:00.123456+00:00'
    >>> moment(1763709120000000000) == moment("1763709120") == moment(1763709120000)
    True
    >>> moment("yesterday") is None
    True
    """
    if isinstance(told, bool) or told is None:
        return None
    text = str(told).strip()[:60]
    try:
        if _DIGITS.fullmatch(text):
            return iso(_since_epoch(int(text)))
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    try:
        return iso(found if found.tzinfo else found.replace(tzinfo=UTC))
    except OverflowError:  # a zone that leads out of the calendar
        return None


def _since_epoch(count: int) -> datetime:
    if count >= _FIRST_OF_NANOSECONDS:
        return _EPOCH + timedelta(microseconds=count // 1_000)
    if count >= _FIRST_OF_MILLISECONDS:
        return _EPOCH + timedelta(milliseconds=count)
    return _EPOCH + timedelta(seconds=count)
