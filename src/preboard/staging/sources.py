"""What can be registered: a path, a binary file object, a URL.

In: what the caller gave. Out: `Arrival`, an opened stream with the name of the file, the parts of
its path (for templates) and the text that the manifest calls `from`.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath
from stat import S_ISREG
from typing import TYPE_CHECKING, BinaryIO

from preboard.config.credentials import Credentials
from preboard.config.names import can_name_a_file, shown
from preboard.errors import InputError, NameRefused, NotFound, Refused
from preboard.readers.choose import split_sheet
from preboard.storage.local import as_given
from preboard.storage.remote.addresses import address_of
from preboard.storage.remote.rules import RemoteRules
from preboard.storage.remote.told import Told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preboard.storage.roots import Roots

SourceLike = str | Path | BinaryIO

LONGEST_FILE_NAME = 180
"""Bytes in UTF-8: beside it the fingerprint must find room in 255."""
_BOOKS = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
RESERVED = frozenset({"manifest.json", "definition.json", "readme.md"})


@dataclass(frozen=True, slots=True)
class Arrival:
    """A source before it is stored; `mark` is the worksheet that is meant, or empty.

    `told` is what the store or server that it was fetched from says of it.
    """

    stream: BinaryIO
    file_name: str
    parts: tuple[str, ...]
    origin: str
    mark: str = ""
    told: Told = field(default_factory=Told)


@dataclass(frozen=True, slots=True)
class SourceRules:
    """Which sources a project takes (config.ini, [inputs])."""

    local: bool = True
    remote: RemoteRules = field(default_factory=RemoteRules)
    """Without any, nothing is fetched from elsewhere."""
    credentials: Credentials = field(default_factory=Credentials)
    roots: Roots | None = None
    """None: from anywhere on the machine."""


@contextmanager
def arrival(
    source: SourceLike, file_name: str | None, rules: SourceRules, base: Path
) -> Iterator[Arrival]:
    """Open a source; a relative path is looked for below `base`.

    Raises:
        NotFound: there is no such file.
        InputError: it is a directory, can't be read, or was opened as text.
        Refused: the project takes no such sources.
        NameRefused: the file's name can't name a directory; give another with `file_name`.
    """
    if not isinstance(source, str | Path):
        yield _of_object(source, file_name)
        return
    text = str(source)
    if is_url(text):
        address, mark = _marked(text)
        parts = _address_parts(address)
        usable = usable_name(file_name or (parts[-1] if len(parts) > 1 else "index"), mark)
        from preboard.storage.remote.fetching import fetched  # noqa: PLC0415 - slow to import

        with fetched(address, rules.remote, rules.credentials) as found:
            yield Arrival(found.stream, usable, parts, text, mark, found.told)
        return
    if not rules.local:
        raise Refused(
            f"{shown(text)} can't be registered: loading local files is not allowed",
            hint="allow_local_files in [inputs] of config.ini",
        )
    name, mark = _marked(text)
    path = base / name
    real = path if rules.roots is None else rules.roots.real(path, text)
    with _opened(real, shown(as_given(path, name), 200)) as stream:
        usable = usable_name(file_name or path.name, mark)
        yield Arrival(stream, usable, path_parts(name), text, mark)


def is_url(text: str) -> bool:
    """Say whether a source is an address and not a path."""
    return bool(re.match(r"[a-z][a-z0-9+.-]+://", text, re.IGNORECASE))


def path_parts(text: str) -> tuple[str, ...]:
    """Return the parts of a path that a template can take, the file's name last."""
    path = PureWindowsPath(text) if "\\" in text else PurePosixPath(text)
    parts = path.parts[1:] if path.anchor else path.parts
    return tuple(part for part in parts if part not in (".", ".."))


def usable_name(name: str, mark: str = "") -> str:
    """Return the name of a file as it names a directory of versions (framework.md 1.1).

    Raises:
        NameRefused: it is empty, holds a separator or control characters, or would hide one of our
            own documents.
        InputError: a worksheet is named for what is no workbook.
    """
    clean = re.sub(r"[?&=]", "_", name)
    hidden = clean.startswith(".") or clean.casefold() in RESERVED
    if hidden or not can_name_a_file(clean, LONGEST_FILE_NAME):
        raise NameRefused(
            f"{shown(name)} can't be the name of a registered file",
            hint="give another with file_name",
        )
    if mark and PurePosixPath(clean).suffix.lower() not in _BOOKS:
        raise InputError(f"{shown(name)} has no sheet {shown(mark)}: it is no workbook")
    return clean


def _of_object(source: BinaryIO, file_name: str | None) -> Arrival:
    if not hasattr(source, "read") or hasattr(source, "encoding"):
        raise InputError(
            f"a source of type {type(source).__name__} can't be registered",
            hint='give a path, a URL or a file opened with mode "rb"',
        )
    named = file_name or getattr(source, "name", None)
    if not isinstance(named, str) or not named:
        raise InputError("the file object has no name", hint="give one with file_name")
    origin, mark = _marked(named)
    parts = path_parts(origin)
    return Arrival(source, usable_name(parts[-1] if parts else "", mark), parts, named, mark)


def _marked(text: str) -> tuple[str, str]:
    """Return a path or URL without the worksheet behind its `#`, and the worksheet."""
    try:
        name, mark = split_sheet(text)
        if mark is None and "#" in text and not Path(text).exists():
            name, _, mark = text.rpartition("#")
    except (OSError, ValueError) as error:  # no path at all: too long, or with NUL
        raise InputError(f"{shown(text, 200)} can't be read: {error}") from error
    return name, mark or ""


@contextmanager
def _opened(path: Path, told: str) -> Iterator[BinaryIO]:
    try:
        stream = open(path, "rb", buffering=0, opener=_without_waiting)  # noqa: SIM115
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {told}") from error
    except IsADirectoryError as error:
        raise InputError(
            f"{told} is a directory", hint="register_directory takes its files"
        ) from error
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or error
        raise InputError(f"{told} can't be read: {why}") from error
    with stream:
        if not S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise InputError(f"{told} is no file, but a device or a pipe")
        yield stream


def _without_waiting(path: str, flags: int) -> int:
    """Open a file; a pipe that nobody writes to opens, too, and is refused then."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _address_parts(text: str) -> tuple[str, ...]:
    """Return the host or bucket of an address and the parts of its path, decoded."""
    address = address_of(text)
    return (address.host, *path_parts(address.path))
