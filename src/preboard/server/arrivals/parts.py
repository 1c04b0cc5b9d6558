"""Values in JSON that came from outside: each knows its place, and is read as what it must be.

Every complaint names the place as a JSON pointer (RFC 6901), `/events/2/status`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from preboard.config.names import did_you_mean, shown
from preboard.errors import NotUnderstood

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from preboard.errors import PreboardError

DEEPEST = 40
LONGEST_TEXT = 8_192
LONGEST_ID = 1_024
MOST_BYTES_OF_A_FILE = 1 << 62

_ESCAPE = re.compile(r"~(?![01])")
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")

Pointer = tuple[str, ...]
"""The steps of a JSON pointer; no steps are the whole document."""


def pointer_of(text: str) -> Pointer:
    """Return the steps of a JSON pointer.

    Raises:
        ValueError: it is none.

    >>> pointer_of("/data/a~1b")
    ('data', 'a/b')
    """
    if not text:
        return ()
    if not text.startswith("/") or _ESCAPE.search(text):
        raise ValueError(text)
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in text[1:].split("/"))


class _Absent:
    """What is where a document has nothing; not the same as null."""


_ABSENT = _Absent()


@dataclass(frozen=True, slots=True)
class Part:
    """A value of a document, or its absence, and where it stands."""

    value: Any
    place: Pointer = ()

    @property
    def pointer(self) -> str:
        """Return the place as a JSON pointer."""
        steps = (step.replace("~", "~0").replace("/", "~1")[:100] for step in self.place)
        return "".join(f"/{step}" if step.isprintable() else "/?" for step in steps)

    @property
    def told(self) -> bool:
        """Whether there is a value, and not null."""
        return self.value is not None and self.value is not _ABSENT

    def at(self, pointer: Pointer) -> Part:
        """Return what a pointer finds from here: a part of the document, or an absent one."""
        part = self
        for step in pointer:
            part = part[step]
        return part

    def __getitem__(self, step: str) -> Part:
        place = (*self.place, step)
        value = self.value
        if isinstance(value, dict):
            return Part(value.get(step, _ABSENT), place)
        if isinstance(value, list) and _INDEX.fullmatch(step) and int(step) < len(value):
            return Part(value[int(step)], place)
        return Part(_ABSENT, place)

    def wrong(self, what: str, *, hint: str | None = None) -> PreboardError:
        """Return the error that this part is not what it must be."""
        return NotUnderstood(what, pointer=self.pointer, hint=hint)

    def text(self) -> str:
        """Return a text that must be there, and not empty."""
        return self.text_of(most=LONGEST_TEXT)

    def text_of(self, most: int) -> str:
        """Return a text that must be there, and not empty; `most` characters it may have."""
        if not isinstance(self.value, str) or not self.value:
            raise self.wrong(f"must be a text, not {_kind(self.value)}")
        if len(self.value) > most:
            raise self.wrong(f"is longer than {most:,} characters")
        return self.value

    def text_or_none(self) -> str | None:
        """Return a text, None where there is none or an empty one; a number as it is written."""
        if not self.told or self.value == "":
            return None
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            return str(self.number())
        return self.text()

    def value_if_text(self) -> str:
        """Return a text as it is, `""` where there is anything else."""
        return self.value if isinstance(self.value, str) else ""

    def id_text(self) -> str | None:
        """Return the id of an event, None where there is none."""
        text = self.text_or_none()
        if text is not None and len(text) > LONGEST_ID:
            raise self.wrong(f"is longer than {LONGEST_ID:,} characters")
        return text

    def size(self) -> int | None:
        """Return a number of bytes, written as a number or as digits; None where there is none."""
        value = self.value
        if not self.told or value == "":
            return None
        if isinstance(value, str) and re.fullmatch(r"[0-9]{1,19}", value):
            value = int(value)
        fits = isinstance(value, int) and not isinstance(value, bool)
        if not fits or not 0 <= value < MOST_BYTES_OF_A_FILE:
            raise self.wrong(f"must be a number of bytes, not {_kind(self.value)}")
        return int(value)

    def number(self) -> int:
        """Return a whole number that must be there; digits in a text are one."""
        value = self.value
        if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) >> 63:
            raise self.wrong(f"must be a whole number, not {_kind(self.value)}")
        return value

    def flag(self) -> bool:
        """Return whether something is wanted; it is not where nothing is said."""
        if self.told and not isinstance(self.value, bool):
            raise self.wrong(f"must be true or false, not {_kind(self.value)}")
        return self.value is True

    def object(self) -> Part:
        """Return this part, which must be an object."""
        if not isinstance(self.value, dict):
            raise self.wrong(f"must be an object, not {_kind(self.value)}")
        return self

    def items(self) -> Iterator[Part]:
        """Yield the items of a list, which this part must be."""
        if not isinstance(self.value, list):
            raise self.wrong(f"must be a list, not {_kind(self.value)}")
        for number, value in enumerate(self.value):
            yield Part(value, (*self.place, str(number)))

    def texts(self, most: int) -> tuple[str, ...]:
        """Return the texts of a list, or the one text that stands in place of a list."""
        if isinstance(self.value, str):
            return (self.text(),)
        found = tuple(item.text() for item in self.items())
        if len(found) > most:
            raise self.wrong(f"holds more than {most} texts")
        return found

    def one_of(self, words: Sequence[str], default: str | None = None) -> str:
        """Return one of some words; `default` where nothing is said."""
        if default is not None and not self.told:
            return default
        word = self.text()
        if word not in words:
            hint = did_you_mean(word, words) or "one of " + ", ".join(words)
            raise self.wrong(f"can't be {shown(word)}", hint=hint)
        return word

    def steps(self) -> Pointer:
        """Return the steps of a JSON pointer that stands here as a text."""
        if self.value == "":
            return ()
        text = self.text()
        try:
            return pointer_of(text)
        except ValueError:
            raise self.wrong(
                f"{shown(text)} is no JSON pointer", hint="such as /data/path, with / as its begin"
            ) from None

    def only(self, keys: Sequence[str]) -> Part:
        """Return this part, which must be an object without other keys than these."""
        for key in self.object().value:
            if key not in keys:
                raise self[key].wrong(
                    "is not known here",
                    hint=did_you_mean(key, keys) or "known are " + ", ".join(keys),
                )
        return self


def document(body: bytes | str, place: Pointer = ()) -> Part:
    """Return the JSON document of a body, or of a text at a place of another document.

    Raises:
        NotUnderstood: it is none in UTF-8, is nested too deep, or has numbers that are too large.
    """
    at = Part(None, place)
    try:
        text = body if isinstance(body, str) else body.decode("utf-8-sig")
        value = json.loads(text, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise at.wrong(f"is no UTF-8: byte {error.start} fits nothing") from error
    except json.JSONDecodeError as error:
        raise at.wrong(
            f"is no JSON: {error.msg} in line {error.lineno}, column {error.colno}",
            hint="a quote in the name of a file must be escaped by who sends it",
        ) from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits; no end of [
        raise at.wrong("is no JSON that is read here: too deep, or too large a number") from error
    if _is_deep(value):
        raise at.wrong(f"is nested deeper than {DEEPEST} levels")
    return Part(value, place)


def _no_constant(word: str) -> Any:
    raise ValueError(word)


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return True


def _kind(value: Any) -> str:
    match value:
        case _Absent():
            return "missing"
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int() if abs(value) >> 63:
            return "a number of that size"
        case int() | float():
            return str(value)
        case str():
            return shown(value)
        case list():
            return "a list"
    return "an object"
