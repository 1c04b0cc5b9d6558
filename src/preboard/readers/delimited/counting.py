"""How many records a delimited source holds, without building them.

In: a binary source and its dialect. Out: `RecordCount`, equal to counting what `DelimitedReader`
gives. Most encodings write line ends, delimiter and quotes as the ASCII bytes, and no other
character with them: there the bytes are counted and never decoded, so that text which does not fit
its encoding is counted too. A quote is followed exactly where each one stands at the edge of a
cell; a block where one does not goes through the csv module.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from preboard.errors import InputError
from preboard.readers.batch import RecordCount
from preboard.readers.delimited.reader import DelimitedReader
from preboard.readers.delimited.records import Place, RecordParser
from preboard.readers.intake import read_block
from preboard.readers.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from preboard.readers.dialect import Dialect

_BYTES_A_CHARACTER = 4  # at most, in the encodings that are counted as bytes
_MARK = codecs.BOM_UTF8


def count_records(
    source: BinaryIO,
    dialect: Dialect,
    *,
    limits: Limits = DEFAULT_LIMITS,
    block_bytes: int = 1 << 17,
) -> RecordCount:
    """Return how many records `source` holds from where it stands to its end.

    Raises:
        InputError: A record does not end within the limits; or, where the encoding must be decoded
            to count, what `DelimitedReader` raises.
    """
    if _counts_as_bytes(dialect):
        return _ByteCounter(dialect, limits).count(source, block_bytes)
    total = RecordCount()
    for batch in DelimitedReader(source, dialect, limits=limits, block_bytes=block_bytes):
        total = total.plus_rows(batch.rows)
    return total


def _counts_as_bytes(dialect: Dialect) -> bool:
    """Return whether line ends, delimiter and quotes can be found in the bytes."""
    if dialect.has_sep_line:
        return False
    name = codecs.lookup(dialect.encoding).name
    transparent = name in ("utf-8", "utf-8-sig", "ascii") or name.startswith(("iso8859-", "cp125"))
    return transparent and (dialect.delimiter + dialect.quotechar).isascii()


class _ByteCounter:
    """Counts in bytes of an encoding that writes the structure of the file in ASCII."""

    def __init__(self, dialect: Dialect, limits: Limits) -> None:
        self._encoding = dialect.encoding
        self._may_be_marked = codecs.lookup(dialect.encoding).name in ("utf-8", "utf-8-sig")
        self._longest = limits.record_chars
        self._quote = dialect.quotechar.encode("ascii")
        # The csv module gets each byte as one character.
        record, cell = (_BYTES_A_CHARACTER * n for n in (limits.record_chars, limits.cell_chars))
        self._parser = RecordParser(dialect, replace(limits, record_chars=record, cell_chars=cell))
        quote = re.escape(self._quote)
        inside = b"[^%b\n%b]" % (re.escape(dialect.delimiter.encode("ascii")), quote)
        self._not_at_edge = re.compile(b"%b(?:(?=%b)|(?<=%b%b))" % (quote, inside, inside, quote))

    def count(self, source: BinaryIO, block_bytes: int) -> RecordCount:
        """Return the count of `source`."""
        total, tail = RecordCount(), b""
        while block := read_block(source, max(block_bytes, len(tail) // 2)):
            data = tail + block
            if self._may_be_marked:
                if len(data) < len(_MARK) and _MARK.startswith(data):
                    tail = data
                    continue
                self._may_be_marked = False
                data = data.removeprefix(_MARK)
            total, tail = self._count_lines(total, data)
            if len(tail) > self._longest and self._count_characters(tail) > self._longest:
                raise InputError(
                    f"record {total.records} is longer than {self._longest} characters",
                    hint="is a quote never closed?",
                    line=total.records,
                )
        if not tail:
            return total
        return total.plus(1, 1, 1) if tail == b"\r" else total.plus(1, 0, 0)

    def _count_characters(self, data: bytes) -> int:
        return len(data.decode(self._encoding, "replace"))

    def _count_lines(self, total: RecordCount, data: bytes) -> tuple[RecordCount, bytes]:
        """Return the count after the records that end in `data`, and the rest of it."""
        cut = data.rfind(b"\n") + 1
        cut = data.rfind(b"\r", cut, max(0, len(data) - 1)) + 1 or cut  # as end_of_lines
        head, tail = data[:cut], data[cut:]
        if b"\r" in head:
            head = head.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if self._quote not in head:
            return _plus_lines(total, head), tail
        parts = head.split(self._quote)
        is_open = len(parts) % 2 == 0
        outside = self._quote.join(parts[::2]) + self._quote * is_open
        if self._not_at_edge.search(outside):
            found = self._parser.parse(head.decode("latin-1"), Place(total.records, 1))
            if found.error:
                raise found.error
            return total.plus_rows(found.rows), head[found.rest :] + tail
        if is_open:
            tail = head[_last_record(parts) :] + tail
            outside = outside[: outside.rfind(b"\n") + 1]
        return _plus_lines(total, outside), tail


def _plus_lines(total: RecordCount, text: bytes) -> RecordCount:
    """Return the count after the lines of `text`, of which each is a record."""
    lines = text.split(b"\n")  # faster than a search for two line ends in a row
    lines.pop()
    blank = lines.count(b"")
    if not blank:
        return total.plus(len(lines), 0, 0)
    at_end = next((at for at, line in enumerate(reversed(lines)) if line), len(lines))
    return total.plus(len(lines), blank, at_end)


def _last_record(parts: list[bytes]) -> int:
    """Return where the last record begins in what was split at its quotes, all of them at edges."""
    at = sum(map(len, parts)) + len(parts) - 1
    for index in range(len(parts) - 1, -1, -1):
        at -= len(parts[index])
        if index % 2 == 0 and (end := parts[index].rfind(b"\n")) >= 0:
            return at + end + 1
        at -= 1
    return 0
