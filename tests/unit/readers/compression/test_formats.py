"""What is compressed is unpacked in bounded memory, or refused."""

import bz2
import gzip
import io
import lzma
import tracemalloc
import zlib
from collections.abc import Callable

import pytest
import zstandard

from preboard.errors import ConfigError, InputError
from preboard.readers.compression import zstd
from preboard.readers.compression.formats import compression_of
from preboard.readers.limits import Limits
from preboard.readers.opening import unpacked

DATA = b"".join(b"%d,name %d,%f\n" % (n, n, n / 7) for n in range(30_000))
PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": lambda data: zstandard.ZstdCompressor(write_checksum=True).compress(data),
}
NAMES = sorted(PACK)


class Pipe(io.BytesIO):
    """A source that cannot go back and gives its bytes in crumbs."""

    crumb = 700

    def seekable(self):
        return False

    def seek(self, _offset, _whence=0, /):
        raise io.UnsupportedOperation("seek")

    def read(self, size=-1, /):
        return super().read(self.crumb if size is None or size < 0 else min(size, self.crumb))


class Endless(io.RawIOBase):
    """The same bytes again and again, up to a size."""

    def __init__(self, unit, size, head=b""):
        super().__init__()
        self.unit = unit * max(1, 65536 // len(unit))
        self.left = size
        self.head = head

    def read(self, size=-1):
        if self.head:
            block, self.head = self.head[:size], self.head[size:]
            return block
        size = min(size if size >= 0 else 65536, self.left)
        self.left -= size
        times = size // len(self.unit) + 2
        block = (self.unit * times)[:size]
        turn = size % len(self.unit)
        self.unit = self.unit[turn:] + self.unit[:turn]
        return block


def use_up(source):
    """Read all of a source and keep nothing."""
    stream = unpacked(source, "x").stream
    while stream.read(1 << 16):
        pass


def read(source, **options):
    source = io.BytesIO(source) if isinstance(source, bytes) else source
    return unpacked(source, "x", **options).stream.read()


@pytest.mark.parametrize("name", NAMES)
class TestAnyKind:
    """What holds for gzip, bzip2, xz and zstd."""

    def test_it_is_known_by_its_first_bytes(self, name):
        assert compression_of(PACK[name](DATA)[:20]) == name
        assert compression_of(PACK[name](b"")[:20]) == name

    @pytest.mark.parametrize("data", [b"", b"a", DATA])
    @pytest.mark.parametrize("opened", [io.BytesIO, Pipe])
    def test_the_data_comes_out(self, name, data, opened):
        assert read(opened(PACK[name](data))) == data

    def test_several_members_are_one_text(self, name):
        """As `cat a.gz b.gz` makes them, with NULs behind as tapes do."""
        packed = PACK[name](DATA) + PACK[name](b"") + PACK[name](b"more\n") + bytes(512)
        assert read(packed) == DATA + b"more\n"

    def test_it_can_be_read_again(self, name):
        stream = unpacked(io.BytesIO(PACK[name](DATA)), "x").stream
        assert stream.read(100) == DATA[:100]
        stream.seek(0)
        assert stream.read() == DATA
        assert stream.read() == b""

    def test_reads_of_any_size_give_the_same(self, name):
        stream = unpacked(io.BytesIO(PACK[name](DATA)), "x").stream
        parts: list[bytes] = []
        while block := stream.read(len(parts) % 977 + 1):
            parts.append(block)
        assert b"".join(parts) == DATA

    def test_cut_off_it_is_refused(self, name):
        """Wherever it is cut, after the data that could be unpacked."""
        packed = PACK[name](DATA[:200_000])
        for cut in (9, 15, len(packed) // 2, len(packed) - 5, len(packed) - 1):
            with pytest.raises(InputError, match=r"cut off|damaged") as caught:
                read(packed[:cut])
            assert caught.value.byte_offset is not None

    def test_damage_is_refused(self, name):
        packed = bytearray(PACK[name](DATA))
        packed[len(packed) // 2] ^= 0x40
        with pytest.raises(InputError, match=r"damaged|cut off") as caught:
            read(bytes(packed))
        assert caught.value.byte_offset is not None
        assert "transferred" in str(caught.value.hint)

    def test_what_follows_the_end_is_refused(self, name):
        """Data that nobody looked at must not pass."""
        with pytest.raises(InputError, match="something else follows"):
            read(PACK[name](DATA) + b"id,name\n")

    def test_twice_compressed_is_refused(self, name):
        with pytest.raises(InputError, match="again"):
            read(gzip.compress(PACK[name](DATA)))

    def test_a_bomb_is_refused(self, name):
        """Zeros by the gigabyte."""
        unit = PACK[name](bytes(20 << 20))
        source = Endless(unit, len(unit) * 500)
        tracemalloc.start()
        with pytest.raises(InputError, match="250 times its size") as caught:
            use_up(source)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert "bomb" in str(caught.value.hint)
        assert peak < 20 << 20

    def test_the_total_is_bounded(self, name):
        limits = Limits(unpacked_bytes=1000)
        with pytest.raises(InputError, match="more than 1,000 bytes"):
            read(PACK[name](DATA), limits=limits)

    def test_many_empty_members_end(self, name):
        with pytest.raises(InputError, match="empty"):
            read(PACK[name](b"") * 2000)


def test_a_gzip_bomb_of_10_gb_ends_soon_in_little_memory():
    """As it comes through a pipe."""
    unit = gzip.compress(bytes(100 << 20), 9)
    source = Endless(unit, len(unit) * 100)
    tracemalloc.start()
    with pytest.raises(InputError, match="times its size"):
        use_up(source)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20


def test_a_zstd_frame_cannot_unpack_to_gigabytes_at_once():
    """Four bytes are a block of 128 KiB there: blocks are unpacked one by one."""
    block = ((131072 << 3) | 2).to_bytes(3, "little") + b"a"
    source = Endless(block, 1 << 30, head=b"\x28\xb5\x2f\xfd\x00\x58")
    tracemalloc.start()
    with pytest.raises(InputError, match="times its size"):
        use_up(source)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20


def test_zstd_frames_without_data_are_passed_over():
    """Such as those of a seekable file."""
    skipped = b"\x52\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"stuff"
    assert read(skipped + PACK["zstd"](b"a,b\n") + skipped) == b"a,b\n"


def test_zstd_without_its_package_says_what_to_install(monkeypatch):
    monkeypatch.setattr(zstd, "zstandard", None)
    with pytest.raises(InputError, match="zstd") as caught:
        read(PACK["zstd"](b"a"))
    assert caught.value.hint == "pip install 'preboard[zstd]'"


@pytest.mark.parametrize("head", [b"BZh text", b"\x1f\x8b,text", b"id,name", b"PK,id\n", b""])
def test_text_is_not_taken_for_an_archive(head):
    assert compression_of(head) is None


def test_a_ratio_that_data_has_passes():
    """Repetitive data compresses well, too: the ratio counts from a size on."""
    data = b"0,0,0,0\n" * 1_000_000
    assert len(data) > 300 * len(gzip.compress(data))
    assert read(gzip.compress(data)) == data


def test_a_header_of_a_window_beyond_reason_is_refused():
    frame = b"\x28\xb5\x2f\xfd\x00\xff" + bytes(20)
    with pytest.raises(InputError, match="damaged"):
        read(frame)


def test_a_limit_must_be_more_than_nothing():
    with pytest.raises(ConfigError, match="ratio"):
        Limits(unpacked_ratio=0)


def test_a_member_of_what_is_no_zip_is_refused():
    for data in (b"a,b\n", zlib.compress(b"x"), gzip.compress(b"x")):
        with pytest.raises(InputError, match="no zip archive"):
            read(data, member="a.csv")
