"""Which reader a source is for: what the caller says, else what its first bytes are, else its name.

In: the first bytes of a source, its name, a format word. Out: its `Kind`; and `Source`, which makes
readers of an opened source. Content that is known to be something else, such as a web page, is
refused: it would pass as text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from preboard.errors import ConfigError, InputError
from preboard.readers.columns.frames import FrameReader, is_frame
from preboard.readers.columns.parquet import ParquetReader
from preboard.readers.compression.formats import compression_of
from preboard.readers.delimited.counting import count_records
from preboard.readers.delimited.reader import DelimitedReader
from preboard.readers.dialect import Dialect
from preboard.readers.excel.reader import ExcelLimits, ExcelReader
from preboard.readers.foreign import foreign_bytes, foreign_page
from preboard.readers.jsonl.document import DocumentReader
from preboard.readers.jsonl.reader import JsonLinesReader
from preboard.readers.limits import DEFAULT_LIMITS, Limits
from preboard.readers.opening import dialect_of, lines_to_see, unpacked
from preboard.readers.peek import peek
from preboard.readers.reader import count_by_reading

if TYPE_CHECKING:
    from preboard.readers.batch import RecordCount
    from preboard.readers.columns.frames import Frame
    from preboard.readers.declared import Declared
    from preboard.readers.reader import Kind, Reader

HEAD_BYTES: Final = 4096
"""How much of a source `kind_of` looks at."""

FORMATS: Final[dict[str, Kind]] = {
    "csv": "delimited", "tsv": "delimited", "delimited": "delimited",
    "jsonl": "jsonl", "ndjson": "jsonl", "json": "document",
    "excel": "excel", "xlsx": "excel", "xls": "excel", "xlsb": "excel", "ods": "excel",
    "parquet": "parquet",
}  # fmt: skip
"""The words a caller may say."""

_BY_EXTENSION: Final[dict[str, Kind]] = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".jsonlines": "jsonl", ".ldjson": "jsonl",
    ".json": "document",
    ".xlsx": "excel", ".xlsm": "excel", ".xlsb": "excel", ".xls": "excel", ".ods": "excel",
    ".parquet": "parquet", ".pq": "parquet",
    ".csv": "delimited", ".tsv": "delimited", ".tab": "delimited", ".psv": "delimited",
    ".ssv": "delimited",
}  # fmt: skip
_WORKBOOK_PARTS = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"xl/")
_OPEN_DOCUMENT = b"mimetypeapplication/vnd.oasis.opendocument"
_NAME_IN_ZIP = 30
_OBJECT = re.compile(rb'\s*\{\s*"(?:[^"\\\n]|\\.)*+"\s*:')
_WORDS = re.compile(rb"PAR1[ -~]*[,;|\t]")  # the name of a column


def kind_of(head: bytes, name: str | None = None, declared: str | None = None) -> Kind:
    r"""Return how the source called `name` that begins with `head` is written.

    Raises:
        ConfigError: no format is called `declared`.
        InputError: the content is known to be something else.

    >>> kind_of(b"PAR1..."), kind_of(b'{"id": 1}\n'), kind_of(b"id,name\n")
    ('parquet', 'jsonl', 'delimited')
    >>> kind_of(b'{"id": 1}\n', "orders.csv")
    'delimited'
    """
    if declared is not None:
        return _declared(declared)
    found = magic_kind(head)
    if found is not None:
        return found
    _refuse_foreign(head)
    named = _BY_EXTENSION.get(PurePath(name or "").suffix.lower())
    if named in ("excel", "parquet"):
        what = "workbook" if named == "excel" else "Parquet file"
        raise InputError(
            f"{name} is named like a {what} but is none: it begins with {head[:8]!r}",
            hint="if it is delimited text, say that its format is csv",
        )
    if named is None and _OBJECT.match(head.removeprefix(b"\xef\xbb\xbf")):
        return "jsonl"
    return named or "delimited"


def magic_kind(head: bytes) -> Kind | None:
    """Return what the first bytes of a binary format say, None where they say nothing.

    A workbook is a zip file: this tells it from a zip file with data in it.
    """
    if head.startswith(b"PAR1") and not _WORDS.match(head):
        return "parquet"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "excel"
    if head.startswith(b"PK\x03\x04"):
        named = head[_NAME_IN_ZIP:]
        if named.startswith((*_WORKBOOK_PARTS, _OPEN_DOCUMENT)):
            return "excel"
    return None


def _declared(word: str) -> Kind:
    kind = FORMATS.get(word.strip().lower())
    if kind is None:
        raise ConfigError(f"no format called {word!r}", hint=f"one of {', '.join(FORMATS)}")
    return kind


def _refuse_foreign(head: bytes) -> None:
    found = foreign_bytes(head) or foreign_page(head.decode("utf-8", "replace").lstrip("\ufeff"))
    if found is not None:
        raise found.error()


def split_sheet(path: str) -> tuple[str, str | None]:
    """Return the path of a workbook and the sheet behind its `#`, None if it names none.

    >>> split_sheet("in/book.xlsx#two"), split_sheet("in/a#b.csv")
    (('in/book.xlsx', 'two'), ('in/a#b.csv', None))
    """
    book, mark, sheet = path.rpartition("#")
    is_book = _BY_EXTENSION.get(PurePath(book).suffix.lower()) == "excel"
    if not mark or not is_book or not sheet or Path(path).exists():
        return path, None
    return book, sheet


@dataclass(frozen=True, slots=True)
class Source:
    """A source that is opened, and how it is read."""

    file: BinaryIO | Frame
    kind: Kind = "delimited"
    dialect: Dialect = Dialect()  # noqa: RUF009 - frozen
    sheet: str | int | None = None
    limits: Limits = DEFAULT_LIMITS

    def __post_init__(self) -> None:
        if self.sheet is not None and self.kind != "excel":
            raise ConfigError(
                f"there is no sheet {self.sheet!r}: only workbooks have sheets",
                hint="leave the sheet out",
            )

    def reader(self) -> Reader:
        """Return a reader from where the source stands.

        Raises:
            ConfigError: what reads the format is not installed.
        """
        if self.kind == "frame":
            return FrameReader(cast("Frame", self.file))
        file = cast("BinaryIO", self.file)
        match self.kind:
            case "jsonl":
                return JsonLinesReader(file, self.dialect.encoding, limits=self.limits)
            case "document":
                return DocumentReader(file)
            case "excel":
                return ExcelReader(file, self.sheet, limits=ExcelLimits.within(self.limits))
            case "parquet":
                return ParquetReader(file)
            case _:
                return DelimitedReader(file, self.dialect, limits=self.limits)

    def count(self) -> RecordCount:
        """Return how many records there are from where the source stands to its end.

        Raises:
            InputError: the source cannot be read as declared.
        """
        if self.kind == "delimited":
            return count_records(cast("BinaryIO", self.file), self.dialect, limits=self.limits)
        reader = self.reader()
        if isinstance(reader, JsonLinesReader | ParquetReader | DocumentReader):
            return reader.count()
        return count_by_reading(reader)


def choose(
    file: BinaryIO | Frame,
    name: str,
    declared: Declared,
    *,
    sheet: str | int | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Source:
    """Return how an opened source is read; what is compressed is unpacked.

    Raises:
        ConfigError: there is no such format, or a sheet of what is no workbook was asked for.
        InputError: the content is known to be something else, or the source cannot be read.
    """
    if is_frame(file):
        return Source(file, "frame", sheet=sheet)
    said = None if declared.format is None else _declared(declared.format)
    lines = lines_to_see(declared) if said in (None, "delimited") else 1
    head, source, _ = peek(cast("BinaryIO", file), HEAD_BYTES, lines=lines)
    whole = said or magic_kind(head)
    if whole in ("excel", "parquet") and compression_of(head) in (None, "zip"):
        return Source(source, whole, sheet=sheet, limits=limits)
    plain = unpacked(source, name, member=declared.member, limits=limits, lines=lines)
    kind = said or kind_of(plain.sample, plain.name)
    if kind == "delimited":
        return Source(plain.stream, kind, dialect_of(plain, declared), sheet, limits)
    dialect = Dialect(
        encoding=declared.encoding or "utf-8", compression=plain.compression, member=plain.member
    )
    return Source(plain.stream, kind, dialect, sheet, limits)
