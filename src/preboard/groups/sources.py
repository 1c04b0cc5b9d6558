"""What a group can be made of: text, a list, a file, a directory, a JSON definition.

In: what the caller gave. Out: `Wanted` groups, each with its statements' texts and where they came
from. Paths in a JSON definition are relative to it, else to the working directory.
"""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from preboard.config.names import shown, storable
from preboard.errors import InputError, NotFound, Refused
from preboard.groups.members import MOST_BYTES, statements_in
from preboard.storage.local import as_given

if TYPE_CHECKING:
    from collections.abc import Iterable

    from preboard.storage.roots import Roots

Source = str | Path | Sequence[str]
"""Text, paths of files and directories, or a list of statements."""

CONFIG = "_config"
_FIRST = 1 << 16  # bytes that are asked for first: room is made for all that are asked for


@dataclass(frozen=True, slots=True)
class Wanted:
    """A group that is to be loaded. `definition` is the JSON that it came from, if it did.

    `path` is the file or the directory that was given, `files` are those that were read for it.
    """

    name: str
    statements: list[str]
    path: Path | None = None
    origin: str | None = None
    files: tuple[Path, ...] = ()
    definition: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GroupRules:
    """Which sources a project takes, and the extensions of statement files in directories."""

    local: bool
    extensions: tuple[str, ...]
    roots: Roots | None = None
    """None: from anywhere on the machine."""


def wanted_group(name: str, source: Source, rules: GroupRules, base: Path) -> Wanted:
    """Return the one group that a source holds.

    Raises:
        NotFound: there is no such file.
        InputError: it can't be read, or is a definition of other groups.
        Refused: the project takes no local files.
    """
    if isinstance(source, Sequence) and not isinstance(source, str):
        return Wanted(name, [text for item in source for text in statements_in(_text(item))])
    if isinstance(source, str) and is_text(source):
        return Wanted(name, statements_in(source))
    path = _allowed(source, rules, base)
    if path.is_dir():
        return _from_files(name, path, source, _files(path, rules))
    if path.suffix.lower() == ".json":
        definition = _definition(path)
        if name not in definition or name == CONFIG:
            others = ", ".join(shown(key) for key in sorted(definition.keys() - {CONFIG}))
            raise InputError(
                f"{shown(str(source), 200)} defines no group {shown(name)}",
                hint=f"it defines {others}" if others else '{"group": ["file.csvpath"]}',
            )
        return _defined(name, definition, path, source, base, rules)
    return _from_files(name, path, source, [path])


def wanted_groups(source: str | Path, rules: GroupRules, base: Path) -> list[Wanted]:
    """Return every group of a source: a group a file of a directory, or those of a definition.

    Raises:
        NotFound, Refused: as for `wanted_group`.
        InputError: a file can't be read, holds no group, or two would be one group.
    """
    path = _allowed(source, rules, base)
    if path.is_dir():
        files = _files(path, rules)
        _check_stems(files)
        found = [_from_files(file.stem, file, file, [file]) for file in files]
    elif path.suffix.lower() == ".json":
        definition = _definition(path)
        names = [name for name in definition if name != CONFIG]
        found = [_defined(name, definition, path, source, base, rules) for name in names]
    else:
        found = [_from_files(path.stem, path, source, [path])]
    if not found:
        raise InputError(
            f"{shown(str(source), 200)} holds no group",
            hint="files of statements end in " + ", ".join(rules.extensions),
        )
    return found


def is_text(source: str) -> bool:
    """Say whether a text is statements, not a path: those have a `$` with brackets behind it."""
    return "$" in source and "[" in source[source.index("$") :]


def read_text(path: Path) -> str:
    """Return the text of a file of statements.

    Raises:
        NotFound: there is none.
        InputError: it is too large or no UTF-8.
    """
    try:
        with path.open("rb") as file:  # the size of a pipe or a device is not known before
            content = file.read(_FIRST)
            if len(content) == _FIRST:
                content += file.read(MOST_BYTES + 1 - _FIRST)
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {shown(str(path), 200)}") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{shown(str(path), 200)} can't be read: {_why(error)}") from error
    if len(content) > MOST_BYTES:
        raise InputError(f"{shown(path.name)} is larger than {MOST_BYTES:,} bytes")
    try:
        return content.removeprefix(BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        raise InputError(
            f"{shown(path.name)} is not UTF-8: byte 0x{content[error.start]:02x}",
            byte_offset=error.start,
            hint="save the file as UTF-8",
        ) from error


def _text(item: object) -> str:
    if isinstance(item, str):
        return item
    raise InputError(f"a statement is a text, not {type(item).__name__}", hint='["$[*][ yes() ]"]')


def _allowed(source: str | Path, rules: GroupRules, base: Path) -> Path:
    if not rules.local:
        raise Refused(
            f"{shown(str(source), 200)} can't be loaded: loading local files is not allowed",
            hint="allow_local_files in [inputs] of config.ini",
        )
    path = _in_roots(base / source, source, rules)
    if not _is_there(path):
        raise NotFound(f"there is no file {shown(as_given(base / source, source), 200)}")
    return path


def _in_roots(path: Path, given: str | Path, rules: GroupRules) -> Path:
    return path if rules.roots is None else rules.roots.real(path, given)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _from_files(name: str, path: Path, source: str | Path, files: Sequence[Path]) -> Wanted:
    texts = [text for file in files for text in statements_in(read_text(file))]
    return Wanted(name, texts, path, storable(str(source)), tuple(files))


def _files(folder: Path, rules: GroupRules) -> list[Path]:
    """Return the statement files of a directory, by name: an order that is the same everywhere."""
    wanted = {f".{extension.lower().lstrip('.')}" for extension in rules.extensions}
    try:
        found = [
            path for path in folder.iterdir() if path.suffix.lower() in wanted and path.is_file()
        ]
    except OSError as error:
        raise InputError(f"{shown(str(folder), 200)} can't be read: {_why(error)}") from error
    return [_in_roots(path, path.name, rules) for path in sorted(found, key=lambda path: path.name)]


def _check_stems(files: Iterable[Path]) -> None:
    seen: dict[str, str] = {}
    for file in files:
        other = seen.setdefault(file.stem, file.name)
        if other != file.name:
            raise InputError(
                f"{shown(other)} and {shown(file.name)} would both be the group {shown(file.stem)}",
                hint="rename one, or give the group a name: then it has the statements of all",
            )


def _definition(path: Path) -> dict[str, Any]:
    try:
        definition = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{shown(path.name)} is no JSON: {error}") from error
    if not isinstance(definition, dict):
        raise InputError(
            f"{shown(path.name)} holds no JSON object", hint='{"group": ["file.csvpath"]}'
        )
    return definition


def _defined(
    name: str,
    definition: Mapping[str, Any],
    path: Path,
    source: str | Path,
    base: Path,
    rules: GroupRules,
) -> Wanted:
    members = definition[name]
    if not isinstance(members, list) or not all(isinstance(item, str) for item in members):
        raise InputError(f"{shown(path.name)}: the group {shown(name)} is no list of paths")
    files = [_in_roots(_member_file(item, path.parent, base), item, rules) for item in members]
    texts = [text for file in files for text in statements_in(read_text(file))]
    return Wanted(name, texts, path, storable(str(source)), tuple(files), definition)


def _member_file(item: str, beside: Path, base: Path) -> Path:
    return beside / item if _is_there(beside / item) else base / item


def _why(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
