"""What an instance left, read back: lines, errors, variables, printouts (spec/framework.md 1.3)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from preboard.archive.files import ERRORS, META, PRINTER, PRINTOUTS, VARS
from preboard.config.names import shown
from preboard.errors import ConfigError, NotFound
from preboard.manifests.archive import ErrorEntry
from preboard.readers.delimited.reader import DelimitedReader
from preboard.readers.dialect import Dialect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO


def how_written(home: Path) -> Dialect:
    """Return how data.csv and unmatched.csv of an instance are written, as its meta.json says."""
    runtime = document(home, META).get("runtime_data")
    said = runtime if isinstance(runtime, dict) else {}
    delimiter, quotechar = said.get("delimiter"), said.get("quotechar")
    try:
        return Dialect(
            delimiter=delimiter if isinstance(delimiter, str) else ",",
            quotechar=quotechar if isinstance(quotechar, str) else '"',
            origin="declared",
        )
    except ConfigError:
        return Dialect(origin="declared")


def lines(home: Path, name: str) -> Iterator[list[str]]:
    """Go over the lines of data.csv or unmatched.csv; there are none without the file."""
    if not (home / name).exists():
        return
    with _opened(home / name) as file:
        for batch in DelimitedReader(file, how_written(home)):
            yield from batch.rows


def errors(home: Path) -> Iterator[ErrorEntry]:
    """Go over the errors of an instance, without holding them all."""
    path = home / ERRORS
    if not path.exists():
        return
    with _opened(path) as file:
        if file.readline().strip() != b"[":  # not as we write it, or none
            file.seek(0)
            yield from _decoded(file.read(), list[ErrorEntry], path)
            return
        for line in file:
            text = line.rstrip(b",\r\n")
            if text != b"]":
                yield _decoded(text, ErrorEntry, path)


def document(home: Path, name: str = VARS) -> dict[str, Any]:
    """Return vars.json or meta.json of an instance, `{}` if it has none."""
    path = home / name
    if not path.exists():
        return {}
    with _opened(path) as file:
        try:
            found = json.load(file)
        except ValueError as error:
            raise NotFound(f"{shown(str(path), 200)} is no JSON: {error}") from error
    return found if isinstance(found, dict) else {}


def printouts(home: Path) -> dict[str, list[str]]:
    """Return what was printed, line by line, under the name of the printer."""
    path = home / PRINTOUTS
    found: dict[str, list[str]] = {}
    if not path.exists():
        return found
    name = ""
    with _opened(path) as file:
        for line in file:
            text = line.decode(errors="replace").removesuffix("\n")
            if text.startswith(PRINTER):
                name = text.removeprefix(PRINTER)
                found.setdefault(name, [])
            else:
                found.setdefault(name, []).append(text)
    return found


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise NotFound(f"{shown(str(path), 200)} can't be read: {error.strerror}") from error


def _decoded(text: bytes, kind: type[Any], path: Path) -> Any:
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.MsgspecError as error:
        raise NotFound(f"{shown(str(path), 200)} is not what it was: {error}") from error
