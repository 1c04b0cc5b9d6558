"""One member of a zip archive as a stream.

The list of members stands at the end of the archive, which therefore must be able to go back: from
a pipe it is copied to a temporary file first. zipfile reads that list and nothing else; the member
is unpacked by the decoders of `compression`, under the same limits. No name in an archive is ever
taken for a path on disk.
"""

from __future__ import annotations

import bz2
import io
import struct
import tempfile
import zipfile
import zlib
from typing import TYPE_CHECKING, BinaryIO, Final

from preboard.errors import InputError
from preboard.readers.compression.formats import (
    Decoder,
    Unpacked,
    ZlibDecoder,
)
from preboard.readers.compression.zstd import ZstdDecoder
from preboard.readers.intake import position, read_block
from preboard.readers.peek import Stream, as_binary, copy_bounded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from preboard.readers.limits import Limits

_LARGEST_LIST: Final = 2 << 20  # bytes of the list of members: some 20,000 of them
_SHOWN: Final = 8
_LONGEST_NAME: Final = 80
_LOCAL: Final = struct.Struct("<4s22xHH")
_ENCRYPTED: Final = 0x41  # flags: encrypted, strongly so
_METHODS: Final[dict[int, Callable[[], Decoder]]] = {
    zipfile.ZIP_DEFLATED: lambda: ZlibDecoder(-zlib.MAX_WBITS),
    zipfile.ZIP_BZIP2: bz2.BZ2Decompressor,
    93: ZstdDecoder,
}
_METHOD_NAMES: Final = {9: "deflate64", 14: "lzma", 95: "xz", 98: "ppmd"}
_CLUTTER: Final = ("__MACOSX/", "Thumbs.db", "desktop.ini", ".DS_Store")
_DAMAGED = (
    zipfile.BadZipFile,
    struct.error,
    NotImplementedError,
    UnicodeError,
    ValueError,
    OSError,
    EOFError,
    LookupError,
    OverflowError,
)


class Archive:
    """A zip archive; `names` are its members that may hold data.

    Raises:
        InputError: It is no whole zip archive, or beyond the limits.
    """

    def __init__(self, source: BinaryIO, limits: Limits) -> None:
        self._limits = limits
        self._copy: BinaryIO | None = None
        if position(source) is None:
            self._copy = _copied(source, limits)
        self._source = self._copy or source
        try:
            listed = zipfile.ZipFile(as_binary(_Listing(self._source))).infolist()
        except _DAMAGED as error:
            self.close()
            raise InputError(
                f"the zip archive cannot be opened: {error}",
                hint="was the file transferred completely, and as binary?",
                byte_offset=0,
            ) from error
        self._members = [each for each in listed if not each.is_dir()]
        self.names = [each.filename for each in self._members]

    def close(self) -> None:
        """Remove the copy, if there is one."""
        if self._copy is not None:
            self._copy.close()

    def open(self, member: str | None) -> tuple[Stream, str]:
        """Return the plain bytes of a member and its name: the one that is named, or the only one.

        Raises:
            InputError: There is no such member, or there are several; it is encrypted, or packed in
                a way that we do not know.
        """
        found = self._named(member) if member is not None else self._only()
        if found.flag_bits & _ENCRYPTED:
            raise InputError(
                f"{shown(found.filename)} in the zip archive is encrypted",
                hint="decrypt it first; no password can be given here",
            )
        return _Member(self, self._source, found, self._limits), found.filename

    def _named(self, member: str) -> zipfile.ZipInfo:
        found = [each for each in self._members if each.filename == member]
        found = found or [each for each in self._members if _base(each.filename) == member]
        if len(found) != 1:
            what = "several members" if found else "no member"
            raise InputError(
                f"the zip archive has {what} called {shown(member)}",
                hint=f"it holds {self._list()}",
            )
        return found[0]

    def _only(self) -> zipfile.ZipInfo:
        found = [each for each in self._members if not _is_clutter(each.filename)]
        if not found:
            raise InputError("the zip archive holds no file")
        if len(found) > 1:
            raise InputError(
                f"the zip archive holds {len(found):,} files",
                hint=f"say which is meant, as member: {self._list()}",
            )
        return found[0]

    def _list(self) -> str:
        return listed(self.names)


def listed(names: Sequence[str]) -> str:
    """Return the first of some names, for a message."""
    first = ", ".join(shown(name) for name in names[:_SHOWN])
    more = len(names) - _SHOWN
    return f"{first} and {more:,} more" if more > 0 else first or "nothing"


def shown(name: str) -> str:
    """Return a name from an archive as it can be printed."""
    return repr(name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "...")


def _base(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2]


def _is_clutter(name: str) -> bool:
    """Return whether it is one of the files that systems add to archives."""
    base = _base(name)
    return name.startswith(_CLUTTER[0]) or base in _CLUTTER or base.startswith("._")


