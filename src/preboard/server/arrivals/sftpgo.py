"""SFTPGo: actions of its event manager, with the body that we publish, and its fixed hook.

spec/server.md 14; docs/how-to/arrivals/sftpgo.md shows both sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from preboard.server.arrivals.arrival import Adapter, FileArrival, Left
from preboard.server.arrivals.locations import object_url
from preboard.server.arrivals.moments import moment
from preboard.server.arrivals.parts import Part, document

if TYPE_CHECKING:
    from preboard.server.arrivals.arrival import Incoming

ACTION = ("event", "status", "path", "location", "target_path", "target_location", "size",
          "account", "protocol", "address", "time", "id")  # fmt: skip
"""The members of the body that an action sends; `path` and `status` must be there."""

_ARRIVALS = ("upload",)
"""`first-upload` comes beside the `upload` of the same file."""
_OF_TARGETS = frozenset({"rename", "copy"})
_EVENTS = (*_ARRIVALS, "first-upload", *sorted(_OF_TARGETS))
_REASONS = {2: "the upload failed", 3: "the upload was over the quota"}

_SCHEMES = {1: "s3", 2: "gs", 3: "az"}
_ON_DISK = 0


@dataclass(frozen=True, slots=True)
class SftpgoSettings:
    """`events`: what counts as an arrival. With `rename`, what clients rename when it is whole."""

    events: frozenset[str] = frozenset(_ARRIVALS)


def _settings(part: Part) -> SftpgoSettings:
    events = part.only(["events"])["events"]
    if not events.told:
        return SftpgoSettings()
    return SftpgoSettings(
        frozenset(
            item.one_of(_EVENTS)
            for item in (events.items() if isinstance(events.value, list) else [events])
        )
    )


def _one(incoming: Incoming, _settings: SftpgoSettings) -> list[Part]:
    return [document(incoming.body).object()]


def _action(event: Part, settings: SftpgoSettings) -> FileArrival | Left:
    """Read the body of an action, whose members we choose; all values may be texts."""
    event.only(ACTION)
    _check_filled(event)
    kind = event["event"].text()
    ours = "target_path" if kind in _OF_TARGETS else "path"
    path = event[ours].text()
    problem = _problem(kind, event["status"].number(), settings)
    if problem:
        return Left(path, problem)
    where = "target_location" if kind in _OF_TARGETS else "location"
    return FileArrival(
        location=event[where].text_or_none() or "",
        path=path,
        kind=kind,
        size=_size(kind, event["size"].size()),
        event_id=event["id"].id_text(),
        event_time=moment(event["time"].text_or_none()),
        account=event["account"].text_or_none(),
        protocol=event["protocol"].text_or_none(),
        address=event["address"].text_or_none(),
    )


def _check_filled(event: Part) -> None:
    """Refuse what a version of SFTPGo did not replace: it would be the same for every file."""
    for key, value in event.value.items():
        if isinstance(value, str) and value.startswith("{{") and value.endswith("}}"):
            raise event[key].wrong(
                f"was not replaced: {value[:40]!r}",
                hint="from version 2.7 on placeholders begin with a dot: {{.VirtualPath}}",
            )


def _hook(event: Part, settings: SftpgoSettings) -> FileArrival | Left:
    """Read the body of the server-wide hook, which is fixed (spec/server.md 14.2)."""
    kind = event["action"].text()
    target = kind in _OF_TARGETS
    seen = event["virtual_target_path" if target else "virtual_path"]
    if kind not in settings.events and not seen.told:  # mkdir, ssh_cmd and others tell less
        return Left("", f"no arrival: {kind[:40]}")
    path = seen.text()
    problem = _problem(kind, event["status"].number(), settings)
    if problem:
        return Left(path, problem)
    provider = event["fs_provider"].number() if event["fs_provider"].told else _ON_DISK
    stored = event["target_path" if target else "path"].text_or_none() or ""
    if provider in _SCHEMES and stored:
        stored = object_url(_SCHEMES[provider], event["bucket"].text(), stored.lstrip("/"))
    elif provider != _ON_DISK:
        stored = ""  # encrypted on disk, or behind another server: only SFTPGo can give it
    session, told = event["session_id"].text_or_none(), event["timestamp"]
    size = _size(kind, event["file_size"].size())
    return FileArrival(
        location=stored,
        path=path,
        kind=kind,
        # Left out of the body of an upload when it is 0.
        size=0 if size is None and kind == "upload" else size,
        event_id=f"{session} {told.number()} {path}" if session and told.told else None,
        event_time=moment(told.value),
        account=event["username"].text_or_none(),
        protocol=event["protocol"].text_or_none(),
        address=event["ip"].text_or_none(),
    )


def _size(kind: str, told: int | None) -> int | None:
    """Return the size of a file; of what is renamed SFTPGo tells none, or 0."""
    return None if kind == "rename" and told == 0 else told


def _problem(kind: str, status: int, settings: SftpgoSettings) -> str | None:
    if kind not in settings.events:
        return f"no arrival: {kind[:40]}"
    if status == 1:
        return None
    return _REASONS.get(status, f"the upload ended with status {status}")


SFTPGO = Adapter("sftpgo", 202, _settings, _one, _action)
SFTPGO_HOOK = Adapter("sftpgo-hook", 200, _settings, _one, _hook)
