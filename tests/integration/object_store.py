"""An S3 of the tests' own: moto's server, in a process of its own on a free port."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

STARTS_WITHIN_S = 60


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """A store that is there; it takes every key, and any request without one."""

    endpoint: str

    def make_bucket(self, bucket: str, *, versions: bool = False) -> None:
        """Make a bucket, which keeps all versions of its objects if so wished."""
        self._put(f"/{bucket}", b"")
        if versions:
            status = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
            self._put(f"/{bucket}?versioning", status.encode())

    def put(self, bucket: str, key: str, content: bytes, **headers: str) -> None:
        """Put an object into a bucket."""
        self._put(f"/{bucket}/{quote(key)}", content, **headers)

    @property
    def settings(self) -> dict[str, dict[str, str]]:
        """Return what config.ini says of this store, by section."""
        return {
            "inputs": {"private_hosts": "127.0.0.1"},
            "s3": {
                "aws_access_key_id": "key",
                "aws_secret_access_key": "secret",
                "aws_endpoint_url": self.endpoint,
            },
        }

    def _put(self, path: str, content: bytes, **headers: str) -> None:
        with httpx.Client(trust_env=False, verify=False) as client:  # noqa: S501 - no TLS at all
            answer = client.put(self.endpoint + path, content=content, headers=headers)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"


@contextmanager
def object_store() -> Iterator[ObjectStore]:
    """Start a store; it is gone behind the block, with all that was put into it."""
    port = _free_port()
    command = [sys.executable, "-c", "from moto.server import main; main()"]
    with subprocess.Popen(
        [*command, "-H", "127.0.0.1", "-p", str(port)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            _wait_for(port, process)
            yield ObjectStore(f"http://127.0.0.1:{port}")
        finally:
            process.kill()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(STARTS_WITHIN_S * 20):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, "the store did not start"
        time.sleep(0.05)
    message = f"the store did not start within {STARTS_WITHIN_S} s"
    raise AssertionError(message)
