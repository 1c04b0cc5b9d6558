"""The reader of delimited text: sources, blocks, what ends the reading, and what it says then."""

import csv
import gzip
import io
import os
import socket
import threading

import pytest

from preboard.errors import ConfigError, InputError
from preboard.readers.batch import Batch
from preboard.readers.delimited.counting import count_records
from preboard.readers.delimited.reader import DelimitedReader
from preboard.readers.dialect import Dialect, dialect_for
from preboard.readers.limits import Limits

COMMA = Dialect()


def rows(data, dialect=COMMA, **options):
    """Return all rows of `data`."""
    source = io.BytesIO(data) if isinstance(data, bytes) else data
    return [row for batch in DelimitedReader(source, dialect, **options) for row in batch.rows]


def failing(data, dialect=COMMA, **options):
    """Return the rows that could be read and the error that came then."""
    found: list[list[str]] = []
    reader = DelimitedReader(io.BytesIO(data), dialect, **options)
    with pytest.raises(InputError) as caught:
        found.extend(row for batch in reader for row in batch.rows)
    return found, caught.value


class Trickle(io.BytesIO):
    """A source that can not seek and gives one byte at a time."""

    asked = 0

    def seekable(self):
        return False

    def seek(self, *_):
        raise io.UnsupportedOperation

    def read(self, size=-1, /):
        assert size is not None
        assert size > 0
        self.asked += 1
        return super().read(1)


# --- sources --------------------------------------------------------------------------------------


def test_an_empty_source_has_no_batches():
    """No bytes, no records, no batches."""
    assert list(DelimitedReader(io.BytesIO(b""), COMMA)) == []
    assert count_records(io.BytesIO(b""), COMMA) == (0, 0, -1)


def test_a_source_may_give_less_than_was_asked_for():
    """Short reads are put together to blocks, so batches do not get small."""
    batches = list(DelimitedReader(Trickle(b"a,b\n1,2\n" * 50), COMMA))
    assert [len(batch.rows) for batch in batches] == [100]
    assert count_records(Trickle(b"a,b\n1,2\n" * 50), COMMA).records == 100


def test_a_pipe_is_read():
    """A source that can not seek is enough."""
    reading, writing = os.pipe()
    os.write(writing, b'a,"b\nc"\nd')
    os.close(writing)
    with os.fdopen(reading, "rb", buffering=0) as source:
        assert rows(source) == [["a", "b\nc"], ["d"]]


def test_a_socket_is_read():
    """What a socket gives in pieces is one text."""
    ours, theirs = socket.socketpair()

    def send():
        with theirs:
            for piece in (b"a,b\n1", b",2", b"\n3,4"):
                theirs.sendall(piece)

    sender = threading.Thread(target=send)
    sender.start()
    with ours, ours.makefile("rb", buffering=0) as source:
        assert rows(source) == [["a", "b"], ["1", "2"], ["3", "4"]]
    sender.join()


