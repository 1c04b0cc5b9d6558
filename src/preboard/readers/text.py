"""Bytes to text, block by block, and up to the first character that is not text.

In: a binary source, an encoding. Out: `TextBlocks`, whose `read` gives decoded text. A byte that
does not fit the encoding, or a NUL, ends the text early: what stands before it is still given, and
`problem` says what is wrong and at which byte.

An encoding that was guessed from ASCII alone is no more than a guess: where the first character
beyond ASCII does not fit it, the guess is made anew from there on, and `switch` says so, if it is
more than a guess. All that was read until then reads the same in either.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from preboard.readers.intake import position, read_block, read_some
from preboard.readers.sniff.encoding import guess_from_here

if TYPE_CHECKING:
    from preboard.readers.sniff.encoding import EncodingGuess

_MARK: Final = "\ufeff"
_MARKED: Final = frozenset({"utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"})
_AHEAD: Final = 64 << 10  # what a guess in the midst of a file looks at
_BEFORE: Final = 64
_SURE_ENOUGH: Final = 0.5  # below that one odd byte is as likely to be damage


@dataclass(frozen=True, slots=True)
class TextProblem:
    """Why the text ends before the bytes do, and where (an absolute offset in bytes)."""

    message: str
    hint: str
    byte_offset: int


@dataclass(frozen=True, slots=True)
class Switch:
    """The encoding from the character at `byte_offset` on, the first one beyond ASCII.

    `chars` of the text that was read last stand before it.
    """

    guess: EncodingGuess
    byte_offset: int
    chars: int


class TextBlocks:
    """The text of a source, read in blocks; a byte order mark at its start is dropped.

    `bytes_read` counts what was taken from the source, `ended` is true when no more text will come,
    and `problem` is set when that is so because of what the bytes hold. With `is_guess` the
    encoding may turn out to be another.
    """

    def __init__(self, source: BinaryIO, encoding: str, *, is_guess: bool = False) -> None:
        self.bytes_read = 0
        self.ended = False
        self.problem: TextProblem | None = None
        self.switch: Switch | None = None
        self._source = source
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)()
        name = codecs.lookup(encoding).name
        self._may_be_marked = name in _MARKED
        self._is_utf8 = name in ("utf-8", "utf-8-sig")
        self._may_switch = is_guess and name == "utf-8"
        self._ahead = b""

    def read(self, size_bytes: int) -> str:
        """Return the text of the next `size_bytes` bytes; it can be empty before the end.

        Raises:
            InputError: The source does not wait for its bytes.
        """
        block = self._take(size_bytes)
        before = self.bytes_read
        self.bytes_read += len(block)
        self.ended = not block
        state = self._decoder.getstate()
        try:
            text = self._decoder.decode(block, not block)
        except UnicodeError as error:
            switched = self._switched(error, block)
            if switched is None:
                text = self._text_before(error, block, state)
            else:
                text, block = switched
                before, state = self.bytes_read - len(block), (b"", 0)
        if self._may_switch and not text.isascii():
            self._may_switch = False
        if "\0" in text:
            text = self._text_before_nul(text, block, state, before)
        if self._may_be_marked and text:
            self._may_be_marked = False
            text = text.removeprefix(_MARK)
        return text

    def _take(self, size_bytes: int) -> bytes:
        if not self._ahead:
            return read_some(self._source, size_bytes)
        block, self._ahead = self._ahead[:size_bytes], self._ahead[size_bytes:]
        return block

    def _switched(self, error: UnicodeError, block: bytes) -> tuple[str, bytes] | None:
        """Return text and bytes of this block, with what was kept of the last, in a new encoding.

        None if what was read tells against it.
        """
        if not self._may_switch or not isinstance(error, UnicodeDecodeError):
            return None
        data, at = error.object, error.start  # what the decoder had kept, and the block
        if not data[:at].isascii():
            return None
        guess = self._guess_from(error)
        if guess is None or guess.confidence < _SURE_ENOUGH:
            return None
        decoder = codecs.getincrementaldecoder(guess.encoding)()
        try:
            text = data[:at].decode("ascii") + decoder.decode(data[at:], not block)
        except UnicodeError:
            return None
        self._decoder, self._encoding = decoder, guess.encoding
        self.switch = Switch(guess, self.bytes_read - (len(data) - at), at)
        return text, data

    def _guess_from(self, error: UnicodeDecodeError) -> EncodingGuess | None:
        """Return another encoding for the text from the byte on that was wrong.

        What stands before it on its line belongs to the guess: letters are judged by their words.
        """
        if position(self._source) is not None:  # a pipe might let us wait
            self._ahead += read_block(self._source, max(0, _AHEAD - len(self._ahead)))
        data, at = error.object, error.start
        begin = max(at - _BEFORE, data.rfind(b"\n", 0, at) + 1)
        if not data[begin:at].isascii():
            begin = at
        return guess_from_here((data[begin:] + self._ahead)[:_AHEAD], ended=False)

    def _text_before(self, error: UnicodeError, block: bytes, state: tuple[bytes, int]) -> str:
        """Note what is wrong with `block` and return the text before it."""
        self.ended = True
        # The decoder reports a place in what it had kept and the block together; both end here.
        what, left, hint = "the text", len(block), "give the encoding it was written in"
        if isinstance(error, UnicodeDecodeError):
            what = f"byte 0x{error.object[error.start]:02x}"
            left = len(error.object) - error.start
            guess = self._guess_from(error) if self._is_utf8 else None
            if guess is not None:
                hint += f", perhaps {guess.encoding}"
        offset = self.bytes_read - left
        self.problem = TextProblem(
            f"{what} at byte offset {offset} is not {self._encoding}",
            f"the data was read as {self._encoding}; {hint}",
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
