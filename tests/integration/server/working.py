"""A server for tests that does its work, too: the application, and a worker as a process."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.integration.serving import Served, serving

from preboard.jobs.engine import prepare
from preboard.jobs.settings import JobSettings
from preboard.server.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def working(home: Path, *, slots: int = 4, **settings: Any) -> Iterator[Served]:
    """Serve a home, with one worker, until the end of the block."""
    home.mkdir(parents=True, exist_ok=True)
    prepare(read_settings(home, **settings).catalog_url)
    with serving(home, **settings) as served, worker_of(served, slots=slots):
        yield served


@contextmanager
def worker_of(served: Served, *, slots: int = 4) -> Iterator[subprocess.Popen[bytes]]:
    """Let a worker process do the work of a server until the end of the block."""
    told = served.service.settings
    settings = JobSettings(
        home=told.home,
        database_url=told.catalog_url,
        slots=slots,
        per_project=told.running_per_project,
        timeout_s=told.run_timeout_s,
        local_roots=told.local_roots,
        private_hosts=told.private_hosts,
    )
    with (told.logs / "worker.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "preboard.jobs.worker", "0"], stdin=subprocess.PIPE, stderr=log
        )
    assert process.stdin is not None
    process.stdin.write(settings.to_json() + b"\n")
    process.stdin.flush()
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)
        process.stdin.close()
