"""Which buckets a hook listens to: what the adapters of object stores share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from preboard.config.names import shown
from preboard.server.arrivals.arrival import Left

if TYPE_CHECKING:
    from preboard.server.arrivals.parts import Part

MOST_LISTED = 100


@dataclass(frozen=True, slots=True)
class BucketSettings:
    """`buckets`: the only ones whose objects are taken; all if none is listed."""

    buckets: frozenset[str] = frozenset()

    def left(self, bucket: str, key: str) -> Left | None:
        """Return that an object is left, if its bucket is none of ours."""
        if self.buckets and bucket not in self.buckets:
            return Left(key, f"the hook does not listen to {shown(bucket)}")
        return None


def bucket_settings(part: Part) -> BucketSettings:
    """Read `{"buckets": [...]}`."""
    return BucketSettings(listed(part.only(["buckets"])["buckets"]))


def listed(part: Part) -> frozenset[str]:
    """Read a list of names, or one; empty where there is none."""
    return frozenset(part.texts(MOST_LISTED)) if part.told else frozenset()
