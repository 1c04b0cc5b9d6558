"""Zstandard, unpacked a block at a time.

The package `zstandard` unpacks all that it is given at once, to any size, and says nothing when the
end is missing. A frame is a header and blocks of at most 128 KiB of plain data each, whose
compressed size stands before them (RFC 8878): here they are cut apart and unpacked one by one, so
that memory is bounded and the end of the frame is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from preboard.errors import InputError

if TYPE_CHECKING:
    import zstandard
else:
    try:
        import zstandard
    except ImportError:
        zstandard = None

_MAGIC: Final = b"\x28\xb5\x2f\xfd"
_SKIPPED: Final = b"\x2a\x4d\x18"  # behind 0x50 to 0x5f: a frame without data
_SKIPPED_HEADER: Final = 8
_LONGEST_HEADER: Final = 18
_WINDOW: Final = 128 << 20
_BLOCK: Final = 128 << 10
_BLOCK_HEADER: Final = 3
_CHECKSUM: Final = 4
_RUN: Final = 1  # a block that is one byte, repeated
_RESERVED: Final = 3


class ZstdError(ValueError):
    """The frame is damaged."""


def begins_frame(head: bytes) -> bool:
    """Return whether a frame begins here."""
    return head.startswith(_MAGIC) or _is_skipped(head)


def _is_skipped(head: bytes) -> bool:
    return head[1:4] == _SKIPPED and head[0] >> 4 == 0x5  # noqa: PLR2004 - half of a magic number


class ZstdDecoder:
    """Unpacks one frame; the attributes are those of the decoders of bz2 and lzma.

    Raises:
        InputError: The package `zstandard` is not installed.
    """

    def __init__(self) -> None:
        if zstandard is None:
            raise InputError(
                "the data is compressed with zstd, which needs the package zstandard",
                hint="pip install 'preboard[zstd]'",
            )
        self._decoder: Any = zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj()
        self._held = b""
        self._at = 0  # what was held before is used up
        self._plain = b""
        self._part = self._header
        self._checksum_bytes = 0
        self._to_skip = 0
        self.needs_input = True
        self.eof = False

    @property
    def unused_data(self) -> bytes:
        """What was fed beyond the end."""
        return self._held[self._at :] if self.eof else b""

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """Return up to `max_length` plain bytes; with none, `needs_input` or `eof` is true.

        Raises:
            ZstdError: The frame is damaged.
        """
        self._held = self._held[self._at :] + data
        self._at = 0
        self.needs_input = False
        while not (self._plain or self.eof or self.needs_input):
            self.needs_input = not self._part()
        size = len(self._plain) if max_length < 0 else max_length
        plain, self._plain = self._plain[:size], self._plain[size:]
        return plain

    # Each part returns whether it had all of its bytes, and says which part is next.

    def _header(self) -> bool:
        head = self._held[self._at : self._at + _LONGEST_HEADER]
        if len(head) < _SKIPPED_HEADER:
            return False
        if _is_skipped(head):
            self._at += _SKIPPED_HEADER
            self._to_skip = int.from_bytes(head[4:8], "little")
            self._part = self._skip
            return True
        flags = head[len(_MAGIC)]
        is_single = flags >> 5 & 1
        size = len(_MAGIC) + 2 - is_single + (0, 1, 2, 4)[flags & 3]
        size += (is_single, 2, 4, 8)[flags >> 6]
        if len(head) < size:
            return False
        self._checksum_bytes = _CHECKSUM * (flags >> 2 & 1)
        self._unpack(size)
        self._part = self._block
        return True

    def _block(self) -> bool:
        head = self._held[self._at : self._at + _BLOCK_HEADER]
        header = int.from_bytes(head, "little")
        kind, size = header >> 1 & 3, header >> 3
        if kind == _RESERVED or size > _BLOCK:
            raise ZstdError("a block of no known kind or size")
        size = _BLOCK_HEADER + (1 if kind == _RUN else size)
        if len(head) < _BLOCK_HEADER or len(self._held) < self._at + size:
            return False
        self._unpack(size)
        if header & 1:
            self._part = self._checksum
        return True

    def _checksum(self) -> bool:
        if len(self._held) < self._at + self._checksum_bytes:
            return False
        self._unpack(self._checksum_bytes)
        self.eof = True
        return True

    def _skip(self) -> bool:
        skipped = min(self._to_skip, len(self._held) - self._at)
        self._at += skipped
        self._to_skip -= skipped
        self.eof = not self._to_skip
        return self.eof

    def _unpack(self, size: int) -> None:
        part = self._held[self._at : self._at + size]
        self._at += size
        try:
            self._plain = self._decoder.decompress(part) if part else b""
        except zstandard.ZstdError as error:
            raise ZstdError(str(error).removeprefix("zstd decompressor error: ")) from error
