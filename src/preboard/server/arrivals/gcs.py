"""Google Cloud Storage: its notifications, as a push subscription of Pub/Sub posts them.

spec/server.md 15.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING

from preboard.config.names import shown
from preboard.server.arrivals.arrival import Adapter, FileArrival, Left
from preboard.server.arrivals.buckets import BucketSettings, listed
from preboard.server.arrivals.locations import object_url
from preboard.server.arrivals.moments import moment
from preboard.server.arrivals.parts import Part, document

if TYPE_CHECKING:
    from preboard.server.arrivals.arrival import Incoming

_FINAL = "OBJECT_FINALIZE"


@dataclass(frozen=True, slots=True)
class PubsubSettings(BucketSettings):
    """`subscriptions`: the only ones that are listened to; all if none is listed."""

    subscriptions: frozenset[str] = frozenset()


def _settings(part: Part) -> PubsubSettings:
    part.only(["buckets", "subscriptions"])
    return PubsubSettings(
        buckets=listed(part["buckets"]), subscriptions=listed(part["subscriptions"])
    )


def _envelope(incoming: Incoming, settings: PubsubSettings) -> list[Part]:
    envelope = document(incoming.body).object()
    subscription = envelope["subscription"]
    if settings.subscriptions and subscription.text() not in settings.subscriptions:
        raise subscription.wrong(
            f"is {shown(subscription.text(), 200)}, which the hook does not listen to"
        )
    return [envelope["message"].object()]


def _object(message: Part, settings: PubsubSettings) -> FileArrival | Left:
    told = message["attributes"].object()
    kind = told["eventType"].text()
    bucket, name = told["bucketId"].text(), told["objectId"].text()
    if kind != _FINAL:
        return Left(name, f"no arrival: {kind[:40]}")
    stored = _resource(message, told)
    generation = told["objectGeneration"].id_text()
    return settings.left(bucket, name) or FileArrival(
        location=object_url("gs", bucket, name),
        path=name,
        kind=kind,
        size=stored["size"].size(),
        event_id=message["messageId"].id_text(),
        event_time=moment(told["eventTime"].value_if_text())
        or moment(message["publishTime"].value_if_text()),
        etag=stored["etag"].id_text(),
        version_id=generation,
    )


def _resource(message: Part, told: Part) -> Part:
    """Return the object's own record out of the payload, `{}` when the notification has none."""
    data = message["data"]
    if told["payloadFormat"].value == "NONE" or not data.told or data.value == "":
        return Part({}, data.place)
    try:
        decoded = base64.b64decode(data.text_of(most=1_000_000), validate=True)
    except (binascii.Error, ValueError):
        raise data.wrong("is no base64") from None
    return document(decoded, data.place).object()


GCS_PUBSUB = Adapter("gcs-pubsub", 202, _settings, _envelope, _object)
