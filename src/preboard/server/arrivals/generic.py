"""Any sender of JSON: the hook says by JSON pointers where each thing stands (spec/server.md 15).

`events` points at the list of events, the other pointers begin in each of its items; without it the
body is one event.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from preboard.server.arrivals.arrival import Adapter, FileArrival, Left
from preboard.server.arrivals.locations import path_of
from preboard.server.arrivals.moments import moment
from preboard.server.arrivals.parts import document

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from preboard.server.arrivals.arrival import Incoming
    from preboard.server.arrivals.parts import Part, Pointer

MOST_CONDITIONS = 20
MOST_VALUES = 50

_POINTERS = ("location", "path", "kind", "size", "event_id", "time", "partner", "account",
             "protocol", "address", "etag", "version_id")  # fmt: skip
_NAMES = (*_POINTERS, "events", "when")


@dataclass(frozen=True, slots=True)
class Condition:
    """What an event must hold at a place; numbers and booleans are compared as JSON writes them."""

    at: Pointer
    values: frozenset[str]

    def holds(self, event: Part) -> bool:
        """Say whether an event holds one of the values there."""
        return _word(event.at(self.at).value) in self.values


@dataclass(frozen=True, slots=True)
class JsonSettings:
    """Where the things stand, and what must hold of an event that is taken."""

    events: Pointer | None
    pointers: Mapping[str, Pointer]
    when: tuple[Condition, ...]


def _settings(part: Part) -> JsonSettings:
    part.only(_NAMES)
    pointers = {name: part[name].steps() for name in _POINTERS if part[name].told}
    if "path" not in pointers and "location" not in pointers:
        raise part.wrong("must say where the path or the location of a file stands")
    conditions = list(part["when"].items()) if part["when"].told else []
    if len(conditions) > MOST_CONDITIONS:
        raise part["when"].wrong(f"holds more than {MOST_CONDITIONS} conditions")
    return JsonSettings(
        events=part["events"].steps() if part["events"].told else None,
        pointers=pointers,
        when=tuple(_condition(condition) for condition in conditions),
    )


def _condition(part: Part) -> Condition:
    part.only(["at", "is"])
    wanted = part["is"]
    values = wanted.value if isinstance(wanted.value, list) else [wanted.value]
    words = [_word(value) for value in values[: MOST_VALUES + 1]]
    if not words or None in words or len(words) > MOST_VALUES:
        raise wanted.wrong(f"must be a text, number or boolean, or 1 to {MOST_VALUES} of them")
    return Condition(part["at"].steps(), frozenset(word for word in words if word is not None))


def _word(value: object) -> str | None:
    """Return a value as it is compared; a number and its digits in a text are the same."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    fits = isinstance(value, int) and not abs(value) >> 63
    return str(value) if fits else None


def _events(incoming: Incoming, settings: JsonSettings) -> Iterable[Part]:
    body = document(incoming.body)
    return [body] if settings.events is None else body.at(settings.events).items()


def _file(event: Part, settings: JsonSettings) -> FileArrival | Left:
    event.object()

    def told(name: str) -> str | None:
        pointer = settings.pointers.get(name)
        return None if pointer is None else event.at(pointer).text_or_none()

    def known_by(name: str) -> str | None:
        pointer = settings.pointers.get(name)
        return None if pointer is None else event.at(pointer).id_text()

    for condition in settings.when:
        if not condition.holds(event):
            path = event.at(settings.pointers.get("path", ())).value_if_text()
            return Left(path, f"/{'/'.join(condition.at)[:100]} is not what the hook waits for")
    location, pointers = told("location") or "", settings.pointers
    path = told("path") or path_of(location)
    if not path:
        raise event.at(pointers.get("path", pointers.get("location", ()))).wrong("must be a text")
    return FileArrival(
        location=location,
        path=path,
        kind=told("kind") or "file",
        size=event.at(pointers["size"]).size() if "size" in pointers else None,
        event_id=known_by("event_id"),
        event_time=moment(event.at(pointers["time"]).value) if "time" in pointers else None,
        partner=told("partner"),
        account=told("account"),
        protocol=told("protocol"),
        address=told("address"),
        etag=known_by("etag"),
        version_id=known_by("version_id"),
    )


JSON = Adapter("json", 202, _settings, _events, _file)
