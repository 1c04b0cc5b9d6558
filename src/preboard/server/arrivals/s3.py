"""Amazon S3: event notifications as they are, and as a topic of SNS posts them (spec/server.md 15).

Stores with the same API send the same records by themselves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from preboard.config.names import shown
from preboard.server.arrivals.arrival import Adapter, FileArrival, Handshake, Left
from preboard.server.arrivals.buckets import BucketSettings, bucket_settings, listed
from preboard.server.arrivals.eventbridge import object_created
from preboard.server.arrivals.locations import decoded_key, object_url
from preboard.server.arrivals.moments import moment
from preboard.server.arrivals.parts import Part, document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from preboard.server.arrivals.arrival import Incoming

_SNS_HOST = re.compile(r"sns\.[a-z0-9-]{2,40}\.amazonaws\.com(?:\.cn)?")
_RAW_TOPIC = "x-amz-sns-topic-arn"
"""The header that names the topic where no envelope does."""
_CONFIRM, _ENDED, _NOTICE = "SubscriptionConfirmation", "UnsubscribeConfirmation", "Notification"


@dataclass(frozen=True, slots=True)
class SnsSettings(BucketSettings):
    """`topics`: the ARNs of the only topics that are listened to; all if none is listed."""

    topics: frozenset[str] = frozenset()


def _sns_settings(part: Part) -> SnsSettings:
    part.only(["buckets", "topics"])
    return SnsSettings(buckets=listed(part["buckets"]), topics=listed(part["topics"]))


def _records(incoming: Incoming, _settings: BucketSettings) -> Iterable[Part]:
    return _records_of(document(incoming.body))


def _records_of(message: Part) -> Iterable[Part]:
    """Return the records of a notification; what has none is an event by itself."""
    records = message.object()["Records"]
    return records.items() if records.told else [message]


def _posted(incoming: Incoming, settings: SnsSettings) -> Iterable[Part] | Handshake:
    """Return the records in what a topic posts: an envelope, or the message alone."""
    envelope = document(incoming.body).object()
    is_raw = not envelope["Type"].told
    told = Part(incoming.headers.get(_RAW_TOPIC), (_RAW_TOPIC,)) if is_raw else envelope["TopicArn"]
    topic = (told.text_or_none() or "") if is_raw else told.text()
    if settings.topics and topic not in settings.topics:
        raise told.wrong(
            f"is {shown(topic or 'missing', 200)}, which the hook does not listen to",
            hint="list it in topics of the hook's settings, or take the subscription back",
        )
    if is_raw:
        return _records_of(envelope)
    kind = envelope["Type"].one_of((_NOTICE, _CONFIRM, _ENDED))
    if kind == _CONFIRM:
        return Handshake(200, {"topic": topic}, confirm_url=_confirm_url(envelope, topic))
    if kind == _ENDED:
        return [envelope]
    message = envelope["Message"]
    return _records_of(document(message.text_of(most=len(incoming.body)), message.place))


def _confirm_url(envelope: Part, topic: str) -> str:
    """Return the URL that confirms a subscription, if it leads to SNS and confirms this one.

    The sender names it: another one would have us fetch whatever it likes.
    """
    told = envelope["SubscribeURL"]
    url = told.text()
    try:
        split = urlsplit(url)
        query = parse_qs(split.query, max_num_fields=10)
    except ValueError:
        raise told.wrong("is no URL") from None
    leads_there = (
        split.scheme == "https" and _SNS_HOST.fullmatch(split.netloc) and split.path in ("", "/")
    )
    if not leads_there or not url.isascii() or not url.isprintable():
        raise told.wrong("does not lead to SNS: https://sns.REGION.amazonaws.com/ it must be")
    if query.get("Action") != ["ConfirmSubscription"] or query.get("TopicArn") != [topic]:
        raise told.wrong("does not confirm the subscription of the topic that it came from")
    return url


def _record(event: Part, settings: BucketSettings) -> FileArrival | Left:
    """Read a record of a notification, or what stands in place of records."""
    event.object()
    if event["Type"].value == _ENDED:
        return Left("", "the subscription of the topic was ended")
    if event["detail-type"].told:
        return object_created(event, settings)
    if not event["eventName"].told and event["Event"].told:
        return Left("", f"no arrival: {event['Event'].text()[:40]}")
    kind = event["eventName"].text().removeprefix("s3:")
    stored = event["s3"].object()["object"].object()
    bucket, key = event["s3"]["bucket"]["name"].text(), decoded_key(stored["key"].text())
    if not kind.startswith("ObjectCreated:"):
        return Left(key, f"no arrival: {kind[:40]}")
    version, etag = stored["versionId"].id_text(), stored["eTag"].id_text()
    sequencer = stored["sequencer"].id_text()
    # Of a bucket without versions some stores tell a version that is always the same.
    state = [each for each in (etag, sequencer, version) if each] if etag and sequencer else []
    return settings.left(bucket, key) or FileArrival(
        location=object_url("s3", bucket, key),
        path=key,
        kind=kind,
        size=stored["size"].size(),
        event_id=" ".join([*state, key]) if state else None,
        event_time=moment(event["eventTime"].value_if_text()),
        account=event["userIdentity"]["principalId"].text_or_none(),
        protocol="s3",
        address=event["requestParameters"]["sourceIPAddress"].text_or_none(),
        etag=etag,
        version_id=version,
    )


S3 = Adapter("s3", 202, bucket_settings, _records, _record)
S3_SNS = Adapter("s3-sns", 202, _sns_settings, _posted, _record)
