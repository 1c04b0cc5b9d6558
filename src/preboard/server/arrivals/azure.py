"""Azure Event Grid: blobs that were made, in both of its schemas, with their handshakes.

spec/server.md 15. The handshake of the CloudEvents schema is an OPTIONS request.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from preboard.config.names import shown
from preboard.errors import NotUnderstood
from preboard.server.arrivals.arrival import MOST_EVENTS, Adapter, FileArrival, Handshake, Left
from preboard.server.arrivals.buckets import BucketSettings, listed
from preboard.server.arrivals.locations import object_url
from preboard.server.arrivals.moments import moment
from preboard.server.arrivals.parts import document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from preboard.server.arrivals.arrival import Incoming
    from preboard.server.arrivals.parts import Part

_CREATED = "Microsoft.Storage.BlobCreated"
_RENAMED = "Microsoft.Storage.BlobRenamed"
_VALIDATION = "Microsoft.EventGrid.SubscriptionValidationEvent"
_SUBJECT = re.compile(r"/?blobServices/[^/]+/containers/(?P<container>[^/]+)/blobs/(?P<blob>.+)")

_CODE = re.compile(r"[A-Za-z0-9_-]{1,200}")

_WHOLE = frozenset({"PutBlob", "PutBlockList", "CopyBlob", "FlushWithClose", "SftpCommit"})
"""The calls after which a blob is whole; others announce it while it is still empty."""
_PIECEMEAL = frozenset({"FlushWithClose", "SftpCommit"})
"""Of these that were written before, whose events may say 0 bytes."""
_ORIGINS = frozenset({"eventgrid.azure.net"})


@dataclass(frozen=True, slots=True)
class EventGridSettings(BucketSettings):
    """Which storage accounts and containers are listened to (all if none is listed).

    `origins`: who may ask for the handshake of the CloudEvents schema. `renames`: what was renamed
    is an arrival, too, as clients do that give a file its name when it is whole.
    """

    accounts: frozenset[str] = frozenset()
    origins: frozenset[str] = _ORIGINS
    renames: bool = False


def _settings(part: Part) -> EventGridSettings:
    part.only(["accounts", "containers", "origins", "renames"])
    return EventGridSettings(
        buckets=listed(part["containers"]),
        accounts=listed(part["accounts"]),
        origins=listed(part["origins"]) or _ORIGINS,
        renames=part["renames"].flag(),
    )


def _events(incoming: Incoming, settings: EventGridSettings) -> Iterable[Part] | Handshake:
    if incoming.method == "OPTIONS":
        return _asked(incoming, settings)
    body = document(incoming.body)
    events = list(body.items()) if isinstance(body.value, list) else [body]
    for event in events[:MOST_EVENTS]:
        if event.object()["eventType"].value == _VALIDATION:
            code = event["data"].object()["validationCode"]
            if not _CODE.fullmatch(code.text()):
                raise code.wrong("is no code")
            return Handshake(200, {"validationResponse": code.text()})
    return events


def _asked(incoming: Incoming, settings: EventGridSettings) -> Handshake:
    """Answer whether events may be sent; who asks says its name in a header."""
    origin = incoming.headers.get("webhook-request-origin", "")
    if origin not in settings.origins:
        raise NotUnderstood(
            f"asks for events of {shown(origin)}, which the hook does not listen to",
            hint="list it in origins of the hook's settings",
        )
    return Handshake(200, {}, {"WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": "*"})


def _blob(event: Part, settings: EventGridSettings) -> FileArrival | Left:
    kind = (event.object()["eventType"] if event["eventType"].told else event["type"]).text()
    is_renamed = kind == _RENAMED and settings.renames
    if kind != _CREATED and not is_renamed:
        return Left("", f"no arrival: {kind[:60]}")
    subject = event["subject"]
    found = _SUBJECT.fullmatch(subject.text())
    if found is None:
        raise subject.wrong(
            "is no blob in a container", hint="/blobServices/default/containers/..."
        )
    container, blob = found["container"], found["blob"]
    data = event["data"].object()
    account = _storage_account(data["destinationUrl" if is_renamed else "url"])
    if settings.accounts and account not in settings.accounts:
        return Left(blob, f"the hook does not listen to {shown(account or 'no account')}")
    call = data["api"].text()
    if call not in _WHOLE and not is_renamed:
        return Left(blob, f"the blob may not be whole yet: {call[:40]}")
    time = event["eventTime"] if event["eventTime"].told else event["time"]
    size = data["contentLength"].size()
    return settings.left(container, blob) or FileArrival(
        location=object_url("az", container, blob),
        path=blob,
        kind=kind,
        size=None if size == 0 and call in _PIECEMEAL else size,
        event_id=event["id"].id_text(),
        event_time=moment(time.value_if_text()),
        account=data["identity"].text_or_none(),
        protocol="sftp" if call.startswith("Sftp") else None,
        etag=data["eTag"].id_text(),
    )


def _storage_account(url: Part) -> str | None:
    """Return the first label of the host in a blob's URL, which is the storage account."""
    try:
        host = urlsplit(url.text_or_none() or "").hostname
    except ValueError:
        raise url.wrong("is no URL") from None
    return host.partition(".")[0] if host else None


EVENT_GRID = Adapter("event-grid", 200, _settings, _events, _blob)
