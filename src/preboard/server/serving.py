"""The process that answers HTTP.

    python -m preboard.server.serving FD     settings as JSON on standard input, which stays open

FD is the socket that the supervisor listens on: who asks while this process is started again waits
for a moment, and is answered. At SIGTERM nobody new is let in, and what goes on is finished.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import signal
import socket
import ssl
import sys
from threading import Thread
from typing import TYPE_CHECKING

import uvicorn

from preboard.errors import ConfigError, PreboardError
from preboard.jobs.logs import log_to_stderr
from preboard.jobs.supervisor import REFUSED
from preboard.server.app import create_app
from preboard.server.polling import Poller
from preboard.server.protocol import limited
from preboard.server.service import Service
from preboard.server.services.projects import keep_sweeping
from preboard.server.settings import handed_settings
from preboard.server.starting import check_certificate

if TYPE_CHECKING:
    from types import FrameType

    from fastapi import FastAPI

    from preboard.server.settings import ServerSettings

_BACKLOG = 1024

log = logging.getLogger("preboard.server")


class Server(uvicorn.Server):
    """The server in its process: told to end by SIGTERM alone."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self.service = service

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End at SIGTERM. Ctrl-C reaches all processes: the supervisor says when it is over."""
        if sig == signal.SIGTERM:
            self.service.closing.set()  # answers that go on for long end now
            super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let nobody in any more, then finish what goes on."""
        for each in sockets or []:
            # The supervisor has the socket open, too: closing it here would let others queue up.
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        await super().shutdown(sockets)


def config_of(app: FastAPI, settings: ServerSettings) -> uvicorn.Config:
    """Return how uvicorn serves an application."""
    config = uvicorn.Config(
        app,
        http=limited(settings.head_s),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,  # the frame of the application tells more, and no more than it may
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        backlog=_BACKLOG,
        limit_concurrency=settings.most_connections,
        timeout_keep_alive=max(1, round(settings.keep_alive_s)),
        timeout_graceful_shutdown=max(1, round(settings.shutdown_s)),
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        ssl_keyfile_password=settings.tls_key_password,
    )
    config.load()
    if config.ssl is not None:
        config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
    return config


def serve(settings: ServerSettings, listening: socket.socket) -> None:
    """Answer until SIGTERM, then finish what goes on."""
    supervisor = os.getppid()
    service = Service(settings, stop=lambda: os.kill(supervisor, signal.SIGTERM))
    check_certificate(settings)
    server = Server(config_of(create_app(service), settings), service)
    Thread(target=keep_sweeping, args=(service,), name="sweep", daemon=True).start()
    log.info("answers requests on port %d", listening.getsockname()[1])
    poller = Poller(service)
    poller.start()
    gc.collect()
    gc.freeze()  # a look at all that was loaded is a tenth of the work, and the longest wait
    server.run(sockets=[listening])
    poller.stop()
    service.close()


def main() -> None:
    """Serve on the socket that the command line names."""
    signal.signal(signal.SIGTERM, lambda *_: None)  # before there is a server, and behind it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    settings = handed_settings(sys.stdin.buffer.readline())
    log_to_stderr(settings.log_level, settings.home)
    Thread(target=_end_with_supervisor, name="supervisor", daemon=True).start()
    code = 0
    try:
        serve(settings, socket.socket(fileno=int(sys.argv[1])))
    except PreboardError as error:
        log.error("%s", error)  # noqa: TRY400 - its text says it all
        code = REFUSED if isinstance(error, ConfigError) else 1
    except Exception:
        log.exception("the server can't go on")
        code = 1
    logging.shutdown()
    os._exit(code)  # not the way of the interpreter: it would wait for requests that were cut off


def _end_with_supervisor() -> None:
    """End when standard input does: the supervisor is gone, and another may start soon."""
    while sys.stdin.buffer.read(1):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
