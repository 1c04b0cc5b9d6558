"""What belongs to a run beside its lines: the data file as one document, and files with schemas."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from preboard.errors import InputError
from preboard.language.functions.call import Fault
from preboard.readers.intake import read_block
from preboard.readers.opening import unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST_DOCUMENT = 64 << 20
"""Bytes of a data file that is taken as one document: it is held in memory as a whole."""

LARGEST_ASSET = 16 << 20


def whole_file(file: BinaryIO | None, member: str | None = None) -> bytes:
    """Return all bytes of the file that is being read, which goes on where it stood.

    Of a compressed file they are the plain bytes; `member` is that of a zip archive.

    Raises:
        Fault: it is too large, or cannot be read twice.
    """
    if file is None or not hasattr(file, "seekable") or not file.seekable():
        raise Fault("the data file cannot be read as one document; give a path")
    place = file.tell()
    try:
        file.seek(0)
        plain = unpacked(file, None, member=member)
        found = read_block(plain.stream, LARGEST_DOCUMENT + 1)
    except InputError as error:
        raise Fault(error.message) from error
    finally:
        file.seek(place)
    if len(found) > LARGEST_DOCUMENT:
        raise Fault(f"the data file is larger than {LARGEST_DOCUMENT:,} bytes: not one document")
    return found


def read_asset(name: str, data_file: str) -> bytes:
    """Return the bytes of a file given by its path, or by its name beside the data file.

    Raises:
        Fault: there is none, it cannot be read, or it is too large.
    """
    for path in _places_of(name, data_file):
        try:
            with path.open("rb") as file:
                found = file.read(LARGEST_ASSET + 1)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, ValueError) as error:
            raise Fault(f"the file {name!r} cannot be read: {error}") from error
        if len(found) > LARGEST_ASSET:
            raise Fault(f"the file {name!r} is larger than {LARGEST_ASSET:,} bytes")
        return found
    raise Fault(f"there is no file {name!r}, neither here nor beside the data file")


def _places_of(name: str, data_file: str) -> Iterator[Path]:
    yield Path(name)
    yield Path(data_file).parent / name
