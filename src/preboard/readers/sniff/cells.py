"""What kind of thing a cell of text holds, as far as its characters tell.

Rough on purpose: it serves to compare ways to cut a text, not to check values.
"""

from __future__ import annotations

import re
from typing import Final, Literal, cast

CellKind = Literal[
    "empty", "number", "amount", "date", "time", "flag", "address", "code", "word", "text", "odd"
]

_NUMBER: Final = (
    r"[+\-\u2212]?(?:\d{1,3}(?:[., '\u2019\xa0\u202f]\d{3}){1,5}(?:[.,]\d{1,9})?-?"
    r"|\d{1,20}(?:[.,]\d{1,20})?(?:[eE][+-]?\d{1,3}|-)?|[.,]\d{1,20})"
)
_DATE: Final = (
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})"
    r"|\d{1,2}[-. /][^\W\d]{3,9}\.?[-. /,]{1,2}\d{2,4}|[^\W\d]{3,9}\.? \d{1,2},? \d{4})"
)
_TIME: Final = (
    r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?"
    r"(?: ?[aApP]\.?[mM]\.?)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?"
)
_SIGN: Final = r"(?:[€$£¥%]|EUR|USD|GBP|CHF|JPY|PLN|CZK|SEK|NOK|DKK|HUF|kr|Kč|zł|Ft|kg|km|°C)"
_PATTERNS: Final[dict[CellKind, str]] = {
    "empty": r"\s*|[-\u2013]|[nN]/[aA]|NULL|null|None|NaN|nan|\\N|#N/A",
    "number": rf" ?{_NUMBER} ?",
    "amount": rf"{_SIGN} ?{_NUMBER}|{_NUMBER} ?{_SIGN}",
    "date": rf"{_DATE}(?:[T ]{_TIME})?",
    "time": _TIME,
    "flag": "[tT]rue|[fF]alse|TRUE|FALSE|[yY]es|[nN]o|[jJ]a|[nN]ein|[oO]ui|[nN]on|[JYNTFX]",
    "address": (
        r"[^\s@,;|]{1,64}@[^\s@,;|]{1,64}|[a-z]{2,8}://[^\s;|]{1,200}"
        r"|www\.[^\s,;|]{1,200}|\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?"
    ),
    "code": r"(?=[^\s]*\d)[^\W_]+(?:[-_./#][^\W_]+)*",
    "word": r"[^\W\d]+(?:[-_.'/ ][^\W\d]+)?",
    "text": r"(?=.*[^\W\d_])[^\t;|\x00-\x08\x0e-\x1f]+",
}
_KINDS: Final = re.compile(
    "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _PATTERNS.items()), re.DOTALL
)
_LONGEST: Final = 300
_TYPED: Final = frozenset({"number", "amount", "date", "time", "flag", "address", "code"})
_BETWEEN: Final = re.compile(r",(?! )|(?<=\w)[:%#=*$!&+](?=\w)")
_QUALITY: Final = {"empty": 0.9, "word": 1.0, "text": 0.9, "odd": 0.35}
_WORST: Final = 0.1
_RIVALS: Final = re.compile(r"[\t;|\x01-\x08\x0e-\x1f]")


def kind_of_cell(cell: str) -> CellKind:
    """Return what `cell` holds.

    >>> [kind_of_cell(cell) for cell in ("1.234,50", "2024-05-01", "C-17", "Name", "a b, c")]
    ['number', 'date', 'code', 'word', 'text']
    """
    if len(cell) > _LONGEST:
        return "text"
    found = _KINDS.fullmatch(cell)
    return cast("CellKind", found.lastgroup) if found else "odd"


def is_typed(kind: CellKind) -> bool:
    """Return whether it is a kind that names of columns do not have."""
    return kind in _TYPED


def quality(cell: str) -> float:
    """Return how much `cell` looks like one whole cell, 0 to 1.

    What has the delimiters of tables in it is more likely a piece of a line.
    """
    kind = kind_of_cell(cell)
    if kind in ("text", "odd") and _RIVALS.search(cell):
        return _WORST
    if kind == "text":
        faults = len(_BETWEEN.findall(cell))
        faults += 2 * (cell.count('"') % 2 + (cell.count("[") != cell.count("]")))
        return max(_QUALITY["odd"], _QUALITY["text"] - 0.15 * faults - 0.1 * (cell[0] == " "))
    return _QUALITY.get(kind, 1.0)