def test_a_source_that_does_not_wait_is_refused():
    """Nothing ready is not the end: going on would lose the rest of the file."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    with os.fdopen(reading, "rb", buffering=0) as source, pytest.raises(InputError, match="wait"):
        rows(source)
    os.close(writing)


def test_progress_is_told_in_bytes():
    """`bytes_read` grows with the blocks, up to the size of the file."""
    reader = DelimitedReader(io.BytesIO(b"a,b\n" * 100), COMMA, block_bytes=100)
    assert reader.bytes_read == 0
    next(iter(reader))
    assert reader.bytes_read == 100
    list(reader)
    assert reader.bytes_read == 400


def test_decompressed_sources_are_read():
    """Any binary file object is a source."""
    packed = gzip.compress(b"a\nb\n")
    with gzip.open(io.BytesIO(packed)) as source:
        assert rows(source) == [["a"], ["b"]]


# --- batches --------------------------------------------------------------------------------------


def test_batches_are_small_and_follow_each_other():
    """Narrow lines give batches of one size, numbered without gaps."""
    batches = list(DelimitedReader(io.BytesIO(b"a,b\n" * 1100), COMMA))
    assert [(batch.first_line, len(batch.rows)) for batch in batches] == [
        (0, 366),
        (366, 367),
        (733, 367),
    ]


def test_blank_lines_are_records_without_cells():
    """Blank lines count, a line with a blank in it has a cell."""
    assert rows(b"a\n\n \n\r\n\rb") == [["a"], [], [" "], [], [], ["b"]]


def test_text_lines_count_quoted_line_ends():
    """A row begins on the line where an editor shows it."""
    text = b'a\n"1\n2\r\n3",x\n\nb\n' + b"plain,line\n" * 30
    (batch,) = DelimitedReader(io.BytesIO(text), COMMA)
    assert [batch.text_line(index) for index in range(5)] == [1, 2, 5, 6, 7]


def test_text_lines_go_on_in_the_next_batch():
    """Lines taken by records of an earlier block count in the later ones."""
    batches = list(DelimitedReader(io.BytesIO(b'"a\nb"\nc\nd\n'), COMMA, block_bytes=6))
    assert [(b.first_line, b.first_text_line, b.rows) for b in batches] == [
        (0, 1, [["a\nb"]]),
        (1, 3, [["c"], ["d"]]),
    ]


def test_a_batch_can_be_made_by_hand():
    """Without shifts each row takes one line."""
    assert Batch([["a"], ["b"]], 10, 11).text_line(1) == 12


# --- text -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("block_bytes", [1, 2, 3, 100])
def test_a_byte_order_mark_is_dropped(block_bytes):
    """It is no part of the first cell, also when a quote follows."""
    data = b'\xef\xbb\xbf"a,b",c\n'
    assert rows(data, block_bytes=block_bytes) == [["a,b", "c"]]
    assert count_records(io.BytesIO(data), COMMA, block_bytes=block_bytes) == (1, 1, 0)


def test_only_the_first_mark_is_dropped():
    """Later ones are text."""
    assert rows("\ufeff\ufeffa\n\ufeffb".encode()) == [["\ufeffa"], ["\ufeffb"]]


def test_a_mark_alone_is_an_empty_file():
    """Nothing but a mark holds no record."""
    assert rows(b"\xef\xbb\xbf") == []
    assert count_records(io.BytesIO(b"\xef\xbb\xbf"), COMMA) == (0, 0, -1)


@pytest.mark.parametrize("block_bytes", [1, 2, 7, 8, 9, 10, 64])
def test_a_bad_byte_is_reported_where_it_stands(block_bytes):
    """Offset and record do not depend on the blocks, and the records before are read."""
    data = "é,1\nü,2\nx".encode() + b"\xe9rest\nmore\n"
    found, error = failing(data, block_bytes=block_bytes)
    assert found == [["é", "1"], ["ü", "2"]]
    assert (error.line, error.byte_offset) == (2, 11)
    assert "text line 3" in error.message
    assert "0xe9" in error.message
    assert "utf-8" in str(error.hint)


def test_a_character_cut_off_by_the_end_is_bad():
    """The offset is that of its first byte."""
    found, error = failing(b"a\nb\xe2\x82", block_bytes=4)
    assert found == [["a"]]
    assert (error.line, error.byte_offset) == (1, 3)


def test_bad_bytes_are_found_in_other_encodings():
    """The hint names the encoding that was declared."""
    found, error = failing("a\nb".encode("utf-16-le") + b"\x00\xdc", Dialect(encoding="utf-16-le"))
    assert found == [["a"]]
    assert error.byte_offset == 6
    assert "utf-16-le" in str(error.hint)


def test_text_without_its_mark_is_bad_from_the_start():
    """UTF-16 that does not say its byte order is refused, as Python does."""
    found, error = failing(b"a,b\nc", Dialect(encoding="utf-16"))
    assert found == []
    assert (error.line, error.byte_offset) == (0, 0)


@pytest.mark.parametrize("block_bytes", [1, 3, 4, 5, 64])
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16-le", "shift_jis"])
def test_nul_is_refused_where_it_stands(encoding, block_bytes):
    """A NUL is not text, whatever the encoding; what stands before it is read."""
    text = "a,b\nc\0d\n"
    found, error = failing(
        text.encode(encoding), Dialect(encoding=encoding), block_bytes=block_bytes
    )
    assert found == [["a", "b"]]
    assert error.line == 1
    assert error.byte_offset == len("a,b\nc".encode(encoding))
    assert "binary" in error.message


# --- limits ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\n\n"])
def test_a_quote_that_the_last_line_leaves_open_is_found(end):
    """As in the csv module the rest of the line is its cell; the file may have been cut off."""
    reader = DelimitedReader(io.BytesIO(b'a,b\n1,2\n3,"c' + end), COMMA)
    assert [row for batch in reader for row in batch.rows][2] == ["3", "c" + end.decode()]
    assert [(found.code, found.line) for found in reader.findings] == [("unclosed-quote", 2)]


@pytest.mark.parametrize("block_bytes", [1, 5, 100])
def test_a_quote_that_takes_lines_into_a_cell_is_refused(block_bytes):
    """No rule would look at them as lines; the error says where it opened, not where it ended."""
    data = b'a,b\n"x\ny",2\n3,"c\n4,5\n6,7\n'
    found, error = failing(data, block_bytes=block_bytes)
    assert found == [["a", "b"], ["x\ny", "2"]]
    assert error.line == 2
    assert "opens a cell on text line 4 is never closed" in error.message
    assert "all 2 lines behind it" in error.message


@pytest.mark.parametrize("block_bytes", [1, 10, 1000, 1 << 16])
def test_an_unclosed_quote_does_not_read_the_whole_file(block_bytes):
    """Reading stops at the limit and says where the quote opened."""
    data = b'a\n"x\ny","z' + b"\nline,line" * 100_000
    reader = DelimitedReader(
        io.BytesIO(data), COMMA, limits=Limits(record_chars=1000), block_bytes=block_bytes
    )
    with pytest.raises(InputError) as caught:
        list(reader)
    assert caught.value.line == 1
    assert caught.value.hint == "a quote opened on text line 3 is never closed"
    assert "text line 2" in caught.value.message
    assert reader.bytes_read < 3000


def test_a_file_without_line_ends_does_not_fill_the_memory():
    """A line beyond the limit is refused before it ends."""
    reader = DelimitedReader(io.BytesIO(b"x" * 1_000_000), COMMA, limits=Limits(record_chars=1000))
    with pytest.raises(InputError, match="longer than 1000 characters"):
        list(reader)
    assert reader.bytes_read < 3000


@pytest.mark.parametrize("line", [b"x" * 21, b'"' + b"x" * 21 + b'"', b"x," + b"y" * 21])
def test_a_long_cell_is_refused(line):
    """One character more than the limit is too much; the lines before are read."""
    found, error = failing(b"a,b\n" + line + b"\nc\n", limits=Limits(cell_chars=20))
    assert found == [["a", "b"]]
    assert error.line == 1
    assert "20 characters" in error.message


@pytest.mark.parametrize(
    "line", [b"," * 16384, b'"' + b'","' * 16384 + b'"', b'"a\n"' + b"," * 16384]
)
def test_too_many_cells_are_refused(line):
    """The limit is 16384 cells as it comes, and holds for each way of parsing."""
    fits = line.replace(b'","', b"", 1) if b'","' in line else line[:-1]
    assert len(rows(fits + b"\n" + b"a\n" * 50)[0]) == 16384
    found, error = failing(b"a,b\n" + line + b"\n" + b"a\n" * 50)
    assert found == [["a", "b"]]
    assert "16384 cells" in error.message


@pytest.mark.parametrize("cell", [b"x" * 1_000_000, b'"' + b"x\n" * 500_000 + b'"'])
def test_large_cells_within_the_limits_are_read(cell):
    """Cells may be larger than the csv module's own limit, which stays as it was."""
    before = csv.field_size_limit()
    ((size,), _) = ([len(cell) for cell in row] for row in rows(cell + b"\nend\n"))
    assert size == len(cell.strip(b'"'))
    assert csv.field_size_limit() == before == 131072


