"""Cells that a spreadsheet would take for formulas, made text by an apostrophe before them.

A cell such as `=HYPERLINK(...)` from a stranger is run by the spreadsheet that opens the file. The
beginnings are those that OWASP names under "CSV injection". A plain number such as -5 or +3.2e4 is
no formula and stays as it is. An apostrophe changes the value for every other reader of the file:
that is why it is only written where it is asked for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_BEGINNINGS = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")  # the last four: in full width
_NUMBER = re.compile(r"[+-](?:[0-9]+(?:[.,][0-9]+)*[.,]?|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?%?")


def without_formulas(cells: Iterable[Any]) -> list[Any]:
    """Return the cells of a line with an apostrophe before what would be a formula.

    >>> without_formulas(["=1+1", "-5", "-5+cmd|'/c calc'!A0", "+49 30 123", "a=b", -5])
    ["'=1+1", '-5', "'-5+cmd|'/c calc'!A0", "'+49 30 123", 'a=b', -5]
    """
    return [f"'{cell}" if _is_formula(cell) else cell for cell in cells]


def _is_formula(cell: Any) -> bool:
    if not isinstance(cell, str) or cell[:1] not in _BEGINNINGS:
        return False
    return bool(cell) and not _NUMBER.fullmatch(cell)
