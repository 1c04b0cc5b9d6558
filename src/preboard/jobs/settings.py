"""What the workers of a server are told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path  # noqa: TC003 - read by msgspec

import msgspec


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSettings:
    """Where the work lies and how much of it may go on at once.

    `host` is stable and belongs to one machine: a worker that starts again under it takes up what
    it left. `slots` is how many jobs one worker has at once, `per_project` how many of one project
    all workers have together. A process that has carried out `runs_per_process` jobs, one after
    the other and all of one project, takes no other. `attempts` of a job may end with their
    process, then it has failed. A worker that has not renewed its lease for `lease_s` is taken for
    gone; one that is to end has `drain_s` for what goes on.
    """

    home: Path
    database_url: str
    host: str = "local"
    workers: int = 1
    slots: int = 8
    per_project: int = 4
    runs_per_process: int = 100
    timeout_s: float = 3600.0
    memory_mb: int = 2048
    attempts: int = 3
    poll_s: float = 0.05
    lease_s: float = 30.0
    drain_s: float = 60.0
    local_roots: tuple[Path, ...] = ()
    private_hosts: tuple[str, ...] = ()
    log_level: str = "info"

    @property
    def projects(self) -> Path:
        """Return the directory of the hosted projects, each called after its id."""
        return self.home / "projects"

    def to_json(self) -> bytes:
        """Return the settings as another process reads them."""
        return msgspec.json.encode(self, enc_hook=str)

    @classmethod
    def from_json(cls, text: bytes | str) -> JobSettings:
        """Return the settings that another process wrote."""
        return msgspec.json.decode(text, type=cls, dec_hook=lambda kind, value: kind(value))
