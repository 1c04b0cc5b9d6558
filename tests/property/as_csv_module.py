"""What the csv module makes of a text, and what our reader makes of it: both as a list of records.

Ours refuses one thing that the csv module lets pass: a quote that is never closed and takes lines
into its cell. There both lists end with `REFUSED`.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Final

from preboard.errors import InputError
from preboard.readers.delimited.reader import DelimitedReader

if TYPE_CHECKING:
    from preboard.readers.dialect import Dialect

REFUSED: Final = (["refused"], -1)
_LAST = "Z"  # a record that no text of ours holds

Records = list[tuple[list[str], int]]
"""The cells of each record, and the line of text where it begins."""


def by_csv_module(
    text: str, encoding: str = "utf-8", delimiter: str = ",", quotechar: str = '"'
) -> Records:
    """Return the records as the csv module has them."""
    source = io.TextIOWrapper(io.BytesIO(text.encode(encoding)), encoding, newline="")
    reader = csv.reader(source, delimiter=delimiter, quotechar=quotechar, strict=False)
    found = []
    begins = 1
    for row in reader:
        found.append((row, begins))
        begins = reader.line_num + 1
    return found


def is_refused(text: str, delimiter: str = ",", quotechar: str = '"') -> bool:
    """Return whether the end of `text` leaves a quote open that took lines into its cell."""
    more = by_csv_module(f"{text}\n{_LAST}", delimiter=delimiter, quotechar=quotechar)
    if more[-1][0] == [_LAST]:
        return False
    cell = by_csv_module(text, delimiter=delimiter, quotechar=quotechar)[-1][0][-1]
    return not {"\n", "\r"}.isdisjoint(cell.rstrip("\r\n"))


def expected(
    text: str, encoding: str = "utf-8", delimiter: str = ",", quotechar: str = '"'
) -> Records:
    """Return the records that our reader must give."""
    found = by_csv_module(text, encoding, delimiter, quotechar)
    if is_refused(text, delimiter, quotechar):
        found[-1] = REFUSED
    return found


def by_our_reader(data: bytes, dialect: Dialect, **options: Any) -> Records:
    """Return the records as our reader has them, checking that batches follow each other."""
    found: Records = []
    try:
        for batch in DelimitedReader(io.BytesIO(data), dialect, **options):
            assert batch.first_line == len(found)
            found += [(row, batch.text_line(index)) for index, row in enumerate(batch.rows)]
    except InputError as error:
        assert "is never closed" in error.message, error  # noqa: PT017 - part of the answer
        assert error.line == len(found)  # noqa: PT017
        found.append(REFUSED)
    return found
