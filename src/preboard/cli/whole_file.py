"""Files that are written whole or not at all.

A file is written under a temporary name in its own directory (`.NAME.xxxx.part`), put on disk, and
moved into place. Who looks at its name sees the file of before or the new one, never half of it,
whatever ends the program. An error, Ctrl-C and SIGTERM take the temporary file away; only kill -9
and a power cut leave it lying, and nothing takes it for a result.
"""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from preboard.errors import PreboardError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO


class OutputError(PreboardError):
    """A file that was asked for could not be written."""

    code = "output"


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """Lend a file that takes its name when the block has ended without an exception.

    The new file has the mode of the one it replaces. A symbolic link stays, what it leads to is
    replaced. What is no regular file, such as /dev/null or a pipe, is written to as it is: there is
    nothing that could be replaced. So is what is open already, such as the /dev/fd/63 that a shell
    makes of `>(gzip)`: its name leads to another file, or to none.

    Raises:
        OutputError: it could not be written, for example to a full disk.
    """
    target = Path(os.path.realpath(path))
    try:
        mode = _mode_of(path)
        if mode is not None and (not stat.S_ISREG(mode) or _is_open_already(path)):
            with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as out:
                yield out
            return
        if mode is not None and not os.access(target, os.W_OK):  # a rename would not ask
            raise PermissionError(13, "Permission denied")
        part = target.with_name(f".{target.name[:200]}.{secrets.token_hex(4)}.part")
        try:
            with part.open("x", encoding="utf-8", errors="backslashreplace", newline="") as out:
                yield out
                out.flush()
                os.fsync(out.fileno())
                if mode is not None:
                    part.chmod(stat.S_IMODE(mode))
            part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        _put_on_disk(target.parent)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from error


def _is_open_already(path: Path) -> bool:
    return path.is_relative_to("/dev/fd") or path.is_relative_to("/proc")


def _mode_of(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None


def _put_on_disk(directory: Path) -> None:
    """Make the new name last; not every system can."""
    with suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
