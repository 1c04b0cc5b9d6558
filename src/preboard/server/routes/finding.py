"""`/v2/projects/{name}/find`: what a reference leads to."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from preboard.server.asking import LONGEST
from preboard.server.auth import CallerDep, ServiceDep, hosted_of
from preboard.server.pagination import LimitQuery
from preboard.server.routes.projects import NamePath
from preboard.server.services.accepting import checked_text
from preboard.server.shapes import moment

router = APIRouter(prefix="/projects/{name}", tags=["v2:archive"])


class FoundShown(BaseModel):
    """One thing that a reference leads to."""

    kind: str = Field(description="version, statement, run, instance, or file")
    reference: str = Field(examples=["$checks.results.2026-11-21_07-12-53.us_only"])
    path: str = Field(
        description="Below the project.",
        examples=["archive/checks/2026-11-21_07-12-53/us_only"],
    )
    uuid: str
    time: str
    fingerprint: str | None = None
    text: str | None = Field(default=None, description="Of a statement.")


class FoundAnswer(BaseModel):
    """What a reference leads to, in order."""

    found: list[FoundShown]
    total: int = Field(description="How many there are; `found` may be fewer.")


@router.get("/find", operation_id="find", summary="Look up a reference")
def find(
    service: ServiceDep,
    caller: CallerDep,
    name: NamePath,
    reference: Annotated[
        str, Query(max_length=LONGEST, examples=["$orders.files.:last", "$checks.results.:all"])
    ],
    limit: LimitQuery = 1000,
) -> FoundAnswer:
    """Return the versions, statements, runs, instances or files that a reference means."""
    hosted = hosted_of(service, caller, name, "read")
    found = service.project(hosted.project).find(checked_text(reference))
    return FoundAnswer(
        found=[
            FoundShown(
                kind=each.kind,
                reference=each.reference,
                path=each.shown,
                uuid=each.id,
                time=moment(each.time) or "",
                fingerprint=each.fingerprint,
                text=each.text,
            )
            for each in found[:limit]
        ],
        total=len(found),
    )
