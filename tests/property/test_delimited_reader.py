"""Whatever the text and however it is cut into blocks: the records are those of the csv module."""

import csv
import io

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from tests.property.as_csv_module import by_csv_module, by_our_reader, expected, is_refused

from preboard.errors import InputError
from preboard.readers import lines
from preboard.readers.delimited import records
from preboard.readers.delimited.counting import count_records
from preboard.readers.delimited.reader import DelimitedReader
from preboard.readers.delimited.records import Place, RecordParser
from preboard.readers.dialect import Dialect
from preboard.readers.limits import Limits

LINE_ENDS = ["\n", "\r", "\r\n", "\n\n"]
FOREIGN = ["\x0b", "\x1c", "\x85", "\u2028"]  # line ends for str.splitlines, not for the csv module
PIECES = ['"', '""', ",", *LINE_ENDS, " ", "a", "bc", "é", "€", "𝄞", ";", "\t", *FOREIGN]
DELIMITERS = [",", ";", "\t", "|", " ", "a", "§", "^", "]", "\\"]


def wild() -> st.SearchStrategy[str]:
    """Texts in which anything may follow anything."""
    return st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


def tame() -> st.SearchStrategy[str]:
    """Texts as programs write them, with rare quotes, so that the fast ways are taken."""
    cell = st.sampled_from(["", "a", "12", "é x", "long cell " * 3])
    quoted = st.sampled_from(['"a,b"', '"say ""x"""', '"one\ntwo"', '""', '"x\r\ny"', 'li"teral'])
    row = st.lists(st.one_of(cell, cell, cell, cell, quoted), max_size=4).map(",".join)
    plain = st.lists(cell, max_size=4).map(",".join)
    rows = st.lists(st.one_of(plain, plain, plain, plain, row), max_size=30)
    return st.tuples(rows, st.sampled_from(["\n", "\r\n", "\r"]), st.booleans()).map(
        lambda parts: parts[1].join(parts[0]) + parts[1] * parts[2]
    )


def quoted() -> st.SearchStrategy[str]:
    """Texts with a quote around every cell."""
    cell = st.sampled_from(["", "a", 'x "y"', "p,q", "1\n2", "1\r2", "3\r\n4"])
    return st.tuples(
        st.lists(st.lists(cell, min_size=1, max_size=4), max_size=12),
        st.sampled_from(["\n", "\r\n", "\r"]),
    ).map(lambda parts: "".join(",".join(map(quote, row)) + parts[1] for row in parts[0]))


def quote(cell):
    return '"' + cell.replace('"', '""') + '"'


texts = st.one_of(wild(), tame(), quoted())
blocks = st.integers(1, 64)
tight_limits = st.builds(Limits, st.integers(1, 30), st.integers(1, 9), st.integers(1, 5))


@settings(max_examples=1500)
@given(texts, blocks, st.sampled_from(DELIMITERS), st.sampled_from(['"', "'", "b", "é"]))
@example('"a\r', 1, ",", '"')
@example('a,b\n"x\ny"z"\n"open\n', 5, ",", '"')
def test_records_are_those_of_the_csv_module(text, block_bytes, delimiter, quotechar):
    """The rows, and the lines of text where they begin, are those of the csv module."""
    assume(delimiter != quotechar)
    dialect = Dialect(delimiter, quotechar)
    wanted = expected(text, delimiter=delimiter, quotechar=quotechar)
    assert by_our_reader(text.encode(), dialect, block_bytes=block_bytes) == wanted


@settings(max_examples=300)
@given(texts, blocks, st.sampled_from(["utf-16", "utf-16-le", "utf-8-sig", "utf-7", "gb18030"]))
def test_records_do_not_depend_on_the_encoding(text, block_bytes, encoding):
    """Encodings that are no superset of ASCII, or hold state, are read as the csv module does."""
    dialect = Dialect(encoding=encoding)
    data = text.encode(encoding)
    assert by_our_reader(data, dialect, block_bytes=block_bytes) == expected(text, encoding)


