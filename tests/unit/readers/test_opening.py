"""From a source to plain bytes and a dialect: what is declared wins, and no byte is lost."""

import bz2
import gzip
import io
import lzma
import zipfile

import pytest

from preboard.errors import ConfigError, InputError
from preboard.readers.declared import Declared
from preboard.readers.delimited.counting import count_records
from preboard.readers.delimited.reader import DelimitedReader
from preboard.readers.dialect import Dialect, doubts
from preboard.readers.opening import open_text
from preboard.readers.peek import SAMPLE_BYTES, peek

SEMI = "id;name;amount\n1;Müller;12,50\n2;Weiß;7,00\n3;Größe;130,25\n"


class Pipe(io.BytesIO):
    """A source that cannot go back and gives its bytes in crumbs."""

    crumb = 700

    def seekable(self):
        return False

    def seek(self, _offset, _whence=0, /):
        raise io.UnsupportedOperation("seek")

    def read(self, size=-1, /):
        return super().read(self.crumb if size is None or size < 0 else min(size, self.crumb))


class Failing(io.BytesIO):
    """A source that breaks."""

    def read(self, _size=-1, /):
        raise OSError("connection reset")


def zipped(data, name="orders.csv"):
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as writer:
        writer.writestr(name, data)
    return found.getvalue()


def gzipped(data):
    return io.BytesIO(gzip.compress(data))


def opened(data, name=None, **declared):
    source = io.BytesIO(data) if isinstance(data, bytes) else data
    return open_text(source, name, Declared(**declared))


def rows(data, name=None, **declared):
    stream, dialect = opened(data, name, **declared)
    return [row for batch in DelimitedReader(stream, dialect) for row in batch.rows]


class TestPrecedence:
    """Declared, then the file itself, then its name, then its looks."""

    def test_a_declared_delimiter_is_never_overridden(self):
        for data in (SEMI.encode(), b"sep=;\n" + SEMI.encode(), gzip.compress(SEMI.encode())):
            _, dialect = opened(data, "orders.tsv", delimiter=",")
            assert (dialect.delimiter, dialect.quotechar, dialect.origin) == (",", '"', "declared")
            assert dialect.has_header is None

    def test_a_declared_quotechar_is_never_overridden(self):
        text = b"'a'|'b'\n'1'|'2'\n'3'|'4'\n"
        assert opened(text)[1].quotechar == "'"
        assert opened(text, quotechar='"')[1].quotechar == '"'

    def test_a_declared_encoding_is_never_overridden(self):
        _, dialect = opened("ä;b\n".encode("utf-16"), encoding="latin-1")
        assert (dialect.encoding, dialect.encoding_origin) == ("latin-1", "declared")

    def test_an_extension_comes_before_the_looks(self):
        _, dialect = opened(SEMI.encode(), "orders.tsv")
        assert (dialect.delimiter, dialect.origin) == ("\t", "extension")

    def test_the_extension_behind_that_of_a_compression_counts(self):
        _, dialect = opened(gzip.compress(b"a\tb\n"), "orders.tsv.gz")
        assert (dialect.delimiter, dialect.origin) == ("\t", "extension")
        _, dialect = opened(zipped(b"a|b\n", "orders.psv"), "orders.zip")
        assert (dialect.delimiter, dialect.origin) == ("|", "extension")

    def test_what_the_file_says_comes_before_its_extension(self):
        _, dialect = opened(b"sep=;\n" + SEMI.encode(), "orders.tsv")
        assert (dialect.delimiter, dialect.origin, dialect.confidence) == (";", "sniffed", 1.0)

    def test_else_it_is_sniffed(self):
        _, dialect = opened(SEMI.encode("cp1252"), "orders.csv")
        assert (dialect.delimiter, dialect.origin) == (";", "sniffed")
        assert (dialect.encoding, dialect.encoding_origin) == ("cp1252", "guessed")
        assert (dialect.has_header, dialect.columns) == (True, 3)
        assert dialect.reasons
        assert 0.5 < dialect.encoding_confidence < 0.9

    def test_nothing_can_be_sniffed_of_nothing(self):
        _, dialect = opened(b"")
        assert (dialect.delimiter, dialect.origin) == (",", "default")

    @pytest.mark.parametrize(
        "declared", [{"delimiter": "ab"}, {"quotechar": ""}, {"encoding": "no-such"}]
    )
    def test_what_cannot_be_is_refused(self, declared):
        with pytest.raises(ConfigError):
            opened(SEMI.encode(), **declared)
        with pytest.raises(ConfigError):
            Declared(**declared).check()


