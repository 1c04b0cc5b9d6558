"""What the config.ini of a hosted project may say: spec/server.md 4, and our own rules beside.

In: the text that a caller wants to be stored, and whose project it is for. Out: the text that is
stored. The same rules hold on every way in: making a project, setting the whole text, setting one
field. Nothing here reads or writes a file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

from preboard.config.editing import clean_text, edited, sections_in
from preboard.config.ini import CONFIG_FILE, at_home
from preboard.config.names import can_name_a_file, did_you_mean, shown
from preboard.errors import ConfigError, NotFound

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import PurePath

    from preboard.config.editing import Place
    from preboard.config.ini import Sections

ENV_FILE = "config/env.json"

FORCED: Mapping[Place, str] = {
    ("config", "path"): CONFIG_FILE,
    ("config", "allow_var_sub"): "yes",
    ("config", "var_sub_source"): ENV_FILE,
    ("inputs", "allow_http_files"): "no",
    ("logging", "log_file"): "logs/csvpath.log",
    ("cache", "use_cache"): "yes",
    ("cache", "path"): "cache",
    ("scripts", "run_scripts"): "no",
    ("functions", "imports"): "",
    ("sqlite", "db"): "archive/csvpath.db",
}
"""What the server says, whatever the caller does. Paths are below the project's directory."""
PATHS: Mapping[Place, str] = {
    ("inputs", "files"): "inputs/named_files",
    ("inputs", "csvpaths"): "inputs/named_paths",
    ("results", "archive"): "archive",
    ("results", "transfers"): "transfers",
}
"""What the caller may say, inside the project."""
LOCAL_FILES: Place = ("inputs", "allow_local_files")
CATALOG: Place = ("catalog", "url")
MOST_BYTES = 128 << 10
LONGEST_VALUE = 8_000
"""Characters of a field that is set alone."""
MANAGED = frozenset({*FORCED, LOCAL_FILES, CATALOG})

