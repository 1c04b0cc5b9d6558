"""One file of the corpus and what is true of it."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

BOMS = {
    "utf-8-sig": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
}


@dataclass(frozen=True)
class Case:
    """A file: its text and the truth.

    `delimiter` None: one column. `has_bom` is for UTF-16 and UTF-32; `utf-8-sig` always has one.
    `end` replaces the line ends of the text.
    """

    name: str
    text: str
    delimiter: str | None
    header: bool
    quotechar: str = '"'
    encoding: str = "utf-8"
    unsure: tuple[str, ...] = ()
    end: str = "\n"
    has_bom: bool = True

    def data(self) -> bytes:
        """Return the bytes of the file."""
        text = self.text.replace("\n", self.end)
        if self.encoding == "utf-8-sig":
            return text.encode("utf-8-sig")
        mark = BOMS.get(self.encoding, b"") if self.has_bom else b""
        return mark + text.encode(self.encoding)

    def truth(self) -> dict[str, object]:
        """Return the line of expected.jsonl."""
        encoding = self.encoding
        if encoding not in BOMS and self.text.isascii():
            encoding = "utf-8"
        return {
            "file": self.name,
            "delimiter": self.delimiter,
            "quotechar": self.quotechar,
            "encoding": encoding,
            "header": self.header,
            "unsure": list(self.unsure),
        }
