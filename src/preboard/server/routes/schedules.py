"""`/v2/schedules`: runs that are started again and again."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, status
from pydantic import BaseModel, ConfigDict, Field

from preboard.catalog.service.hosting import Hosted
from preboard.catalog.service.schedules import Schedule, Schedules
from preboard.server.asking import LONGEST, ProjectMember, ProjectQuery
from preboard.server.auth import Caller, CallerDep, ServiceDep, hosted_of
from preboard.server.pagination import CursorQuery, LimitQuery, Total, cursor_of, key_of
from preboard.server.routes.keys import Message
from preboard.server.routes.projects import NAME_RULE
from preboard.server.routes.runs import Method
from preboard.server.service import Service
from preboard.server.services import scheduling
from preboard.server.services.accepting import asker_of
from preboard.server.services.owned import audit
from preboard.server.services.running import NewRun
from preboard.server.shapes import moment

router = APIRouter(prefix="/schedules", tags=["v2:arrivals"])

SchedulePath = Annotated[
    UUID, Path(description="Its id.", examples=["0b0f5cb2-3ac2-4c8b-9a1f-5a0c4f0f2c11"])
]


class NewScheduleAsked(BaseModel):
    """A run that is to be started again and again."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "project_name": "acme",
                    "name": "every morning",
                    "cron": "0 6 * * 1-5",
                    "zone": "Europe/Berlin",
                    "file_name": "orders",
                    "validation_name": "checks",
                    "file_location": "sftp://files.example.com/out/orders.csv",
                }
            ]
        }
    )

    project_name: ProjectMember
    name: str = Field(examples=["every morning"], json_schema_extra=NAME_RULE)
    cron: str = Field(
        max_length=200, description="Five fields, minutes first.", examples=["0 6 * * 1-5"]
    )
    zone: str = Field(
        default="UTC", max_length=100, description="An IANA name.", examples=["Europe/Berlin"]
    )
    file_name: str = Field(max_length=LONGEST, examples=["orders"])
    validation_name: str = Field(max_length=LONGEST, examples=["checks"])
    file_location: str | None = Field(
        default=None, max_length=8192, description="Where a file is fetched from first, each time."
    )
    file_template: str | None = Field(default=None, max_length=LONGEST)
    method: Method | None = Field(default="collect_paths")
    run_template: str | None = Field(default=None, max_length=LONGEST)


class ScheduleShown(BaseModel):
    """A schedule, and when it is due next."""

    id: str
    name: str
    cron: str
    zone: str
    paused: bool
    created: str
    file_name: str
    validation_name: str | None
    file_location: str | None
    method: str
    next_times: list[str] = Field(description="None while it is paused.")
    last_run_uuid: str | None


class SchedulesShown(BaseModel):
    """The schedules of a project, by name."""

    schedules: list[ScheduleShown]
    total: Total
    next_cursor: str | None = Field(default=None, description="Of the next page, if there is one.")


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    operation_id="create_schedule",
    summary="Make a schedule",
)
def create_schedule(
    service: ServiceDep, caller: CallerDep, body: NewScheduleAsked
) -> ScheduleShown:
    """Make a schedule; what could not be run now is refused."""
    hosted = hosted_of(service, caller, body.project_name, "run")
    if body.file_location is not None:
        caller.need("register")
    new = scheduling.NewSchedule(
        name=body.name,
        cron=body.cron,
        zone=body.zone,
        file=body.file_name,
        run=NewRun(group=body.validation_name, method=body.method, template=body.run_template),
        location=body.file_location,
        file_template=body.file_template,
    )
    made = scheduling.add_schedule(service, hosted, asker_of(caller), new)
    audit(service, caller, hosted, "schedule.create", made.name)
    return _shown(made)


@router.get("", operation_id="list_schedules", summary="List schedules")
def list_schedules(
    service: ServiceDep,
    caller: CallerDep,
    project_name: ProjectQuery,
    limit: LimitQuery = 1000,
    cursor: CursorQuery = None,
) -> SchedulesShown:
    """List the schedules of a project, by name."""
    hosted = hosted_of(service, caller, project_name, "read")
    after = None if cursor is None else str(key_of(cursor, str)[0])
    schedules = Schedules(service.database)
    found = schedules.page(hosted.project, limit + 1, after=after)
    page = found[:limit]
    return SchedulesShown(
        schedules=[_shown(each) for each in page],
        total=schedules.count(hosted.project),
        next_cursor=cursor_of(page[-1].name) if len(found) > limit else None,
    )


@router.get("/{schedule_id}", operation_id="get_schedule", summary="Tell of a schedule")
def get_schedule(
    service: ServiceDep, caller: CallerDep, schedule_id: SchedulePath, project_name: ProjectQuery
) -> ScheduleShown:
    """Tell what a schedule does, and when next."""
    hosted = hosted_of(service, caller, project_name, "read")
    return _shown(scheduling.schedule_of(service, hosted, str(schedule_id)))


@router.post("/{schedule_id}/pause", operation_id="pause_schedule", summary="Pause a schedule")
def pause_schedule(
    service: ServiceDep, caller: CallerDep, schedule_id: SchedulePath, project_name: ProjectQuery
) -> ScheduleShown:
    """Let a schedule start nothing until it is resumed."""
    hosted = hosted_of(service, caller, project_name, "run")
    return _set_paused(service, caller, hosted, str(schedule_id), "pause")


@router.post("/{schedule_id}/resume", operation_id="resume_schedule", summary="Resume a schedule")
def resume_schedule(
    service: ServiceDep, caller: CallerDep, schedule_id: SchedulePath, project_name: ProjectQuery
) -> ScheduleShown:
    """Let a schedule go on from its next time on; what it missed is not made up for."""
    hosted = hosted_of(service, caller, project_name, "run")
    return _set_paused(service, caller, hosted, str(schedule_id), "resume")


@router.delete("/{schedule_id}", operation_id="delete_schedule", summary="Remove a schedule")
def delete_schedule(
    service: ServiceDep, caller: CallerDep, schedule_id: SchedulePath, project_name: ProjectQuery
) -> Message:
    """Remove a schedule; runs that it started go on."""
    hosted = hosted_of(service, caller, project_name, "run")
    scheduling.remove(service, hosted, str(schedule_id))
    audit(service, caller, hosted, "schedule.delete", str(schedule_id))
    return Message(message=f"Schedule '{schedule_id}' deleted.")


def _set_paused(
    service: Service, caller: Caller, hosted: Hosted, which: str, word: Literal["pause", "resume"]
) -> ScheduleShown:
    changed = scheduling.pause(service, hosted, which, paused=word == "pause")
    audit(service, caller, hosted, f"schedule.{word}", changed.name)
    return _shown(changed)


def _shown(schedule: Schedule) -> ScheduleShown:
    wish = schedule.wish
    told: dict[str, Any] = {
        "file_name": wish.file,
        "validation_name": wish.group,
        "file_location": wish.source,
        "method": wish.method,
    }
    return ScheduleShown(
        id=schedule.id,
        name=schedule.name,
        cron=schedule.cron,
        zone=schedule.zone,
        paused=schedule.paused,
        created=moment(schedule.created) or "",
        next_times=[moment(each) or "" for each in scheduling.next_times(schedule)],
        last_run_uuid=schedule.last_job,
        **told,
    )