def test_reading_large_records_takes_time_in_proportion():
    """A record of many blocks is not parsed again with each of them."""
    source = Trickle(b'"' + b"x\n" * 2000 + b'"')
    rows(source, block_bytes=16)
    assert source.asked < 2 * 4002


def test_a_count_is_bounded_too():
    """Counting does not read a whole file into memory for an unclosed quote either."""
    source = io.BytesIO(b'a\n"' + b"x\n" * 1_000_000)
    with pytest.raises(InputError, match="quote") as caught:
        count_records(source, COMMA, limits=Limits(record_chars=1000), block_bytes=1000)
    assert caught.value.line == 1
    assert source.tell() < 20_000


def test_counting_needs_no_valid_text():
    """Where bytes are counted a bad one does not matter; reading will tell."""
    assert count_records(io.BytesIO(b"a\n\xff\n\nb"), COMMA) == (4, 3, 3)


def test_a_count_keeps_to_the_other_limits_as_well():
    """Where quotes stand inside cells the count reads records, and refuses what reading would."""
    source = io.BytesIO(b'a"b\n' + b"," * 20_000 + b"\n")
    with pytest.raises(InputError, match="16384 cells"):
        count_records(source, COMMA)


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_files_with_all_cells_quoted_are_read(end):
    """Doubled quotes, quoted line ends, blank and unquoted lines among them are no matter."""
    line = b'"a","b,c",""' + end
    odd = [
        b'"x ""y""","1"',
        b'"p%bq",""' % end,
        b"",
        b"u,v",
        b'"""",""",""","1"',
        b'"x""%b""y"' % end,
    ]
    data = b"".join(line * 20 + piece + end for piece in odd) + line * 20
    text = io.StringIO(data.decode(), newline="")
    assert rows(data) == list(csv.reader(text))
    assert count_records(io.BytesIO(data), COMMA).records == len(rows(data))


