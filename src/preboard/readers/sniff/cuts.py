"""The ways to cut lines into cells, and how well each of them looks.

In: the lines of a sample. Out: a `Cut` for each character that could be the delimiter, and one for
the text as a single column. A good cut gives rows of one width, and cells that look whole.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from preboard.readers.sniff.cells import is_typed, kind_of_cell, quality

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMON: Final = ",;\t|"
"""The delimiters that most files have."""

# How likely a character is to be the delimiter at all. What is not here never is.
_LIKELY: Final = {
    **dict.fromkeys(map(chr, (*range(1, 9), *range(14, 32))), 1.0),
    **dict.fromkeys(COMMON, 1.0),
    **dict.fromkeys("^~¦§¤¬", 0.95),
    **dict.fromkeys("!#%&*$+=?", 0.4),
    ":": 0.5,
    " ": 0.45,
}
_LIKELY_QUOTED: Final = 0.8  # what cuts cells with quotes around them
_LIKELY_REGULAR: Final = 0.75  # what cuts all rows into as many cells
_REGULAR: Final = 4  # of at least so many cells and rows
_BEHIND: Final = 0.9  # what does not cut the first line
_OFTEN: Final = 0.5  # of the lines must have a delimiter that is not common
_ONE_COLUMN: Final = 0.55
_MOST_TYPED: Final = 4  # candidates whose cells are looked at
_MOST_CELLS: Final = 160
_MOST_WHOLE: Final = 40  # lines that are looked at as a single cell
_WIDE: Final = 0.7  # of the usual width must the first row of a table have
_FULL: Final = 0.5  # of the usual number of cells that are not empty
_SHORT: Final = 0.8  # how even rows are that end early, below a header
_MOST_USUAL: Final = 20  # rows that say how full the others are
_PENALTY: Final = 0.6  # for one column whose every line has the same number of a delimiter
_NUMBERS: Final = 0.6  # how whole cells look that are numbers only together
_SURE_QUOTES: Final = 0.8  # of what opens must close


@dataclass(frozen=True, slots=True)
class Quote:
    """A quote character, how sure it is, why, and how many cells stand in it."""

    char: str
    confidence: float
    reason: str
    cells: int = 0


@dataclass(slots=True)
class Cut:
    """The rows that a delimiter makes of a text: `width` cells each, in a table from `start` on.

    `even` is the share of rows that are so wide, `score` how good it all looks.
    """

    delimiter: str
    quote: Quote
    rows: list[list[str]]
    width: int
    start: int
    even: float
    score: float


def cuts(
    lines: Sequence[str], *, delimiter: str | None, quotechar: str | None, ended: bool
) -> list[Cut]:
    """Return the cuts worth a thought, the best first; with a `delimiter` the one by that."""
    text = "".join(lines)
    chars = [delimiter] if delimiter else _candidates(lines, text)
    found = [
        cut
        for char in chars
        if (cut := _cut(lines, text, char, _quote(text, char, quotechar), ended=ended))
        and (cut.width > 1 or delimiter)
    ]
    found.sort(key=lambda cut: cut.score, reverse=True)
    for cut in found[:_MOST_TYPED]:
        cut.score *= 0.25 + 0.75 * _wholeness(cut)
    found = found[:_MOST_TYPED]
    found.sort(key=lambda cut: cut.score, reverse=True)
    return found


def one_column(lines: Sequence[str], text: str, quotechar: str | None) -> Cut:
    """Return the text as a single column; `lines` are not blank."""
    # Records of several lines need a quote, which is not looked for here.
    free = next((char for char in COMMON if char not in text), ",")
    quote = _quote(text, free, quotechar)
    rows = [[line.rstrip("\r\n")] for line in lines]
    mark = quote.char
    cells = [row[0][1:-1] if row[0][:1] == mark == row[0][-1:] else row[0] for row in rows]
    looks = [quality(cell) for cell in cells[:_MOST_WHOLE]]
    score = _ONE_COLUMN * sum(looks) / len(looks)
    if not all(is_typed(kind_of_cell(cell)) for cell in cells[:_MOST_WHOLE]) and any(
        _is_even(char, cells) for char in _LIKELY if char in cells[0] and char != " "
    ):
        score *= _PENALTY
    return Cut(free, quote, [[cell] for cell in cells], 1, 0, 1.0, score)


def _is_even(char: str, cells: Sequence[str]) -> bool:
    """Return whether each cell has the same number of `char`, and not as commas stand in prose."""
    if len({cell.count(char) for cell in cells}) > 1:
        return False
    return char != "," or any(", " not in cell for cell in cells)


def _candidates(lines: Sequence[str], text: str) -> list[str]:
    """Return the characters that could be the delimiter."""
    filled = [line for line in lines if line.strip()]
    found = []
    for char in set(text) & _LIKELY.keys():
        often = char in COMMON or sum(char in line for line in filled) >= _OFTEN * len(filled)
        if often:
            found.append(char)
    return sorted(found, key=lambda char: (COMMON.find(char) < 0, COMMON.find(char), char))


def _quote(text: str, delimiter: str, quotechar: str | None) -> Quote:
    """Return the quote that stands around cells which `delimiter` cuts."""
    if quotechar is not None:
        return Quote(quotechar, 1.0, "the quotechar was given")
    double, single = (_count_quotes(text, delimiter, char) for char in "\"'")
    if single[0] and single[0] > double[0] and single[1] >= _SURE_QUOTES:
        return _single(text, delimiter, single[0])
    if not double[0]:
        return Quote('"', 0.95, "no cell stands in quotes")
    confidence = 0.99 if double[1] >= _SURE_QUOTES else 0.6
    return Quote('"', confidence, f"{double[0]:,} cells stand in double quotes", double[0])


def _single(text: str, delimiter: str, count: int) -> Quote:
    """Judge single quotes around cells, which may also be part of the values."""
    cell = re.escape(delimiter)
    inside = re.search(f"(?:^|{cell})'[^'\r\n]*{cell}[^'\r\n]*'(?:{cell}|$)", text, re.MULTILINE)
    words = len(re.findall(f"(?:^|{cell})'?[^\\W\\d]", text, re.MULTILINE))
    if inside or count * 2 > words:
        why = f"{count:,} cells stand in single quotes"
        return Quote("'", 0.9 if inside or count > 2 else 0.6, why, count)  # noqa: PLR2004
    why = f"{count:,} cells stand in single quotes, most do not: the quotes may be values"
    return Quote('"', 0.4, why)


def _count_quotes(text: str, delimiter: str, quote: str) -> tuple[int, float]:
    """Return how many cells begin and end with `quote`, and the smaller share of the two."""
    if quote not in text:
        return 0, 0.0
    if quote == delimiter:
        return 0, 0.0
    before = ("\n", delimiter, f"{delimiter} ")
    opened = text.startswith(quote) + sum(text.count(mark + quote) for mark in before)
    closed = text.endswith(quote) + sum(text.count(quote + mark) for mark in ("\n", delimiter))
    both = min(opened, closed)
    return both, both / max(opened, closed, 1)


def _cut(
    lines: Sequence[str], text: str, delimiter: str, quote: Quote, *, ended: bool
) -> Cut | None:
    """Cut `lines` and find the table among the rows."""
    if quote.char == delimiter:
        return None
    try:
        if quote.char in text:
            rows = list(csv.reader(lines, delimiter=delimiter, quotechar=quote.char))
        else:
            rows = [line.rstrip("\r\n").split(delimiter) for line in lines if line.strip("\r\n")]
    except csv.Error:  # a cell beyond the limit of the process
        return None
    rows = [row for row in rows if row]
    if not ended and len(rows) > 2:  # noqa: PLR2004
        rows.pop()  # may be cut off
    widths = [len(row) for row in rows]
    wide = Counter(width for width in widths if width > 1)
    if not wide:
        return Cut(delimiter, quote, rows, 1, 0, 1.0, 0.0)
    width = max(wide, key=lambda each: (wide[each] * (1 - 0.5**each), each))
    start = _start(rows, width)
    even = _evenness(widths[start:], width) * (1 - 0.6 * (start / len(widths)) ** 2)
    if even < _SHORT and widths[0] == max(widths) and _are_names(rows[0], delimiter):
        width, start, even = widths[0], 0, _SHORT  # a header over rows that end early
    likely = _LIKELY.get(delimiter, 0.5)
    if quote.cells * 2 > len(rows):
        likely = max(likely, _LIKELY_QUOTED)
    elif even == 1 and min(width, len(rows)) >= _REGULAR and delimiter not in " :":
        likely = max(likely, _LIKELY_REGULAR)
    score = even * (1 - 0.5 ** (width / 1.5)) * likely * (_BEHIND if start else 1.0)
    return Cut(delimiter, quote, rows, width, start, even, score)


def _start(rows: Sequence[Sequence[str]], width: int) -> int:
    """Return where the table begins: at the first row that is nearly as wide, and as full."""
    wide_rows = (row for row in rows if len(row) == width)
    usual = sorted(map(_count_filled, islice(wide_rows, _MOST_USUAL)))
    enough = max(1, usual[len(usual) // 2] * _FULL)
    wide = max(2, width * _WIDE)
    full = (at for at, row in enumerate(rows) if len(row) >= wide and _count_filled(row) >= enough)
    return next(full, 0)


def _are_names(row: Sequence[str], delimiter: str) -> bool:
    """Return whether a common delimiter cuts a line into words, as in the names of columns."""
    return delimiter in COMMON and all(kind_of_cell(cell) == "word" for cell in row)


def _count_filled(row: Sequence[str]) -> int:
    return sum(1 for cell in row if cell and not cell.isspace())


def _evenness(widths: Sequence[int], width: int) -> float:
    """Return the share of rows of the width, those that nearly have it counted in part."""
    near = max(1, width // 4)
    equal = widths.count(width)
    nearly = sum(each > 1 and 0 < abs(each - width) <= near for each in widths)
    return (equal + 0.6 * nearly * (width > 2)) / len(widths)  # noqa: PLR2004


def _wholeness(cut: Cut) -> float:
    """Return how much the cells look like whole ones, 0 to 1."""
    rows = cut.rows[cut.start :]
    cells: list[str] = []
    for row in rows[: max(2, _MOST_CELLS // cut.width)]:
        cells += row[: cut.width][:_MOST_CELLS]
    if cut.width == 2 and all(  # noqa: PLR2004
        kind_of_cell(cut.delimiter.join(row)) == "number" for row in rows
    ):
        return _NUMBERS
    if cut.delimiter == " ":
        return sum(quality(cell) if cell else 0.0 for cell in cells) / len(cells)
    return sum(map(quality, cells)) / len(cells)
