"""The grammar of references (spec/framework.md 3.1).

    $<name>[#<minor>].<files|csvpaths|results>.<step>[.<step>]
    step     a path, a date or nothing, then pointers, each behind a colon
    pointer  first last <n> | before to after from | all today yesterday | a date | a result file

In: the text. Out: `Reference`, frozen; an error says where in the text it is. Nothing is looked up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, cast, get_args

from preboard.config.names import shown
from preboard.errors import BadReference
from preboard.references.dates import Period, period_of

Kind = Literal["files", "csvpaths", "results"]
ResultFile = Literal["data", "unmatched", "meta", "vars", "errors", "printouts", "manifest"]
Range = Literal["before", "to", "after", "from"]

MOST_CHARACTERS = 1_000
_HEAD = re.compile(
    r"\$(?P<name>[A-Za-z_][A-Za-z0-9_ -]*)(?:#(?P<minor>[^.:$]+))?\.(?P<kind>[a-z]+)\.", re.ASCII
)
_PATH = re.compile(r"[^.:$\\\x00-\x1f]*")
_RANGES = get_args(Range)
_FILES = get_args(ResultFile)
_DAYS = ("today", "yesterday")
_MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Pointer:
    """What a step points to: a word, a place in the series, or a period.

    `at` is where it stands in the text.
    """

    said: str | int | Period
    at: int


@dataclass(frozen=True, slots=True)
class Step:
    """A path or a period, and what is pointed to within it."""

    path: str
    pointers: tuple[Pointer, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference, taken apart; `minor` is the worksheet, or the statement, behind the `#`."""

    text: str
    name: str
    minor: str | None
    kind: Kind
    one: Step
    two: Step | None

    def refused(self, at: int, message: str, hint: str | None = None) -> BadReference:
        """Return the error for what stands at a place of the text."""
        return BadReference(self.text, at, message, hint=hint)


def is_reference(text: str) -> bool:
    """Say whether a text is meant as a reference, not as a plain name."""
    return text.startswith("$")


def parse_reference(text: str) -> Reference:
    """Return a reference.

    Raises:
        BadReference: the text is none.

    >>> parse_reference("$orders.files.eu/2025:last").one.path
    'eu/2025'
    """
    if len(text) > MOST_CHARACTERS:
        raise BadReference(text, 0, f"a reference has at most {MOST_CHARACTERS} characters")
    head = _HEAD.match(text)
    if head is None:
        raise BadReference(
            text,
            0,
            "this is no reference",
            hint="such as $orders.files.:last or $group.results.2026-11",
        )
    if head["kind"] not in get_args(Kind):
        raise BadReference(
            text, head.start("kind"), f"there is no type {shown(head['kind'])}",
            hint="files, csvpaths or results",
        )  # fmt: skip
    one, end = _step(text, head.end(), head["kind"])
    two = None
    if end < len(text):
        two, end = _step(text, end + 1, head["kind"])
    if end < len(text):
        raise BadReference(text, end, "nothing may follow here", hint="write _ for a dot in a path")
    return Reference(text, head["name"], head["minor"], cast("Kind", head["kind"]), one, two)


def _step(text: str, at: int, kind: str) -> tuple[Step, int]:
    """Return the step that begins at a place, and where it ends: a dot or the end of the text."""
    found = _PATH.match(text, at)
    path = found[0] if found else ""
    pointers: list[Pointer] = []
    first = _word_for_pointer(path, kind)
    if first is not None:
        pointers.append(Pointer(first, at))
        path = ""
    end = at + (len(found[0]) if found else 0)
    while end < len(text) and text[end] == ":":
        word = _PATH.match(text, end + 1)
        said = word[0] if word else ""
        place = end + 1
        end = place + len(said)
        if kind == "files":  # `:last#two` is a worksheet of what is pointed to
            said, sign, sheet = said.partition("#")
            path += sign + sheet
        pointers.append(Pointer(_pointed(text, place, said), place))
    if end < len(text) and text[end] != ".":
        raise BadReference(text, end, f"{shown(text[end])} can't stand here")
    if not path and not pointers:
        raise BadReference(text, at, "a path or a pointer is missing", hint=":last, :first, :all")
    return Step(path, tuple(pointers), at), end


def _word_for_pointer(path: str, kind: str) -> str | int | Period | None:
    """Return the pointer that a path without a colon means, as the documentation writes some."""
    if kind == "csvpaths":
        return None
    if path in (*_DAYS, "all", "first", "last"):
        return path
    if kind == "files" and path.isascii() and path.isdigit() and len(path) <= _MOST_DIGITS:
        return int(path)
    return period_of(path) if kind == "files" else None


def _pointed(text: str, at: int, word: str) -> str | int | Period:
    if word in ("first", "last", "all", *_DAYS, *_RANGES, *_FILES):
        return word
    if word.isascii() and word.isdigit() and len(word) <= _MOST_DIGITS:
        return int(word)
    period = period_of(word)
    if period is None:
        raise BadReference(
            text, at, f"there is no pointer {shown(word)}",
            hint="first, last, a number, before, to, after, from, all, today, yesterday or a date",
        )  # fmt: skip
    return period