@settings(max_examples=300)
@given(texts, st.integers(1, 5))
def test_rows_are_the_same_in_batches_of_any_size(text, rows):
    """Text lines stay right when a block is handed out in several batches."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("preboard.readers.batch._BATCH_ROWS", rows)
        assert by_our_reader(text.encode(), Dialect()) == expected(text)


@settings(max_examples=500)
@given(texts)
def test_every_way_to_parse_gives_the_same(text):
    """Sparse, dense and slow parsing agree on rows, shifts and where an open record begins."""
    text += "\n"
    parser = RecordParser(Dialect(), Limits())
    slow = parser.parse_slowly(text, Place(0, 1))
    assert parser._parse_dense(text) == slow
    assert parser._parse_sparse(text) == slow
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "_SPARSE", 0)
        assert parser._parse_quoted(text) in (None, slow)


@settings(max_examples=200)
@given(texts, blocks)
def test_the_field_size_limit_of_the_process_does_not_matter(text, block_bytes):
    """A program that lowers csv.field_size_limit changes nothing for us."""
    wanted = expected(text)
    before = csv.field_size_limit(2)
    try:
        assert by_our_reader(text.encode(), Dialect(), block_bytes=block_bytes) == wanted
    finally:
        csv.field_size_limit(before)


@settings(max_examples=1000)
@given(texts, blocks, blocks, tight_limits)
def test_limits_do_not_depend_on_the_blocks(text, one, other, limits):
    """The same records are read, and the same error raised, with any size of blocks."""
    assert outcome(text.encode(), one, limits) == outcome(text.encode(), other, limits)


@settings(max_examples=500)
@given(texts, blocks, tight_limits)
def test_only_records_within_the_limits_are_read(text, block_bytes, limits):
    """Reading stops at the first record with too many, or too long, cells, or before it."""
    rows, error = outcome(text.encode(), block_bytes, limits)
    wanted = [row for row, _ in by_csv_module(text)]
    assert rows == wanted[: len(rows)]
    assert all(len(row) <= limits.cells for row in rows)
    assert all(len(cell) <= limits.cell_chars for row in rows for cell in row)
    assert (error is None) == (len(rows) == len(wanted))
    if error:
        assert error[1] == len(rows)
        bad = wanted[len(rows)]
        large = len(bad) > limits.cells or any(len(cell) > limits.cell_chars for cell in bad)
        assert large or "is longer than" in error[0] or "is never closed" in error[0]


@settings(max_examples=500)
@given(texts, texts, st.sampled_from([b"\xff", b"\xe2\x82", b"\0"]), blocks, blocks)
def test_a_bad_byte_leaves_the_records_before_it(good, more, bad, one, other):
    """Every record that ended before the bad byte is read; the error tells its place."""
    data = good.encode() + bad + b"~" + more.encode()
    first, second = (outcome(data, size, Limits()) for size in (one, other))
    assert first == second
    rows, (_, line, offset) = first
    assert line == len(rows)
    assert offset == len(good.encode())
    # "~" where the bad byte is shows which records are complete by then
    complete = len(by_csv_module(good + "~")) - 1
    assert rows == [row for row, _ in by_csv_module(good)][:complete]


def outcome(data, block_bytes, limits):
    """Return the rows that were read, and what the error says if there was one."""
    rows = []
    reader = DelimitedReader(io.BytesIO(data), Dialect(), limits=limits, block_bytes=block_bytes)
    try:
        for batch in reader:
            rows += batch.rows
    except InputError as error:
        # The hint names encodings by the text at hand, which is not the same in every block size.
        return rows, (error.message, error.line, error.byte_offset)
    return rows, None


@settings(max_examples=1500)
@given(texts, blocks, st.sampled_from(DELIMITERS), st.sampled_from(["utf-8", "utf-16", "gb18030"]))
def test_counts_are_those_of_a_slow_count(text, block_bytes, delimiter, encoding):
    """Records, data records and the last data line are those of all rows in a list."""
    rows = [row for row, _ in by_csv_module(text, encoding, delimiter)]
    data = [index for index, row in enumerate(rows) if row]
    wanted = (len(rows), len(data), data[-1] if data else -1)
    source = io.BytesIO(text.encode(encoding))
    dialect = Dialect(delimiter, encoding=encoding)
    try:
        assert count_records(source, dialect, block_bytes=block_bytes) == wanted
    except InputError:  # where records are read to be counted
        assert is_refused(text, delimiter)


@given(wild(), st.integers(2, 40))
def test_no_long_line_is_overlooked(text, chars):
    """`has_long_line` may be wrong only by saying yes."""
    if any(len(line) > chars for line in text.split("\n")):
        assert lines.has_long_line(text + "\n", chars)
