"""The reader of Parquet files: values, sources, broken files."""

# ruff: noqa: DTZ001 - columns without a zone

import io
import random
from datetime import date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.integration import formats as f

from preboard.errors import InputError
from preboard.readers.columns.parquet import ParquetReader


def written(table, **options):
    out = io.BytesIO()
    pq.write_table(table, out, **options)
    return out.getvalue()


def read(data):
    """Return the headers and all rows."""
    source = io.BytesIO(data) if isinstance(data, bytes) else data
    first, *batches = ParquetReader(source)
    assert first.rows == []
    return first.headers, [row for batch in batches for row in batch.rows]


def values(array, **options):
    """Return what the values of a column come as."""
    _, rows = read(written(pa.table({"a": array}), **options))
    return [row[0] for row in rows]


class TestValues:
    @pytest.mark.parametrize(
        ("array", "expected"),
        [
            (pa.array([1, None, -5]), [1, None, -5]),
            (pa.array([2.5, None]), [2.5, None]),
            (pa.array(["a", "", None]), ["a", "", None]),
            (pa.array([True, None]), [True, None]),
            (pa.array([date(2024, 1, 2)]), [date(2024, 1, 2)]),
            (pa.array([datetime(2024, 1, 2, 3, 4, 5)]), [datetime(2024, 1, 2, 3, 4, 5)]),
            (pa.array([1_500], pa.timestamp("ns")), [datetime(1970, 1, 1, microsecond=1)]),
            (pa.array([1_500], pa.time64("ns")), [datetime(1970, 1, 1, microsecond=1).time()]),
            (pa.array([1_500], pa.duration("ns")), [timedelta(microseconds=1)]),
            (pa.array([Decimal("12.50"), None]), ["12.50", None]),
            (pa.array([b"text", b"\xff\x00"]), ["text", "ff00"]),
            (pa.array([[1, 2], None]), [[1, 2], None]),
            (pa.array([{"x": Decimal(1), "y": b"t"}]), [{"x": "1", "y": "t"}]),
            (pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())), [[["k", 1]]]),
            (pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
            (pa.array([b"x"]).dictionary_encode(), ["x"]),
            (pa.nulls(2), [None, None]),
        ],
        ids=str,
    )
    def test_values_are_those_that_the_language_knows(self, array, expected):
        assert values(array) == expected

    def test_points_in_time_keep_their_zone(self):
        (found,) = values(pa.array([0], pa.timestamp("us", "Europe/Oslo")))
        assert found.utcoffset() == timedelta(hours=1)

    def test_a_value_that_python_has_no_form_for_is_refused(self):
        with pytest.raises(InputError, match="cannot be read"):
            values(pa.array([2**62], pa.timestamp("us")))

    def test_columns_of_one_name_keep_their_values(self):
        table = pa.table([pa.array([1]), pa.array([2])], names=["a", "a"])
        assert read(written(table)) == (["a", "a"], [[1, 2]])


class TestSources:
    def test_row_groups_are_read_in_batches(self):
        data = written(pa.table({"a": range(5000)}), row_group_size=700)
        batches = list(ParquetReader(io.BytesIO(data)))[1:]
        assert max(len(batch.rows) for batch in batches) <= 512
        assert [row[0] for batch in batches for row in batch.rows] == list(range(5000))
        lines = [batch.first_line for batch in batches]
        assert lines == [sum(len(b.rows) for b in batches[:at]) for at in range(len(batches))]

    def test_a_pipe_is_copied(self):
        class Pipe(io.BytesIO):
            def seekable(self):
                return False

            def seek(self, *_args):
                raise io.UnsupportedOperation

        assert read(Pipe(f.as_parquet()))[1] == f.ROWS

    def test_an_empty_file_has_its_headers(self):
        assert read(f.as_parquet([])) == (f.HEADERS, [])

    def test_the_count_is_what_the_file_says(self):
        assert ParquetReader(io.BytesIO(f.as_parquet())).count() == (6, 6, 5)

    @pytest.mark.parametrize("codec", ["none", "snappy", "gzip", "zstd", "brotli", "lz4"])
    def test_every_compression_is_read(self, codec):
        assert read(f.as_parquet(compression=codec))[1] == f.ROWS


class TestBroken:
    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"PAR1",
            b"PAR1PAR1",
            b"PAR1" + bytes(100) + b"PAR1",
            b"PAR1" + b"\xff" * 100 + b"PAR1",
            b"PAR1" + b"\xff\xff\xff\x7fPAR1",
            f.as_parquet()[:-8],
            f.as_parquet()[:200] + f.as_parquet()[-200:],
            b"id,name\n1,2\n",
        ],
        ids=range(9),
    )
    def test_what_is_broken_is_refused(self, data):
        with pytest.raises(InputError, match="no Parquet file, or a damaged one"):
            read(data)

    def test_too_many_columns_are_refused(self):
        table = pa.table({f"c{at}": pa.array([], pa.int8()) for at in range(16_385)})
        with pytest.raises(InputError, match="16,385 columns"):
            read(written(table))

    def test_changed_bytes_are_read_or_refused(self):
        chance = random.Random(5)  # noqa: S311 - a test
        good = f.as_parquet()
        for _ in range(1500):
            data = bytearray(good)
            for _ in range(chance.randrange(1, 10)):
                data[chance.randrange(len(data))] = chance.randrange(256)
            try:
                read(bytes(data))
            except InputError:
                continue
