"""Data frames to batches of rows: anything that hands out its columns through Arrow.

In: an object with `__arrow_c_stream__` (pyarrow, polars, duckdb, pandas) or a pandas frame of any
age. Out: `Batch`es; the first has no rows and brings the names of the columns. The index of a
pandas frame is no column.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeGuard, runtime_checkable

from preboard.errors import InputError
from preboard.readers.batch import Batch, RecordCount
from preboard.readers.columns.arrow import names_of, need_pyarrow, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from preboard.diagnostics import Finding
    from preboard.readers.reader import Kind


@runtime_checkable
class Frame(Protocol):
    """Something that hands out its columns as a stream of Arrow (the PyCapsule interface)."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return the capsule."""


def is_frame(source: object) -> TypeGuard[Frame]:
    """Say whether a source is a data frame."""
    return hasattr(source, "__arrow_c_stream__") or _is_pandas(source)


def _is_pandas(source: object) -> bool:
    """Say so for a frame of pandas, also of one that does not know Arrow yet."""
    kind = type(source)
    return kind.__name__ == "DataFrame" and kind.__module__.partition(".")[0] == "pandas"


class FrameReader:
    """Reads a frame once, from its first row to its last.

    Raises:
        ConfigError: What reads Arrow is not installed.
        InputError: While iterating: the frame does not give its rows.
    """

    kind: Kind = "frame"
    text_rows = False
    dialect = None
    bytes_read = 0
    findings: Sequence[Finding] = ()

    def __init__(self, source: Frame) -> None:
        need_pyarrow("Data frames")
        self._source = source

    def __iter__(self) -> Iterator[Batch]:
        line = 0
        with _failures():
            stream = _stream_of(self._source)
            yield Batch([], 0, headers=names_of(stream.schema))
            for batch in stream:
                for rows in rows_of(batch):
                    yield Batch(rows, line, line + 1)
                    line += len(rows)

    def count(self) -> RecordCount:
        """Return how many records there are; a frame that is a stream is used up by that."""
        records = sum(len(batch.rows) for batch in self)
        return RecordCount(records, records, records - 1)


@contextmanager
def kept(source: Frame) -> Iterator[Frame]:
    """Give a frame that can be read twice: a stream is copied to a temporary file.

    Raises:
        InputError: the frame does not give its rows.
    """
    import pyarrow as pa  # noqa: PLC0415 - an extra

    if _is_pandas(source) or hasattr(source, "num_rows") or hasattr(source, "height"):
        yield source
        return
    with tempfile.TemporaryFile(prefix="preboard-") as file:
        with _failures():
            stream = _stream_of(source)
            with pa.ipc.new_stream(file, stream.schema) as writer:
                for batch in stream:
                    writer.write_batch(batch)
        yield _Copy(file)


class _Copy:
    """A stream of Arrow in a file, from its start each time."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        import pyarrow as pa  # noqa: PLC0415 - an extra

        self._file.seek(0)
        return pa.ipc.open_stream(self._file).__arrow_c_stream__(requested_schema)


def _stream_of(source: Frame) -> pa.RecordBatchReader:
    import pyarrow as pa  # noqa: PLC0415 - an extra

    if _is_pandas(source):
        return pa.Table.from_pandas(source, preserve_index=False).to_reader()
    return pa.RecordBatchReader.from_stream(source)


@contextmanager
def _failures() -> Iterator[None]:
    """Turn what Arrow and the frame's own library raise into an InputError."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        said = " ".join(str(error).split())[:200]
        raise InputError(f"the data frame cannot be read: {said}") from error
