"""Templates: the directories between a name and its files or runs (spec/framework.md 1.1, 1.2).

`:1/:year/:filename` takes part 1 of the source's path and the year. A file template ends in
`/:filename`, a run template in `/:run_dir`. Tokens may stand within a part: `in-:year/:filename`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from preboard.config.names import can_name_a_file, shown
from preboard.errors import NameRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

LONGEST_TEMPLATE = 250
LONGEST_PART = 200
"""Bytes in UTF-8."""

_REFUSED = frozenset("[]?!{}#\\`.()$")
_TOKEN = re.compile(r":([a-z_]+(?:24)?|[0-9]+)")

_OF_TIME: dict[str, Callable[[datetime], str]] = {
    "year": lambda t: str(t.year),
    "month": lambda t: str(t.month),
    "month_name": lambda t: f"{t:%B}",
    "day": lambda t: str(t.day),
    "hour": lambda t: str(t.hour),
    "hour_24": lambda t: f"{t:%H}",
    "minute": lambda t: str(t.minute),
    "second": lambda t: str(t.second),
}


@dataclass(frozen=True, slots=True)
class Template:
    """A checked template; `text` is how it was written, `""` is none."""

    text: str
    end: Literal["filename", "run_dir"]

    def directories(self, source: Sequence[str], now: datetime) -> tuple[str, ...]:
        """Return the directories for a source, given by the parts of its path, at a time (UTC).

        Raises:
            NameRefused: the template asks for a part that the path does not have, or a part can't
                name a directory.

        >>> from datetime import UTC, datetime
        >>> template = checked_template("in-:year/:1/:filename", "filename")
        >>> template.directories(["data", "eu", "orders.csv"], datetime(2026, 3, 1, tzinfo=UTC))
        ('in-2026', 'eu')
        """
        parts = self.text.split("/")[:-1]
        return tuple(self._filled(part, source, now) for part in parts)

    def _filled(self, part: str, source: Sequence[str], now: datetime) -> str:
        def value(found: re.Match[str]) -> str:
            word = found[1]
            if word in _OF_TIME:
                return _OF_TIME[word](now)
            if int(word) < len(source):
                return source[int(word)]
            raise NameRefused(
                f"template {self.text!r} asks for part {word} of the path {'/'.join(source)!r}",
                hint=f"the path has the parts 0 to {len(source) - 1}",
            )

        filled = _TOKEN.sub(value, part)
        if not can_name_a_file(filled, LONGEST_PART):
            raise NameRefused(
                f"template {self.text!r} gives {shown(filled)}, which can't name a directory"
            )
        return filled


def checked_template(text: str, end: Literal["filename", "run_dir"]) -> Template:
    """Return the template of a text; `""` is the one without directories.

    Raises:
        NameRefused: the text breaks a rule of templates.

    >>> checked_template(":9x/:filename", "filename").text
    ':9x/:filename'
    >>> checked_template(":century/:filename", "filename")
    Traceback (most recent call last):
    preboard.errors.NameRefused: template ':century/:filename' has the unknown token :century
    """
    problem = _problem(text, end) if text else None
    if problem:
        raise NameRefused(
            f"template {shown(text, 250)} {problem}",
            hint=f"such as :1/:year/:{end}: directories and tokens, then /:{end}",
        )
    return Template(text, end)


def _problem(text: str, end: str) -> str | None:
    if len(text) > LONGEST_TEMPLATE:
        return f"is longer than {LONGEST_TEMPLATE} characters"
    if text == f":{end}":
        return f"has no directory before :{end}"
    if not text.endswith(f"/:{end}"):
        return f"does not end in /:{end}"
    parts = text.split("/")[:-1]
    if "" in parts:
        return "has an empty part"
    refused = sorted(set("/".join(parts)) & _REFUSED)
    if refused:
        return f"holds {refused[0]}"
    if not all(can_name_a_file(part.rstrip(), LONGEST_TEMPLATE) for part in parts):
        return "holds control characters, or no text at all"
    for token in (found for part in parts for found in _TOKEN.findall(part)):
        if not token.isdigit() and token not in _OF_TIME:
            return f"has the unknown token :{token}"
    if any(":" in _TOKEN.sub("", part) for part in parts):
        return "has a colon that begins no token"
    return None
