"""A server for tests: the application over a real socket, with a home of its own."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
import uvicorn
from tests.integration.patience import PATIENCE_S

from preboard.catalog.service.keys import Wished
from preboard.server.app import create_app
from preboard.server.service import Service
from preboard.server.serving import config_of
from preboard.server.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Served:
    """A server that answers. `key` is an admin key, "" if none was made."""

    url: str
    key: str
    service: Service
    stopped: threading.Event
    """Set when somebody asked the server to end."""

    def client(self, key: str | None = None, **more) -> httpx.Client:
        """Return a client with the admin key, or another one; "" for none."""
        used = self.key if key is None else key
        headers = {"access_token": used} if used else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=PATIENCE_S, **more)

    def plain_key(self, name: str = "plain", **wished) -> str:
        """Make a key that is no admin key, of an owner of its own if none is given."""
        known = {"owner": str(uuid4()), **wished}
        return self.service.keys.create(Wished(name=name, **known)).text


@contextmanager
def serving(home: Path, *, with_key: bool = True, **settings) -> Iterator[Served]:
    """Serve a home on a free port of the loopback, until the end of the block."""
    stopped = threading.Event()
    service = Service(read_settings(home, **settings), stop=stopped.set)
    config = config_of(create_app(service), service.settings)  # as `preboard serve` has it
    config.host, config.port = "127.0.0.1", 0
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        port = _port(server, thread)
        key = ""
        if with_key:
            made = service.keys.create_first(Wished(owner=str(uuid4()), name="the first"))
            key = made.text if made is not None else ""
        yield Served(f"http://127.0.0.1:{port}", key, service, stopped)
    finally:
        server.should_exit = True
        thread.join(PATIENCE_S)
        service.close()


def _port(server: uvicorn.Server, thread: threading.Thread) -> int:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and thread.is_alive():
        if server.started:
            return int(server.servers[0].sockets[0].getsockname()[1])
        time.sleep(0.01)
    message = "the server did not start"
    raise RuntimeError(message)
