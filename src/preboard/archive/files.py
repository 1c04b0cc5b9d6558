"""The files of one instance: written as the run goes, and hashed; on disk when it is published.

data.csv unmatched.csv meta.json vars.json errors.json printouts.txt      (framework.md 1.3)
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from typing import TYPE_CHECKING, Any, Final

import msgspec

from preboard.language.values import text_of
from preboard.storage.local import BINARY, READ_ONLY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from preboard.language.values import Value
    from preboard.manifests.archive import ErrorEntry

DATA: Final = "data.csv"
UNMATCHED: Final = "unmatched.csv"
META: Final = "meta.json"
VARS: Final = "vars.json"
ERRORS: Final = "errors.json"
PRINTOUTS: Final = "printouts.txt"
PRINTER: Final = "---- PRINTOUT: "
"""What stands before the name of a printer, above its lines."""

_BUFFER = 1 << 16
_AS_THEY_ARE = frozenset({str, type(None)})
_IN_JSON = frozenset({str, int, bool, type(None)})


class ResultFile(io.RawIOBase):
    """A new file that knows the fingerprint of what was written to it, and that nobody changes."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self._handle = _new_file(path)
        self._digest = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        """Return that it can be written to."""
        return True

    def write(self, block: Any) -> int:
        """Write a block, whole."""
        view = memoryview(block).cast("B")
        self._digest.update(view)
        self.size += len(view)
        _write(self._handle, view)
        return len(view)

    def close(self) -> None:
        """End the file; `sync_all` puts it on disk."""
        if not self.closed:
            super().close()
            os.close(self._handle)

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 of what was written, in hex."""
        return self._digest.hexdigest()


class LineFile:
    """A delimited file of lines, CRLF at their ends (RFC 4180)."""

    def __init__(self, path: Path, delimiter: str, quotechar: str) -> None:
        self.file = ResultFile(path)
        buffered = io.BufferedWriter(self.file, _BUFFER)
        # What no encoding has, a half of a surrogate pair, would make a file that none can read.
        self._text = io.TextIOWrapper(buffered, encoding="utf-8", newline="", errors="replace")
        self._write = csv.writer(self._text, delimiter=delimiter, quotechar=quotechar).writerow
        self.lines = 0

    def write(self, row: Sequence[Value]) -> None:
        """Write a line; what is no text is written as the language shows it."""
        self.lines += 1
        if _AS_THEY_ARE.issuperset(map(type, row)):
            self._write(row)
        else:
            self._write(["" if cell is None else text_of(cell) for cell in row])

    def close(self) -> None:
        """End the file."""
        self._text.close()


def write_bytes(path: Path | str, blocks: Iterable[bytes]) -> str:
    """Write a new file that nobody changes, and return its fingerprint."""
    digest = hashlib.sha256()
    handle = _new_file(path)
    try:
        for block in _gathered(blocks):
            digest.update(block)
            _write(handle, block)
    finally:
        os.close(handle)
    return digest.hexdigest()


def _gathered(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Give what blocks hold in larger ones."""
    some: list[bytes] = []
    size = 0
    for block in blocks:
        some.append(block)
        size += len(block)
        if size >= _BUFFER:
            yield b"".join(some)
            some, size = [], 0
    yield b"".join(some)


def _write(handle: int, block: bytes | memoryview) -> None:
    view = memoryview(block)
    while view:
        view = view[os.write(handle, view) :]


def _new_file(path: Path | str) -> int:
    """Open a file that was not there, to be written by this process and read by others."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY, READ_ONLY)


def json_blocks(document: Mapping[str, Any]) -> list[bytes]:
    """Return a document as JSON, indented; values of the language become what JSON knows."""
    known = plain(document)
    try:
        text = msgspec.json.encode(known)
    except (UnicodeEncodeError, OverflowError):  # a half of a surrogate pair, a giant number
        text = json.dumps(known, ensure_ascii=False).encode(errors="replace")
    return [msgspec.json.format(text, indent=2), b"\n"]


def error_blocks(errors: Iterable[ErrorEntry]) -> Iterable[bytes]:
    """Give errors.json piece by piece: one error a line, `[]` for none."""
    before = b"[\n"
    for error in errors:
        yield before
        yield msgspec.json.encode(error)
        before = b",\n"
    yield b"[]\n" if before == b"[\n" else b"\n]\n"


def printout_blocks(printouts: Mapping[str, Sequence[str]]) -> Iterable[bytes]:
    """Give printouts.txt piece by piece: a segment a printer."""
    for name, lines in printouts.items():
        yield f"{PRINTER}{name}\n".encode(errors="replace")
        for line in lines:
            yield line.encode(errors="replace") + b"\n"


def plain(value: Any) -> Any:
    """Return a value of the language as JSON can hold it; keys become texts, NaN becomes null."""
    if type(value) in _IN_JSON:
        return value
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if value - value == 0 else None
        case dict():
            return {
                key if type(key) is str else _key(key): item
                if type(item) in _IN_JSON
                else plain(item)
                for key, item in value.items()
            }
        case list() | tuple():
            return [plain(item) for item in value]
        case set() | frozenset():
            return sorted((plain(item) for item in value), key=str)
        case _:
            return str(value)


def _key(key: Any) -> str:
    if key is None or isinstance(key, bool):
        return json.dumps(key)
    return str(key)
