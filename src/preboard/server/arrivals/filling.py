"""Texts with braces that an arrival fills: `{account}`, or what a pattern took of its path."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from preboard.config.names import shown
from preboard.errors import NameRefused
from preboard.server.arrivals.locations import bucket_of, encoded, is_url
from preboard.server.arrivals.taking import goes_astray

if TYPE_CHECKING:
    from collections.abc import Mapping

    from preboard.server.arrivals.arrival import FileArrival

LONGEST_TEMPLATE = 1_000
TOLD = ("account", "partner", "protocol", "address", "event", "bucket", "file", "stem", "extension",
        "path", "location")  # fmt: skip
"""What every arrival may fill in; `path` and `location` only in a location."""
WHOLE = frozenset({"path", "location"})

_BEGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|/|[A-Za-z]:[/\\]|\{(?:path|location)\}")
_HOST = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://(?P<host>[^/]*)")
_TOKEN = re.compile(r"\{([a-z][a-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Filling:
    """A checked template; `names` are those in its braces."""

    text: str
    names: frozenset[str]

    def filled(self, values: Mapping[str, str | None]) -> str:
        """Return the text with its values.

        Raises:
            NameRefused: there is no such value.

        >>> filling("in-{account}").filled({"account": "acme"})
        'in-acme'
        """
        return _TOKEN.sub(lambda found: _told(values, found[1]), self.text)

    def as_location(self, values: Mapping[str, str | None]) -> str:
        """Return the text as a location: in a URL the values are percent-encoded.

        Between the text and a path in it there is one slash, so that no path can go on with the
        name of a host. A value that is one part of a path stays one, and none leads up.

        Raises:
            NameRefused: there is no such value, or it can't stand in a path.
        """
        url = is_url(self.text)

        def value(found: re.Match[str]) -> str:
            told = _told(values, found[1])
            if is_url(told):
                if self.text == found[0]:
                    return told
                raise NameRefused("the location in the event is a URL already")
            # Of the names that only patterns take, those for several parts hold slashes.
            whole = found[1] in WHOLE or found[1] not in TOLD
            parts = [part for part in told.split("/") if part] if whole else [told]
            if any(goes_astray(part) for part in parts):
                raise NameRefused(f"{{{found[1]}}} is {shown(told)}, which can't stand in a path")
            written = encoded(told) if url else told
            before = self.text[: found.start()]
            if not before or found[1] not in WHOLE:
                return written
            return ("" if before.endswith("/") else "/") + written.lstrip("/")

        return _TOKEN.sub(value, self.text)


def _told(values: Mapping[str, str | None], name: str) -> str:
    told = values.get(name)
    if not told:
        raise NameRefused(f"the hook asks for {{{name}}}, which the event does not tell")
    return told


def filling(text: str) -> Filling:
    """Return the template of a text.

    Raises:
        NameRefused: its braces hold no name, or it is too long.
    """
    if len(text) > LONGEST_TEMPLATE:
        raise NameRefused(f"is longer than {LONGEST_TEMPLATE:,} characters")
    if set(_TOKEN.sub("", text)) & {"{", "}"}:
        raise NameRefused("has a brace that belongs to no {name}")
    return Filling(text, frozenset(_TOKEN.findall(text)))


def location_filling(text: str) -> Filling:
    """Return the template of a location.

    Raises:
        NameRefused: as `filling`, or an event would say by which scheme or which host is asked.
    """
    template = filling(text)
    if not _BEGIN.match(text):
        raise NameRefused("begins neither with a scheme nor with / nor with {path} or {location}")
    host = _HOST.match(text)
    if host and not set(_TOKEN.findall(host["host"])) <= {"bucket", *WHOLE}:
        raise NameRefused("lets the event say which host is asked")
    if host and host["host"].startswith(("{path}", "{location}")):
        raise NameRefused("has no host before the path")
    if host and "@" in host["host"]:
        raise NameRefused("holds a user: accounts are in the settings of the project")
    return template


def values_of(arrival: FileArrival, taken: Mapping[str, str]) -> dict[str, str | None]:
    """Return what an arrival fills in, and what a pattern took of its path."""
    file = arrival.path.rstrip("/").rpartition("/")[2]
    stem, dot, extension = file.partition(".")
    return {
        "account": arrival.account,
        "partner": arrival.partner,
        "protocol": arrival.protocol,
        "address": arrival.address,
        "event": arrival.kind,
        "bucket": bucket_of(arrival.location),
        "file": file,
        "stem": stem,
        "extension": extension if dot else None,
        "path": arrival.path,
        "location": arrival.location,
        **taken,
    }
