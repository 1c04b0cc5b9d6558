"""What a file is that is no delimited text, told from how it begins.

In: the first bytes, or the text of them. Out: `Foreign`, a name for people and what to do; None
for what may be delimited text. A web page that was saved instead of a file, a workbook or a picture
called .csv would otherwise pass as odd lines.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

from preboard.errors import InputError

_ASK: Final = "ask the sender for the data itself, as delimited text"
_UNPACK: Final = "unpack it first, or pack it with gzip, bzip2, xz, zstd or zip"
_DECRYPT: Final = "decrypt it first"
_WORKBOOK: Final = "read it as a workbook: leave the format out, or say that it is excel"

_MAGIC: Final[tuple[tuple[bytes, str, str], ...]] = (
    (b"%PDF-", "a PDF document", _ASK),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document, such as .xls", _WORKBOOK),
    (b"PAR1", "a Parquet file", "say that its format is parquet"),
    (b"PARE", "an encrypted Parquet file", _DECRYPT),
    (b"ARROW1", "an Arrow (Feather) file", "convert it to Parquet, or pass the data frame"),
    (b"ORC", "an ORC file", "convert it to Parquet"),
    (b"Obj\x01", "an Avro file", "convert it to Parquet"),
    (b"SQLite format 3\0", "an SQLite database", "export the table"),
    (b"\0\1\0\0Standard ", "an Access database", "export the table"),
    (b"\x89HDF\r\n", "an HDF5 file", "convert it to Parquet"),
    (b"\x93NUMPY", "a NumPy array", "save it with numpy.savetxt"),
    (b"$FL2", "an SPSS file", "export it as delimited text"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (b"\x04\x22\x4d\x18", "data compressed with lz4", _UNPACK),
    (b"\x1f\x9d", "data compressed with compress (.Z)", _UNPACK),
    (b"\xff\x06\0\0sNaPpY", "data compressed with snappy", _UNPACK),
    (b"LZIP", "data compressed with lzip", _UNPACK),
    (b"MSCF", "a cabinet archive", _UNPACK),
    (b"\x7fELF", "a program", _ASK),
    (b"MZ\x90\0", "a Windows program", _ASK),
    (b"\xcf\xfa\xed\xfe", "a program", _ASK),
    (b"\xca\xfe\xba\xbe\0", "a program", _ASK),
    (b"\0asm", "a program", _ASK),
    (b"\x89PNG\r\n", "a picture (PNG)", _ASK),
    (b"\xff\xd8\xff", "a picture (JPEG)", _ASK),
    (b"GIF8", "a picture (GIF)", _ASK),
    (b"II*\0", "a picture (TIFF)", _ASK),
    (b"MM\0*", "a picture (TIFF)", _ASK),
    (b"RIFF", "a sound, film or picture", _ASK),
    (b"ID3\x03", "a sound", _ASK),
    (b"OggS", "a sound or film", _ASK),
    (b"{\\rtf", "a rich text document", _ASK),
    (b"%!PS-", "a PostScript document", _ASK),
    (b"-----BEGIN PGP", "a PGP message", _DECRYPT),
    (b"age-encryption.org/", "an age message", _DECRYPT),
    (b"Salted__", "data encrypted with OpenSSL", _DECRYPT),
    (b"version https://git-lfs.", "a pointer of Git LFS, not the file", "fetch it: git lfs pull"),
)
_TAR: Final = slice(257, 262)
_FILM: Final = slice(4, 8)
_HTML: Final = re.compile(
    r"\s*(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html[\s>])", re.IGNORECASE | re.DOTALL
)
_TITLE: Final = re.compile(r"<title[^>]{0,200}>([^<]{1,200})</title", re.IGNORECASE)
_XML: Final = re.compile(r"\s*<\?xml[\s?]", re.IGNORECASE)
_MESSAGES: Final = (
    (re.compile(r"UNA.{6}\s*UNB|UNB\+", re.DOTALL), "an EDIFACT message"),
    (re.compile(r"ISA(.)[^\n]{2}\1.{10}\1", re.DOTALL), "an X12 message"),
    (re.compile(r"\{1:F\d\d"), "a SWIFT message"),
    (re.compile(r"\s*:20:[^\n]*\r?\n:25:"), "a SWIFT statement (MT940)"),
)
_JSON: Final = re.compile(r"\s*(?:\{\s*(?:\"|\}\s*$)|\[\s*(?:[\[{\"\]]|-?\d))")
_FORMATTING: Final = "\t\n\x0b\x0c\r"
_LOOKED_AT: Final = 1 << 14
_WORD: Final = 4
_LEAST: Final = 8
_FEW: Final = 256
_NULS: Final = 0.01
_CONTROLS: Final = 0.02


@dataclass(frozen=True, slots=True)
class Foreign:
    """What something is, as in "this looks like ...", and what to do about it."""

    what: str
    hint: str

    def error(self, offset: int = 0) -> InputError:
        """Return the error that says so."""
        message = f"this looks like {self.what}, not like delimited text"
        return InputError(message, hint=self.hint, byte_offset=offset)


def foreign_bytes(head: bytes) -> Foreign | None:
    r"""Return what begins with the bytes `head`, None where that may be text.

    >>> foreign_bytes(b"%PDF-1.7\n").what
    'a PDF document'
    """
    for magic, what, hint in _MAGIC:
        # A word of four letters, such as RIFF, may begin a text as well.
        if head.startswith(magic) and (len(magic) > _WORD or b"\0" in head or not magic.isalnum()):
            return Foreign(what, hint)
    if head[_TAR] == b"ustar":
        return Foreign("a tar archive", "unpack it first: an archive of one file can be a zip")
    if head[_FILM] == b"ftyp":
        return Foreign("a film or picture", _ASK)
    return None


def foreign_page(text: str) -> Foreign | None:
    """Return which kind of document a text is the source of: HTML or XML.

    >>> foreign_page("<html><head><title>404 Not Found</title>").what
    "a web page ('404 Not Found')"
    """
    if _HTML.match(text):
        if "schemas-microsoft-com:office" in text:
            hint = "open it in Excel and save it as .xlsx or .csv"
            return Foreign("a web page that was named as a workbook", hint)
        title = _TITLE.search(text)
        what = f"a web page ({title[1].strip()!r})" if title else "a web page"
        return Foreign(what, "was an error or login page saved instead of the file?")
    if _XML.match(text):
        what = "an XML document"
        if "Excel.Sheet" in text[:1000]:
            what = "a workbook saved as XML"
        return Foreign(what, _ASK)
    return None


def foreign_text(text: str) -> Foreign | None:
    r"""Return which other format of text this is: JSON or a business message.

    >>> foreign_text('{"id": 1}\n{"id": 2}\n').what
    'JSON, a record on each line'
    >>> foreign_text("{a};{b}\n") is None
    True
    """
    for pattern, what in _MESSAGES:
        if pattern.match(text):
            return Foreign(what, _ASK)
    if _JSON.match(text):
        first = next(line for line in text.split("\n") if line.strip())
        if _is_json(first):
            is_several = "\n" in text.strip()
            what = "JSON, a record on each line" if is_several else "a JSON document"
            return Foreign(what, "say that its format is jsonl, or json for one document")
        if _begins_json(text):
            return Foreign("a JSON document", "say that its format is json")
    return None


def _is_json(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict | list)
    except (ValueError, RecursionError):
        return False


def _begins_json(text: str) -> bool:
    """Return whether a document over several lines begins here: nothing is wrong but its end."""
    begun = text.lstrip()
    try:
        json.loads(begun)
    except json.JSONDecodeError as error:
        beyond = len(begun.rstrip()) - 1
        lines = begun.count("\n", 0, error.pos)
        return error.pos >= beyond or lines > 1
    except (ValueError, RecursionError):
        return False
    return True


def looks_binary(text: str, *, controls: bool = True) -> bool:
    """Return whether a decoded sample has so many control characters that it is no text.

    A few NULs are left to the reader, which says where they stand; one or two control characters
    may be delimiters, and in a few lines anything may stand. Without `controls` only NULs count.
    """
    text = text[:_LOOKED_AT]
    nuls = text.count("\0")
    if nuls >= _LEAST and nuls > _NULS * len(text):
        return True
    if not controls or len(text) < _FEW:
        return False
    seen = [char for char in set(text) if char < " " and char not in _FORMATTING]
    return len(seen) >= _LEAST and sum(map(text.count, seen)) > _CONTROLS * len(text)


BINARY: Final = Foreign("binary data", "was it decrypted and unpacked, and transferred as binary?")
