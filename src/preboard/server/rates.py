"""How often somebody may ask: a bucket of tokens each, filled as time goes by.

The buckets are in the memory of one process: there is one that answers. Those that are full again
are forgotten, and no more than a number of them are kept.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from math import ceil
from threading import Lock
from typing import TYPE_CHECKING

from preboard.clock import elapsed_s

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_BUCKETS = 10_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Rate:
    """A limit for each of many: `per_s` in the long run, `burst` at once."""

    def __init__(self, per_s: float, burst: float, clock: Callable[[], float] = elapsed_s) -> None:
        self.per_s = per_s
        self.burst = burst
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = Lock()

    def take(self, who: str) -> int:
        """Take a token; returns 0, or in how many whole seconds there will be one."""
        now = self._clock()
        with self._lock:
            bucket = self._buckets.get(who)
            if bucket is None:
                bucket = self._buckets[who] = _Bucket(self.burst, now)
            self._buckets.move_to_end(who)
            bucket.tokens = min(self.burst, bucket.tokens + (now - bucket.at) * self.per_s)
            bucket.at = now
            self._forget(now)
            if bucket.tokens >= 1:
                bucket.tokens -= 1
                return 0
            return max(1, ceil((1 - bucket.tokens) / self.per_s))

    def _forget(self, now: float) -> None:
        """Forget who was away for long enough to have a full bucket, and whoever is too many."""
        full_after = self.burst / self.per_s
        while len(self._buckets) > 1:
            who, oldest = next(iter(self._buckets.items()))
            if now - oldest.at < full_after and len(self._buckets) <= MOST_BUCKETS:
                return
            del self._buckets[who]
