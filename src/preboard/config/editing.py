"""The text of a config.ini, changed in place: comments, blank lines and order stay.

In: a text, and which values are to be others. Out: the text that says so. What is meant by a text
is what `preboard.config.ini.parsed` reads in it; if an edit in place would say anything else, the
text is written anew from what it says, without its comments.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from preboard.config.ini import parsed
from preboard.config.names import shown
from preboard.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from preboard.config.ini import Sections

Place = tuple[str, str]
"""A section, and a key in it in lower case."""

_HEADER = re.compile(r"\[(.+)\]")
_KEY = re.compile(r"(.*?)\s*[=:]")
_COMMENTS = ("#", ";")
_OF_ALL = "DEFAULT"
MOST_BLANKS = 100
# Python's configparser needs time with the square of the blanks between two words.
_TOO_BLANK = re.compile(rf"\S[^\S\n]{{{MOST_BLANKS + 1},}}\S")


@dataclass(slots=True)
class _Entry:
    """The lines of a key, or of the head of a section when it has none: from `first` to `end`."""

    section: str
    key: str | None
    first: int
    end: int


def clean_text(text: str, most_bytes: int) -> str:
    """Return a text from outside as a file would give it back: with one kind of line end.

    Raises:
        ConfigError: it is too long, or holds what is no text.
    """
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise ConfigError(
            f"the config is no text: it holds {shown(text[error.start])}", hint="send UTF-8"
        ) from error
    if size > most_bytes:
        raise ConfigError(f"the config is larger than {most_bytes:,} bytes")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ConfigError(f"the config is no text: line {line} holds a NUL")
    clean = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if blank := _TOO_BLANK.search(clean):
        line = clean.count("\n", 0, blank.start()) + 1
        raise ConfigError(f"line {line} of the config has more than {MOST_BLANKS} blanks in a row")
    return clean


def sections_in(text: str) -> Sections:
    """Return what a clean text says.

    Raises:
        ConfigError: it is no INI file, or has a section whose keys stand for those of all others.
    """
    sections = parsed(text, "the config")
    if any(entry.section == _OF_ALL for entry in _entries(text.split("\n"))):
        raise ConfigError(
            f"the config has a section [{_OF_ALL}]", hint="say each key in its own section"
        )
    return sections


def edited(text: str, values: Mapping[Place, str], left_out: Collection[Place] = ()) -> str:
    """Return a clean text with some values set, and other keys turned into comments.

    Raises:
        ConfigError: the text is no INI file.
    """
    wanted = sections_in(text)
    for section, key in left_out:
        wanted.get(section, {}).pop(key, None)
    for (section, key), value in values.items():
        wanted.setdefault(section, {})[key] = value
    changed = _in_place(text, values, left_out)
    return changed if _says(changed, wanted) else _anew(wanted)


def _says(text: str, wanted: Sections) -> bool:
    try:
        return sections_in(text) == wanted
    except ConfigError:
        return False


def _in_place(text: str, values: Mapping[Place, str], left_out: Collection[Place]) -> str:
    lines = text.split("\n")
    entries = _entries(lines)
    known = {(one.section, one.key): one for one in entries if one.key is not None}
    # From the end to the beginning, so that the places of what is yet to be changed stay.
    for place, one in sorted(known.items(), key=lambda item: -item[1].first):
        if place in left_out:
            lines[one.first : one.end] = [f"; {line}" for line in lines[one.first : one.end]]
        elif place in values and place not in left_out:
            lines[one.first : one.end] = [_line(place[1], values[place])]
    return _with_new(lines, {place: values[place] for place in values if place not in known})


def _with_new(lines: list[str], values: Mapping[Place, str]) -> str:
    """Add keys that were not there, behind the last one of their section."""
    ends = {one.section: one.end for one in _entries(lines)}
    new: dict[str, list[str]] = {}
    for (section, key), value in values.items():
        new.setdefault(section, []).append(_line(key, value))
    for section in sorted(set(ends) & set(new), key=lambda name: -ends[name]):
        lines[ends[section] : ends[section]] = new.pop(section)
    text = "\n".join(lines).rstrip("\n")
    for section, added in new.items():
        text += "\n\n" * bool(text) + "\n".join([f"[{section}]", *added])
    return text + "\n"


def _entries(lines: list[str]) -> list[_Entry]:
    """Return where heads and keys stand, by the rules of Python's configparser."""
    found: list[_Entry] = []
    indent, in_value = 0, False
    for place, line in enumerate(lines):
        said = line.strip()
        if not said or said.startswith(_COMMENTS):
            continue
        depth = len(line) - len(line.lstrip())
        if in_value and depth > indent:
            found[-1].end = place + 1
            continue
        indent, in_value = depth, False
        if head := _HEADER.match(said):
            found.append(_Entry(head[1], None, place, place + 1))
        elif found and (key := _KEY.match(said)):
            found.append(_Entry(found[-1].section, key[1].lower(), place, place + 1))
            in_value = True
    return found


def _anew(sections: Sections) -> str:
    return "\n".join(_section(name, values) for name, values in sections.items())


def _section(name: str, values: Mapping[str, str]) -> str:
    return "".join(f"{line}\n" for line in _lines(name, values))


def _lines(name: str, values: Mapping[str, str]) -> Iterable[str]:
    yield f"[{name}]"
    for key, value in values.items():
        yield _line(key, value)


def _line(key: str, value: str) -> str:
    """Return a key as it is written; further lines of its value stand further in."""
    return f"{key} = {value}".rstrip().replace("\n", "\n\t")
