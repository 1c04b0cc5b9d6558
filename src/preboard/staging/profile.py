"""What a version looks like when it arrives: format, dialect, header, line count, column types.

A profile describes; it refuses nothing. Bytes that can't be read as data are a version like any
other, and the profile says why they can't.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from itertools import islice
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from preboard.errors import PreboardError
from preboard.manifests.staging import Column, Profile
from preboard.readers.choose import choose
from preboard.readers.declared import Declared
from preboard.readers.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Any

    from preboard.readers.choose import Source

SAMPLE_LINES = 2_000
MOST_COLUMNS = 1_000
MOST_NAME = 200
_COUNTED = Limits(unpacked_bytes=256 << 20)

_INTEGER = re.compile(r"[+-]?\d{1,300}")
_DECIMAL = re.compile(r"[+-]?(?:\d{1,300}\.?\d{0,300}|\.\d{1,300})(?:[eE][+-]?\d{1,3})?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?")
_TRUTH = frozenset({"true", "false", "yes", "no"})

# Narrowest first; a column has the first type that all its cells have.
_TYPES: Final[tuple[tuple[str, Callable[[str], object]], ...]] = (
    ("boolean", lambda text: text.lower() in _TRUTH),
    ("integer", _INTEGER.fullmatch),
    ("decimal", _DECIMAL.fullmatch),
    ("date", _DATE.fullmatch),
    ("datetime", _MOMENT.fullmatch),
)


def profile_of(path: Path, file_name: str, mark: str = "") -> Profile:
    """Look at a stored file; `file_name` is what it was called, `mark` the worksheet.

    The lines are counted to the end of the file, the columns judged by its first ones. An archive
    that holds very much is not unpacked to its end for that: its lines stay uncounted.

    Raises:
        InputError: the workbook has no such sheet.
    """
    try:
        with path.open("rb") as file:
            source = choose(file, file_name, Declared(), sheet=mark or None)
            profile = _sampled(source)
        if profile.sampled < SAMPLE_LINES:
            return profile
    except PreboardError as error:
        if mark:
            raise
        return Profile(format="unknown", unread=error.message)
    try:
        with path.open("rb") as file:
            source = choose(file, file_name, Declared(), sheet=mark or None, limits=_COUNTED)
            return replace(profile, lines=source.count().data_records)
    except PreboardError as error:
        return replace(profile, lines=0, unread=f"the lines are not counted: {error.message}")


def _sampled(source: Source) -> Profile:
    records = _records(source)
    header = [str(cell)[:MOST_NAME] for cell in next(records, [])[:MOST_COLUMNS]]
    tallies = [_Tally(name) for name in header]
    sampled = 0
    for row in islice(records, SAMPLE_LINES):
        sampled += 1
        for tally, cell in zip(tallies, row, strict=False):
            tally.look(cell)
    delimited = source.kind == "delimited"
    dialect = source.dialect
    return Profile(
        format=source.kind,
        delimiter=dialect.delimiter if delimited else None,
        quotechar=dialect.quotechar if delimited else None,
        encoding=dialect.encoding if source.kind in ("delimited", "jsonl") else None,
        header=header,
        lines=sampled + (1 if header and not _brings_names(source) else 0),
        sampled=sampled,
        columns=[tally.column(sampled) for tally in tallies],
    )


def _brings_names(source: Source) -> bool:
    """Say whether the names of the columns are no line of the file."""
    return source.kind in ("jsonl", "parquet", "frame")


def _records(source: Source) -> Iterator[list[Any]]:
    """Give the header, then the lines with data."""
    first = True
    for batch in source.reader():
        if first and batch.headers is not None:
            yield list(batch.headers)
        for row in batch.rows:
            if row:
                first = False
                yield row


class _Tally:
    """The cells of one column, as far as they were looked at."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.filled = 0
        self.longest = 0
        self.may_be = list(_TYPES)

    def look(self, cell: Any) -> None:
        """Take a cell into account."""
        text = _text(cell)
        if not text:
            return
        self.filled += 1
        self.longest = max(self.longest, len(text))
        if self.may_be:
            self.may_be = [kind for kind in self.may_be if kind[1](text)]

    def column(self, sampled: int) -> Column:
        """Return what the column looks like."""
        kind = self.may_be[0][0] if self.may_be else "text"
        return Column(
            name=self.name,
            type=kind if self.filled else "empty",
            empty=sampled - self.filled,
            longest=self.longest,
        )


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return str(cell).strip()
