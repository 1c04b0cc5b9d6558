"""What a run came to, and why the rest of a line is not evaluated."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Halt(Enum):
    """Why the rest of a line is not evaluated."""

    STOP = "stop"
    SKIP = "skip"
    TAKE = "take"


@dataclass(frozen=True)
class Outcome:
    """What a run came to, as far as it is compared."""

    lines: list[list[Any]]
    unmatched: list[list[Any]]
    variables: dict[str, Any]
    valid: bool
    stopped: bool
    headers: list[str]
    printouts: dict[str, list[str]]
    error_lines: list[int]
    """The line of each error: a line stands here as often as it has errors."""
    scans: int
    matches: int
