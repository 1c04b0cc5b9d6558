"""Columns of Arrow to rows of values, for Parquet files and data frames.

In: record batches. Out: lists of rows. Values are Python's own: int, float, str, bool, None, dates,
times, lists and dictionaries. A decimal comes as its text, which is exact; bytes are text if they
are UTF-8, else hexadecimal digits; points in time are cut to microseconds.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from preboard.errors import ConfigError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pyarrow as pa

MOST_COLUMNS = 16384
BATCH_ROWS = 512


def need_pyarrow(what: str) -> None:
    """Refuse to go on without pyarrow.

    Raises:
        ConfigError: it is not installed.
    """
    if find_spec("pyarrow") is None:
        raise ConfigError(
            f"{what} are read with pyarrow, which is not installed",
            hint="pip install 'preboard[parquet]'",
        )


def names_of(schema: pa.Schema) -> list[str]:
    """Return the names of the columns.

    Raises:
        InputError: there are too many.
    """
    names = list(schema.names)
    if len(names) > MOST_COLUMNS:
        raise InputError(f"there are {len(names):,} columns, more than {MOST_COLUMNS:,}")
    return names


def rows_of(batch: pa.RecordBatch) -> Iterator[list[list[Any]]]:
    """Yield the rows of a record batch, some at a time.

    Raises:
        InputError: a value has no form in Python.
    """
    for start in range(0, batch.num_rows, BATCH_ROWS):
        part = batch.slice(start, BATCH_ROWS)
        columns = [_values(part.column(index)) for index in range(part.num_columns)]
        if columns:
            yield [list(row) for row in zip(*columns, strict=True)]
        else:
            yield [[] for _ in range(part.num_rows)]


def _values(column: pa.Array) -> Sequence[Any]:
    """Return the values of a column as the language knows them."""
    import pyarrow as pa  # noqa: PLC0415 - an extra

    try:
        kind = column.type
        if pa.types.is_dictionary(kind):
            kind = kind.value_type
        values: list[Any] = _in_microseconds(column).to_pylist()
    except (pa.ArrowException, ValueError, OverflowError, KeyError, OSError) as error:
        raise InputError(f"a value of a column of {column.type} cannot be read: {error}") from error
    mend = _mender(kind)
    return values if mend is None else [value if value is None else mend(value) for value in values]


def _in_microseconds(column: pa.Array) -> pa.Array:
    """Return the column with nanoseconds cut: Python knows none."""
    import pyarrow as pa  # noqa: PLC0415 - an extra

    kind = column.type
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        return column.cast(pa.timestamp("us", kind.tz), safe=False)
    if pa.types.is_duration(kind) and kind.unit == "ns":
        return column.cast(pa.duration("us"), safe=False)
    if pa.types.is_time64(kind) and kind.unit == "ns":
        return column.cast(pa.time64("us"), safe=False)
    return column


def _mender(kind: pa.DataType) -> Callable[[Any], Any] | None:
    """Return what turns a value of a type into one that the language knows, None if it is."""
    import pyarrow as pa  # noqa: PLC0415 - an extra

    types = pa.types
    if types.is_decimal(kind):
        return str
    if types.is_nested(kind) or isinstance(kind, pa.BaseExtensionType):
        return _plain
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind):
        return _text
    return None if not types.is_binary_view(kind) else _text


def _plain(value: Any) -> Any:
    """Return a nested value with bytes and decimals as text, and nothing but Python's own types."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        return _text(value)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return value if hasattr(value, "isoformat") else str(value)


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.hex()
