"""A source that may be compressed, in any encoding and any dialect, to plain bytes and a `Dialect`.

In: a binary source, what it is called, what the caller said of it. Out: a stream of plain bytes
from their first, and how they are written. What is declared wins, then what the file says itself
(a byte order mark, Excel's `sep=;`), then its name, then what its first bytes look like. A sample
of at most `peek.SAMPLE_BYTES` is looked at, and nothing of a pipe is lost by that.
"""

from __future__ import annotations

import codecs
import io
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import PurePath
from typing import TYPE_CHECKING, BinaryIO, Final, NoReturn

from preboard.errors import InputError
from preboard.readers.compression.formats import (
    Unpacked,
    compression_of,
    decoder_for,
)
from preboard.readers.compression.zips import Archive, shown
from preboard.readers.declared import Declared
from preboard.readers.dialect import COMPRESSED, UNSURE, Dialect, dialect_for
from preboard.readers.foreign import (
    BINARY,
    Foreign,
    foreign_bytes,
    foreign_page,
    foreign_text,
    looks_binary,
)
from preboard.readers.intake import position, read_block
from preboard.readers.limits import DEFAULT_LIMITS, Limits
from preboard.readers.peek import LINES_OF_A_GUESS, as_binary, peek
from preboard.readers.sniff.encoding import EncodingGuess, guess_encoding, guess_from_here
from preboard.readers.sniff.table import LOOKED_AT, sep_line, sniff

if TYPE_CHECKING:
    from preboard.readers.compression.formats import Compression

_WIDEST: Final = 4  # bytes of a character
_LOOKS: Final = 4
_LOOK_BYTES: Final = 64 << 10
# A file that comes in is looked at when it is registered, and again when it is run.
_looked_at: Final = lru_cache(maxsize=4)(sniff)
_WORKBOOKS: Final = ("xl/workbook.xml", "xl/workbook.bin", "word/document.xml", "content.xml")


@dataclass(frozen=True, slots=True)
class Plain:
    """A source without its compression: `sample` is how it begins, `name` what it is called.

    `stream` gives it from its start. `ended` says that the sample is all of it. Closing `stream`,
    unless it is the source itself, removes the copy that a zip from a pipe needs.
    """

    stream: BinaryIO
    sample: bytes
    ended: bool
    name: str | None
    compression: Compression | None = None
    member: str | None = None


def unpacked(
    source: BinaryIO,
    name: str | None,
    *,
    member: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
    lines: int = LINES_OF_A_GUESS,
) -> Plain:
    """Return a source without its compression, told by its first bytes; `member` is that of a zip.

    A pipe that pauses is no longer waited for when it has given so many `lines`.

    Raises:
        InputError: It cannot be read or unpacked, is compressed twice, or is a zip with several
            files of which none was named.
    """
    sample, stream, ended = peek(source, lines=lines)
    compression = compression_of(sample)
    if compression is None:
        if member is not None:
            raise InputError(
                f"there is no member {shown(member)}: this is no zip archive",
                hint="leave the member out",
            )
        return Plain(stream, sample, ended, name)
    if compression == "zip":
        return _from_zip(stream, member, limits)
    if member is not None:
        raise InputError(
            f"there is no member {shown(member)}: this is {compression} data, no zip archive",
            hint="leave the member out",
        )
    plain = Unpacked(stream, compression, decoder_for(compression), limits)
    return _plain(as_binary(plain), name, compression, None)


def _from_zip(stream: BinaryIO, member: str | None, limits: Limits) -> Plain:
    archive = Archive(stream, limits)
    try:
        if member is None and any(name in _WORKBOOKS for name in archive.names):
            _refuse_workbook()
        found, name = archive.open(member)
        return _plain(as_binary(found), name, "zip", name)
    except BaseException:
        archive.close()
        raise


def _refuse_workbook() -> NoReturn:
    hint = "read it as a workbook: leave the format out, or say that it is excel"
    raise Foreign("a workbook or another Office document", hint).error()


def _plain(
    stream: BinaryIO, name: str | None, compression: Compression, member: str | None
) -> Plain:
    sample, again, ended = peek(stream)
    if inner := compression_of(sample):
        raise InputError(
            f"the {compression} data holds {inner} data again",
            hint="unpack it once: data is compressed one time at most",
        )
    if name and PurePath(name).suffix.lower() in COMPRESSED:
        name = str(PurePath(name).with_suffix(""))
    return Plain(again, sample, ended, name, compression, member)


def open_text(
    source: BinaryIO,
    name: str | None = None,
    declared: Declared | None = None,
    *,
    limits: Limits = DEFAULT_LIMITS,
) -> tuple[BinaryIO, Dialect]:
    """Return the plain bytes of a source and how they are written.

    Raises:
        ConfigError: What is declared cannot be.
        InputError: It cannot be read or unpacked, or is no delimited text.
    """
    declared = declared or Declared()
    plain = unpacked(
        source, name, member=declared.member, limits=limits, lines=lines_to_see(declared)
    )
    try:
        return plain.stream, dialect_of(plain, declared)
    except BaseException:
        if plain.stream is not source:
            plain.stream.close()
        raise


