"""Schedules: jobs that are accepted when their time comes, once each, whoever looks first."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from croniter import CroniterBadCronError, CroniterBadDateError, croniter

from preboard.catalog.service.jobs import NewJob
from preboard.catalog.service.schedules import Schedules
from preboard.clock import iso, utc_now
from preboard.config.names import shown
from preboard.errors import ConfigError

if TYPE_CHECKING:
    from preboard.jobs.queue import Queue

_FIELDS = 5
_AT_RANDOM = re.compile(r"(?<![A-Za-z])[Rr](?![A-Za-z])")
"""What the library takes for any number, another one each time."""
_MOST_AT_ONCE = 100
_OF_SCHEDULES = UUID("5d1c2b0e-8f2d-4c53-9a3c-0d2b6a0f7e11")

log = logging.getLogger("preboard.jobs")


def next_due(cron: str, zone: str, after: datetime) -> str:
    """Return when a schedule is due next, as an ISO text in UTC.

    Args:
        cron: five fields, minutes first; `0 6 * * 1-5` is six o'clock from Monday to Friday.
        zone: an IANA name such as Europe/Berlin. An hour that a change of clocks leaves out is
            taken at its end, one that comes twice is taken once.
        after: an aware moment.

    Raises:
        ConfigError: one of the two is none.

    >>> from datetime import UTC
    >>> next_due("0 6 * * *", "Europe/Berlin", datetime(2026, 11, 21, 12, tzinfo=UTC))
    '2026-11-22T05:00:00.000000+00:00'
    """
    try:
        where = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(f"{shown(zone)} is no time zone", hint="such as Europe/Berlin") from error
    hint = "five fields, such as 0 6 * * 1-5"
    if len(cron.split()) != _FIELDS or _AT_RANDOM.search(cron):
        raise ConfigError(f"{shown(cron)} is no schedule", hint=hint)
    try:
        moments = croniter(cron, after.astimezone(where))
        moment: datetime = moments.get_next(datetime)
        while not _each_hour(cron) and moment.astimezone(UTC).astimezone(where).fold:
            moment = moments.get_next(datetime)
    except (CroniterBadCronError, CroniterBadDateError, ValueError, KeyError) as error:
        raise ConfigError(f"{shown(cron)} is no schedule", hint=hint) from error
    return iso(moment)


def _each_hour(cron: str) -> bool:
    """Say whether a schedule is for every hour or some steps of them, and not for named ones."""
    return cron.split()[1].startswith("*")


def start_due(queue: Queue) -> int:
    """Accept a job for each schedule that is due; returns how many.

    The job's id is made of the schedule's and the time that was due: two hosts that look at once
    accept one job. Times that passed while nobody looked are made up for once, not each.
    """
    schedules = Schedules(queue.database)
    now = utc_now()
    started = 0
    for schedule in schedules.due(iso(now), _MOST_AT_ONCE):
        try:
            due = next_due(schedule.cron, schedule.zone, now)
        except ConfigError as error:  # a zone that the machine lost
            # Paused, so that it does not stand in the way of those that can be kept.
            log.error("schedule %s is paused: %s", schedule.name, error)  # noqa: TRY400
            with queue.database.writing() as connection:
                schedules.change(connection, schedule.project, schedule.id, {"paused": True})
            continue
        new = NewJob(
            id=str(uuid5(_OF_SCHEDULES, f"{schedule.id} {schedule.due}")),
            project=schedule.project,
            wish=schedule.wish,
            asked_by=f"schedule {schedule.name}",
            key=schedule.key,
        )
        with queue.database.writing() as connection:
            if schedules.advance(connection, schedule, due, new.id):
                queue.enqueue(connection, new)
                started += 1
    return started
