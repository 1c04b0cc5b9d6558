"""An SFTP server of the tests' own, in a thread: a directory here is all that it has."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import asyncssh

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

USER, PASSWORD = "acme", "swordfish"


@dataclass(frozen=True, slots=True)
class SftpServer:
    """A server that is there: its `root` is `/` for who logs in as `USER` with `PASSWORD`."""

    root: Path
    port: int
    fingerprint: str
    host_key: str
    logins: list[str]

    @property
    def url(self) -> str:
        """Return the address of its root, without a slash at the end."""
        return f"sftp://127.0.0.1:{self.port}"

    @property
    def known_hosts(self) -> str:
        """Return the text of a known_hosts file with its key."""
        return f"[127.0.0.1]:{self.port} {self.host_key}\n"

    @property
    def settings(self) -> dict[str, dict[str, str]]:
        """Return what config.ini says of this server, by section."""
        return {
            "inputs": {"private_hosts": "127.0.0.1", "remote_locations": f"{self.url}/*"},
            "sftp": {
                "server": "127.0.0.1",
                "port": str(self.port),
                "username": USER,
                "password": PASSWORD,
                "host_keys": self.fingerprint,
            },
        }


class _Files(asyncssh.SFTPServer):
    """The files of a directory; each piece of them takes its time."""

    def __init__(self, channel: asyncssh.SSHServerChannel, root: Path, slow_s: float) -> None:
        super().__init__(channel, chroot=bytes(root))
        self._slow_s = slow_s

    async def read(self, file_obj: object, offset: int, size: int) -> bytes:
        await asyncio.sleep(self._slow_s)
        found = super().read(file_obj, offset, size)
        assert isinstance(found, bytes)
        return found


class _Logins(asyncssh.SSHServer):
    def __init__(self, seen: list[str], key: str) -> None:
        self._seen = seen
        self._key = key

    def begin_auth(self, username: str) -> bool:
        self._seen.append(username)
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == USER and key.get_fingerprint() == self._key


@contextmanager
def sftp_server(root: Path, *, slow_s: float = 0, user_key: str = "") -> Iterator[SftpServer]:
    """Start a server; it is gone behind the block.

    `slow_s` is how long each piece of a file takes, `user_key` the fingerprint of a key that the
    user may log in with, too.
    """
    key = asyncssh.generate_private_key("ssh-ed25519")
    logins: list[str] = []
    loop = asyncio.new_event_loop()

    async def start() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[key],
            server_factory=lambda: _Logins(logins, user_key),
            sftp_factory=lambda channel: _Files(channel, root, slow_s),
        )

    async def stop(acceptor: asyncssh.SSHAcceptor) -> None:
        acceptor.close()
        await acceptor.wait_closed()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        acceptor = asyncio.run_coroutine_threadsafe(start(), loop).result(30)
        public = key.export_public_key().decode().strip()
        yield SftpServer(root, acceptor.get_port(), key.get_fingerprint(), public, logins)
        asyncio.run_coroutine_threadsafe(stop(acceptor), loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()
