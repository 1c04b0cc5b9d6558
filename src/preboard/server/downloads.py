"""Files as answers: streamed in blocks, in part when a range is asked for (RFC 9110, 13 and 14).

One range is served; a request for several gets the whole, as it may. What a browser is given is an
attachment of a fixed type, so that nothing of a partner's file runs in it.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from stat import S_ISREG
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from preboard.config.names import shown
from preboard.errors import NotFound
from preboard.server.faults import RequestError
from preboard.storage.local import BINARY, NO_LINK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from fastapi import Request

MOST_HASHED = 64 << 20
"""Bytes of a file that is read twice to be told, as its hash is not known."""
_BLOCK = 1 << 18
_RANGE = re.compile(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*")
_TAG = re.compile(r'(?:W/)?"([^"]*)"')
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "ndjson": "application/jsonl",
    "pdf": "application/pdf",
    "parquet": "application/vnd.apache.parquet",
    "psv": "text/plain; charset=utf-8",
    "tsv": "text/tab-separated-values; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xls": "application/vnd.ms-excel",
    "gz": "application/gzip",
    "zip": "application/zip",
    "zst": "application/zstd",
}
ANY = "application/octet-stream"


class RangeOutside(RequestError):  # noqa: N818 - says what happened
    """A range that begins behind the end of a file of `size` bytes."""

    code = "range"
    status = 416

    def __init__(self, size: int) -> None:
        super().__init__(
            "the range begins behind the end of the file", hint=f"it has {size:,} bytes"
        )
        self.size = size

    def headers(self) -> dict[str, str]:
        """Return how large the file is."""
        return {"Content-Range": f"bytes */{self.size}", "Accept-Ranges": "bytes"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A file that is told: where it lies, what it is called, and the hash of its bytes.

    Where no `fingerprint` is known it is taken of the bytes when they are told, or of a large file
    of its size and time.
    """

    path: Path
    name: str
    fingerprint: str | None = None


def media_type(name: str) -> str:
    """Return the type of a file by its extension; what is not known is bytes.

    >>> media_type("orders.TSV"), media_type("page.html")
    ('text/tab-separated-values; charset=utf-8', 'application/octet-stream')
    """
    return _TYPES.get(PurePosixPath(name).suffix.lower().lstrip("."), ANY)


def disposition(name: str) -> str:
    """Return the Content-Disposition of an attachment (RFC 6266), whatever its name holds.

    >>> print(disposition("a.csv"))
    attachment; filename="a.csv"
    >>> print(disposition('Größe".csv'))
    attachment; filename="Gr__e_.csv"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%22.csv
    """
    plain = re.sub(r'[^\x20-\x7e]|["\\%]', "_", name)
    if plain == name:
        return f'attachment; filename="{plain}"'
    whole = quote(name.encode("utf-8", "replace"), safe="")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}"


def part_of(header: str | None, size: int) -> tuple[int, int] | None:
    """Return the first and the last byte that are asked for, None for the whole.

    What is no range of bytes, or several, is as if it was not there.

    Raises:
        RangeOutside: the file has no such bytes.

    >>> part_of("bytes=0-99", 1000), part_of("bytes=-10", 1000), part_of("bytes=5-", 8)
    ((0, 99), (990, 999), (5, 7))
    >>> part_of("bytes=1-2,4-5", 1000), part_of("lines=1-2", 1000), part_of("bytes=9-3", 1000)
    (None, None, None)
    """
    found = _RANGE.fullmatch(header) if header is not None else None
    if found is None or not any(found.groups()):
        return None
    first, last = (int(text) if text else None for text in found.groups())
    if first is None:
        assert last is not None  # noqa: S101 - one of the two is there
        if not last or not size:
            raise RangeOutside(size)
        return max(0, size - last), size - 1
    if last is not None and last < first:
        return None
    if first >= size:
        raise RangeOutside(size)
    return first, size - 1 if last is None else min(last, size - 1)


def answer(request: Request, download: Download) -> Response:
    """Return the answer with a file, with a part of it, or that it is the one that they have.

    Raises:
        NotFound: the file is gone.
        RangeOutside: a range is asked for that it does not have.
    """
    file = _opened(download)
    try:
        status = os.fstat(file.fileno())
        told = download.fingerprint or _fingerprint(file, status)
        headers = {
            "ETag": f'"{told}"',
            "Accept-Ranges": "bytes",
            "Cache-Control": "private, no-cache",
            "Content-Disposition": disposition(download.name),
            "X-Content-Type-Options": "nosniff",
        }
        if _is_known(request.headers.get("if-none-match"), told):
            file.close()
            return Response(status_code=304, headers=headers)
        part = None
        if _may_be_part(request.headers.get("if-range"), told):
            part = part_of(request.headers.get("range"), status.st_size)
        first, last = part or (0, status.st_size - 1)
        headers["Content-Length"] = str(last - first + 1)
        if part is not None:
            headers["Content-Range"] = f"bytes {first}-{last}/{status.st_size}"
        code, kind = 206 if part is not None else 200, media_type(download.name)
        if request.method == "HEAD":
            file.close()
            return Response(status_code=code, headers=headers, media_type=kind)
        blocks = _streamed(file, first, last + 1)
        return StreamingResponse(blocks, status_code=code, headers=headers, media_type=kind)
    except BaseException:
        file.close()
        raise


def _opened(download: Download) -> BinaryIO:
    try:
        descriptor = os.open(download.path, os.O_RDONLY | os.O_NONBLOCK | NO_LINK | BINARY)
    except (OSError, ValueError) as error:
        raise NotFound(f"there is no file {shown(download.name, 200)}") from error
    if not S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotFound(f"{shown(download.name, 200)} is no file")
    return os.fdopen(descriptor, "rb", buffering=0)


def _fingerprint(file: BinaryIO, status: os.stat_result) -> str:
    """Return what names the state of an open file.

    Files are replaced whole or grow at their end: what is told later, up to this size, is what was
    read here.
    """
    if status.st_size > MOST_HASHED:
        return f"{status.st_size:x}-{status.st_mtime_ns:x}"
    digest = hashlib.sha256()
    for block in _blocks(file, 0, status.st_size):
        digest.update(block)
    return digest.hexdigest()


def _blocks(file: BinaryIO, first: int, end: int) -> Iterator[bytes]:
    file.seek(first)
    left = end - first
    while left > 0:
        block = file.read(min(_BLOCK, left))
        if not block:  # it was cut meanwhile: the length that was told is not reached
            return
        left -= len(block)
        yield block


def _streamed(file: BinaryIO, first: int, end: int) -> Iterator[bytes]:
    with file:
        yield from _blocks(file, first, end)


def _is_known(header: str | None, told: str) -> bool:
    if header is None:
        return False
    return header.strip() == "*" or told in _TAG.findall(header)


def _may_be_part(header: str | None, told: str) -> bool:
    """Say whether a range counts: not when it is for another state; a date is never sure enough."""
    return header is None or header.strip() == f'"{told}"'
