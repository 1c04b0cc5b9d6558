"""What is known of a file that was fetched, beside its bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Self

from preboard.errors import InputError

if TYPE_CHECKING:
    from preboard.errors import PreboardError

LONGEST_TOLD = 200


@dataclass(frozen=True, slots=True)
class Told:
    """What the other side says of a file, each empty where it does not."""

    etag: str = ""
    version: str = ""
    modified: str = ""
    """ISO 8601, in UTC."""

    @classmethod
    def of(cls, *, etag: str = "", version: str = "", modified: str = "") -> Self:
        """Return what is told, as far as it can be kept: it is the other side's text."""
        return cls(_kept(etag.removeprefix("W/").strip('"')), _kept(version), _kept(modified))


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file from elsewhere: its bytes, from their start, and what is told of it."""

    stream: BinaryIO
    told: Told = Told()


def extra_needed(name: str, extra: str) -> PreboardError:
    """Return the error of a file whose way in is not installed."""
    return InputError(f"{name} can't be fetched", hint=f"pip install 'preboard[{extra}]'")


def _kept(text: str) -> str:
    return text if len(text) <= LONGEST_TOLD and text.isprintable() and text.isascii() else ""