def lines_to_see(declared: Declared) -> int:
    """Return how many lines of a pipe must be there before its records can be read."""
    return LINES_OF_A_GUESS if declared.delimiter is None else 1


def dialect_of(plain: Plain, declared: Declared) -> Dialect:
    """Return how plain bytes are written.

    Raises:
        ConfigError: What is declared cannot be.
        InputError: They are no delimited text.
    """
    named = dialect_for(plain.name, delimiter=declared.delimiter, quotechar=declared.quotechar)
    guess = _encoding(plain, declared.encoding)
    named = replace(
        named,
        encoding=guess.encoding,
        encoding_origin="declared" if declared.encoding else "guessed",
        encoding_confidence=guess.confidence,
        compression=plain.compression,
        member=plain.member,
        reasons=tuple(f"encoding: {reason}" for reason in guess.reasons),
    )
    text = _decoded(plain, guess.encoding)
    _refuse_foreign(plain.sample, text, declared)
    said = sep_line(text)
    if said is not None:
        named = replace(named, has_sep_line=True)
    if declared.delimiter is not None or not text.strip():
        return named
    return _sniffed(named, declared, text, ended=plain.ended and len(text) <= LOOKED_AT)


def _encoding(plain: Plain, declared: str | None) -> EncodingGuess:
    if declared is None:
        guess = guess_encoding(plain.sample, ended=plain.ended)
        if plain.ended or plain.compression or not plain.sample.isascii():
            return guess
        return _guess_elsewhere(plain.stream, guess)
    Dialect(encoding=declared)  # refuses what is no encoding
    return EncodingGuess(declared, 1.0, ("declared",))


def _guess_elsewhere(stream: BinaryIO, guess: EncodingGuess) -> EncodingGuess:
    """Return the encoding of a text that begins with ASCII only, from looks into the rest of it.

    What they miss is found when it is read: see `text`.
    """
    start = position(stream)
    if start is None:
        return guess
    try:
        size = stream.seek(0, io.SEEK_END)
        for part in range(_LOOKS, 0, -1):  # from the end: what was added last differs most often
            offset = max(start, start + (size - start) * part // _LOOKS - _LOOK_BYTES)
            stream.seek(offset)
            sample = read_block(stream, _LOOK_BYTES)
            if sample.isascii():
                continue
            whole = sample[sample.find(b"\n") + 1 : sample.rfind(b"\n") + 1]
            found = guess_from_here(sample if whole.isascii() else whole, ended=False)
            where = f"only ASCII characters at the beginning, others behind byte {offset:,}"
            if found is None or found.confidence < UNSURE:
                return guess  # where it is read, the place is told
            return replace(found, reasons=(where, *found.reasons))
    except (OSError, ValueError):
        pass
    finally:
        stream.seek(start)
    return guess


def _decoded(plain: Plain, encoding: str) -> str:
    """Return the beginning of the text, without its mark."""
    part = plain.sample[: _WIDEST * LOOKED_AT]
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    try:
        text = decoder.decode(part, final=False)
    except UnicodeError:  # UTF-16 without its mark: the reader says where
        return ""
    return text.removeprefix("\ufeff")[: LOOKED_AT + 1]


def _refuse_foreign(sample: bytes, text: str, declared: Declared) -> None:
    """Refuse what is no delimited text; text of other formats only if nothing else is declared."""
    found = foreign_bytes(sample)
    if found is None and declared.format is None:
        found = foreign_page(text)
        if found is None and declared.delimiter is None:
            found = foreign_text(text)
    is_told = declared.delimiter is not None or declared.format is not None
    if found is None and looks_binary(text, controls=not is_told):
        found = BINARY
    if found is not None:
        raise found.error()


def _sniffed(named: Dialect, declared: Declared, text: str, *, ended: bool) -> Dialect:
    """Return `named` with what its text tells."""
    known = named.delimiter if named.origin == "extension" else None
    if named.has_sep_line:
        known = None
    look = _looked_at if len(text) <= _LOOK_BYTES else sniff
    found = look(text, ended=ended, delimiter=known, quotechar=declared.quotechar)
    if found.delimiter == found.quotechar:
        return named
    return replace(
        named,
        delimiter=found.delimiter,
        quotechar=found.quotechar,
        origin=named.origin if known else "sniffed",
        confidence=found.delimiter_confidence,
        quotechar_confidence=found.quotechar_confidence,
        has_header=found.has_header,
        header_confidence=found.header_confidence,
        columns=found.columns,
        preamble_lines=found.preamble_lines,
        reasons=(*named.reasons, *found.reasons),
    )
