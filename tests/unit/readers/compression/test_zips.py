"""One member of a zip archive is read; nothing in an archive reaches the disk or the memory."""

import io
import struct
import tracemalloc
import zipfile
from collections import deque
from typing import Any

import pytest

from preboard.errors import InputError
from preboard.readers.limits import Limits
from preboard.readers.opening import unpacked

DATA = b"".join(b"%d,name %d\n" % (n, n * 7) for n in range(5_000))


def archive(members, method=zipfile.ZIP_DEFLATED, **options):
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", method, **options) as writer:
        for name, data in members.items():
            writer.writestr(name, data)
    return found.getvalue()


class Pipe(io.BytesIO):
    """A source that cannot go back and gives its bytes in crumbs."""

    crumb = 700

    def seekable(self):
        return False

    def seek(self, _offset, _whence=0, /):
        raise io.UnsupportedOperation("seek")

    def read(self, size=-1, /):
        return super().read(self.crumb if size is None or size < 0 else min(size, self.crumb))


def read(data, member=None, **options):
    source = io.BytesIO(data) if isinstance(data, bytes) else data
    plain = unpacked(source, "orders.zip", member=member, **options)
    return plain.stream.read(), plain.member


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
@pytest.mark.parametrize("opened", [io.BytesIO, Pipe])
def test_the_only_member_is_read(method, opened):
    """From a pipe, too: it is copied first."""
    assert read(opened(archive({"in/orders.csv": DATA}, method))) == (DATA, "in/orders.csv")


def test_the_copy_of_a_pipe_is_removed():
    plain = unpacked(Pipe(archive({"a.csv": DATA})), None)
    member: Any = plain.stream
    copy = member._archive._copy
    assert not copy.closed
    plain.stream.close()
    assert copy.closed


def test_closing_leaves_the_source_open():
    source = io.BytesIO(archive({"a.csv": DATA}))
    unpacked(source, None).stream.close()
    assert not source.closed


def test_a_member_can_be_read_again():
    stream = unpacked(io.BytesIO(archive({"a.csv": DATA})), None).stream
    assert stream.read(10) == DATA[:10]
    stream.seek(0)
    assert stream.read() == DATA


def test_folders_and_what_systems_add_are_no_data():
    members = {
        "in/": b"", "__MACOSX/in/._a.csv": b"x", "in/.DS_Store": b"x", "Thumbs.db": b"x",
        "in/a.csv": DATA,
    }  # fmt: skip
    assert read(archive(members)) == (DATA, "in/a.csv")


def test_of_several_one_must_be_named():
    data = archive({"a.csv": b"a\n", "b.csv": b"b\n", "in/c.csv": b"c\n"})
    with pytest.raises(InputError, match="3 files") as caught:
        read(data)
    assert "'a.csv', 'b.csv', 'in/c.csv'" in str(caught.value.hint)
    assert read(data, "b.csv") == (b"b\n", "b.csv")
    assert read(data, "c.csv") == (b"c\n", "in/c.csv")


def test_a_name_that_is_not_there_is_told_with_those_that_are():
    with pytest.raises(InputError, match="no member called 'x'") as caught:
        read(archive({f"{n}.csv": b"" for n in range(20)}), "x")
    assert "'0.csv'" in str(caught.value.hint)
    assert "12 more" in str(caught.value.hint)


def test_a_name_that_is_there_twice_is_refused():
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w") as writer:
        writer.writestr("a.csv", "1")
        with pytest.warns(UserWarning, match="Duplicate"):
            writer.writestr("a.csv", "2")
    with pytest.raises(InputError, match="several members"):
        read(found.getvalue(), "a.csv")


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/cron.d/x", "C:\\x.csv", "a\x1b[31m.csv"]
)
def test_a_name_is_never_a_path(name, tmp_path, monkeypatch):
    """It is read like any other, nothing is written, and it cannot speak to terminals."""
    monkeypatch.chdir(tmp_path)
    assert read(archive({name: DATA}))[0] == DATA
    with pytest.raises(InputError) as caught:
        read(archive({name: DATA, "b.csv": b""}))
    assert "\x1b" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("members", [{}, {"in/": b""}])
def test_an_archive_without_a_file_is_refused(members):
    with pytest.raises(InputError, match="holds no file"):
        read(archive(members))


def test_an_encrypted_member_is_refused():
    data = bytearray(archive({"a.csv": DATA}))
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + flags] |= 1
    with pytest.raises(InputError, match=r"'a.csv' in the zip archive is encrypted"):
        read(bytes(data))


@pytest.mark.parametrize(("method", "told"), [(9, "deflate64"), (14, "lzma"), (99, "method 99")])
def test_a_method_that_is_not_known_is_named(method, told):
    data = bytearray(archive({"a.csv": DATA}))
    for magic, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        struct.pack_into("<H", data, data.index(magic) + at, method)
    with pytest.raises(InputError, match=told):
        read(bytes(data))


def test_cut_off_it_is_refused_wherever_it_is_cut():
    data = archive({"a.csv": DATA})
    for cut in (5, 40, len(data) // 2, len(data) - 10, len(data) - 1):
        with pytest.raises(InputError) as caught:
            read(data[:cut])
        assert caught.value.byte_offset is not None


def test_a_checksum_that_is_wrong_is_refused():
    data = bytearray(archive({"a.csv": DATA}, zipfile.ZIP_STORED))
    data[data.index(b"name 7") + 5] ^= 1
    with pytest.raises(InputError, match="checksum"):
        read(bytes(data))


@pytest.mark.parametrize("size", [0, 10, len(DATA) - 1, len(DATA) + 1])
def test_a_size_that_is_wrong_is_refused(size):
    data = bytearray(archive({"a.csv": DATA}))
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, size)
    with pytest.raises(InputError, match="bytes that it should have"):
        read(bytes(data))


def test_a_bomb_is_refused():
    source = archive({"a.csv": bytes(100 << 20)}, compresslevel=9)
    tracemalloc.start()
    stream = unpacked(io.BytesIO(source), None).stream
    with pytest.raises(InputError, match="times its size"):
        deque(iter(lambda: stream.read(1 << 16), b""), maxlen=0)
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()


def test_a_list_of_a_million_members_is_not_read():
    """It would fill the memory."""
    entry = b"PK\x01\x02" + bytes(42)
    entries = entry * 60_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 60_000, 60_000, len(entries), 0, 0)
    tracemalloc.start()
    with pytest.raises(InputError, match="too many members"):
        read(b"PK\x03\x04" + bytes(26) + entries + end)
    assert tracemalloc.get_traced_memory()[1] < 30 << 20
    tracemalloc.stop()


def test_a_pipe_that_does_not_end_is_refused():
    limits = Limits(copied_bytes=100_000)
    with pytest.raises(InputError, match="more than 100,000 bytes"):
        read(Pipe(archive({"a.csv": DATA}) + bytes(300_000)), limits=limits)


def test_an_archive_in_an_archive_is_refused():
    with pytest.raises(InputError, match="zip data again"):
        read(archive({"a.zip": archive({"a.csv": DATA})}))


def test_the_name_of_the_member_tells_the_delimiter():
    plain = unpacked(io.BytesIO(archive({"orders.tsv": b"a\tb\n"})), "orders.zip")
    assert plain.name == "orders.tsv"
