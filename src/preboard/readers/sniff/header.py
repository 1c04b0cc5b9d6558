"""Whether the first row of a table names its columns.

In: the rows of a table. Out: `HeaderVerdict`. Each column votes: a name over numbers or dates is
different from them, a first value is not. Words that often name columns vote, too.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from preboard.readers.sniff.cells import CellKind, is_typed, kind_of_cell
from preboard.readers.sniff.names import NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

_PARTS: Final = re.compile(r"[^\W\d_]+")
_HUMP: Final = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])")
_IDENTIFIER: Final = re.compile(r"[A-Za-z]\w*_\w+|[a-z]+(?:[A-Z][a-z0-9]+)+")
_LABEL: Final = re.compile(r"[^\W\d]+_?\d{1,2}")
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_NUMERIC: Final = frozenset({"number", "amount"})
_MOST_COLUMNS: Final = 40
_MOST_ROWS: Final = 20
_LONG: Final = 50
_MOSTLY: Final = 0.75


@dataclass(frozen=True, slots=True)
class HeaderVerdict:
    """Whether there is a header, how sure that is (below 0.5: a guess), and why."""

    has_header: bool
    confidence: float
    reasons: tuple[str, ...]


def judge_header(rows: Sequence[Sequence[str]]) -> HeaderVerdict:
    """Return whether the first of `rows` is a header; blank rows are left out by the caller.

    >>> judge_header([["id", "price"], ["1", "2.50"], ["2", "3.10"]]).has_header
    True
    """
    if not rows:
        return HeaderVerdict(has_header=False, confidence=0.0, reasons=("there are no rows",))
    first, body = rows[0][:_MOST_COLUMNS], rows[1 : 1 + _MOST_ROWS]
    votes = _Votes()
    _judge_row(first, votes, is_alone=not body)
    if body:
        names = [name.strip() for name in first]
        numbers = [name for name in names if kind_of_cell(name) in _NUMERIC]
        counted = numbers if _counts_up(numbers) else []
        for place, name in enumerate(names):
            if name in counted:
                continue
            cells = [row[place].strip() for row in body if place < len(row)]
            _judge_column(name, [cell for cell in cells if cell], votes)
    return votes.verdict(is_alone=not body)


class _Votes:
    """For a header above 0, against it below; each reason is counted, and bounded together."""

    def __init__(self) -> None:
        self.total = 0.0
        self._columns = 0.0
        self._seen: Counter[str] = Counter()

    def add(self, weight: float, reason: str) -> None:
        """Vote once for the whole row."""
        self.total += weight
        self._seen[reason] += 1

    def add_column(self, weight: float, reason: str) -> None:
        """Vote for one column."""
        self._columns += weight
        self._seen[reason] += 1

    def verdict(self, *, is_alone: bool) -> HeaderVerdict:
        """Return what came out."""
        # Columns agree with each other: ten of them are not ten times the evidence of one.
        columns = math.copysign(min(4.0, abs(self._columns) ** 0.8), self._columns)
        total = self.total + columns
        confidence = 1 - math.exp(-abs(total) / 1.5)
        if is_alone:
            self._seen["there is no other row to compare with"] += 1
            confidence = min(confidence, 0.75)
        many = [f"{why} ({n} columns)" if n > 1 else why for why, n in self._seen.most_common(4)]
        return HeaderVerdict(total > 0, round(confidence, 2), tuple(many))


def _judge_row(first: Sequence[str], votes: _Votes, *, is_alone: bool) -> None:
    """Let what the first row is by itself vote."""
    cells = [cell.strip() for cell in first]
    filled = [cell for cell in cells if cell]
    kinds = [kind_of_cell(cell) for cell in filled]
    known = sum(_is_name(cell) for cell in filled)
    votes.add(0.2, "most files have a header")
    if not filled:
        votes.add(-1.0, "the first row is empty")
        return
    if known:
        votes.add(0.8 + 3.0 * known / len(cells), "words that often name columns")
    if sum(bool(_IDENTIFIER.fullmatch(cell)) for cell in filled) * 2 > len(filled):
        votes.add(1.2, "identifiers")
    numbers = [cell for cell, kind in zip(filled, kinds, strict=True) if kind in _NUMERIC]
    if numbers and not _counts_up(numbers) and not known:
        votes.add(-1.0 - len(numbers) / len(filled), "numbers in the first row")
    if any(kind in ("date", "time", "address") for kind in kinds):
        votes.add(-1.5, "dates or addresses in the first row")
    blank = cells[1:].count("")  # the corner of a pivot table is
    if blank:
        votes.add(-0.8 * blank / len(cells), "empty cells in the first row")
    if not _begins_name(filled[0]):
        votes.add(-1.0, "the first row begins with a sign")
    if len(set(filled)) < len(filled):
        votes.add(-0.6, "the first row says something twice")
    if max(map(len, filled)) > _LONG:
        votes.add(-1.2, "long text in the first row")
    if is_alone and not known and all(kind == "word" for kind in kinds):
        votes.add(0.5, "nothing but words")


def _begins_name(cell: str) -> bool:
    return cell[0].isalnum() or cell[0] in "_#\"'*"


def _is_name(cell: str) -> bool:
    """Return whether a word in it often names columns."""
    if len(cell) > _LONG or not _begins_name(cell) or is_typed(kind_of_cell(cell)):
        return False
    words = _PARTS.findall(_HUMP.sub(" ", cell).lower())
    return bool(words) and len(words) <= 3 and any(word in NAMES for word in words)  # noqa: PLR2004


def _counts_up(numbers: Sequence[str]) -> bool:
    """Return whether they are years or numbers in a row, which do name columns."""
    if len(numbers) < 2 or not all(number.isdecimal() for number in numbers):  # noqa: PLR2004
        return False
    values = [int(number) for number in numbers]
    steps = {after - before for before, after in pairwise(values)}
    return len(steps) == 1 and (steps == {1} or bool(_YEAR.fullmatch(numbers[0])))


def _judge_column(name: str, cells: Sequence[str], votes: _Votes) -> None:
    """Let one column vote: `cells` are those below, without the empty ones."""
    if not cells or not name:
        return
    kinds = Counter(kind_of_cell(cell) for cell in cells)
    kind, count = kinds.most_common(1)[0]
    here = kind_of_cell(name)
    if here == "code" and kind != here and _LABEL.fullmatch(name):
        here = "word"
    if count < _MOSTLY * len(cells):
        if is_typed(here) and here in kinds:
            votes.add_column(-0.4, "the first row is like those below")
        return
    if is_typed(kind):
        _judge_typed(here, kind, votes)
    elif is_typed(here) and here != "flag":
        votes.add_column(-1.0, f"a {here} over text")
    else:
        _judge_text(name, cells, votes)


def _judge_typed(here: CellKind, kind: CellKind, votes: _Votes) -> None:
    if here == kind or {here, kind} <= _NUMERIC:
        votes.add_column(-1.5, f"the first row has a {kind}, as those below")
    elif not is_typed(here):
        plural = {"address": "addresses"}.get(kind, f"{kind}s")
        votes.add_column(1.6, f"a name over {plural}")
    else:
        votes.add_column(0.2, f"the first row has a {here} over {kind}s")


def _judge_text(name: str, cells: Sequence[str], votes: _Votes) -> None:
    if name in cells:
        votes.add_column(-1.2, "the first row has a value that comes again")
        return
    several = len(cells) >= 3  # noqa: PLR2004
    if several and len(set(cells)) * 2 <= len(cells):
        votes.add_column(0.6, "values come again, that of the first row does not")
    lengths = {len(cell) for cell in cells}
    if several and len(lengths) == 1:
        is_same = len(name) in lengths and name.isupper() == cells[0].isupper()
        votes.add_column(-0.3 if is_same else 0.8, "values of one length")
    elif several and not (min(lengths) / 2 <= len(name) <= max(lengths) * 2):
        votes.add_column(0.3, "a name of another length")
