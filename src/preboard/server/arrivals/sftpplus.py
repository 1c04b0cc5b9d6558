"""SFTPPlus: its HTTP event handler with JSON bodies, several events in one (spec/server.md 15).

Which events are uploads, and which members of `data` hold the path, differs with its versions and
protocols: a hook says both, and `events` is the same list as `target` of the event handler.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from preboard.server.arrivals.arrival import Adapter, FileArrival, Left
from preboard.server.arrivals.moments import moment
from preboard.server.arrivals.parts import document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from preboard.server.arrivals.arrival import Incoming
    from preboard.server.arrivals.parts import Part, Pointer

MOST_IDS = 100


@dataclass(frozen=True, slots=True)
class SftpplusSettings:
    """Which events are uploads, and where in an event the file is told."""

    events: frozenset[str]
    path: Pointer
    location: Pointer | None
    size: Pointer | None


def _settings(part: Part) -> SftpplusSettings:
    part.only(["events", "path", "location", "size"])
    listed = part["events"]
    if not listed.told:
        raise listed.wrong(
            "must list the ids of the events that are finished uploads",
            hint="the same list as target of the event handler",
        )
    return SftpplusSettings(
        events=frozenset(_ids(listed)),
        path=part["path"].steps() if part["path"].told else ("data", "path"),
        location=part["location"].steps() if part["location"].told else None,
        size=part["size"].steps() if part["size"].told else None,
    )


def _ids(listed: Part) -> list[str]:
    ids = [item.text_or_none() or "" for item in listed.items()]
    if not ids or "" in ids or len(ids) > MOST_IDS:
        raise listed.wrong(f"must list 1 to {MOST_IDS} ids of events")
    return ids


def _events(incoming: Incoming, _settings: SftpplusSettings) -> Iterable[Part]:
    return document(incoming.body).object()["events"].items()


def _file(event: Part, settings: SftpplusSettings) -> FileArrival | Left:
    kind = event.object()["id"].text_or_none() or ""
    if kind not in settings.events:
        return Left(event.at(settings.path).value_if_text(), f"no arrival: event {kind[:40]}")
    account, stamp = event["account"], event["timestamp"]
    path = event.at(settings.path).text()
    return FileArrival(
        location=(event.at(settings.location).text_or_none() or "") if settings.location else "",
        path=path,
        kind=kind,
        size=event.at(settings.size).size() if settings.size else None,
        event_id=event["uuid"].id_text(),
        event_time=moment(stamp["iso_8601_fractional"].value_if_text())
        or moment(stamp["iso_8601"].value_if_text())
        or moment(stamp["timestamp"].value if stamp["timestamp"].told else None),
        account=account["name"].text_or_none(),
        protocol=account["peer"]["protocol"].text_or_none(),
        address=account["peer"]["address"].text_or_none(),
    )


SFTPPLUS = Adapter("sftpplus", 200, _settings, _events, _file)
