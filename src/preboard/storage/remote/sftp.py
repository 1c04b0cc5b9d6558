"""Files on an SFTP server: fetched and listed.

The server's host key must be known, and only the server that the project's settings name is given
their user, password or key. Nothing else is used: no agent, no keys and no settings of a home
directory. A symbolic link is followed only to where the rules allow a file to be fetched from.
"""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from preboard.clock import iso
from preboard.config.locations import climbs
from preboard.config.names import shown
from preboard.errors import ConfigError, InputError, NotFound, PreboardError, Refused
from preboard.storage.remote.addresses import Address
from preboard.storage.remote.hosts import addresses_to_ask
from preboard.storage.remote.told import Told, extra_needed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine
    from typing import Any

    import asyncssh

    from preboard.config.credentials import Credentials, SftpCredentials
    from preboard.storage.remote.rules import RemoteRules

_CHUNK = 1 << 20
_DEEPEST = 8
_LOOKED_AT = 10
"""How many times as many entries are looked at as may be listed."""
_HOST_KEY_HINT = (
    "known_hosts or host_keys in [sftp] of config.ini say which key the server has; "
    "ask its owner before you believe this one"
)

Outcome = TypeVar("Outcome")


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A regular file in a directory of a server; `path` is absolute there."""

    path: str
    size: int
    told: Told


@dataclass(frozen=True, slots=True)
class FilesBelow:
    """The files of a directory; not whole when it has more entries than are looked at."""

    files: list[RemoteFile]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class _Server:
    """A server that may be asked, with what is needed for it."""

    address: Address
    rules: RemoteRules
    credentials: SftpCredentials

    def at(self, path: str) -> Address:
        """Return the address of another path there."""
        here = self.address
        return Address(here.scheme, here.host, here.port, path, f"sftp://{here.netloc}{path}")


def fetch_file(
    address: Address, rules: RemoteRules, credentials: Credentials, file: BinaryIO
) -> Told:
    """Write a file of an SFTP server to a file here, and return what is told of it.

    Raises:
        Refused: the server may not be asked, the file is none or too large.
        NotFound: there is no such file.
        InputError: it can't be fetched.
        ConfigError: the credentials can't be.
    """
    server = _server(address, rules, credentials)
    return _in_time(_fetch(server, file), server)


def files_below(
    address: Address, rules: RemoteRules, credentials: Credentials, *, recurse: bool
) -> FilesBelow:
    """Return the regular files of a directory, also those in its directories if so wished.

    Raises:
        Refused, NotFound, InputError, ConfigError: as `fetch_file`.
    """
    server = _server(address, rules, credentials)
    return _in_time(_list(server, _DEEPEST if recurse else 0), server)


def _server(address: Address, rules: RemoteRules, credentials: Credentials) -> _Server:
    """Return the server of an address, once it is checked that it may be asked."""
    try:
        import asyncssh  # noqa: F401, PLC0415 - an extra
    except ImportError as error:
        raise extra_needed(address.told, "sftp") from error
    own = credentials.sftp()
    if own is not None and not address.host:
        path = address.path
        netloc = Address("sftp", own.server, own.port, path, "").netloc
        address = Address("sftp", own.server, own.port, path, f"sftp://{netloc}{path}")
    rules.check(address)
    if own is None or (address.host, address.port) != (own.server, own.port):
        raise Refused(
            f"{address.told} can't be fetched: the project has no credentials for "
            f"{shown(address.netloc)}",
            hint="server, port, username and password or private_key in [sftp] of config.ini",
        )
    if not own.username or not (own.password or own.private_key):
        raise ConfigError(
            "[sftp] has no username, or neither password nor private_key",
            hint="in config.ini; in capitals they are variables",
        )
    if not (own.takes_any_key or own.fingerprints or own.known_hosts):
        raise ConfigError(
            f"[sftp] does not say which host key {shown(own.server)} has",
            hint="known_hosts is a file, host_keys are fingerprints; `any` believes every server",
        )
    return _Server(address, rules, own)


def _in_time(work: Coroutine[Any, Any, Outcome], server: _Server) -> Outcome:
    """Do what is asked of a server, as long as it may take; tell what went wrong."""
    import asyncssh  # noqa: PLC0415 - an extra

    told, rules = server.address.told, server.rules

    async def limited() -> Outcome:
        async with asyncio.timeout(rules.total_s):
            try:
                return await work
            except TimeoutError as error:
                raise InputError(f"{told}: no answer for {rules.timeout_s:g} s") from error

    try:
        return _run(limited())
    except TimeoutError as error:
        raise InputError(f"{told} took longer than {rules.total_s:g} s") from error
    except PreboardError:
        raise
    except asyncssh.HostKeyNotVerifiable as error:
        raise InputError(
            f"{told}: the server has another host key than is known", hint=_HOST_KEY_HINT
        ) from error
    except asyncssh.PermissionDenied as error:
        raise InputError(
            f"{told}: the server does not take the user, or not the password or key",
            hint="username, password and private_key in [sftp] of config.ini",
        ) from error
    except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath) as error:
        raise NotFound(f"{told} is not there") from error
    except (asyncssh.Error, OSError, ValueError) as error:
        said = str(error) or type(error).__name__
        raise InputError(f"{told} can't be fetched: {shown(said, 200)}") from error


def _run(work: Coroutine[Any, Any, Outcome]) -> Outcome:
    """Run to the end, in a thread of its own where this one has a loop already."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1, "preboard-sftp") as thread:
        return thread.submit(asyncio.run, work).result()


