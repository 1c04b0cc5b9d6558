"""Dates in references: the beginning of a date and time, UTC, means the whole period (3.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from preboard.catalog.span import Span
from preboard.clock import iso

_DATE = re.compile(
    r"(\d{4})-(?:(\d\d)(?:-(?:(\d\d)(?:_(?:(\d\d)(?:-(?:(\d\d)(?:-(?:(\d\d))?)?)?)?)?)?)?)?)?"
)


@dataclass(frozen=True, slots=True)
class Period:
    """From `start`, inside, to `end`, outside."""

    start: datetime
    end: datetime

    @property
    def span(self) -> Span:
        """Return what lies within."""
        return Span(since=iso(self.start), before=iso(self.end))

    def bounded(self, word: str) -> Span:
        """Return what lies before or behind its start: before and after without it."""
        start = iso(self.start)
        match word:
            case "before":
                return Span(before=start)
            case "to":
                return Span(until=start)
            case "after":
                return Span(after=start)
            case _:
                return Span(since=start)


def period_of(text: str) -> Period | None:
    """Return the period that a text names, None if it is no date.

    >>> period = period_of("2025-01")
    >>> period.start.isoformat(), period.end.isoformat()
    ('2025-01-01T00:00:00+00:00', '2025-02-01T00:00:00+00:00')
    >>> period_of("2025-13"), period_of("orders")
    (None, None)
    """
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    parts = [int(part) for part in found.groups() if part]
    try:
        start = datetime(*(parts + [1, 1][len(parts) - 1 :])[:6], tzinfo=UTC)  # type: ignore[misc, arg-type]
        return Period(start, _end(start, len(parts)))
    except (ValueError, OverflowError):
        return None


def day(now: datetime, back: int = 0) -> Period:
    """Return the day of a moment, or one before."""
    start = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=back)
    return Period(start, start + timedelta(days=1))


def _end(start: datetime, parts: int) -> datetime:
    match parts:
        case 1:
            return start.replace(year=start.year + 1)
        case 2:
            return (start + timedelta(days=31)).replace(day=1)
        case _:
            names = ("days", "hours", "minutes", "seconds")
            return start + timedelta(**{names[parts - 3]: 1})