class TestBytes:
    """What comes out is what is in it."""

    @pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress, zipped])
    @pytest.mark.parametrize("make", [io.BytesIO, Pipe])
    @pytest.mark.parametrize("size", [18, SAMPLE_BYTES - 1, SAMPLE_BYTES, SAMPLE_BYTES + 99_999])
    def test_none_is_lost_by_looking(self, pack, make, size):
        data = (b"id;name\n" + b"12;abcdef\n" * (size // 10))[:size]
        stream, dialect = opened(make(pack(data)))
        assert stream.read() == data
        assert dialect.delimiter == ";"

    def test_a_plain_file_is_read_itself(self, tmp_path):
        """Nothing stands between it and the reader."""
        path = tmp_path / "a.csv"
        path.write_bytes(b"a,b\n1,2\n")
        with path.open("rb") as file:
            stream, _ = open_text(file, str(path))
            assert stream is file
            assert file.tell() == 0

    def test_a_source_is_read_from_where_it_stands(self):
        source = io.BytesIO(b"skipped\na;b\n1;2\n")
        source.seek(8)
        stream, dialect = open_text(source)
        assert stream.read() == b"a;b\n1;2\n"
        assert dialect.delimiter == ";"

    def test_closing_leaves_what_is_not_ours_open(self):
        for data in (b"a,b\n", gzip.compress(b"a,b\n"), zipped(b"a,b\n")):
            for make in (io.BytesIO, Pipe):
                source = make(data)
                stream, _ = open_text(source)
                if stream is not source:
                    stream.close()
                assert not source.closed

    def test_a_source_that_breaks_is_an_input_error(self):
        with pytest.raises(InputError, match="connection reset"):
            open_text(Failing())

    def test_a_source_without_seekable_is_read(self):
        class Least:
            def __init__(self):
                self.data = io.BytesIO(b"a;b\n1;2\n")

            def read(self, size=-1):
                return self.data.read(size)

        assert rows(Least()) == [["a", "b"], ["1", "2"]]

    def test_a_look_at_a_pipe_gives_its_bytes_again(self):
        sample, again, ended = peek(Pipe(b"0123456789"), 4)
        assert (sample, ended) == (b"0123", False)
        assert again.read(3) + again.read(3) + again.read(100) == b"0123456789"
        assert peek(Pipe(b"0123456789"), 4).stream.read() == b"0123456789"
        assert peek(Pipe(b"0123456789"), 40).ended


class TestEncodings:
    """The rows are those of the text."""

    @pytest.mark.parametrize(
        "encoding",
        ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "mac-roman"],
    )
    @pytest.mark.parametrize("make", [io.BytesIO, Pipe])
    def test_guessed_they_are_read_right(self, encoding, make):
        wanted = [line.split(";") for line in SEMI.splitlines()]
        assert rows(make(SEMI.encode(encoding))) == wanted

    @pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le"])
    def test_a_mark_is_no_part_of_the_first_header(self, encoding):
        """Declared by its byte order or not."""
        data = ("\ufeff" + SEMI).encode(encoding)
        assert rows(data)[0][0] == "id"
        assert rows(data, encoding=encoding, delimiter=";")[0][0] == "id"

    @pytest.mark.parametrize("make", [io.BytesIO, Pipe, gzipped])
    @pytest.mark.parametrize("before", [3_000, 10_000])
    @pytest.mark.parametrize("behind", [10, 9_000])
    def test_one_that_shows_late_is_found_late(self, make, before, behind):
        """Behind a beginning of ASCII alone, whatever part of the file the guess looked at."""
        tail = "2;Müller\n3;Weiß\n4;Größe\n5;Köln\n" + f"6;{'abc ' * 25}\n" * behind
        text = "id;name\n" + f"1;{'abc ' * 25}\n" * before + tail
        assert rows(make(text.encode("cp1252"))) == [line.split(";") for line in text.splitlines()]

    @pytest.mark.parametrize("block_bytes", [1, 7, 64])
    def test_a_late_one_is_told_with_its_place(self, block_bytes):
        data = b'a,b\n"x\ny",2\nM\xfcller,Gr\xf6\xdfe\n'
        dialect = Dialect(encoding_origin="guessed", encoding_confidence=0.9)
        reader = DelimitedReader(io.BytesIO(data), dialect, block_bytes=block_bytes)
        assert [row for batch in reader for row in batch.rows][2] == ["Müller", "Größe"]
        (finding,) = reader.findings
        assert finding.code == "late-encoding"
        assert "at byte offset 13 on text line 4" in finding.message
        assert reader.dialect.encoding == "cp1252"
        assert reader.dialect.encoding_confidence < 0.9

    @pytest.mark.parametrize(
        ("data", "offset"),
        [
            ("é;ü\n".encode() * 10 + b"M\xfcller\n", 61),  # UTF-8 so far: this is damage
            (b"a;b\n" * 10 + b"\xfc" + "ä;ü;ß;é;ñ\n".encode() * 9, 40),  # and this too
            (b"a;b\n" * 100_000 + b"c;\xffd\n", 400_002),  # one byte that makes no word
        ],
    )
    def test_damage_is_no_other_encoding(self, data, offset):
        dialect = Dialect(";", encoding_origin="guessed")
        with pytest.raises(InputError, match="not utf-8") as caught:
            list(DelimitedReader(io.BytesIO(data), dialect))
        assert caught.value.byte_offset == offset

    def test_a_declared_one_is_not_given_up(self):
        """The error says which one the text might be in."""
        data = b"id;name\n1;M\xfcller\n2;Wei\xdf\n"
        with pytest.raises(InputError, match="perhaps cp1252") as caught:
            rows(data, encoding="utf-8")
        assert (caught.value.line, caught.value.byte_offset) == (1, 11)

    def test_a_nul_behind_a_late_one_is_told_with_its_place(self):
        data = b"a;b\nM\xfcller;Gr\xf6\xdfe\nx;\0\n"
        dialect = Dialect(";", encoding_origin="guessed")
        with pytest.raises(InputError, match="NUL") as caught:
            list(DelimitedReader(io.BytesIO(data), dialect, block_bytes=5))
        assert caught.value.byte_offset == data.index(b"\0")


class TestSepLine:
    """Excel's `sep=;` is no record."""

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    @pytest.mark.parametrize("block_bytes", [1, 2, 5, 6, 7, 8, 100])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_it_is_left_out(self, end, block_bytes, encoding):
        data = f"sep=;{end}a;b{end}1;2{end}".encode(encoding)
        stream, dialect = opened(data)
        batches = list(DelimitedReader(stream, dialect, block_bytes=block_bytes))
        assert [row for batch in batches for row in batch.rows] == [["a", "b"], ["1", "2"]]
        assert batches[0].first_line == 0
        assert [b.text_line(i) for b in batches for i in range(len(b.rows))] == [2, 3]
        assert count_records(io.BytesIO(data), dialect) == (2, 2, 1)

    def test_it_is_left_out_of_a_file_whose_delimiter_was_declared(self):
        assert rows(b"sep=;\na;b\n", delimiter=",") == [["a;b"]]

    @pytest.mark.parametrize("data", [b"sep=;", b"sep=;\n", b"sep=;\r\n"])
    def test_alone_it_leaves_nothing(self, data):
        assert rows(data) == []
        assert count_records(io.BytesIO(data), opened(data)[1]) == (0, 0, -1)


class TestDoubts:
    """What a report says of a dialect that was guessed."""

    def codes(self, data, **declared):
        return [finding.code for finding in doubts(opened(data, **declared)[1])]

    def test_a_clear_file_raises_none(self):
        assert self.codes(SEMI.encode()) == []

    def test_guesses_are_told(self):
        assert self.codes(b"1,2;3,4\n5,6;7,8\n9,1;2,3\n")[0] == "unsure-delimiter"
        assert "unsure-encoding" in self.codes(b"id;n\n1;P\xe8ve\n2;Nov\xe8\n")

    def test_lines_before_the_table_and_a_missing_header_are_told(self):
        assert self.codes(b"Report\n\n" + SEMI.encode()) == ["preamble"]
        assert self.codes(b"1;2024-05-01;3,5\n2;2024-05-02;4,5\n") == ["no-header"]

    def test_of_what_was_declared_there_are_none(self):
        assert self.codes(b"1,2;3,4\n5,6;7,8\n", delimiter=";", encoding="utf-8") == []
