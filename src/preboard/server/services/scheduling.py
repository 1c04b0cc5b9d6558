"""Schedules as those who make them see them: made, told, paused, resumed, removed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

import msgspec

from preboard.catalog.service.schedules import Schedule, Schedules
from preboard.clock import iso, utc_now
from preboard.config.names import checked_server_name, shown
from preboard.errors import Conflict, NotFound
from preboard.jobs.schedules import next_due
from preboard.server.services.accepting import Asker, checked_text
from preboard.server.services.registering import NewFile, check_source
from preboard.server.services.running import bound_file, check_run

if TYPE_CHECKING:
    from preboard.catalog.service.hosting import Hosted
    from preboard.catalog.service.jobs import Wish
    from preboard.server.service import Service
    from preboard.server.services.running import NewRun

MOST_OF_PROJECT = 1_000
SHOWN_TIMES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSchedule:
    """What is to be done again and again: a group run, over a file that is fetched first or not."""

    name: str
    cron: str
    zone: str
    file: str
    run: NewRun
    location: str | None = None
    file_template: str | None = None


def add_schedule(service: Service, hosted: Hosted, asker: Asker, new: NewSchedule) -> Schedule:
    """Make a schedule, after a look at whether it could be done now.

    Raises:
        NameRefused, ConfigError: the name, the times or the zone can't be.
        Conflict: there is one of this name, or there are too many.
        NotFound, BadReference, InputError, Refused: as `accept_run` and `accept_file`.
    """
    checked_server_name(new.name, "schedule")
    due = next_due(checked_text(new.cron), checked_text(new.zone), utc_now())
    wish = _wish(service, hosted, asker, new)
    schedules = Schedules(service.database)
    schedule = Schedule(
        id=str(uuid4()),
        project=hosted.project,
        name=new.name,
        cron=new.cron,
        zone=new.zone,
        wish=wish,
        key=asker.key,
        created=iso(utc_now()),
        due=due,
    )
    with service.database.writing() as connection:
        there = schedules.names_in(connection, hosted.project)
        if new.name in there:
            raise Conflict(f"there is a schedule {shown(new.name)} already")
        if len(there) >= MOST_OF_PROJECT:
            raise Conflict(f"the project has {MOST_OF_PROJECT:,} schedules already")
        schedules.add(connection, schedule)
    return schedule


def schedule_of(service: Service, hosted: Hosted, which: str) -> Schedule:
    """Return a schedule of a project.

    Raises:
        NotFound: there is none.
    """
    found = Schedules(service.database).by_id(hosted.project, which)
    if found is None:
        raise NotFound(f"Schedule '{which}' not found")
    return found


def pause(service: Service, hosted: Hosted, which: str, *, paused: bool) -> Schedule:
    """Pause a schedule, or let it go on from the next time on: what was missed is not made up for.

    Raises:
        NotFound: there is none.
    """
    known = schedule_of(service, hosted, which)
    values: dict[str, object] = {"paused": paused}
    if known.paused and not paused:
        values["due"] = next_due(known.cron, known.zone, utc_now())
    _change(service, hosted, which, values)
    return schedule_of(service, hosted, which)


def remove(service: Service, hosted: Hosted, which: str) -> None:
    """Remove a schedule; runs that it started go on.

    Raises:
        NotFound: there is none.
    """
    _change(service, hosted, which, {"removed": iso(utc_now())})


def next_times(schedule: Schedule, most: int = SHOWN_TIMES) -> list[str]:
    """Return when a schedule is due next, the first few times."""
    if schedule.paused:
        return []
    found = [schedule.due]
    while len(found) < most:
        after = datetime.fromisoformat(found[-1])
        found.append(next_due(schedule.cron, schedule.zone, after))
    return found


def _wish(service: Service, hosted: Hosted, asker: Asker, new: NewSchedule) -> Wish:
    project = service.project(hosted.project)
    check_run(project, new.run)
    wish = new.run.wish(new.file)
    if new.location is None:
        bound_file(project, new.file)
        return wish
    source = NewFile(name=new.file, source=new.location, template=new.file_template)
    check_source(project, source)
    return msgspec.structs.replace(
        wish,
        source=new.location,
        file_template=new.file_template,
        provenance=asker.provenance(),
    )


def _change(service: Service, hosted: Hosted, which: str, values: dict[str, object]) -> None:
    with service.database.writing() as connection:
        schedules = Schedules(service.database)
        if not schedules.change(connection, hosted.project, which, values):
            raise NotFound(f"Schedule '{which}' not found")