def _copied(source: BinaryIO, limits: Limits) -> BinaryIO:
    # Closed by the archive, or by the garbage collector when an error ends its making.
    copy = tempfile.TemporaryFile(prefix="preboard-")  # noqa: SIM115
    try:
        hint = "the limit is `copied_bytes`: a zip from a pipe is copied first"
        copy_bounded(source, copy, limits.copied_bytes, hint)
    except BaseException:
        copy.close()
        raise
    return copy


class _Listing(Stream):
    """The source as zipfile sees it: it may not read a list of members of any size into memory."""

    def __init__(self, source: BinaryIO) -> None:
        super().__init__()
        self._source = source

    def seekable(self) -> bool:
        """Return that it can go back."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        return self._source.seek(offset, whence)

    def tell(self) -> int:
        """Return where it stands."""
        return self._source.tell()

    def read(self, size: int | None = -1) -> bytes:
        """Return up to `size` bytes, if that is not too many."""
        wanted = _LARGEST_LIST + 1 if size is None or size < 0 else size
        if wanted <= _LARGEST_LIST:
            return self._source.read(wanted)
        data = self._source.read(_LARGEST_LIST + 1)
        if len(data) > _LARGEST_LIST:
            raise zipfile.BadZipFile("it has too many members")
        return data


class _Part(Stream):
    """`size` bytes of a source, from `start` on."""

    def __init__(self, source: BinaryIO, start: int, size: int) -> None:
        super().__init__()
        self._source = source
        self._start = start
        self._size = size
        self._left = size

    def seekable(self) -> bool:
        """Return that it can go back."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go back to the start."""
        self.go_back(offset, whence)
        self._source.seek(self._start)
        self._left = self._size
        return 0

    def tell(self) -> int:
        """Return that the start is where it was at first."""
        return 0

    def read(self, size: int | None = -1) -> bytes:
        """Return up to `size` bytes."""
        wanted = self._left if size is None or size < 0 else min(size, self._left)
        block = read_block(self._source, wanted) if wanted else b""
        self._left -= len(block)
        return block


class _Member(Stream):
    """The plain bytes of a member, checked against the size and the checksum that it should have.

    Closing it closes its archive.
    """

    def __init__(
        self,
        archive: Archive,
        source: BinaryIO,
        member: zipfile.ZipInfo,
        limits: Limits,
    ) -> None:
        super().__init__()
        self._archive = archive
        self._name = shown(member.filename)
        self._wanted = member.file_size, member.CRC
        part = _Part(source, self._find(source, member), member.compress_size)
        part.seek(0)
        self._plain: Stream = part
        if member.compress_type != zipfile.ZIP_STORED:
            self._plain = Unpacked(as_binary(part), "zip", self._decoder(member), limits)
        self._size = self._checksum = 0

    def _decoder(self, member: zipfile.ZipInfo) -> Callable[[], Decoder]:
        method = _METHODS.get(member.compress_type)
        if method is None:
            number = member.compress_type
            name = _METHOD_NAMES.get(number, f"method {number}")
            raise InputError(
                f"{self._name} in the zip archive is packed with {name}",
                hint="pack it again with deflate, which every program knows",
            )
        return method

    def _find(self, source: BinaryIO, member: zipfile.ZipInfo) -> int:
        """Return where the packed bytes begin: behind a header of their own."""
        try:
            source.seek(member.header_offset)
        except (OSError, ValueError, OverflowError) as error:
            raise self._fault("does not begin where it should") from error
        header = read_block(source, _LOCAL.size)
        if len(header) < _LOCAL.size:
            raise self._fault("is cut off")
        magic, name, extra = _LOCAL.unpack(header)
        if magic != zipfile.stringFileHeader:  # type: ignore[attr-defined]
            raise self._fault("does not begin where it should")
        return member.header_offset + _LOCAL.size + int(name) + int(extra)

    def _fault(self, what: str) -> InputError:
        return InputError(
            f"{self._name} in the zip archive {what}",
            hint="was the file transferred completely, and as binary?",
            byte_offset=self._size if hasattr(self, "_size") else 0,
        )

    def seekable(self) -> bool:
        """Return that it can go back to its start."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go back to the start."""
        self.go_back(offset, whence)
        self._size = self._checksum = 0
        return self._plain.seek(0)

    def tell(self) -> int:
        """Return how many plain bytes were read."""
        return self._size

    def way(self) -> tuple[int, int] | None:
        """Return how many plain bytes of how many were read."""
        return self._size, self._wanted[0]

    def read(self, size: int | None = -1) -> bytes:
        """Return up to `size` plain bytes, none at the end.

        Raises:
            InputError: The member is damaged or beyond the limits.
        """
        block = self._plain.read(size)
        self._size += len(block)
        self._checksum = zlib.crc32(block, self._checksum)
        wanted, checksum = self._wanted
        if self._size > wanted or (not block and size != 0 and self._size < wanted):
            raise self._fault(f"does not have the {wanted:,} bytes that it should have")
        if self._size == wanted and self._checksum != checksum:
            raise self._fault("is damaged: its checksum is another")
        return block

    def close(self) -> None:
        """Close the archive, too."""
        self._archive.close()
        super().close()
