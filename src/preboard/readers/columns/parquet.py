"""Parquet files to batches of rows.

In: a binary source; one that cannot go to any place is copied to a temporary file. Out: `Batch`es;
the first has no rows and brings the names of the columns. A row group is read some rows at a time,
so that memory does not grow with the file.
"""

from __future__ import annotations

import io
import tempfile
from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast

from preboard.errors import InputError
from preboard.readers.batch import Batch, RecordCount
from preboard.readers.columns.arrow import BATCH_ROWS, names_of, need_pyarrow, rows_of
from preboard.readers.peek import copy_bounded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow.parquet as pq

    from preboard.diagnostics import Finding
    from preboard.readers.reader import Kind

_LARGEST_FOOTER = 64 << 20
_READ_AHEAD = 1 << 20
_LARGEST_COPY = 16 << 30


class ParquetReader:
    """Reads a file once, from its first row to its last.

    Raises:
        ConfigError: What reads Parquet is not installed.
        InputError: While iterating: this is no Parquet file, or a damaged one.
    """

    kind: Kind = "parquet"
    text_rows = False
    dialect = None
    findings: Sequence[Finding] = ()

    def __init__(self, source: BinaryIO) -> None:
        need_pyarrow("Parquet files")
        self._counted = _Counted(source)

    @property
    def bytes_read(self) -> int:
        """Return how many bytes were taken from the source so far."""
        return self._counted.bytes_read

    def __iter__(self) -> Iterator[Batch]:
        line = 0
        with self._counted:
            file = self._opened()
            yield Batch([], 0, headers=names_of(file.schema_arrow))
            for rows in self._rows(file):
                yield Batch(rows, line, line + 1)
                line += len(rows)

    def count(self) -> RecordCount:
        """Return how many records there are: the file says it."""
        with self._counted:
            file = self._opened()
            records, names = int(file.metadata.num_rows), file.schema_arrow.names
        if not names:
            return RecordCount(records, 0, -1)
        return RecordCount(records, records, records - 1)

    def _opened(self) -> pq.ParquetFile:
        import pyarrow as pa  # noqa: PLC0415 - an extra
        import pyarrow.parquet as pq  # noqa: PLC0415

        try:
            self._counted.make_seekable()
            return pq.ParquetFile(
                self._counted,
                pre_buffer=False,
                buffer_size=_READ_AHEAD,
                thrift_string_size_limit=_LARGEST_FOOTER,
                thrift_container_size_limit=_LARGEST_FOOTER >> 6,
            )
        except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
            raise _damaged(error) from error

    def _rows(self, file: pq.ParquetFile) -> Iterator[list[list[Any]]]:
        import pyarrow as pa  # noqa: PLC0415 - an extra

        batches = file.iter_batches(batch_size=BATCH_ROWS, use_threads=False)
        while True:
            try:
                batch = next(batches, None)
            except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
                raise _damaged(error) from error
            if batch is None:
                return
            yield from rows_of(batch)


class _Counted(io.RawIOBase):
    """A source that says how many bytes were taken; closing it leaves the source itself open."""

    def __init__(self, source: BinaryIO) -> None:
        super().__init__()
        self._source: Any = source
        self._copy: IO[bytes] | None = None
        self.bytes_read = 0

    def make_seekable(self) -> None:
        """Copy a source that cannot go to its end, such as a pipe or what is unpacked."""
        try:
            self._source.seek(0, io.SEEK_END)
            self._source.seek(0)
        except (OSError, ValueError, AttributeError):
            self._copy = tempfile.TemporaryFile(prefix="preboard-")  # noqa: SIM115 - see close
            copy_bounded(self._source, cast("BinaryIO", self._copy), _LARGEST_COPY, "give a path")
            self._copy.seek(0)
            self._source = self._copy

    def close(self) -> None:
        """Close the copy, if there is one."""
        if self._copy is not None:
            self._copy.close()
        super().close()

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes of the source."""
        block: bytes = self._source.read(-1 if size is None else size)
        self.bytes_read += len(block)
        return block

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place."""
        return int(self._source.seek(offset, whence))

    def tell(self) -> int:
        """Return the place."""
        return int(self._source.tell())


def _damaged(error: BaseException) -> InputError:
    said = " ".join(str(error).split())[:200]
    return InputError(f"this is no Parquet file, or a damaged one: {said}")
