"""The reader of JSON lines: what a record is, where a bad one stands, and what bounds it."""

import io
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preboard.errors import InputError
from preboard.readers.jsonl.reader import DEEPEST, JsonLinesReader
from preboard.readers.limits import Limits


def read(data, **options):
    """Return (record number, headers, row) of all records."""
    reader = JsonLinesReader(io.BytesIO(data), **options)
    return [
        (batch.first_line + at, batch.headers, row)
        for batch in reader
        for at, row in enumerate(batch.rows)
    ]


def failing(data, **options):
    """Return the rows that could be read and the error that came then."""
    found: list = []
    reader = JsonLinesReader(io.BytesIO(data), **options)
    with pytest.raises(InputError) as caught:
        found.extend(row for batch in reader for row in batch.rows)
    return found, caught.value


class TestRecords:
    def test_keys_are_the_headers_of_their_record(self):
        found = read(b'{"a": 1, "b": "x"}\n{"b": null}\n')
        assert found == [(0, ["a", "b"], [1, "x"]), (1, ["b"], [None])]

    def test_arrays_bring_no_headers(self):
        assert read(b'["a", "b"]\n[1, [2]]\n') == [(0, None, ["a", "b"]), (1, None, [1, [2]])]

    def test_blank_lines_and_empty_records_are_blank_records(self):
        found = read(b'\n{"a": 1}\n \n{}\n[]\n{"a": 2}')
        assert [row for _, _, row in found] == [[], [1], [], [], [], [2]]
        assert [number for number, _, _ in found] == list(range(6))

    def test_a_byte_order_mark_and_carriage_returns_do_not_count(self):
        assert read(b'\xef\xbb\xbf{"a": 1}\r\n{"a": 2}\r\n', block_bytes=1) == [
            (0, ["a"], [1]),
            (1, ["a"], [2]),
        ]

    def test_the_text_line_is_that_of_the_record(self):
        batches = list(JsonLinesReader(io.BytesIO(b'\n{"a": 1}\n{"b": 1}\n{"b": 2}\n')))
        assert [batch.text_line(0) for batch in batches] == [1, 2, 3]
        assert batches[-1].text_line(1) == 4

    def test_batches_are_cut_to_the_size_of_others(self):
        batches = list(JsonLinesReader(io.BytesIO(b'{"a": 1}\n' * 2000)))
        assert max(len(batch.rows) for batch in batches) == 512
        assert sum(len(batch.rows) for batch in batches) == 2000

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "cp1252"])
    def test_other_encodings_are_read_when_they_are_named(self, encoding):
        data = '{"ä": "ü"}\n{"ä": "€"}\n'.encode(encoding)
        assert [row for _, _, row in read(data, encoding=encoding)] == [["ü"], ["€"]]


class TestBadLines:
    @pytest.mark.parametrize(
        ("line", "told", "at"),
        [
            (b'{"a": 1', "this is not JSON: expecting ',' delimiter", 7),
            (b"{'a': 1}", "expecting property name", 1),
            (b'{"a": }', "a value is missing", 6),
            (b'{"a": 1} {"a": 2}', "more stands behind the record", 8),
            (b'{"a": 1},', "more stands behind the record", 8),
            (b"5", "the line is no record", 0),
            (b'"text"', "the line is no record", 0),
            (b"id,name", "the line is no record", 0),
            (b'{"a": "\xff"}', "byte 0xff is not utf-8", 7),
            ('{"ä": tru}'.encode(), "a value is missing", 7),
            (b'{"a": "x\ty"}', "invalid control character", 8),
            (b'{"a": NaN}', "NaN is no number", 0),
            (b'{"a": -Infinity}', "-Infinity is no number", 0),
            (b'{"a": [{"b": Infinity}]}', "Infinity is no number", 0),
            (b'{"a": 1e999}', "the number 1e999 is too large", 0),
            (b'{"a": 1, "a": 2}', "the key 'a' stands twice", 0),
            (b'[{"b": {"a": 1, "a": 1}}]', "the key 'a' stands twice", 0),
            (b'{"a": "\\ud800"}', "half of a surrogate pair", 0),
            (b'{"\\udc00": 1}', "half of a surrogate pair", 0),
            (b"[" * 70 + b"]" * 70, "nest deeper than 64", 64),
            (b"[" * 100_000, "nest deeper than 64", 64),
            (b'{"a":' * 100_000, "nest deeper than 64", 320),
            (b'{"a": ' + b"9" * 5000 + b"}", "more than 4000 digits", 0),
        ],
    )
    def test_a_bad_line_is_told_with_its_number_and_offset(self, line, told, at):
        before = '{"a": "ä"}\n'.encode()
        rows, error = failing(before + line + b"\n")
        assert rows == [["ä"]]
        assert told in error.message
        assert error.message.startswith("text line 2: ")
        assert (error.line, error.byte_offset) == (1, len(before) + at)

    @pytest.mark.parametrize("document", [b'[\n{"a": 1}\n]\n', b'{\n"a": 1\n}\n'])
    def test_a_document_on_many_lines_is_named(self, document):
        _, error = failing(document)
        assert error.hint == "is this one JSON document? give a record on each line"

    def test_bytes_that_do_not_fit_another_encoding_are_told(self):
        rows, error = failing(b'{"a": 1}\n{"a": "\x81"}\n', encoding="cp1252")
        assert rows == [[1]]
        assert (error.line, error.byte_offset) == (1, 16)