def test_quoted_line_ends_with_quotes_around_them_are_no_ends_of_records():
    """A doubled quote, a line end and a doubled quote look like the end of a quoted line."""
    data = b'"a","b"\n' * 20 + b'"x""\n""y","b"\n' + b'"a","b"\n' * 20
    assert rows(data)[20] == ['x"\n"y', "b"]
    assert len(rows(data)) == 41


# --- dialect --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "delimiter", "origin"),
    [
        ("a.tsv", "\t", "extension"),
        ("a.TAB", "\t", "extension"),
        ("in/a.psv", "|", "extension"),
        ("a.ssv", ";", "extension"),
        ("a.tsv.gz", "\t", "extension"),
        ("a.csv", ",", "default"),
        ("a", ",", "default"),
        (None, ",", "default"),
    ],
)
def test_the_extension_says_the_delimiter(name, delimiter, origin):
    """Names without a known extension have commas."""
    found = dialect_for(name, delimiter=None, quotechar=None)
    assert (found.delimiter, found.quotechar, found.origin) == (delimiter, '"', origin)


def test_an_argument_wins_over_the_extension():
    """What was declared is what is read with."""
    found = dialect_for("a.tsv", delimiter=";", quotechar="'")
    assert (found.delimiter, found.quotechar, found.origin) == (";", "'", "declared")


@pytest.mark.parametrize(
    ("delimiter", "quotechar"),
    [
        *((delimiter, None) for delimiter in ["", ";;", "\n", "\r", "\0", '"']),
        *((None, quotechar) for quotechar in ["", "''", "\n", ","]),
        (";", ";"),
    ],
)
def test_what_can_not_be_read_with_is_refused(delimiter, quotechar):
    """One character each, not the same, and no line end."""
    with pytest.raises(ConfigError):
        dialect_for(None, delimiter=delimiter, quotechar=quotechar)


@pytest.mark.parametrize("encoding", ["no-such", "hex", ""])
def test_an_unknown_encoding_is_refused(encoding):
    """Also those that do not make text of bytes."""
    with pytest.raises(ConfigError, match="encoding"):
        Dialect(encoding=encoding)
