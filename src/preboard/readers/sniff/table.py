"""How a delimited text is written, told from its first lines.

In: a sample of the text. Out: `Sniffed`: delimiter, quote character, whether there is a header, how
sure each of them is, and why. Every character that could be the delimiter cuts the lines; the best
cut gives rows of the same width whose cells look whole. That the text has one column only is one of
the answers that compete.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from preboard.readers.sniff.cuts import Cut, cuts, one_column
from preboard.readers.sniff.encoding import guess_encoding
from preboard.readers.sniff.header import judge_header

LOOKED_AT: Final = 1 << 15
"""How many characters of a sample are looked at."""

_MOST_LINES: Final = 100
_SEP: Final = re.compile(r'"?sep=([^\r\n\0"])"?', re.IGNORECASE)
_LONGEST_SEP: Final = 16
_FIRST_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)?")
_FEW_ROWS: Final = (0.0, 0.7, 0.85, 0.92, 0.96)  # how sure so many rows make
_UNSURE: Final = 0.5
_SURE: Final = 0.8
_LEAST_ROWS: Final = 2


@dataclass(frozen=True, slots=True)
class Sniffed:
    """How a text is written.

    A confidence below 0.5 is a guess. `columns` is 1 for a text without a delimiter: then
    `delimiter` is one that it does not hold. `preamble_lines` come before the table. With
    `has_sep_line` the first line is Excel's `sep=;`, which is no record.
    """

    delimiter: str
    quotechar: str
    has_header: bool
    delimiter_confidence: float
    quotechar_confidence: float
    header_confidence: float
    columns: int
    preamble_lines: int = 0
    has_sep_line: bool = False
    reasons: tuple[str, ...] = ()


def sep_line(text: str) -> str | None:
    r"""Return the delimiter that the first line of `text` says, as Excel writes it.

    >>> sep_line("sep=;\r\nid;name\r\n")
    ';'
    """
    line = _first_line(text[:_LONGEST_SEP])
    found = _SEP.fullmatch(line.rstrip("\r\n"))
    return found[1] if found else None


def _first_line(text: str) -> str:
    found = _FIRST_LINE.match(text)
    return found[0] if found else ""


def sniff(
    sample: str | bytes,
    *,
    ended: bool = True,
    delimiter: str | None = None,
    quotechar: str | None = None,
) -> Sniffed:
    r"""Return how the text that begins with `sample` is written.

    With `ended` the sample is all of the text. A delimiter and a quotechar that are given are
    taken.

    >>> found = sniff("id;price\n1;2,50\n2;3,10\n")
    >>> found.delimiter, found.has_header, found.columns
    (';', True, 2)
    """
    if isinstance(sample, bytes):
        guess = guess_encoding(sample, ended=ended)
        sample = sample.decode(guess.encoding, "replace")
    text = sample.removeprefix("\ufeff")
    said = sep_line(text)
    if said is not None:
        text = text[len(_first_line(text)) :]
    known = delimiter or said
    lines, ended = _lines(text, ended=ended)
    filled = [line for line in lines if line.strip()]
    if not filled:
        return _nothing(known, quotechar, has_sep_line=said is not None)
    found = cuts(lines, delimiter=known, quotechar=quotechar, ended=ended)
    best, confidence, reasons = _choose(found, one_column(filled, text, quotechar), known)
    if said is not None:
        reasons.insert(0, f"the first line says sep={said}")
    return _sniffed(best, confidence, reasons, lines, has_sep_line=said is not None)


def _lines(text: str, *, ended: bool) -> tuple[list[str], bool]:
    """Return the first lines, and whether they are all; one that is cut off is left out."""
    ended = ended and len(text) <= LOOKED_AT
    text = text[:LOOKED_AT]
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    *lines, last = (f"{line}\n" for line in text.split("\n", _MOST_LINES))
    ended = ended and len(lines) < _MOST_LINES
    if (ended and last != "\n") or not lines:
        lines.append(last)
    return lines, ended


def _nothing(delimiter: str | None, quotechar: str | None, *, has_sep_line: bool) -> Sniffed:
    known = 0.0 if delimiter is None else 1.0
    return Sniffed(
        delimiter or ",", quotechar or '"', False, known, 0.0, 0.0, 0,
        has_sep_line=has_sep_line, reasons=("there are no lines with text",),
    )  # fmt: skip


def _choose(found: list[Cut], one: Cut, known: str | None) -> tuple[Cut, float, list[str]]:
    """Return the best way to cut the lines, how sure that is, and why."""
    if known is not None:
        best = found[0] if found else one
        best.delimiter = known
        return best, 1.0, []
    ways = sorted([*found, one], key=lambda cut: cut.score, reverse=True)
    best, second = ways[0], ways[1] if len(ways) > 1 else None
    rival = second.score / best.score if second is not None and best.score else 0.0
    confidence = (1 - rival**2) * best.even**0.5
    confidence *= _FEW_ROWS[len(best.rows)] if len(best.rows) < len(_FEW_ROWS) else 1.0
    if best is one:
        reasons = ["one column: no character cuts the lines well"]
    else:
        share = f"{best.even:.0%} even" if best.even < 1 else "even"
        reasons = [f"{best.delimiter!r} cuts {len(best.rows)} rows into {best.width}, {share}"]
    if second is not None and confidence < _UNSURE:
        other = "one column" if second is one else repr(second.delimiter)
        reasons.append(f"{other} fits nearly as well")
    return best, round(max(0.0, confidence), 2), reasons


def _sniffed(
    best: Cut, confidence: float, reasons: list[str], lines: list[str], *, has_sep_line: bool
) -> Sniffed:
    rows = [row for row in best.rows[best.start :] if any(cell.strip() for cell in row)]
    header = judge_header(rows)
    if not header.has_header and len(rows) > _LEAST_ROWS:
        second = judge_header(rows[1:])  # behind a line about the file
        if second.has_header and second.confidence > _SURE:
            header = second
            best.start = best.rows.index(rows[1])
    preamble = _lines_before(best, lines)
    if preamble:
        reasons.append(f"the table begins behind {preamble} lines")
    reasons.append(best.quote.reason)
    reasons += [f"header: {reason}" for reason in header.reasons]
    return Sniffed(
        delimiter=best.delimiter,
        quotechar=best.quote.char,
        has_header=header.has_header,
        delimiter_confidence=confidence,
        quotechar_confidence=best.quote.confidence,
        header_confidence=header.confidence,
        columns=best.width,
        preamble_lines=preamble,
        has_sep_line=has_sep_line,
        reasons=tuple(reasons),
    )


def _lines_before(best: Cut, lines: list[str]) -> int:
    """Return how many lines stand before the table, blank ones too."""
    filled = [at for at, line in enumerate(lines) if line != "\n"]
    return filled[best.start] if best.start < len(filled) else 0
