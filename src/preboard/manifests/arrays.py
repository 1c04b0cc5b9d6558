"""JSON arrays that grow at their end, at a cost that does not grow with them.

The file is one array with an entry a line:

    [
    {"time": ...},
    {"time": ...}
    ]

Appending overwrites the closing bracket, in one write under a lock of the file; readers that take
the lock, too (`read_array`), never see half an entry. The catalog knows how large the file was when
it last agreed with it: one that is not as it was, since a writer died or somebody edited it, is
written anew.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from preboard.errors import StoreError
from preboard.storage.local import NO_LINK, replace_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

_BEGIN, _BETWEEN, _END = b"[\n", b",\n", b"\n]\n"
_EMPTY = b"[]\n"

if sys.platform == "win32":
    _BINARY = os.O_BINARY

    @contextmanager
    def _locked(descriptor: int, *, writes: bool) -> Iterator[None]:  # noqa: ARG001
        """Give the file as it is: what is locked there can't be read, so that nothing is locked."""
        yield
else:
    import fcntl

    _BINARY = 0

    @contextmanager
    def _locked(descriptor: int, *, writes: bool) -> Iterator[None]:
        """Hold a file against those who write it, or against those who read it, too."""
        fcntl.flock(descriptor, fcntl.LOCK_EX if writes else fcntl.LOCK_SH)
        try:
            yield
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)


def append_entries(path: Path, entries: Sequence[bytes], known_bytes: int) -> int | None:
    """Put entries at the end of the array; returns the size of the file, in bytes.

    `known_bytes` is the size the file had when it was last written, 0 if it never was. Returns None
    when the file is not what it was: then it must be written anew by `write_array`. The caller
    keeps other writers away, and puts the file on disk.
    """
    at = known_bytes - len(_END)
    if at <= 0:
        return None
    try:
        descriptor = os.open(path, os.O_RDWR | NO_LINK | _BINARY)
    except OSError:  # gone, or something else in its place
        return None
    with os.fdopen(descriptor, "r+b", buffering=0) as file, _locked(descriptor, writes=True):
        file.seek(at)
        if os.fstat(descriptor).st_size != known_bytes or file.read(len(_END)) != _END:
            return None
        block = b"".join(_BETWEEN + entry for entry in entries) + _END
        file.seek(at)
        if file.write(block) != len(block):  # a disk that is full
            return None
    return at + len(block)


def write_array(path: Path, entries: Iterable[bytes]) -> int:
    """Write the whole array in place of what is there; returns its size in bytes.

    The caller keeps other writers away.
    """
    body = _BETWEEN.join(entries)
    content = _BEGIN + body + _END if body else _EMPTY
    replace_file(path, content, alone=True)
    return len(content)


def is_array(path: Path, entries: Iterable[bytes]) -> bool | None:
    """Say whether the file is just what `write_array` makes of the entries; None if there is none.

    The caller keeps writers away.
    """
    before = _BEGIN
    try:
        with path.open("rb") as file:
            for entry in entries:
                if file.read(len(before) + len(entry)) != before + entry:
                    return False
                before = _BETWEEN
            end = _EMPTY if before == _BEGIN else _END
            return file.read(len(end) + 1) == end
    except FileNotFoundError:
        return None
    except OSError:
        return False


def read_array(path: Path) -> list[Any] | None:
    """Return what an array holds, None if there is no such file.

    Raises:
        StoreError: the file holds no array, since a writer died or somebody edited it.
    """
    try:
        with path.open("rb") as file, _locked(file.fileno(), writes=False):
            content = file.read()
        found: list[Any] = msgspec.json.decode(content, type=list)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise StoreError(
            f"{path.name} holds no JSON array: {error}",
            hint="opening the project writes anew what was cut off",
        ) from error
    return found
