"""A file that is one JSON document, to a batch of one row with one cell: the document.

In: a binary source. Out: one `Batch`. Its only header has no name, so that functions such as
jsonpath() and jsonschema() look at the document and nothing is taken for a header line.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from preboard.errors import InputError
from preboard.readers.batch import Batch, RecordCount

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from preboard.diagnostics import Finding
    from preboard.readers.reader import Kind

LARGEST_DOCUMENT: Final = 64 << 20
"""Bytes; a document is held in memory as a whole."""


class DocumentReader:
    """Reads a source once, from where it stands to its end.

    Raises:
        InputError: While iterating: it is no JSON document, or beyond the limit.
    """

    kind: Kind = "document"
    text_rows = False
    dialect = None
    findings: Sequence[Finding] = ()

    def __init__(self, source: BinaryIO, *, largest: int = LARGEST_DOCUMENT) -> None:
        self._source = source
        self._largest = largest
        self.bytes_read = 0

    def __iter__(self) -> Iterator[Batch]:
        data = self._source.read(self._largest + 1)
        self.bytes_read = len(data)
        if len(data) > self._largest:
            raise InputError(f"the document is larger than {self._largest:,} bytes")
        if data.strip():
            yield Batch([[_decode(data)]], 0, headers=[""])

    def count(self) -> RecordCount:
        """Return how many records there are: one, or none in an empty file."""
        records = 1 if self._source.read(self._largest).strip() else 0
        return RecordCount(records, records, records - 1)


def _decode(data: bytes) -> Any:
    try:
        return json.loads(data)
    except json.JSONDecodeError as error:
        raise InputError(
            f"text line {error.lineno}: this is no JSON document: {error.msg}",
            hint="records on a line each are read from .jsonl files",
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"this is no JSON document: {error}") from error
