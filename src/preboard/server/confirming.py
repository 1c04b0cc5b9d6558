"""Subscriptions that a topic wants to have confirmed: by fetching an address that it names.

The address was checked to be one of SNS (`arrivals.s3`). It is fetched once, behind the answer, and
what came of it is noted with the arrivals of the hook.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from preboard.catalog.service.hooks import ArrivalRow
from preboard.clock import iso, utc_now
from preboard.errors import PreboardError, StoreError
from preboard.storage.remote.rules import RemoteRules

if TYPE_CHECKING:
    from collections.abc import Callable

    from preboard.catalog.service.hooks import Arrivals, Hook

WITHIN_S = 10.0
_AT_ONCE = 2
_MOST_WAITING = 20
_GOOD = range(200, 300)

log = logging.getLogger("preboard.server")


class Confirmations:
    """Confirms subscriptions, a few at a time."""

    def __init__(
        self,
        arrivals: Arrivals,
        private_hosts: tuple[str, ...] = (),
        fetch: Callable[[str, tuple[str, ...]], int] | None = None,
    ) -> None:
        self.arrivals = arrivals
        self._private_hosts = private_hosts
        self._fetch = fetch or fetched_status
        self._room = BoundedSemaphore(_MOST_WAITING)
        self._threads = ThreadPoolExecutor(_AT_ONCE, "confirmations")

    def confirm(self, hook: Hook, url: str) -> None:
        """Confirm a subscription of a hook, behind the answer to who asked.

        Raises:
            StoreError: too many are waiting; who asked should ask again.
        """
        if not self._room.acquire(blocking=False):
            raise StoreError("too many subscriptions wait to be confirmed", hint="ask again")
        try:
            self._threads.submit(self._confirm, hook, url)
        except RuntimeError as error:
            self._room.release()
            raise StoreError("the server ends", hint="ask again") from error

    def close(self) -> None:
        """Confirm no more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _confirm(self, hook: Hook, url: str) -> None:
        try:
            status = self._fetch(url, self._private_hosts)
            is_good, why = status in _GOOD, f"it answered {status}"
        except (PreboardError, ValueError) as error:
            is_good, why = False, str(error) or type(error).__name__
        finally:
            self._room.release()
        # Not the address: it holds a token.
        told = "the subscription was confirmed"
        if not is_good:
            told = f"the subscription could not be confirmed: {why}"
        log.log(logging.INFO if is_good else logging.WARNING, "hook %s: %s", hook.id, told)
        row = ArrivalRow(
            project=hook.project,
            hook=hook.id,
            time=iso(utc_now()),
            path="",
            outcome="left" if is_good else "refused",
            reason=told[:500],
        )
        try:
            self.arrivals.note(row)
        except PreboardError:
            log.exception("what came of a subscription can't be noted")


def fetched_status(url: str, private_hosts: tuple[str, ...]) -> int:
    """Fetch an address without following it elsewhere; returns the status of the answer.

    Raises:
        PreboardError: it may not be asked, can't be reached, or takes too long.
    """
    import httpx  # noqa: PLC0415 - with its transport, most servers never ask anybody

    from preboard.storage.remote.transport import Deadline, Transport  # noqa: PLC0415

    rules = RemoteRules(
        private_hosts=private_hosts, connect_s=WITHIN_S, timeout_s=WITHIN_S, total_s=WITHIN_S
    )
    transport = Transport(rules, Deadline(rules, "the confirmation"))
    try:
        with (
            httpx.Client(
                transport=transport, timeout=WITHIN_S, follow_redirects=False, trust_env=False
            ) as client,
            client.stream("GET", url) as answer,
        ):
            return answer.status_code
    except httpx.HTTPError as error:
        raise StoreError(str(error) or type(error).__name__) from error
