"""Starting a server: what is checked and made before its processes, and which those are."""

from __future__ import annotations

import contextlib
import errno
import socket
import ssl
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from preboard.errors import ConfigError, StoreError
from preboard.jobs.engine import prepare
from preboard.jobs.settings import JobSettings
from preboard.jobs.supervisor import Part
from preboard.server.homes import note_database
from preboard.server.service import Service

if TYPE_CHECKING:
    from preboard.server.settings import ServerSettings

_SMALL_HEAP = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": str(256 << 10),
    "MALLOC_TRIM_THRESHOLD_": str(2 << 20),
}
"""For GNU's C library: what is large is given back at once, and no thread keeps what was free for
all. Otherwise a long page or a large file leaves the API process larger than it was."""


def prepare_database(settings: ServerSettings) -> str | None:
    """Bring the tables of catalog and engine up to date; returns the token for the first key.

    None if there is a key.

    Raises:
        ConfigError: the URL names no database, or its driver is missing.
        StoreError: it can't be reached, or is newer than this program.
    """
    service = Service(settings)
    try:
        prepare(settings.catalog_url)
        note_database(settings.home, settings.catalog_url)
        return service.make_bootstrap_token()
    except SQLAlchemyError as error:
        # The text of the driver alone: the rest of it may hold values.
        told = str(getattr(error, "orig", None) or type(error).__name__).splitlines()[0]
        raise StoreError(f"the database can't be prepared: {told}") from error
    finally:
        service.close()


def check_certificate(settings: ServerSettings) -> None:
    """See that the certificate can be used, if there is one.

    Raises:
        ConfigError: it can't be read, or its key is that of another.
    """
    if settings.tls_cert is None:
        return
    # Without one the library would ask for the password, and wait.
    password = settings.tls_key_password or ""
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(settings.tls_cert, settings.tls_key, password)
    except OSError as error:
        raise ConfigError(
            f"the certificate can't be used: {error.strerror or error}",
            hint="tls_cert and tls_key name PEM files that belong together; tls_key_password "
            "opens the key",
        ) from error


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that is bound to an address; port 0 is any that is free.

    Raises:
        StoreError: the address is taken, not ours, or no address.
    """
    shown = f"{host}:{port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError) as error:
        raise StoreError(
            f"there is no address {host!r} to listen on", hint="--host 127.0.0.1, or 0.0.0.0"
        ) from error
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            with contextlib.suppress(OSError):  # not on every system; then it is IPv6 alone
                bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        bound.bind(address)
        bound.listen()  # at once: of two servers that want it, one is told now
        bound.set_inheritable(True)
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            raise StoreError(
                f"{shown} is taken by another program", hint="another --port; 0 takes any free one"
            ) from error
        raise StoreError(f"{shown} can't be listened on: {error.strerror}") from error
    return bound


def url_of(settings: ServerSettings, listening: socket.socket) -> str:
    """Return the URL that the server answers at, as a browser on this machine would write it."""
    scheme = "http" if settings.tls_cert is None else "https"
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104
    host = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return f"{scheme}://{host}:{listening.getsockname()[1]}"


def parts_of(settings: ServerSettings, listening: socket.socket | None) -> list[Part]:
    """Return the processes of a server: one that answers, and the workers."""
    parts: list[Part] = []
    if listening is not None:
        descriptor = listening.fileno()
        given = settings.model_dump_json().encode()
        parts.append(
            Part(
                "the API",
                "preboard.server.serving",
                (str(descriptor),),
                given,
                vital=True,
                descriptors=(descriptor,),
                variables=_SMALL_HEAP,
            )
        )
    if "worker" in settings.roles:
        given = job_settings(settings).to_json()
        for slot in range(settings.worker_count):
            name = f"worker {slot}"
            parts.append(Part(name, "preboard.jobs.worker", (str(slot),), given, vital=True))
    return parts


def job_settings(settings: ServerSettings) -> JobSettings:
    """Return what the workers of a server are told."""
    return JobSettings(
        home=settings.home,
        database_url=settings.catalog_url,
        host=settings.worker_host,
        workers=settings.worker_count,
        slots=settings.running_per_worker,
        per_project=settings.running_per_project,
        runs_per_process=settings.runs_per_process,
        timeout_s=settings.run_timeout_s,
        memory_mb=settings.run_memory_mb,
        drain_s=settings.shutdown_s,
        local_roots=settings.local_roots,
        private_hosts=settings.private_hosts,
        log_level=settings.log_level,
    )
