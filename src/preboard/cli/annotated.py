"""Draw an explanation: the statement's own text, and under each part what it came to.

Every part is underlined where it stands, innermost first, so that the lines below a line of the
statement read in the order of the evaluation.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from preboard.cli.shown import WIDEST, shown
from preboard.cli.visible import HARMFUL, one_line, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from preboard.cli.output import Part as Word
    from preboard.cli.statements import Piece
    from preboard.engine.explanation import Explanation, Part

_GOOD, _BAD, _FAINT = "green", "bold red", "dim"
_LONGEST_LABEL = 40
_SHORTEST_ROW = WIDEST // 2


def annotated(piece: Piece, explanation: Explanation) -> Iterator[list[Word]]:
    """Return the lines of the drawing: the text with its line numbers, notes under it."""
    text = piece.text
    rows = list(_rows(text, *_extent(text, explanation)))
    notes = _by_row(explanation, [row.end for row in rows])
    before = piece.whole.count("\n", 0, piece.offset)
    width = len(str(before + text.count("\n") + 1))
    for place, row in enumerate(rows):
        number = str(before + row.line) if row.begins else ""
        yield [(f"  {number:>{width}} | ", _FAINT), _harmless(text[row.start : row.end])]
        for note in notes[place]:
            yield [(f"  {'':>{width}} | ", _FAINT), *_drawn(note, text, row)]


@dataclass(frozen=True, slots=True)
class _Row:
    """A piece of the text that is drawn in one line; `begins` where a line of the text begins."""

    start: int
    end: int
    line: int
    begins: bool


@dataclass(frozen=True, slots=True)
class _Note:
    """What is said of a part."""

    part: Part
    words: tuple[Word, ...]


def _by_row(explanation: Explanation, ends: Sequence[int]) -> dict[int, list[_Note]]:
    """Return what is said of the parts that end on each row."""
    found: dict[int, list[_Note]] = defaultdict(list)
    for part in explanation.parts:
        for note in _notes(part, is_component=True):
            found[bisect_left(ends, note.part.span.end)].append(note)
    return found


def _extent(text: str, explanation: Explanation) -> tuple[int, int]:
    """Return where the lines with parts begin and end."""
    first = min(part.span.start for part in explanation.parts)
    last = max(part.span.end for part in explanation.parts)
    end = text.find("\n", last)
    return text.rfind("\n", 0, first) + 1, len(text) if end < 0 else end


def _rows(text: str, start: int, end: int) -> Iterator[_Row]:
    """Cut the text at its ends of lines, and long lines between words."""
    line = text.count("\n", 0, start) + 1
    for number, content in enumerate(text[start:end].split("\n"), line):
        stop, begins = start + len(content), True
        while stop - start > WIDEST:
            cut = max(text.rfind(" ", start + _SHORTEST_ROW, start + WIDEST) + 1, 0)
            cut = cut or start + WIDEST
            yield _Row(start, cut, number, begins)
            start, begins = cut, False
        yield _Row(start, stop, number, begins)
        start = stop + 1


def _notes(part: Part, *, is_component: bool) -> Iterator[_Note]:
    """Return what is said of a part and of those below it, those below first."""
    for child in part.children:
        if child.kind in ("literal", "pattern") or (part.cell and child.kind == "header"):
            continue
        if child.evaluated or part.evaluated or _any_evaluated(child):
            yield from _notes(child, is_component=False)
    yield _Note(part, tuple(_words(part, is_component=is_component)))


def _any_evaluated(part: Part) -> bool:
    return part.evaluated or any(map(_any_evaluated, part.children))


def _words(part: Part, *, is_component: bool) -> Iterator[Word]:
    """Return what is said of a part: its value, its vote, its errors, or why there is none."""
    if part.reason is not None:
        if part.has_value:
            yield f"{_value(part.value)}: "
        if part.vote is False:
            yield "votes false", _BAD
            yield ", "
        yield f"not evaluated: {part.reason}", _FAINT
    else:
        said = list(_outcome(part, is_component=is_component))
        yield from _separated(said)
        for place, error in enumerate(part.errors):
            yield ", " if said or place else "", ""
            yield f"error: {one_line(error, 3 * WIDEST)}", _BAD


def _outcome(part: Part, *, is_component: bool) -> Iterator[Word]:
    votes = part.vote is not None
    style = _GOOD if part.vote else _BAD
    if part.cell is not None:
        yield f"{one_line(str(part.cell.column), WIDEST)} = {shown(part.cell.value)}"
    if part.cell is not None or (part.has_value and part.value is part.vote and not is_component):
        yield _word(part, "accepted", "refused") if part.cell else _value(part.value), style
        return
    if part.has_value and part.value is not part.vote:
        yield _value(part.value)
    elif part.kind == "call" and not part.has_value and not part.errors:
        yield "done"
    told = is_component or part.has_value or part.kind == "assignment"
    if votes and (told or not part.vote):
        yield f"votes {_word(part, 'true', 'false')}", style


def _word(part: Part, good: str, bad: str) -> str:
    return good if part.vote else bad


def _separated(words: Sequence[Word]) -> Iterator[Word]:
    for place, word in enumerate(words):
        if place:
            yield ", "
        yield word


def _value(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else shown(value)


def _drawn(note: _Note, text: str, row: _Row) -> list[Word]:
    """Return the underline of a part as far as it stands in the row, and what is said of it."""
    span = note.part.span
    start = max(span.start, row.start)
    while start < span.end - 1 and text[start].isspace():
        start += 1
    before = "".join(
        "\t" if character == "\t" else " " * _width(character)
        for character in text[row.start : start]
    )
    line = "^" * max(1, sum(map(_width, _harmless(text[start : span.end]))))
    label = f" {_label(note.part)}" if span.start < row.start else ""
    return [before, (line, _FAINT), f"{label} ", *note.words]


def _label(part: Part) -> str:
    """Return a short name for a part that began on a row before."""
    name, bracket, _ = part.text.partition("(")
    if part.kind == "call" and bracket:
        return f"{visible(name)}(...):"
    return f"{one_line(part.text, _LONGEST_LABEL)}:"


def _harmless(text: str) -> str:
    """Put one harmless character for each harmful one, so that what is below stays below."""
    return HARMFUL.sub(lambda found: found[0] if found[0] == "\t" else "\ufffd", text.rstrip("\r"))


def _width(character: str) -> int:
    r"""Return how many columns of a terminal a character takes.

    >>> _width("a"), _width("\u6771"), _width("\u0301")
    (1, 2, 0)
    """
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
