"""What to tell somebody about a character that begins no token.

In: the text and the place of the character. Out: a `Mistake`. Signs of other languages are known by
name, so that a hint says how the same is written here. Looks only at a few characters around the
place: the time does not grow with the text.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from preboard.diagnostics import Span

SCAN_FORMS = "write lines as [*], [2], [2*], [1-3] or [1+3+7*]"

_AROUND = 80
_ARITHMETIC = "there are no arithmetic signs: use"
_QUOTES = 'text stands in straight double quotes: "..."'
_SIGNS = {
    "!=": "use neq(a, b), or not(a == b)",
    "<>": "use neq(a, b), or not(a == b)",
    "!": "use not(x)",
    "<=": "use lte(a, b)",
    ">=": "use gte(a, b)",
    "<-": "assign with one equals sign: @x = 1",
    "<": "use lt(a, b)",
    ">": "use gt(a, b)",
    "&&": "components are joined by AND as they are; inside of a function use and(a, b)",
    "&": "components are joined by AND as they are; inside of a function use and(a, b)",
    "||": "use or(a, b), or `logic-mode: OR` in a comment; concat(a, b) joins texts",
    "|": "use or(a, b), or `logic-mode: OR` in a comment",
    ":=": "assign with one equals sign: @x = 1",
    ":": "assign with one equals sign, compare with two; text stands in double quotes",
    "++": "count with counter.name(), or write @x = add(@x, 1)",
    "+=": "write @x = add(@x, 1)",
    "-=": "write @x = subtract(@x, 1)",
    "-->": "the arrow is `->`",
    "- >": "the arrow is `->`, without a blank",
    "--": "a comment stands between tildes: ~ text ~",
    "*": f"{_ARITHMETIC} multiply(a, b)",
    "+": f"{_ARITHMETIC} add(a, b)",
    "-": f"{_ARITHMETIC} subtract(a, b)",
    "%": f"{_ARITHMETIC} mod(a, b); a percentage is a number without the sign",
    "^": "there are no arithmetic signs",
    "?": "write `condition -> action`",
    ";": "components are separated by blanks only, arguments by commas",
    "{": "there are no braces: values are arguments of a function, as in(#a, ...)",
    "}": "there are no braces",
    "\\": 'there are no escapes in text: a `"` always ends it',
    "\u2192": "write the arrow as `->`",
    "\u21d2": "write the arrow as `->`",
    "#": 'a header is #name or #"First Name"; a comment stands between tildes',
    "@": "a variable's name is made of letters, digits, `_` and `-`",
    "${": "a header is #name, a variable @name",
    "$": "a reference reads $group.variables.name",
    "_": "a function's name begins with a letter",
}
_LONGEST = max(map(len, _SIGNS))
_QUOTE_SIGNS = "'`\u00b4\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a"


class Mistake(NamedTuple):
    """What is wrong at a place, and what to do about it."""

    message: str
    hint: str | None
    span: Span


def explain_character(text: str, at: int, *, in_scan: bool = False) -> Mistake:
    """Return what to say of the character at `at`, which begins no token.

    >>> explain_character("$[*][ #a != 1 ]", 9)
    Mistake(message='there is no `!=`', hint='use neq(a, b), or not(a == b)', span=Span(...))
    """
    sign = text[at]
    if unicodedata.category(sign).startswith("C"):
        name = unicodedata.name(sign, "").lower() or f"U+{ord(sign):04X}"
        return Mistake(f"an invisible character stands here: {name}", "delete it", Span(at, at + 1))
    if in_scan:
        return Mistake(f"`{sign}` cannot stand in the scan part", SCAN_FORMS, Span(at, at + 1))
    before = text[max(0, at - _AROUND) : at]
    if sign in _QUOTE_SIGNS:
        return Mistake(f"`{sign}` begins no text", _QUOTES, Span(at, at + 1))
    name_so_far = re.search(r"([#@]?)[A-Za-z0-9_.-]*$", before)
    if name_so_far and name_so_far[0] and not _is_operator(sign):
        return _in_name(text, at, name_so_far[1])
    if sign == ".":
        return Mistake("a qualifier cannot stand here", _qualifier_hint(before), Span(at, at + 1))
    for length in range(_LONGEST, 0, -1):
        found = text[at : at + length]
        if len(found) == length and found in _SIGNS:
            known = found in "#@$_"
            message = f"`{found}` means nothing here" if known else f"there is no `{found}`"
            return Mistake(message, _SIGNS[found], Span(at, at + length))
    return Mistake(f"`{sign}` means nothing here", None, Span(at, at + 1))


def _is_operator(sign: str) -> bool:
    return sign in _SIGNS and sign not in "%_"


def _in_name(text: str, at: int, kind: str) -> Mistake:
    """Explain a character in the middle of a name or number."""
    sign = text[at]
    message = f"`{sign}` cannot stand in a name"
    rest = re.match(r"[^\s=,()\[\]\"]*", text[at : at + _AROUND])
    whole = (re.search(r"[#@]?[A-Za-z0-9_.-]*$", text[max(0, at - _AROUND) : at]) or [""])[0]
    whole += rest[0] if rest else ""
    if kind == "#":
        return Mistake(message, f'quote the name: #"{whole[1:]}"', Span(at, at + 1))
    if whole[:1].isdigit():
        hint = f'a number is digits and a point; other text stands in quotes: "{whole}"'
        return Mistake(f"`{sign}` cannot stand in a number", hint, Span(at, at + 1))
    return Mistake(message, "names are made of A-Z, a-z, digits, `_` and `-`", Span(at, at + 1))


def _qualifier_hint(before: str) -> str:
    if before.endswith(")"):
        return "qualifiers stand before the parentheses: count.onmatch()"
    if before.endswith('"'):
        return 'a quoted header `#"..."` can have no qualifiers'
    return "a qualifier follows its name directly, without a blank"
