"""Handing a file on: to a name of its own, whole or not at all, or to the end of another."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from preboard.storage.local import make_directory, sync_directory, sync_file
from preboard.storage.locks import held

if TYPE_CHECKING:
    from typing import BinaryIO

_BLOCK = 1 << 20
_READABLE = 0o644


def copy_file(source: Path, target: Path) -> None:
    """Put a copy of a file in place of another: a reader sees the old one or the new one."""
    make_directory(target.parent)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:80]}-")
    try:
        with os.fdopen(handle, "wb") as file, source.open("rb") as content:
            shutil.copyfileobj(content, file, _BLOCK)
            file.flush()
            sync_file(file.fileno())
        Path(name).chmod(_READABLE)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_directory(target.parent)


def append_file(source: Path, target: Path) -> None:
    """Put the content of a file at the end of another, which is made if it is not there.

    Who appends holds the file's lock; what could not be appended whole is taken off again.
    """
    make_directory(target.parent)
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    with (
        os.fdopen(os.open(target, flags, _READABLE), "r+b", buffering=0) as file,
        source.open("rb") as content,
        held(file.fileno()),
    ):
        _append(content, file)
    sync_directory(target.parent)


def _append(content: BinaryIO, file: BinaryIO) -> None:
    end = file.seek(0, os.SEEK_END)
    try:
        while block := content.read(_BLOCK):
            view = memoryview(block)
            while view:
                view = view[file.write(view) :]
        sync_file(file.fileno())
    except BaseException:
        file.truncate(end)
        raise