class TestLimits:
    def test_a_line_is_not_longer_than_a_record_may_be(self):
        limits = Limits(record_chars=100)
        line = b'{"a": "%s"}\n' % (b"x" * 100)
        for block in (1, 64, 1 << 16):
            rows, error = failing(b'{"a": 1}\n' + line, limits=limits, block_bytes=block)
            assert rows == [[1]]
            assert error.message == "text line 2 is longer than 100 bytes"
            assert error.line == 1

    def test_a_line_without_end_is_not_gathered(self):
        class Endless(io.BytesIO):
            given = 0

            def read(self, size=-1, /):
                self.given += size or 0
                return b"[" + b" " * ((size or 0) - 1)

        source = Endless()
        with pytest.raises(InputError, match="longer than"):
            list(JsonLinesReader(source, limits=Limits(record_chars=1 << 16)))
        assert source.given < 1 << 20

    def test_cells_and_keys_are_bounded(self):
        wide = json.dumps({f"k{at}": at for at in range(3000)}).encode()
        _, error = failing(wide, limits=Limits(cells=2999))
        assert "more than 2999 cells" in error.message
        _, error = failing(
            b'{"a": ["%s"]}' % (b"x" * 2000), limits=Limits(cell_chars=1999, cells=9)
        )
        assert "a cell of more than 1999 characters" in error.message

    def test_what_nests_just_deep_enough_is_read(self):
        depth = DEEPEST - 1
        (_, _, row), *_ = read(b'{"a": ' + b"[" * depth + b"]" * depth + b', "b": "[[[[["}')
        assert row[1] == "[[[[["


class TestCounting:
    def test_counting_says_what_reading_gives(self):
        data = b'\n{"a":1}\n{ }\n[]\n[1]\n \n{"b":2}\n\n'
        rows = [row for _, _, row in read(data)]
        count = JsonLinesReader(io.BytesIO(data)).count()
        assert count == (len(rows), sum(map(bool, rows)), 6)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
RECORDS = st.lists(VALUES, max_size=4) | st.dictionaries(
    st.sampled_from("abcd"), VALUES, max_size=4
)


@given(st.lists(RECORDS), st.integers(1, 200), st.booleans())
def test_values_come_as_they_were_written(records, block, ascii_only):
    data = "\n".join(json.dumps(r, ensure_ascii=ascii_only) for r in records).encode(
        "utf-8", "surrogatepass"
    )
    expected = [
        (list(r) if isinstance(r, dict) else None, list(r.values()) if isinstance(r, dict) else r)
        for r in records
    ]
    found = [(headers if row else None, row) for _, headers, row in read(data, block_bytes=block)]
    assert found == [(headers if row else None, row) for headers, row in expected]


@given(st.binary(max_size=200), st.integers(1, 50))
def test_any_bytes_are_read_or_refused(data, block):
    try:
        rows = [row for _, _, row in read(data, block_bytes=block)]
    except InputError:
        return
    assert all(math.isfinite(cell) for row in rows for cell in row if isinstance(cell, float))