_BUILT_IN = frozenset({"default", "activation"})
"""Words of `[listeners] groups` that are no integrations (spec/framework.md 4)."""
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,127}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DRIVE = re.compile(r"[A-Za-z]:")
_PART = re.compile(r"[A-Za-z0-9_+=-]")
_CAPITALS = re.compile(r"[A-Z][A-Z0-9_/ -]*")
_TRUE = frozenset({"on", "yes", "true"})
_MOST_COMPARED = 200
_LONGEST_PART = 200
_LONGEST_PATH = 500
_OF_THE_PROJECT = frozenset({"config", "logs"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """The project that a text is for.

    `local_files`: the server lets it take files from its disk. `integrations`: the names of those
    that the server allows.
    """

    root: PurePath
    local_files: bool = False
    integrations: frozenset[str] = frozenset()


def forced(text: str, where: Where) -> str:
    """Return a config as it is stored: the server's settings forced, paths inside the project.

    Raises:
        ConfigError: it is no INI file, or says what a hosted project can't.
    """
    clean = clean_text(text, MOST_BYTES)
    sections = sections_in(clean)
    if sections.get("connections"):
        raise ConfigError(
            f"[connections] {next(iter(sections['connections']))} can't be set here",
            hint="statements of hosted projects reach no databases",
        )
    _check_groups(sections, where.integrations)
    stored = edited(clean, _values(sections, where), set(_foreign(sections, where.integrations)))
    if len(stored.encode()) > MOST_BYTES:
        raise ConfigError(f"the config is larger than {MOST_BYTES:,} bytes")
    return stored


def with_field(text: str, place: Place, value: str, where: Where) -> str:
    """Return a stored config with one field set, by the same rules.

    Raises:
        NotFound: there is no such section.
        ConfigError: the field is the server's, or can't have this value.
    """
    section, field = place[0].strip(), place[1].strip().lower()
    if (section.lower(), field) in MANAGED:
        raise ConfigError(
            f"Field '{section.lower()}.{field}' is managed by the server and cannot be set via "
            "the API."
        )
    if (section.lower(), field) == ("sql", "dialect") and value.strip().lower() == "sqlite":
        raise ConfigError("sqlite dialect is not permitted. Use mysql, postgres, or sql_server.")
    _section(sections_in(text), section)
    if not _FIELD.fullmatch(field):
        raise ConfigError(
            f"{shown(place[1])} can't be the name of a field",
            hint="a letter, then letters, digits, _, - and dots",
        )
    if len(value) > LONGEST_VALUE:
        raise ConfigError(f"[{section}] {field}: a value has at most {LONGEST_VALUE:,} characters")
    if _CONTROL.search(value):
        raise ConfigError(f"[{section}] {field}: a value is one line, without control characters")
    return forced(edited(text, {(section, field): value.strip()}), where)


def field_of(text: str, place: Place) -> str:
    """Return the value of a field of a stored config.

    Raises:
        NotFound: there is none.
    """
    values = _section(sections_in(text), place[0])
    try:
        return values[place[1].lower()]
    except KeyError as error:
        raise NotFound(
            f"[{place[0]}] has no field {shown(place[1])}",
            hint=near(place[1], values),
        ) from error


def near(name: str, names: Collection[str]) -> str | None:
    """Return a hint to the nearest of some names, None among so many that it would take long."""
    return did_you_mean(name, list(names)) if len(names) <= _MOST_COMPARED else None


def _section(sections: Sections, name: str) -> dict[str, str]:
    try:
        return sections[name]
    except KeyError as error:
        raise NotFound(
            f"the config has no section {shown(name)}", hint=near(name, sections)
        ) from error


def _values(sections: Sections, where: Where) -> dict[Place, str]:
    """Return every value that is to be another than the text has it, or that it lacks."""
    wanted = dict(FORCED)
    for place, default in PATHS.items():
        said = _said(sections, place)
        wanted[place] = _inside(place, said, where.root) if said else default
    local = _said(sections, LOCAL_FILES)
    if not local:  # the switch is the administrator's: a text that is silent leaves it as it is
        wanted[LOCAL_FILES] = "yes" if where.local_files else "no"
    elif not (where.local_files and local.lower() in _TRUE):
        wanted[LOCAL_FILES] = "no"
    if "catalog" in sections:
        wanted[CATALOG] = ""
    if _said(sections, ("sql", "dialect")).lower() == "sqlite":
        wanted["sql", "dialect"] = ""
    return {
        (section, key): value
        for (section, key), value in wanted.items()
        if sections.get(section, {}).get(key) != value
    }


def _said(sections: Sections, place: Place) -> str:
    return sections.get(place[0], {}).get(place[1], "").strip()


def _inside(place: Place, said: str, root: PurePath) -> str:
    """Return a directory as a path below the project's; of one elsewhere its last part is taken.

    No variables: what they come to could change later.
    """
    told = f"[{place[0]}] {place[1]} is {shown(said, 200)}"
    if "://" in said:
        raise ConfigError(told, hint="the spaces of a hosted project are directories inside it")
    path = said.replace("\\", "/")
    if ".." in PurePosixPath(path).parts:
        raise ConfigError(
            f"Relative paths cannot have ../ upward references: {told}",
            hint="give a path below the project's directory",
        )
    if "{" in path or "}" in path or _CAPITALS.fullmatch(path):
        raise ConfigError(told, hint="variables, and names all in capitals, can't be paths")
    parts = _parts(path, root)
    usable = parts and all(_PART.match(part) and _names(part) for part in parts)
    if not usable or len("/".join(parts)) > _LONGEST_PATH:
        raise ConfigError(
            told, hint="each part of a path begins with a letter, a digit or one of _-+="
        )
    if parts[0].casefold() in _OF_THE_PROJECT:
        raise ConfigError(told, hint=f"{parts[0]} is the project's own: give another directory")
    return "/".join(parts)


def _parts(path: str, root: PurePath) -> tuple[str, ...]:
    """Return the parts below the project's directory."""
    plain = PurePosixPath(path)
    if not plain.is_absolute() and not _DRIVE.match(path):
        return plain.parts
    if plain.is_relative_to(root.as_posix()):
        return plain.relative_to(root.as_posix()).parts
    return (PureWindowsPath(path).name,)


def _names(part: str) -> bool:
    return can_name_a_file(part, _LONGEST_PART)


def _check_groups(sections: Sections, allowed: frozenset[str]) -> None:
    """See that only integrations are switched on that the server has and allows."""
    for word in _words(at_home(sections).get("listeners", {}).get("groups", "")):
        if word not in allowed | _BUILT_IN:
            raise ConfigError(
                f"[listeners] groups: {shown(word)} is no integration that this server allows",
                hint="one of " + ", ".join(sorted(allowed | _BUILT_IN)),
            )


def _foreign(sections: Sections, allowed: frozenset[str]) -> Iterator[Place]:
    """Give the listeners that are Python classes to be imported: they become comments.

    The configs of the reference are full of them, so they are no reason to refuse a text; nothing
    of what they name is ever imported. Integrations are chosen by `groups`.
    """
    strays = at_home({"openlineage": sections.get("openlineage", {})}).get("listeners", {})
    for section, listeners in (
        ("openlineage", strays),
        ("listeners", sections.get("listeners", {})),
    ):
        for key, value in listeners.items():
            if key == "groups" or set(_words(value)) <= allowed | _BUILT_IN:
                continue
            if not value.startswith("from "):
                raise ConfigError(
                    f"[{section}] {key}: {shown(value)} is no integration that this server allows",
                    hint="one of " + ", ".join(sorted(allowed | _BUILT_IN)),
                )
            yield section, key


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s,]+", text) if word]
