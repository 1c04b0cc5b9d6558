"""Bytes to whole lines, block by block, for formats that end a record at a line feed.

In: a binary source. Out: `Lines`, the bytes of some lines in UTF-8, and where they begin.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, BinaryIO

from preboard.errors import InputError
from preboard.readers.intake import read_some
from preboard.readers.text import TextBlocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preboard.readers.text import TextProblem


@dataclass(slots=True)
class Lines:
    """Some lines: 0-based number and byte offset of the first; None where it is not known."""

    texts: list[bytes]
    first_line: int
    offset: int | None

    def offset_of(self, index: int) -> int | None:
        """Return the byte offset of a line."""
        if self.offset is None:
            return None
        return self.offset + sum(map(len, self.texts[:index])) + index


class LineBlocks:
    """The lines of a source, without their line feeds; a UTF-8 byte order mark is dropped.

    Raises:
        InputError: While iterating: a line is longer than `longest` bytes, or a byte does not fit
            an encoding that is not UTF-8 (UTF-8 itself is not checked here).
    """

    def __init__(self, source: BinaryIO, encoding: str, longest: int, block_bytes: int) -> None:
        self.bytes_read = 0
        self._source = source
        self._longest = longest
        self._block_bytes = block_bytes
        plain = codecs.lookup(encoding).name in ("utf-8", "utf-8-sig", "ascii")
        self._text = None if plain else TextBlocks(source, encoding)
        self._line = 0

    def __iter__(self) -> Iterator[Lines]:
        tail, offset, ended = b"", 0, False
        while not ended:
            size = max(self._block_bytes, len(tail) // 2, len(codecs.BOM_UTF8))
            block, ended = self._read(size)
            if not self._line and not tail and block.startswith(codecs.BOM_UTF8):
                block, offset = block[len(codecs.BOM_UTF8) :], len(codecs.BOM_UTF8)
            data = tail + block
            cut = len(data) if ended and not self._problem else data.rfind(b"\n") + 1
            if cut:
                yield from self._lines(data[:cut], offset)
            tail = data[cut:]
            offset += cut
            if len(tail) > self._longest:
                raise self._too_long()
        if problem := self._problem:
            raise InputError(
                f"text line {self._line + 1}: {problem.message}",
                hint=problem.hint, line=self._line, byte_offset=problem.byte_offset,
            )  # fmt: skip

    @property
    def _problem(self) -> TextProblem | None:
        return self._text.problem if self._text else None

    def _lines(self, head: bytes, offset: int) -> Iterator[Lines]:
        """Give the lines of some bytes up to the first that is too long."""
        texts = head.split(b"\n")
        if not texts[-1]:
            texts.pop()
        fit = texts
        if len(head) > self._longest:
            fit = list(takewhile(lambda text: len(text) <= self._longest, texts))
        first = self._line
        self._line += len(fit)
        if fit:
            yield Lines(fit, first, None if self._text else offset)
        if len(fit) < len(texts):
            raise self._too_long()

    def _read(self, size: int) -> tuple[bytes, bool]:
        """Return the next bytes in UTF-8, and whether they are the last."""
        if self._text is None:
            block = read_some(self._source, size)
            self.bytes_read += len(block)
            return block, not block
        text = self._text.read(size)
        self.bytes_read = self._text.bytes_read
        return text.encode("utf-8", "surrogatepass"), self._text.ended

    def _too_long(self) -> InputError:
        return InputError(
            f"text line {self._line + 1} is longer than {self._longest} bytes",
            hint="are the records of this file on lines of their own?",
            line=self._line,
        )
