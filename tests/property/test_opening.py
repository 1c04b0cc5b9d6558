"""Whatever a source holds and however it is packed: the same rows, or an InputError."""

import bz2
import csv
import gzip
import io
import lzma
import zipfile

import zstandard
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from preboard.errors import InputError
from preboard.readers.delimited.reader import DelimitedReader
from preboard.readers.opening import open_text
from preboard.readers.sniff.encoding import guess_encoding
from preboard.readers.sniff.table import sniff


def zipped(data):
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as writer:
        writer.writestr("a.csv", data)
    return found.getvalue()


def zstd(data):
    return zstandard.ZstdCompressor(write_checksum=True).compress(data)


PACKERS = [gzip.compress, bz2.compress, lzma.compress, zstd, zipped]


def read(data):
    stream, dialect = open_text(io.BytesIO(data))
    rows = [row for batch in DelimitedReader(stream, dialect) for row in batch.rows]
    if hasattr(stream, "_archive"):
        stream.close()
    return rows


@settings(max_examples=500)
@given(st.binary(max_size=300))
@example(b"\xff\xfe\0")
@example(b"sep=\0\n")
@example(b'sep=";\n')
@example(b"BZh1")
@example(b"PK\x05\x06" + bytes(18))
def test_any_bytes_are_rows_or_an_input_error(data):
    """Nothing else escapes."""
    try:
        rows = read(data)
    except InputError:
        return
    assert all(isinstance(cell, str) for row in rows for cell in row)


@settings(max_examples=400)
@given(st.sampled_from(PACKERS), st.data())
def test_a_damaged_archive_is_an_input_error_or_unharmed(pack, data):
    """Bits that are turned, and ends that are missing."""
    text = b"id;name\n" + b"12;abc\n" * data.draw(st.integers(0, 50))
    packed = bytearray(pack(text))
    for _ in range(data.draw(st.integers(1, 3))):
        packed[data.draw(st.integers(4, len(packed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    packed = packed[: data.draw(st.integers(4, len(packed)))]
    try:
        stream, _ = open_text(io.BytesIO(bytes(packed)))
        found = stream.read()
        stream.close()
    except InputError:
        return
    # An archive that is no longer known as one is text, and in a zip a name may be damaged.
    assert found == text or bytes(packed[:2]) != pack(text)[:2] or found == bytes(packed)


@settings(max_examples=400)
@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=200), st.booleans())
def test_any_text_can_be_sniffed(text, ended):
    """The answer is a dialect that can be read with."""
    found = sniff(text, ended=ended)
    assert found.delimiter != found.quotechar
    assert len(found.delimiter) == len(found.quotechar) == 1
    assert 0 <= found.delimiter_confidence <= 1
    assert 0 <= found.quotechar_confidence <= 1
    assert 0 <= found.header_confidence <= 1


@settings(max_examples=300)
@given(st.binary(max_size=400), st.booleans())
def test_a_guessed_encoding_can_be_decoded_with(data, ended):
    """Or it is UTF-8, which then says where it fails."""
    guess = guess_encoding(data, ended=ended)
    assert 0 <= guess.confidence <= 1
    assert guess.reasons
    if guess.confidence >= 0.5 and ended:
        data.decode(guess.encoding)


CELLS = st.one_of(
    st.integers(0, 10**6).map(str),
    st.decimals(-100, 1000, places=2).map(str),
    st.dates().map(str),
    st.sampled_from(["Anna Berg", "red", "Köln", "a note, and more", "x;y", 'say "no"', "C-17"]),
)


@settings(max_examples=300)
@given(
    st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS, CELLS), min_size=5, max_size=25),
    st.sampled_from(",;\t|^~\x01"),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_a_table_is_sniffed_as_it_was_written(rows, delimiter, quoting, end):
    """Five columns leave no doubt, whatever stands in them; where there is doubt it is told."""
    assume(delimiter != "\x01" or quoting != csv.QUOTE_MINIMAL)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=end)
    writer.writerow(["id", "name", "amount", "city", "date"])
    writer.writerows(rows)
    found = sniff(out.getvalue())
    if found.delimiter_confidence >= 0.5:
        assert found.delimiter == delimiter
    if found.delimiter == delimiter:
        assert found.columns == 5
