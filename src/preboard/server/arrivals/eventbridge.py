"""Amazon EventBridge: objects in S3, and uploads by Transfer Family (spec/server.md 15)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from preboard.config.names import shown
from preboard.server.arrivals.arrival import Adapter, FileArrival, Left
from preboard.server.arrivals.buckets import BucketSettings, bucket_settings, listed
from preboard.server.arrivals.locations import object_url
from preboard.server.arrivals.moments import moment
from preboard.server.arrivals.parts import document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from preboard.server.arrivals.arrival import Incoming
    from preboard.server.arrivals.parts import Part

# Both orders of the words stand in Amazon's documents.
_UPLOADED = re.compile(
    r"(?P<protocol>SFTP|FTPS|FTP) (?:Server File|File Server) (?P<what>Upload|Rename) "
    r"(?P<end>Completed|Failed)"
)
_FILE_SYSTEM = re.compile(r"/?fs-[0-9a-f]{8,40}/")
_FAILED = re.compile(r"FAIL|ERROR", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TransferSettings(BucketSettings):
    """`servers`: the ids of the only servers that are listened to; all if none is listed.

    `renames`: what was renamed is an arrival, too, as clients do that give a file its name when it
    is whole.
    """

    servers: frozenset[str] = frozenset()
    renames: bool = False


def _transfer_settings(part: Part) -> TransferSettings:
    part.only(["buckets", "servers", "renames"])
    return TransferSettings(
        buckets=listed(part["buckets"]),
        servers=listed(part["servers"]),
        renames=part["renames"].flag(),
    )


def _events(incoming: Incoming, _settings: BucketSettings) -> Iterable[Part]:
    """Return the event of a body; a target that collects them posts a list."""
    body = document(incoming.body)
    return body.items() if isinstance(body.value, list) else [body]


def object_created(event: Part, settings: BucketSettings) -> FileArrival | Left:
    """Read an event of S3; its keys are not encoded, unlike those of notifications."""
    kind = event.object()["detail-type"].text()
    if event["source"].text() != "aws.s3" or kind != "Object Created":
        return Left("", f"no arrival: {kind[:40]}")
    detail = event["detail"].object()
    stored, bucket = detail["object"].object(), detail["bucket"]["name"].text()
    key = stored["key"].text()
    return settings.left(bucket, key) or FileArrival(
        location=object_url("s3", bucket, key),
        path=key,
        kind=kind,
        size=stored["size"].size(),
        event_id=event["id"].id_text(),
        event_time=moment(event["time"].value_if_text()),
        account=detail["requester"].text_or_none(),
        protocol="s3",
        address=detail["source-ip-address"].text_or_none(),
        etag=stored["etag"].id_text(),
        version_id=stored["version-id"].id_text(),
    )


def _uploaded(event: Part, settings: TransferSettings) -> FileArrival | Left:
    """Read an event of Transfer Family; `file-path` begins with the bucket or the file system."""
    kind = event.object()["detail-type"].text()
    found = _UPLOADED.fullmatch(kind)
    is_renamed = found is not None and found["what"] == "Rename"
    if event["source"].text() != "aws.transfer" or not found or is_renamed > settings.renames:
        return Left("", f"no arrival: {kind[:40]}")
    detail = event["detail"].object()
    whole = detail["renamed-file-path" if is_renamed else "file-path"].text()
    if found["end"] == "Failed" or _FAILED.search(detail["status-code"].text_or_none() or ""):
        return Left(whole, f"the {found['what'].lower()} failed")
    server = detail["server-id"].text_or_none()
    if settings.servers and server not in settings.servers:
        return Left(whole, f"the hook does not listen to {shown(server or 'no server')}")
    bucket, _, key = whole.lstrip("/").partition("/")
    on_a_disk = bool(_FILE_SYSTEM.match(whole))
    left = None if on_a_disk else settings.left(bucket, key)
    return left or FileArrival(
        location="" if on_a_disk else object_url("s3", bucket, key),
        path=key,
        kind=kind,
        size=detail["bytes"].size(),
        event_id=event["id"].id_text(),
        event_time=moment(detail["end-timestamp"].value_if_text())
        or moment(event["time"].value_if_text()),
        account=detail["username"].text_or_none(),
        protocol=detail["protocol"].text_or_none() or found["protocol"],
        address=detail["client-ip"].text_or_none(),
        etag=detail["etag"].id_text(),
    )


EVENTBRIDGE_S3 = Adapter("eventbridge-s3", 202, bucket_settings, _events, object_created)
TRANSFER_FAMILY = Adapter("transfer-family", 202, _transfer_settings, _events, _uploaded)
