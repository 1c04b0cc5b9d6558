"""Where a run lies: a directory that is its own (spec/framework.md 1.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

MOST_IN_A_SECOND = 10_000
RUN_DIRECTORY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}_[0-9]{2}-[0-9]{2}-[0-9]{2}(?:_[0-9]+)?"
"""A pattern of what `run_directories` gives."""
_SECOND = len("2026-11-21_07-12-39")


def run_directories(started: datetime, tried: int = 0) -> Iterator[str]:
    """Give the names that the directory of a run may have, in order: the time, then suffixed.

    The first `tried` of them are left out.

    >>> from datetime import UTC, datetime
    >>> names = run_directories(datetime(2026, 11, 21, 7, 12, 39, tzinfo=UTC))
    >>> next(names), next(names)
    ('2026-11-21_07-12-39', '2026-11-21_07-12-39_0')
    >>> next(run_directories(datetime(2026, 11, 21, 7, 12, 39, tzinfo=UTC), tried=2))
    '2026-11-21_07-12-39_1'
    """
    name = f"{started:%Y-%m-%d_%H-%M-%S}"
    if not tried:
        yield name
    for number in range(max(tried - 1, 0), MOST_IN_A_SECOND):
        yield f"{name}_{number}"


def place_of(directory: str, started: datetime) -> int:
    """Return the place of a name among `run_directories`, from 0; -1 for one of another second.

    >>> from datetime import UTC, datetime
    >>> second = datetime(2026, 11, 21, 7, 12, 39, tzinfo=UTC)
    >>> [place_of(f"2026-11-21_07-12-{end}", second) for end in ("39", "39_0", "39_17", "40_1")]
    [0, 1, 18, -1]
    """
    time, number = directory[:_SECOND], directory[_SECOND:]
    if time != f"{started:%Y-%m-%d_%H-%M-%S}":
        return -1
    return int(number[1:]) + 1 if number[1:].isdecimal() else 0
