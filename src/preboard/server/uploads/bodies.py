"""The two forms in which a file is sent: as the body itself, or as a part of a form.

In: a request. Out: `Body`: what was said of the file, then its bytes, block by block. What was told
of them beforehand, their length or hash, is compared before their end is given, so that nothing of
a file that is not whole is ever accepted.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from starlette.requests import ClientDisconnect

from preboard.errors import InputError
from preboard.server.faults import RequestError, TooLarge
from preboard.server.uploads.feed import BrokenOff
from preboard.server.uploads.form import FormParts, options_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from fastapi import Request

BLOCK = 1 << 18
SILENCE_S = 60.0
"""How long a sender may say nothing in the middle of a file."""
FORM = "multipart/form-data"
_SHA256 = re.compile(r"[0-9A-Fa-f]{64}")
# A member of a dictionary of byte sequences (RFC 8941, 3.2); none has parameters that say anything.
_DIGEST = re.compile(r"([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/=]*):(?:;[^,]*)?")
_BETWEEN = re.compile(r"[ \t]*,[ \t]*")
_ALGORITHMS = {"sha-256": "sha256", "sha-512": "sha512"}
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"?')
_EXTENDED = re.compile(
    r";\s*filename\*\s*=\s*(utf-8|iso-8859-1)'[a-z0-9-]*'([^\s;']+)\s*(?=;|$)", re.IGNORECASE
)
_EXTENSIONS = {
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "application/jsonl": "jsonl",
    "application/x-ndjson": "jsonl",
    "application/gzip": "csv.gz",
    "application/vnd.apache.parquet": "parquet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}


class Silent(RequestError):  # noqa: N818 - says what happened
    """The sender stopped in the middle of the body."""

    code = "silent"
    status = 408


class Encoded(RequestError):  # noqa: N818
    """The body comes in an encoding of the transport, or a type, that is not taken."""

    code = "encoded"
    status = 415


class Body:
    """A file that is being sent. `begin` it, then take its `blocks` to the end."""

    def __init__(self, request: Request, most_bytes: int) -> None:
        self.fields: dict[str, str] = {}
        """What a form said before the file."""
        self.file_name: str | None = None
        self._headers = request.headers
        self._chunks = request.stream()
        self._most = most_bytes
        self._form: FormParts | None = None
        self._sums = _promised(", ".join(request.headers.getlist("content-digest")))
        self._file_sum = _promised_file(request.headers)

    async def begin(self) -> None:
        """Read to where the bytes of the file begin.

        Raises:
            Encoded: the body has a Content-Encoding.
            InputError: a form has no file, or is none.
            Silent, BrokenOff: there is no more of it.
        """
        if self._headers.get("content-encoding", "identity").lower() != "identity":
            raise Encoded(
                "a body with a Content-Encoding is not taken",
                hint="send the file as it is; a file that is packed keeps its own name, a.csv.gz",
            )
        media, options = options_of(self._headers.get("content-type", ""))
        if media == FORM:
            self._form = FormParts(options.get("boundary", ""))
            while not self._form.has_file:
                self._form.add(await self._next())
            self.fields = self._form.fields
            name = self._form.file_name or ""
        else:
            name = _file_name(_as_meant(self._headers.get("content-disposition", "")))
        # A sender names a file, not a place for it (RFC 6266, 4.3; RFC 7578, 4.2).
        self.file_name = re.split(r"[/\\]", name)[-1] or None

    def name_for(self, named_file: str) -> str | None:
        """Return what a file that nobody named is called by its type, None if that says none."""
        media, _ = options_of(self._headers.get("content-type", ""))
        extension = _EXTENSIONS.get(media)
        return None if extension is None else f"{named_file}.{extension}"

    async def blocks(self) -> AsyncIterator[bytes]:
        """Give the bytes of the file.

        Raises:
            InputError: they are not what was promised, or the form is none.
            TooLarge: there are more than are taken.
            Silent, BrokenOff: there is no more of it.
        """
        file_sum, taken = hashlib.sha256(), 0
        held = bytearray()
        async for chunk in self._file():
            taken += len(chunk)
            if taken > self._most:
                raise TooLarge(
                    f"the file has more than {self._most:,} bytes",
                    hint="most_upload_bytes of the server says how much it takes",
                )
            if self._file_sum is not None:
                file_sum.update(chunk)
            held += chunk
            if len(held) >= BLOCK:
                yield bytes(held)
                held.clear()
        self._compare(file_sum.hexdigest())
        if held:
            yield bytes(held)

    async def _file(self) -> AsyncIterator[bytes]:
        if self._form is None:
            while chunk := await self._next():
                yield chunk
            return
        for part in self._form.taken():
            yield part
        while chunk := await self._next():
            self._form.add(chunk)
            for part in self._form.taken():
                yield part
        self._form.finish()

    async def _next(self) -> bytes:
        """Return the next bytes of the body, `b""` behind the last ones."""
        try:
            async with asyncio.timeout(SILENCE_S):
                chunk: bytes = b""
                while not chunk:
                    chunk = await anext(self._chunks)
        except StopAsyncIteration:
            return b""
        except TimeoutError as error:
            raise Silent(f"nothing came for {SILENCE_S:.0f} s") from error
        except ClientDisconnect as error:
            raise BrokenOff("the sender went away") from error
        for known, _ in self._sums.values():
            known.update(chunk)
        return chunk

    def _compare(self, file_sum: str) -> None:
        for name, (seen, promised) in self._sums.items():
            if seen.digest() != promised:
                raise InputError(
                    f"the body is not the one that its Content-Digest is of: its {name} is another",
                    hint="send it again",
                )
        if self._file_sum is not None and self._file_sum != file_sum:
            raise InputError(
                f"the file is not the one that X-Content-SHA256 is of: it has {file_sum}",
                hint="send it again",
            )


def _file_name(disposition: str) -> str:
    """Return the name in a Content-Disposition, "" if it has none; `filename*` goes first.

    >>> _file_name("attachment; filename=Gro.csv; filename*=UTF-8''Gr%C3%B6.csv")
    'Grö.csv'
    """
    extended = _EXTENDED.search(_QUOTED.sub('""', disposition))
    if extended is not None:
        try:
            return unquote(extended[2], extended[1], errors="strict")
        except UnicodeDecodeError:
            pass  # what can't be decoded is as if it were not there (RFC 8187, 3.2)
    _, said = options_of(disposition)
    return said.get("filename", "")


def _promised(header: str) -> dict[str, tuple[hashlib._Hash, bytes]]:
    """Return the hashes that the body is to have (RFC 9530); those of other kinds are left out.

    Raises:
        RequestError: the header is none, or one of them is none.
    """
    found = {}
    for member in _BETWEEN.split(header.strip()) if header.strip() else ():
        digest = _DIGEST.fullmatch(member)
        if digest is None:
            raise RequestError("Content-Digest holds no digests", hint="sha-256=:BASE64:")
        name, text = digest[1], digest[2]
        if name not in _ALGORITHMS:
            continue
        seen = hashlib.new(_ALGORITHMS[name])
        try:
            promised = base64.b64decode(text, validate=True)
        except binascii.Error:
            promised = b""
        if len(promised) != seen.digest_size:
            raise RequestError(f"Content-Digest holds no {name}", hint="sha-256=:BASE64:")
        found[name] = (seen, promised)
    return found


def _promised_file(headers: Mapping[str, str]) -> str | None:
    text = headers.get("x-content-sha256")
    if text is not None and not _SHA256.fullmatch(text):
        raise RequestError("X-Content-SHA256 is no SHA-256", hint="64 hexadecimal digits")
    return None if text is None else text.lower()


def _as_meant(header: str) -> str:
    """Return a header as its sender wrote it: UTF-8, or Latin-1 where it is none (RFC 9110, 5.5).

    >>> _as_meant("Größe".encode().decode("latin-1")), _as_meant("Größe")
    ('Größe', 'Größe')
    """
    try:
        return header.encode("latin-1").decode()
    except UnicodeDecodeError:
        return header
