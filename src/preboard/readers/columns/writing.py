"""Rows to a Parquet file, which is there, whole, once it is finished.

In: rows of Python's own values. Out: a file that was written under a temporary name, some thousand
rows at a time, so that memory does not grow with it.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from preboard.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    import pyarrow.parquet as pq

    from preboard.language.functions.services import Column
    from preboard.language.values import Value

MOST_ROWS = 25_000
"""Rows that are written at once, unless the caller says another number."""
_MOST_CHARACTERS = 32 << 20
_READABLE = 0o644


class TableFile:
    """A Parquet file that is being written; `language.functions.services.Table`.

    A column of points in time holds either times with a zone, kept in UTC, or times without one:
    the first value decides. `most_rows` are written at once, fewer when they are long.
    """

    def __init__(self, path: Path, columns: Sequence[Column], most_rows: int = MOST_ROWS) -> None:
        self.path = path
        self.most_rows = most_rows
        self._columns = columns
        self._rows: list[Sequence[Value]] = []
        self._characters = 0
        self._zoned: dict[int, bool] = {}
        self._temporary: Path | None = None
        self._writer: pq.ParquetWriter | None = None

    def unfit(self, row: Sequence[Value]) -> tuple[int, str] | None:
        """Return the first point in time that has a zone where those before had none, or not."""
        for place, value in enumerate(row):
            if isinstance(value, datetime):
                zoned = value.tzinfo is not None
                if self._zoned.get(place, zoned) != zoned:
                    return place, f"a time {'without' if zoned else 'with'} a zone, as before,"
        return None

    def append(self, row: Sequence[Value]) -> None:
        """Add a row; only rows that match are added, and so only these decide about zones."""
        for place, value in enumerate(row):
            if isinstance(value, datetime):
                self._zoned.setdefault(place, value.tzinfo is not None)
            elif isinstance(value, str):
                self._characters += len(value)
        self._rows.append(row)
        if len(self._rows) >= self.most_rows or self._characters > _MOST_CHARACTERS:
            self._write()

    def finish(self) -> None:
        """Write what is left, and put the file in its place.

        Raises:
            StoreError: it cannot be written.
        """
        self._write()
        if self._writer is None or self._temporary is None:
            return
        try:
            self._writer.close()
            with self._temporary.open("r+b") as file:
                os.fsync(file.fileno())
            self._temporary.chmod(_READABLE)
            self._temporary.replace(self.path)
        except OSError as error:
            raise self._unwritten(error) from error

    def discard(self) -> None:
        """Leave nothing behind."""
        if self._writer is not None:
            with suppress(OSError):
                self._writer.close()
        if self._temporary is not None:
            self._temporary.unlink(missing_ok=True)

    def _write(self) -> None:
        """Write the rows that were gathered as one row group."""
        if not self._rows:
            return
        import pyarrow as pa  # noqa: PLC0415 - an extra

        try:
            if self._writer is None:
                self._writer = self._opened()
            columns = zip(*self._rows, strict=True)
            types = self._writer.schema.types
            arrays = [pa.array(column, kind) for column, kind in zip(columns, types, strict=True)]
            self._writer.write_batch(
                pa.record_batch(arrays, schema=self._writer.schema), row_group_size=self.most_rows
            )
        except OSError as error:
            raise self._unwritten(error) from error
        self._rows = []
        self._characters = 0

    def _opened(self) -> pq.ParquetWriter:
        import pyarrow as pa  # noqa: PLC0415 - an extra
        import pyarrow.parquet as pq  # noqa: PLC0415

        fields = [pa.field(c.name, self._type(i)) for i, c in enumerate(self._columns)]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            dir=self.path.parent, prefix=f".{self.path.name}-", suffix=".part"
        )
        os.close(handle)
        self._temporary = Path(name)
        return pq.ParquetWriter(name, pa.schema(fields))

    def _type(self, place: int) -> pa.DataType:
        """Return the type of a column; a column of times that has none yet will have no zone."""
        import pyarrow as pa  # noqa: PLC0415 - an extra

        match self._columns[place].kind:
            case "text":
                return pa.string()
            case "integer":
                return pa.int64()
            case "decimal":
                return pa.float64()
            case "boolean":
                return pa.bool_()
            case "date":
                return pa.date32()
            case "datetime":
                zoned = self._zoned.setdefault(place, False)
                return pa.timestamp("us", "UTC" if zoned else None)
            case _:
                return pa.null()

    def _unwritten(self, error: OSError) -> StoreError:
        return StoreError(f"{self.path} cannot be written: {error.strerror or error}")
