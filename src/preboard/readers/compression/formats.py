"""Compressed bytes to plain bytes, block by block, told by their first bytes and not by a name.

In: a binary source. Out: a stream of what is in it, for gzip (of any number of members), bzip2, xz
and zstd; for zip see `zips`. No more is unpacked than is asked for, so that memory is bounded
whatever the source claims, and `Limits` end what unpacks to absurd sizes. An archive
that is cut off, damaged or followed by something else is an InputError.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from typing import TYPE_CHECKING, BinaryIO, Final, Literal, Protocol

from preboard.errors import InputError
from preboard.readers.compression.zstd import ZstdDecoder, ZstdError, begins_frame
from preboard.readers.intake import position, read_block
from preboard.readers.peek import Stream, size_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from preboard.readers.limits import Limits

Compression = Literal["gzip", "bzip2", "xz", "zstd", "zip"]

_MAGIC: Final[tuple[tuple[bytes, Compression], ...]] = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),  # an empty one
    (b"PK\x07\x08", "zip"),  # of several parts
)
_BZIP2: Final = (b"1AY&SY", b"\x17\x72\x45\x38\x50\x90")  # a block, or the end of an empty file
_LONGEST_MAGIC: Final = 10
_XZ_MEMORY: Final = 256 << 20
_BLOCK: Final = 1 << 16
_MOST_EMPTY: Final = 1000  # members without data in a row
FAULTS: Final = (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, ZstdError)


class Decoder(Protocol):
    """What unpacks one member; the decoders of bz2 and lzma are such."""

    @property
    def eof(self) -> bool:
        """The member has ended."""

    @property
    def needs_input(self) -> bool:
        """There is nothing more to give before more is fed."""

    @property
    def unused_data(self) -> bytes:
        """What was fed beyond the end."""

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """Return up to `max_length` plain bytes."""


def compression_of(head: bytes) -> Compression | None:
    r"""Return how the source that begins with `head` is compressed, None if it is not.

    >>> compression_of(b"\x1f\x8b\x08\x00")
    'gzip'
    """
    if begins_frame(head):
        return "zstd"
    found = next((name for magic, name in _MAGIC if head.startswith(magic)), None)
    if found == "bzip2" and not _begins_bzip2(head):
        return None
    if found == "gzip" and head[2:3] not in (b"\x08", b""):
        return None
    return found


def _begins_bzip2(head: bytes) -> bool:
    """Return whether a level and the beginning of a block follow, as far as there are bytes."""
    block = head[4:10]
    return head[3:4].isdigit() and any(magic.startswith(block) for magic in _BZIP2)


def decoder_for(compression: Compression) -> Callable[[], Decoder]:
    """Return what makes a decoder for each member.

    Raises:
        InputError: The package that it needs is not installed.
    """
    match compression:
        case "gzip":
            return lambda: ZlibDecoder(zlib.MAX_WBITS | 16)
        case "bzip2":
            return bz2.BZ2Decompressor
        case "xz":
            return lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)
        case "zstd":
            return ZstdDecoder
        case "zip":
            raise AssertionError("a zip is an archive of members")


class ZlibDecoder:
    """A decoder of zlib with the attributes that those of bz2 and lzma have."""

    def __init__(self, wbits: int) -> None:
        self._decoder = zlib.decompressobj(wbits)
        self._full = False

    @property
    def eof(self) -> bool:
        """The member has ended."""
        return self._decoder.eof

    @property
    def needs_input(self) -> bool:
        """There is nothing more to give before more is fed."""
        return not self._full and not self._decoder.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        """What was fed beyond the end."""
        return self._decoder.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """Return up to `max_length` plain bytes."""
        plain = self._decoder.decompress(self._decoder.unconsumed_tail + data, max(0, max_length))
        self._full = len(plain) == max_length
        return plain


class Unpacked(Stream):
    """The plain bytes of a compressed source, all of its members one after the other."""

    def __init__(
        self,
        source: BinaryIO,
        name: str,
        make: Callable[[], Decoder],
        limits: Limits,
    ) -> None:
        super().__init__()
        self._source = source
        self._start = position(source)
        self._name = name
        self._make = make
        self._limits = limits
        self._rewind()

    def _rewind(self) -> None:
        self._decoder = self._make()
        self._fed = False  # the member has got a byte
        self._held = b""  # compressed, not yet fed
        self._read = 0
        self._plain = 0
        self._empty = 0
        self._done = False

    def seekable(self) -> bool:
        """Return whether it can go back to its start."""
        return self._start is not None

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go back to the start."""
        self.go_back(offset, whence)
        if self._start is None:
            return super().seek(offset, whence)
        self._source.seek(self._start)
        self._rewind()
        return 0

    def tell(self) -> int:
        """Return how many plain bytes were read."""
        return self._plain

    def way(self) -> tuple[int, int] | None:
        """Return how many bytes of how many were taken of the archive."""
        size = size_of(self._source)
        return None if size is None else ((self._start or 0) + self._read, size)

    def read(self, size: int | None = -1) -> bytes:
        """Return up to `size` plain bytes, none at the end.

        Raises:
            InputError: The archive is damaged or cut off, or beyond the limits.
        """
        if size is None or size < 0:
            return b"".join(iter(lambda: self.read(_BLOCK), b""))
        while size and not self._done:
            if plain := self._step(size):
                self._plain += len(plain)
                self._empty = 0
                self._judge()
                return plain
        return b""

    def _step(self, size: int) -> bytes:
        """Feed what is there, or go on to the next member; returns what came out."""
        decoder = self._decoder
        if decoder.eof:
            self._next_member()
            return b""
        if decoder.needs_input and not self._held:
            self._held = self._take()
            if not self._held:
                if self._fed:
                    raise self._fault("it is cut off")
                self._done = True
                return b""
        held, self._held = (self._held, b"") if decoder.needs_input else (b"", self._held)
        self._fed = True
        try:
            return decoder.decompress(held, size)
        except MemoryError as error:
            raise self._fault("it needs more memory than there is") from error
        except FAULTS as error:
            raise self._fault(f"it is damaged: {error}") from error

    def _next_member(self) -> None:
        """Begin the member that follows, if one does."""
        self._held = self._decoder.unused_data + self._held
        while not (rest := self._held.lstrip(b"\0")):
            self._held = self._take()
            if not self._held:
                self._done = True
                return
        if len(rest) < _LONGEST_MAGIC:
            rest += self._take()
        self._held = rest
        if compression_of(rest) != self._name:
            raise self._fault("something else follows its end")
        self._empty += 1
        if self._empty > _MOST_EMPTY:
            raise self._fault("too many members of it are empty")
        self._decoder = self._make()
        self._fed = False

    def _take(self) -> bytes:
        block = read_block(self._source, _BLOCK)
        self._read += len(block)
        return block

    def _judge(self) -> None:
        limits = self._limits
        if self._plain > limits.unpacked_bytes:
            raise self._beyond(f"to more than {limits.unpacked_bytes:,} bytes", "unpacked_bytes")
        used = max(1, self._read - len(self._held))
        most = limits.unpacked_ratio
        if self._plain > limits.ratio_from_bytes and self._plain > most * used:
            raise self._beyond(f"to more than {most:g} times its size", "unpacked_ratio")

    def _beyond(self, what: str, limit: str) -> InputError:
        return InputError(
            f"the {self._name} data unpacks {what}",
            hint=f"is this a decompression bomb? the limit is `{limit}`",
            byte_offset=self._plain,
        )

    def _fault(self, what: str) -> InputError:
        offset = self._read - len(self._held)
        return InputError(
            f"the {self._name} data cannot be unpacked after byte {offset:,} of it: {what}",
            hint="was the file transferred completely, and as binary?",
            byte_offset=self._plain,
        )
