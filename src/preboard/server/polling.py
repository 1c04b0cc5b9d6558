"""Who looks into the folders of hooks when it is time: a thread, and a few that do the looking.

Any number of processes may do so: the one that moves the time of the next look on has this look.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from preboard.clock import elapsed_s, iso, utc_now
from preboard.errors import PreboardError
from preboard.server.services.arriving import mapping_of, note_trouble
from preboard.server.services.folders import LOOK_S, Looked, look

if TYPE_CHECKING:
    from preboard.catalog.service.hooks import Hook
    from preboard.server.arrivals.polls import Poll
    from preboard.server.service import Service

AT_ONCE = 4
TICK_S = 1.0
LONGEST_WAIT_S = 3_600
"""Until a folder is looked at again that could not be."""
LEASE_S = 3 * LOOK_S
"""Who has not ended a look by then has died."""
KEPT = timedelta(days=180)
"""How long the list of arrivals has what was not taken."""
_SWEEP_EVERY_S = 3_600
_LEAST_WAIT_S = 1

log = logging.getLogger("preboard.server")


class Poller:
    """Looks into folders until it is stopped."""

    def __init__(self, service: Service, tick_s: float = TICK_S) -> None:
        self.service = service
        self._tick_s = tick_s
        self._stop = Event()
        self._threads = ThreadPoolExecutor(AT_ONCE, "folders")
        self._looking: set[str] = set()
        self._lock = Lock()
        self._swept = 0.0
        self._thread = Thread(target=self._run, name="poller", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self, within_s: float = 5.0) -> None:
        """Look no more; a look that goes on is given some time."""
        self._stop.set()
        self._thread.join(within_s)
        until = elapsed_s() + within_s
        while self._looking and elapsed_s() < until:
            Event().wait(0.02)
        self._threads.shutdown(wait=False, cancel_futures=True)

    def look_at_due(self) -> int:
        """Begin the looks whose time has come, as many as there is room for; returns how many."""
        now = utc_now()
        with self._lock:
            room = AT_ONCE - len(self._looking)
        begun = 0
        for hook in self.service.hooks.due(iso(now), room) if room > 0 else ():
            until = iso(now + timedelta(seconds=LEASE_S))
            if not self.service.hooks.begin_look(hook, until):
                continue
            with self._lock:
                self._looking.add(hook.id)
            self._threads.submit(self._look, hook, until)
            begun += 1
        return begun

    def _run(self) -> None:
        self._warm_up()
        while not self._stop.wait(self._tick_s):
            try:
                self.look_at_due()
                self._sweep()
            except (PreboardError, SQLAlchemyError) as error:
                log.warning("folders can't be looked at: %s", error)
            except Exception:
                log.exception("folders can't be looked at")

    def _warm_up(self) -> None:
        """Let the engine of the queue begin: who calls the first hook need not wait for it."""
        try:
            _ = self.service.queue
        except (PreboardError, SQLAlchemyError) as error:
            log.warning("the queue is not there yet: %s", error)

    def _look(self, hook: Hook, until: str) -> None:
        try:
            self._look_in(hook, until)
        except (PreboardError, SQLAlchemyError) as error:
            log.warning("what came of a look of the hook %s can't be noted: %s", hook.id, error)
        finally:
            with self._lock:
                self._looking.discard(hook.id)

    def _look_in(self, hook: Hook, until: str) -> None:
        error: str | None = None
        looked = Looked(is_soon=False)
        mapping = mapping_of(hook.mapping)
        assert mapping.poll is not None  # noqa: S101 - only such hooks are due
        try:
            looked = look(self.service, hook, mapping)
        except (PreboardError, SQLAlchemyError) as trouble:
            error = getattr(trouble, "message", None) or type(trouble).__name__
        except Exception as trouble:
            log.exception("the folder of the hook %s can't be looked at", hook.id)
            error = f"internal error: {type(trouble).__name__}"
        failures = hook.failures + 1 if error else 0
        error = error or looked.refused
        if error and error != hook.last_error:  # once, not every minute
            log.warning("the folder of the hook %s can't be looked at: %s", hook.id, error)
            note_trouble(self.service, hook, error)
        wait_s = wait_of(mapping.poll, failures, is_soon=looked.is_soon)
        next_look = iso(utc_now() + timedelta(seconds=wait_s))
        self.service.hooks.end_look(hook, until, next_look, error, failures)

    def _sweep(self) -> None:
        if self._swept and elapsed_s() - self._swept < _SWEEP_EVERY_S:
            return
        self._swept = elapsed_s()
        self.service.arrivals.sweep(iso(utc_now() - KEPT))


def wait_of(poll: Poll, failures: int, *, is_soon: bool) -> int:
    """Return in how many seconds a folder is looked at again.

    Sooner if a file may have been complete only now, later and later if it can't be looked at.
    """
    if failures:
        longest = max(LONGEST_WAIT_S, poll.every_s)
        return int(min(poll.every_s * 2 ** min(failures - 1, 20), longest))
    if is_soon:
        return min(poll.every_s, max(poll.settle_s, _LEAST_WAIT_S))
    return poll.every_s
