"""The figures of `/metrics`, for Prometheus: requests of this process, and what the catalog says.

What the catalog says is read when it is asked for, at most every few seconds. Counters begin at the
start of the process; each process of a server on several hosts counts the jobs of all of them.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from preboard import __version__
from preboard.catalog.service.figures import Figures
from preboard.clock import elapsed_s, utc_now
from preboard.server.frame import path_template

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from preboard.catalog.database import Database

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_FRESH_S = 2.0
_REQUEST_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_JOB_S = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)


class Metrics:
    """The figures of one process."""

    def __init__(self, database: Database) -> None:
        self.registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        registry = self.registry
        self.requests = Counter(
            "preboard_http_requests", "Requests that were answered.",
            ["method", "route", "status"], registry=registry,
        )  # fmt: skip
        self.took = Histogram(
            "preboard_http_request_seconds", "From the head of a request to the end of its answer.",
            ["method", "route"], buckets=_REQUEST_S, registry=registry,
        )  # fmt: skip
        self.going_on = Gauge(
            "preboard_http_requests_going_on", "Requests right now.", registry=registry
        )
        self.received = Counter(
            "preboard_http_received_bytes",
            "Bytes of bodies, uploads too.",
            ["route"],
            registry=registry,
        )
        Gauge("preboard_build_info", "What runs here.", ["version"], registry=registry).labels(
            __version__
        ).set(1)
        self._catalog = _OfCatalog(self.registry, database)

    def text(self) -> bytes:
        """Return all figures as Prometheus reads them.

        Raises:
            StoreError: the catalog can't be read.
        """
        self._catalog.refresh()
        return generate_latest(self.registry)


class _OfCatalog:
    """What is read from the catalog."""

    def __init__(self, registry: CollectorRegistry, database: Database) -> None:
        self.jobs = Gauge(
            "preboard_jobs", "Jobs that have not ended.", ["state"], registry=registry
        )
        self.oldest = Gauge(
            "preboard_queue_age_seconds",
            "How long the oldest queued job has waited.",
            registry=registry,
        )
        self.workers = Gauge("preboard_workers_live", "Workers that take jobs.", registry=registry)
        self.ended = Counter(
            "preboard_jobs_ended", "Jobs that have ended.", ["kind", "outcome"], registry=registry
        )
        self.waited = Histogram(
            "preboard_job_wait_seconds", "From being accepted to the first attempt.", ["kind"],
            buckets=_JOB_S, registry=registry,
        )  # fmt: skip
        self.took = Histogram(
            "preboard_job_seconds", "From the first attempt to the end.", ["kind"],
            buckets=_JOB_S, registry=registry,
        )  # fmt: skip
        self.arrivals = Counter(
            "preboard_arrivals", "Events that senders announced.", ["outcome"], registry=registry
        )
        self._figures = Figures(database)
        self._mark = self._figures.begin()
        self._lock = Lock()
        self._read_at: float | None = None

    def refresh(self) -> None:
        with self._lock:
            if self._read_at is not None and elapsed_s() - self._read_at < _FRESH_S:
                return
            waiting = self._figures.waiting()
            for state, count in waiting.by_state.items():
                self.jobs.labels(state).set(count)
            now = utc_now()
            age = 0.0 if waiting.oldest is None else (now - waiting.oldest).total_seconds()
            self.oldest.set(max(age, 0.0))
            self.workers.set(self._figures.live_workers())
            for outcome, count in self._figures.arrived_since(self._mark).items():
                self.arrivals.labels(outcome).inc(count)
            self._count_ended()
            self._read_at = elapsed_s()

    def _count_ended(self) -> None:
        for job in self._figures.ended_since(self._mark):
            self.ended.labels(job.kind, job.outcome).inc()
            if job.waited_s is not None:
                self.waited.labels(job.kind).observe(job.waited_s)
            if job.took_s is not None:
                self.took.labels(job.kind).observe(job.took_s)


class Measured:
    """The layer around an application that counts its requests."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, and count it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        metrics, begun = self.metrics, elapsed_s()
        status, received = 0, 0

        async def count_received() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
            return message

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        metrics.going_on.inc()
        try:
            await self.app(scope, count_received, note_status)
        finally:
            metrics.going_on.dec()
            # The template of the path: a path itself would be a series for each name.
            route = path_template(scope)
            method = scope["method"] if scope["method"] in _METHODS else "other"
            metrics.requests.labels(method, route, str(status or "none")).inc()
            metrics.took.labels(method, route).observe(elapsed_s() - begun)
            if received:
                metrics.received.labels(route).inc(received)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
