"""The reader of data frames: anything that hands out its columns through Arrow."""

import pyarrow as pa
import pytest
from tests.integration import formats as f

from preboard.errors import InputError
from preboard.readers.columns.frames import FrameReader, is_frame, kept


class Producer:
    """A frame of a library that is not known here."""

    def __init__(self, table):
        self.table = table

    def __arrow_c_stream__(self, requested_schema=None):
        return self.table.__arrow_c_stream__(requested_schema)


class Failing:
    def __arrow_c_stream__(self, requested_schema=None):
        raise RuntimeError("the query failed")


def read(frame):
    """Return the headers and all rows."""
    first, *batches = FrameReader(frame)
    return first.headers, [row for batch in batches for row in batch.rows]


@pytest.mark.parametrize(
    "make", [lambda t: t, Producer, lambda t: t.to_reader(2), lambda t: t.to_batches()[0]]
)
def test_every_producer_is_read(make):
    frame = make(f.as_arrow())
    assert is_frame(frame)
    assert read(frame) == (f.HEADERS, f.ROWS)


@pytest.mark.parametrize("other", ["a.csv", b"x", 5, None, [1], {"a": [1]}, object()])
def test_other_things_are_no_frames(other):
    assert not is_frame(other)


def test_a_stream_is_kept_so_that_it_can_be_read_twice():
    with kept(f.as_arrow().to_reader(2)) as frame:
        assert FrameReader(frame).count() == (6, 6, 5)
        assert read(frame) == read(f.as_arrow())


def test_what_a_producer_raises_is_an_input_error():
    with pytest.raises(InputError, match="the query failed"):
        read(Failing())
    with pytest.raises(InputError, match="the query failed"), kept(Failing()):
        pass


def test_the_index_of_a_pandas_frame_is_no_column():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1, 2], "b": ["x", None]}, index=["i", "j"])
    assert read(frame) == (["a", "b"], [[1, "x"], [2, None]])


def test_rows_without_columns_are_blank():
    table = pa.table({"a": [1, 2]}).select([])
    headers, rows = read(table)
    assert headers == []
    assert rows in ([], [[], []])
