"""How much may go on at once: of one owner, who may have many keys, and of all."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from preboard.server.faults import TooMany

if TYPE_CHECKING:
    from collections.abc import Iterator

_AGAIN_S = 5


class Slots:
    """What is held as long as something goes on that takes a thread, or a connection."""

    def __init__(self, what: str, most: int, most_of_one: int) -> None:
        self.what = what
        self.most = most
        self.most_of_one = most_of_one
        self._taken: Counter[str] = Counter()
        self._lock = Lock()

    def take(self, who: str) -> None:
        """Take one; `give_back` follows.

        Raises:
            TooMany: all are taken, or all that one may have.
        """
        with self._lock:
            if self._taken[who] >= self.most_of_one or self._taken.total() >= self.most:
                raise TooMany(f"too many {self.what} at once", retry_after_s=_AGAIN_S)
            self._taken[who] += 1

    def give_back(self, who: str) -> None:
        """Give back one that was taken."""
        with self._lock:
            self._taken[who] -= 1
            if not self._taken[who]:
                del self._taken[who]

    @contextmanager
    def taken(self, who: str) -> Iterator[None]:
        """Hold one to the end of the block.

        Raises:
            TooMany: as `take`.
        """
        self.take(who)
        try:
            yield
        finally:
            self.give_back(who)
