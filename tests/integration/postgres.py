"""A PostgreSQL server of the tests' own, for as long as they need it."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

WHAT = ("initdb", "pg_ctl", "postgres")


def is_installed() -> bool:
    """Say whether there is a PostgreSQL to start."""
    return os.name == "posix" and all(shutil.which(program) for program in WHAT)


@contextmanager
def server() -> Iterator[str]:
    """Start a server in a directory of its own; give the URL of its database."""
    with tempfile.TemporaryDirectory(prefix="pb-postgres-") as where:
        home = Path(where)
        user = _another_user()
        if user is not None:  # the server refuses to run as the superuser
            os.chown(home, pwd.getpwnam(user).pw_uid, -1)
        data = home / "data"
        _run(user, home, "initdb", "-D", str(data), "-U", "preboard", "-A", "trust", "-N")
        port = _started(user, home, data)
        try:
            yield f"postgresql+psycopg://preboard@127.0.0.1:{port}/postgres"
        finally:
            _run(user, home, "pg_ctl", "-D", str(data), "-m", "immediate", "stop")


def _started(user: str | None, home: Path, data: Path) -> int:
    """Start it on a port that is free, and still is when it comes to it; return that."""
    tries = 3
    while True:
        port = _free_port()
        options = f"-p {port} -h 127.0.0.1 -k {home} -c max_connections=60"
        log = str(home / "log")
        try:
            _run(user, home, "pg_ctl", "-D", str(data), "-w", "-l", log, "-o", options, "start")
        except subprocess.CalledProcessError:
            tries -= 1
            if not tries:
                raise
        else:
            return port


def _another_user() -> str | None:
    return "nobody" if os.geteuid() == 0 else None


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _run(user: str | None, home: Path, *command: str) -> None:
    subprocess.run(
        command,
        user=user,
        cwd=home,
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=60,
        extra_groups=[] if user else None,
    )
