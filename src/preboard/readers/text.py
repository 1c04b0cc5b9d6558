"""Bytes to text, block by block, and up to the first character that is not text.

In: a binary source, an encoding. Out: `TextBlocks`, whose `read` gives decoded text. A byte that
does not fit the encoding, or a NUL, ends the text early: what stands before it is still given, and
`problem` says what is wrong and at which byte.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import BinaryIO, Final

from preboard.errors import InputError

_MARK: Final = "\ufeff"
_MARKED: Final = frozenset({"utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"})


@dataclass(frozen=True, slots=True)
class TextProblem:
    """Why the text ends before the bytes do, and where (an absolute offset in bytes)."""

    message: str
    hint: str
    byte_offset: int


class TextBlocks:
    """The text of a source, read in blocks; a byte order mark at its start is dropped.

    `bytes_read` counts what was taken from the source, `ended` is true when no more text will come,
    and `problem` is set when that is so because of what the bytes hold.
    """

    def __init__(self, source: BinaryIO, encoding: str) -> None:
        self.bytes_read = 0
        self.ended = False
        self.problem: TextProblem | None = None
        self._source = source
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._may_be_marked = codecs.lookup(encoding).name in _MARKED

    def read(self, size_bytes: int) -> str:
        """Return the text of the next `size_bytes` bytes; it can be empty before the end.

        Raises:
            InputError: The source does not wait for its bytes.
        """
        block = read_block(self._source, size_bytes)
        before = self.bytes_read
        self.bytes_read += len(block)
        self.ended = not block
        state = self._decoder.getstate()
        try:
            text = self._decoder.decode(block, not block)
        except UnicodeError as error:
            text = self._text_before(error, block, state)
        if "\0" in text:
            text = self._text_before_nul(text, block, state, before)
        if self._may_be_marked and text:
            self._may_be_marked = False
            text = text.removeprefix(_MARK)
        return text

    def _text_before(self, error: UnicodeError, block: bytes, state: tuple[bytes, int]) -> str:
        """Note what is wrong with `block` and return the text before it."""
        self.ended = True
        # The decoder reports a place in what it had kept and the block together; both end here.
        what, left = "the text", len(block)
        if isinstance(error, UnicodeDecodeError):
            what = f"byte 0x{error.object[error.start]:02x}"
            left = len(error.object) - error.start
        offset = self.bytes_read - left
        self.problem = TextProblem(
            f"{what} at byte offset {offset} is not {self._encoding}",
            f"the data was read as {self._encoding}; give the encoding it was written in",
            offset,
        )
        good = max(0, len(block) - left)
        self._decoder.setstate(state)
        return self._decoder.decode(block[:good])

    def _text_before_nul(
        self, text: str, block: bytes, state: tuple[bytes, int], before: int
    ) -> str:
        """Note where the first NUL of `text` stands and return the text before it."""
        self.ended = True
        text = text[: text.index("\0")]
        self._decoder.setstate(state)
        kept = self._decoder.getstate()[0]
        offset, seen = (before, 0) if text else (before - len(kept), 0)
        while seen < len(text):  # the decoder only says how far it is when it is fed in crumbs
            seen += len(self._decoder.decode(block[offset - before : offset - before + 1]))
            offset += 1
        self.problem = TextProblem(
            f"NUL character at byte offset {offset}: is this a binary file?",
            f"the data was read as {self._encoding} text",
            offset,
        )
        return text


def read_block(source: BinaryIO, size_bytes: int) -> bytes:
    """Return the next `size_bytes` bytes of `source`, less only at its end.

    A pipe or a socket gives what it has; this asks until the block is full.

    Raises:
        InputError: The source does not wait for its bytes.
    """
    block = _read(source, size_bytes)
    if len(block) == size_bytes or not block:
        return block
    parts = [block]
    missing = size_bytes - len(block)
    while missing > 0 and (block := _read(source, missing)):
        parts.append(block)
        missing -= len(block)
    return b"".join(parts)


def _read(source: BinaryIO, size_bytes: int) -> bytes:
    # A raw source in non-blocking mode gives None, which the type of BinaryIO does not say.
    try:
        block: bytes | None = source.read(size_bytes)
    except (OSError, ValueError) as error:
        raise InputError(f"the source cannot be read: {error}") from error
    if block is None:
        raise InputError(
            "the source has no bytes ready and does not wait for them",
            hint="open it in blocking mode",
        )
    return block
