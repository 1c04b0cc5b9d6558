"""What a hook says of a folder that is looked at, for servers that tell nobody of their files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from preboard.errors import Refused
from preboard.server.arrivals.locations import is_url
from preboard.storage.remote.addresses import address_of
from preboard.storage.remote.rules import WEB

if TYPE_CHECKING:
    from preboard.server.arrivals.parts import Part

LEAST_EVERY_S, MOST_EVERY_S = 5, 86_400
EVERY_S = 60
SETTLE_S = 10
MOST_SETTLE_S = 3_600
LONGEST_LOCATION = 1_000

_STEP = re.compile(r"[/\\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """A folder: an address that ends with `/`, or the absolute path of a directory.

    It is looked at every `every_s` seconds. A file is taken when it was the same in two looks that
    are `settle_s` seconds apart: until then it may still be written.
    """

    location: str
    every_s: int = EVERY_S
    settle_s: int = SETTLE_S
    recurse: bool = False


def parse_poll(part: Part) -> Poll:
    """Read `{"location": ..., "every_s": ..., "settle_s": ..., "recurse": ...}`.

    Raises:
        NotUnderstood: it is none.
    """
    part.only(["location", "every_s", "settle_s", "recurse"])
    return Poll(
        location=_folder(part["location"]),
        every_s=_seconds(part["every_s"], EVERY_S, LEAST_EVERY_S, MOST_EVERY_S),
        settle_s=_seconds(part["settle_s"], SETTLE_S, 0, MOST_SETTLE_S),
        recurse=part["recurse"].flag(),
    )


def _folder(part: Part) -> str:
    text = part.text_of(most=LONGEST_LOCATION)
    if not is_url(text):
        if not text.startswith("/") or ".." in _STEP.split(text) or not text.isprintable():
            raise part.wrong(
                "is neither an address nor the absolute path of a directory",
                hint="such as sftp://sftp.example.com/orders/, s3://acme-in/orders/",
            )
        return text
    try:
        address = address_of(text)
    except Refused as error:
        raise part.wrong(f"can't be looked at: {error.message}", hint=error.hint) from None
    if address.scheme in WEB:
        raise part.wrong("is that of a web server, which tells no list of files")
    return text if text.endswith("/") else f"{text}/"


def _seconds(part: Part, default: int, least: int, most: int) -> int:
    if not part.told:
        return default
    number = part.number()
    if not least <= number <= most:
        raise part.wrong(f"must be {least} to {most:,} seconds")
    return number
