"""What is found when a project is verified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Fault = Literal["missing", "changed", "unknown", "writable"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A file that is not what the catalog says; `reference` is the version or result it is of."""

    path: str
    fault: Fault
    """missing; changed: other bytes, or other entries; unknown: nothing is said of it; writable: it
    could be changed without anybody noticing before the next look"""
    reference: str | None = None
