"""What every reader is: a source of batches that says how far it is.

Readers of other formats than delimited text give values as the file holds them: numbers, booleans,
dates, lists and dictionaries besides text. Such rows are no longer all text, which `text_rows`
says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from preboard.readers.batch import RecordCount, even_parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from preboard.diagnostics import Finding
    from preboard.readers.batch import Batch
    from preboard.readers.dialect import Dialect

Kind = Literal["delimited", "jsonl", "excel", "parquet", "frame", "document"]
"""How the records of a source are written."""

__all__ = ["Kind", "Reader", "RecordCount", "count_by_reading", "in_batches"]


class Reader(Protocol):
    """Reads a source once, from its start to its end.

    Iterating raises InputError where the source is not as declared, after all records before.
    """

    @property
    def kind(self) -> Kind:
        """How the records are written."""

    @property
    def text_rows(self) -> bool:
        """All cells are text."""

    @property
    def bytes_read(self) -> int:
        """Bytes that were taken from the source so far; 0 for a source that has none."""

    @property
    def dialect(self) -> Dialect | None:
        """How the text is written, as far as that is known by now; None for what is no text."""

    @property
    def findings(self) -> Sequence[Finding]:
        """What the reader noticed about the source; complete when it is read."""

    def __iter__(self) -> Iterator[Batch]: ...


def count_by_reading(reader: Reader) -> RecordCount:
    """Return how many records a reader gives.

    Raises:
        InputError: what the reader raises.
    """
    total = RecordCount()
    for batch in reader:
        total = total.plus_rows(batch.rows)
    return total


def in_batches(rows: list[list[Any]]) -> Iterator[list[list[Any]]]:
    """Cut rows into batches of the size that the engine likes."""
    for start, stop in even_parts(len(rows)):
        yield rows[start:stop]