async def _fetch(server: _Server, file: BinaryIO) -> Told:
    rules, told = server.rules, server.address.told
    async with _connected(server) as client:
        path = await _real(server, client)
        attributes = await _soon(server, client.stat(path))
        if attributes.permissions is None or not S_ISREG(attributes.permissions):
            raise Refused(f"{told} is no file, but a directory or a device")
        if (attributes.size or 0) > rules.most_bytes:
            raise _too_large(server)
        handle = await _soon(server, client.open(path, "rb"))
        size = 0
        while chunk := await _soon(server, handle.read(_CHUNK)):
            size += len(chunk)
            if size > rules.most_bytes:
                raise _too_large(server)
            file.write(chunk if isinstance(chunk, bytes) else chunk.encode())
        if attributes.size is not None and size < attributes.size:
            raise InputError(f"{told} ended after {size:,} of {attributes.size:,} bytes")
        return Told.of(modified=_moment(attributes.mtime))


async def _list(server: _Server, deepest: int) -> FilesBelow:
    """Look at what a directory holds, and those in it, in the order in which the server tells."""
    found: list[RemoteFile] = []
    most = server.rules.most_listed * _LOOKED_AT
    looked_at = 0
    async with _connected(server) as client:
        folders = [(await _real(server, client), 0)]
        while folders:
            folder, depth = folders.pop(0)
            entries = aiter(client.scandir(folder))
            while (entry := await _soon(server, anext(entries, None))) is not None:
                looked_at += 1
                if looked_at > most:
                    return FilesBelow(found, is_whole=False)
                name, mode = str(entry.filename), entry.attrs.permissions or 0
                path = f"{folder.rstrip('/')}/{name}"
                if name in (".", "..") or "/" in name:
                    continue
                if S_ISREG(mode):
                    told = Told.of(modified=_moment(entry.attrs.mtime))
                    found.append(RemoteFile(path, entry.attrs.size or 0, told))
                elif S_ISDIR(mode) and depth < deepest and not climbs(path):
                    folders.append((path, depth + 1))
    return FilesBelow(found, is_whole=True)


async def _real(server: _Server, client: asyncssh.SFTPClient) -> str:
    """Return the path of an address without symbolic links, which lead nowhere else."""
    asked = server.address.path
    path = str(await _soon(server, client.realpath(asked)))
    if path.rstrip("/") != asked.rstrip("/"):
        server.rules.check(server.at(f"{path}/" if asked.endswith("/") else path))
    return path


@asynccontextmanager
async def _connected(server: _Server) -> AsyncIterator[asyncssh.SFTPClient]:
    """Log in to a server at an address that was checked."""
    import asyncssh  # noqa: PLC0415 - an extra

    own, rules = server.credentials, server.rules
    known = own.fingerprints

    class Client(asyncssh.SSHClient):
        def validate_host_public_key(
            self, _host: str, _addr: str, _port: int, key: asyncssh.SSHKey
        ) -> bool:
            return key.get_fingerprint("sha256").rstrip("=") in known

    try:
        passphrase = own.passphrase or None
        key = asyncssh.import_private_key(own.private_key, passphrase) if own.private_key else None
        hosts = asyncssh.import_known_hosts(own.known_hosts)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError, ValueError) as error:
        raise ConfigError(
            "[sftp] private_key or known_hosts can't be read", hint=shown(str(error), 200)
        ) from error
    async with (
        asyncssh.connect(
            own.server,
            own.port,
            sock=await asyncio.to_thread(_socket, server),
            client_factory=Client,
            config=None,  # none of a home directory
            known_hosts=None if own.takes_any_key else hosts,
            username=own.username,
            password=own.password or None,
            client_keys=[key] if key else None,
            agent_path=None,
            gss_host=None,
            x509_trusted_certs=None,
            login_timeout=rules.connect_s,
            compression_algs=None,
        ) as connection,
        # A name that is no UTF-8 is one file's, and must not keep the others of a folder out.
        await _soon(server, connection.start_sftp_client(path_errors="surrogateescape")) as client,
    ):
        yield client


def _socket(server: _Server) -> socket.socket:
    """Return a connection to one of the addresses of a server, each of which was looked at."""
    own = server.credentials
    trouble: OSError | None = None
    for address in addresses_to_ask(own.server, own.port, server.rules):
        try:
            made = socket.create_connection((address, own.port), server.rules.connect_s)
        except TimeoutError as error:
            trouble = OSError("no connection in time")
            trouble.__cause__ = error
            break  # the next address would have the same time again
        except OSError as error:
            trouble = error
        else:
            made.setblocking(False)
            return made
    raise trouble or OSError("it has no address")


async def _soon(server: _Server, step: Any) -> Any:
    """Wait for a step, as long as a server may be silent."""
    return await asyncio.wait_for(step, server.rules.timeout_s)


def _too_large(server: _Server) -> Refused:
    return Refused(
        f"{server.address.told} has more than {server.rules.most_bytes:,} bytes",
        hint="max_file_bytes in [inputs] of config.ini",
    )


def _moment(seconds: float | None) -> str:
    try:
        return iso(datetime.fromtimestamp(seconds, UTC)) if seconds is not None else ""
    except (OverflowError, ValueError, OSError):
        return ""
