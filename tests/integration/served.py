"""`preboard serve` as people start it: a process with all its children, in a home of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
from tests.integration.patience import PATIENCE_S
from tests.integration.program import PROGRAM, environment, preboard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_URL = re.compile(r"serves (https?://\S+), from ")


@dataclass
class Serving:
    """A server that was started; `url` is where it answers, "" if it does not."""

    home: Path
    process: subprocess.Popen[bytes]
    said: Path
    url: str = ""
    verify: bool = True
    keys: list[str] = field(default_factory=list)

    def words(self) -> str:
        """Return all that it said so far."""
        return self.said.read_text()

    def key(self) -> str:
        """Return an admin key, made on the machine."""
        if not self.keys:
            done = preboard("keys", "create", "--home", str(self.home), "--admin")
            found = re.search(rb"pb_[a-z0-9]{8}[A-Za-z0-9_-]{43}", done.stdout)
            assert found is not None, done.stderr
            self.keys.append(found[0].decode())
        return self.keys[0]

    def client(self, key: str | None = None) -> httpx.Client:
        """Return a client with an admin key, or another one; "" for none."""
        used = self.key() if key is None else key
        headers = {"access_token": used} if used else {}
        return httpx.Client(
            base_url=self.url, headers=headers, timeout=PATIENCE_S, verify=self.verify
        )

    def wait_until_ready(self) -> None:
        """Wait until the server says that it can do its work."""
        until = time.monotonic() + PATIENCE_S
        told = "nothing"
        while time.monotonic() < until and self.process.poll() is None:
            try:
                answer = httpx.get(f"{self.url}/readyz", timeout=PATIENCE_S, verify=self.verify)
            except httpx.TransportError as error:
                told = repr(error)
            else:
                told = answer.text
                if answer.status_code == 200:
                    return
            time.sleep(0.05)
        message = f"the server is not ready: {told}\n{self.words()}"
        raise AssertionError(message)

    def children(self) -> list[int]:
        """Return the ids of all processes below it."""
        listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, check=True).stdout
        parents = [tuple(map(int, line.split())) for line in listed.splitlines()]
        found = [self.process.pid]
        for above in found:
            found += [pid for pid, parent in parents if parent == above]
        return found[1:]

    def end(self, how: signal.Signals = signal.SIGTERM, wait_s: float = 60) -> int:
        """Tell it to end; returns its exit code."""
        self.process.send_signal(how)
        return self.process.wait(wait_s)


@contextmanager
def started(
    home: Path, *options: str, env: dict[str, str] | None = None, verify: bool = True
) -> Iterator[Serving]:
    """Start a server on a free port; at the end of the block nothing of it is left."""
    said = home.with_name(f"{home.name}-{time.monotonic_ns()}.said")
    told = [*PROGRAM, "serve", "--home", str(home), "--port", "0", "--workers", "1", *options]
    with said.open("wb") as out:
        process = subprocess.Popen(
            told, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment(**(env or {})),
            start_new_session=True,
        )  # fmt: skip
    server = Serving(home, process, said, verify=verify)
    try:
        until = time.monotonic() + PATIENCE_S
        while not server.url and process.poll() is None and time.monotonic() < until:
            found = _URL.search(server.words())
            server.url = found[1] if found else ""
            time.sleep(0.02)
        yield server
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(20)
