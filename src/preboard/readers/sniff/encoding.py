"""The encoding of a text, from the first bytes of it.

In: a sample of the bytes, and whether it is all of them. Out: `EncodingGuess`, with how sure it is
and why. A byte order mark, the pattern of NUL bytes in UTF-16 and UTF-32 and strict UTF-8 leave
little doubt. Among the encodings of one byte a character nothing but the words can tell: see
`letters`.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final

from preboard.readers.sniff.letters import judge_letters

_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins as the mark of utf-16-le does
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ESCAPES: Final = re.compile(rb"\x1b\$[@B]")
_CONTROLS: Final = re.compile("[\x00-\x08\x0e-\x1a\x7f\ufffe\uffff]")
_SEQUENCE: Final = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_ASCII: Final = bytes(range(0x80))
_PRINTABLE: Final = bytes(range(0x20, 0x7E))
_LEAST: Final = 0.35
_AROUND: Final = 1 << 15
_MOST_DAMAGE: Final = 0.5  # bytes that are not UTF-8, for each character that is
_ENOUGH: Final = 4
_MANY_NULS: Final = 0.15  # of the bytes; ASCII has them in every second one
_LEAST_NULS: Final = 0.01
_SKEW: Final = 20  # NULs on one side of a pair of bytes for each one on the other


@dataclass(frozen=True, slots=True)
class EncodingGuess:
    """An encoding, how sure it is (0 to 1; below 0.5 is a guess), and why."""

    encoding: str
    confidence: float
    reasons: tuple[str, ...]


def guess_encoding(sample: bytes, *, ended: bool) -> EncodingGuess:
    r"""Return the encoding of the text that begins with `sample`.

    With `ended` the sample is all of the text, else a character may be cut off by its end.

    >>> guess_encoding("Größe;3\n".encode("utf-16"), ended=True).encoding
    'utf-16-le'
    >>> guess_encoding(b"id,name", ended=True).reasons
    ('only ASCII characters, which utf-8 and most other encodings write alike',)
    """
    for mark, encoding in _MARKS:
        if sample.startswith(mark) and _decodes(sample, encoding, ended=ended):
            return EncodingGuess(encoding, 1.0, (f"byte order mark of {encoding}",))
    if b"\0" in sample and (wide := _wide(sample, ended=ended)):
        return wide
    if sample.isascii():
        return _plain(sample, ended=ended)
    if _decodes(sample, "utf-8", ended=ended):
        count = len(sample.decode("utf-8", "ignore")) - len(sample) + _count_high(sample)
        return EncodingGuess(
            "utf-8", 0.95 if count < _ENOUGH else 0.99, (f"{count:,} characters are valid UTF-8",)
        )
    return _damaged(sample) or _one_byte(sample)


def guess_from_here(rest: bytes, *, ended: bool) -> EncodingGuess | None:
    r"""Return the encoding of a text that was ASCII so far and goes on with `rest`.

    None where it is UTF-8 after all, or none that writes ASCII as it was written.

    >>> guess_from_here(b"\xdf;7\nK\xf6ln;8\nGr\xfc\xdfe;9\n", ended=True).encoding
    'cp1252'
    """
    guess = guess_encoding(rest, ended=ended)
    if codecs.lookup(guess.encoding).name == "utf-8" or not _writes_ascii(guess.encoding):
        return None
    return guess


def _writes_ascii(encoding: str) -> bool:
    return _PRINTABLE.decode(encoding, "replace") == _PRINTABLE.decode("ascii")


def _decodes(sample: bytes, encoding: str, *, ended: bool) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(sample, final=ended)
    except UnicodeError:
        return False
    return True


def _plain(sample: bytes, *, ended: bool) -> EncodingGuess:
    if _ESCAPES.search(sample) and _decodes(sample, "iso2022_jp", ended=ended):
        return EncodingGuess("iso2022_jp", 0.9, ("escape sequences of ISO-2022-JP",))
    if not sample:
        return EncodingGuess("utf-8", 1.0 if ended else 0.5, ("there are no characters",))
    reason = "only ASCII characters, which utf-8 and most other encodings write alike"
    if ended:
        return EncodingGuess("utf-8", 1.0, (reason,))
    return EncodingGuess("utf-8", 0.9, (f"the first {len(sample):,} bytes: {reason}",))


def _wide(sample: bytes, *, ended: bool) -> EncodingGuess | None:
    """Return UTF-16 or UTF-32 without a mark, told by where the NULs of its ASCII stand."""
    total = sample.count(0)
    even = sample[::2].count(0)
    odd = total - even
    candidates = []
    if total * 2 > len(sample):
        candidates += ["utf-32-le", "utf-32-be"]
    if odd > _SKEW * even:
        candidates.append("utf-16-le")
    elif even > _SKEW * odd:
        candidates.append("utf-16-be")
    for encoding in candidates:
        width = 4 if "32" in encoding else 2
        whole = sample[: len(sample) // width * width]
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(whole, final=False)
        except UnicodeError:
            continue
        share = total / len(sample)
        if text and not _CONTROLS.search(text) and _has_wide_lines(sample, text, share):
            reasons = [f"{share:.0%} of the bytes are NUL, where {encoding} has them"]
            is_whole = len(whole) == len(sample) or not ended
            if not is_whole:  # the reader says where it ends
                reasons.append("the last character is cut off")
            sure = is_whole and len(text) > width
            return EncodingGuess(encoding, 0.95 if sure else 0.4, tuple(reasons))
    return None


def _has_wide_lines(sample: bytes, text: str, share: float) -> bool:
    """Return whether so few NULs are those of wide characters: of a stray one no line ends are."""
    if share >= _MANY_NULS:
        return True
    ends, feeds = text.count("\n") + text.count("\r"), sample.count(b"\n")
    return share >= _LEAST_NULS and (not feeds or 2 * ends > feeds)  # "\u4e0a" has one, too


def _count_high(sample: bytes) -> int:
    return len(sample.translate(None, _ASCII))


def _damaged(sample: bytes) -> EncodingGuess | None:
    """Return UTF-8 for a text that is mostly that: what is not is found when it is read."""
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        offset = error.start
    else:
        return None
    around = sample[max(0, offset - _AROUND) : offset + _AROUND]
    found = _SEQUENCE.findall(around)
    good = len(found)
    bad = _count_high(around) - sum(map(len, found))
    if good < _ENOUGH or bad > good * _MOST_DAMAGE:
        return None
    damage = f"the byte at offset {offset:,} is not: the text is damaged, or put together"
    return EncodingGuess("utf-8", 0.45, (f"{good:,} characters are valid UTF-8", damage))


def _one_byte(sample: bytes) -> EncodingGuess:
    verdict = judge_letters(sample)
    if verdict.confidence < _LEAST:  # better an error that says where than a text of odd signs
        reasons = ("not UTF-8", *verdict.reasons, "no encoding makes words of it")
        return EncodingGuess("utf-8", verdict.confidence, reasons)
    return EncodingGuess(verdict.encoding, verdict.confidence, ("not UTF-8", *verdict.reasons))
