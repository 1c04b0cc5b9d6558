"""Which deliveries are one: senders try again, and some say everything twice."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from preboard.server.arrivals.arrival import FileArrival


def delivery_key(hook_id: str, arrival: FileArrival) -> str | None:
    """Return the key that two deliveries of one arrival share, as the hex of a SHA-256.

    It is made of the id of the event, else of what tells one state of the file from another: its
    ETag, its version, or the time of the event, with location and size (server-side.md 3.5). None
    when the sender tells none of them: then a file of the same name and size as yesterday's can't
    be told from a second delivery, and must be taken for a new one.
    """
    told: list[str | int | None]
    if arrival.event_id:
        told = ["event", hook_id, arrival.path, arrival.event_id]
    elif arrival.etag or arrival.version_id or arrival.event_time:
        told = ["state", hook_id, arrival.location, arrival.path, arrival.size, arrival.etag,
                arrival.version_id, arrival.event_time]  # fmt: skip
    else:
        return None
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
