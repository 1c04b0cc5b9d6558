"""What to tell somebody about a syntax error: by what was found, and after what.

In: the token the parser did not expect, the text before it, what it expected.
Out: a message and a hint. spec/language.md 4.1 lists what the grammar leaves out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection

_CHARACTERS = {
    "!": "there is no `!` or `!=`: use not(x), or neq(a, b)",
    "<": "there is no `<`: use lt(a, b) or lte(a, b)",
    ">": "there is no `>`: use gt(a, b) or gte(a, b)",
    "&": "components are joined by AND as they are; inside a function use and(a, b)",
    "|": "use or(a, b), or `logic-mode: OR` in a comment",
    "*": "there are no arithmetic signs: use multiply(a, b)",
    "+": "there are no arithmetic signs: use add(a, b)",
    "-": "there are no arithmetic signs: use subtract(a, b)",
    "%": "use mod(a, b)",
    "'": 'text stands in double quotes: "..."',
    "\u2019": 'text stands in straight double quotes: "..."',
    "\u201c": 'text stands in straight double quotes: "..."',
    "\u201d": 'text stands in straight double quotes: "..."',
    "#": 'a header with blanks or other characters is quoted: #"First Name"',
    "@": "a variable's name is made of letters, digits, `_` and `-`",
    "$": "a reference reads $group.variables.name",
    "\\": 'there are no escapes in text: a `"` always ends it',
    ",": "in a scan part lines are joined with `+`: [1+3]",
    ".": 'qualifiers follow a name directly; a quoted header `#"..."` can have none',
}
_LITERALS = {
    "true": "yes()", "false": "no()", "none": "none()", "null": "none()", "and": "and(a, b)",
    "or": "or(a, b)", "not": "not(x)",
}  # fmt: skip


def explain_character(text: str) -> tuple[str, str | None]:
    """Return message and hint for a character that begins no token."""
    shown = text[:1] if text[:1].isprintable() else repr(text[:1])
    return f"`{shown}` means nothing here", _CHARACTERS.get(text[:1])


class Explanation(NamedTuple):
    """What to say of a token; `about` is the text before it that is really wrong, if that is so."""

    message: str
    hint: str | None = None
    about: str | None = None


def explain_token(kind: str, word: str, before: str, expected: Collection[str]) -> Explanation:
    """Return what to say of a token that may not stand where it stands.

    Args:
        kind: the terminal's name in the grammar, or `$END`.
        word: the token as written.
        before: the text of the part up to the token.
        expected: names of the terminals that might have stood here.
    """
    if SCAN_TERMINALS.issuperset(expected):
        return _in_scan(kind, word)
    comment = re.search(r"~[^~]*~\s*$", before)
    if kind in ("ARROW", "EQUALS", "ASSIGN") and comment:
        return Explanation(*_BY_KIND["COMMENT"], about=comment[0].rstrip())
    for wanted, (message, hint, pattern) in _BY_EXPECTED.items():
        if set(expected) == {wanted}:
            found = re.search(pattern, before)
            about = found[0].strip() if found else None
            if wanted == "LPAR":
                return _no_call(about or "this name", about)
            return Explanation(message, hint, about)
    if kind in _BY_KIND:
        message, advice = _BY_KIND[kind]
        if kind == "RPAR" and before.rstrip().endswith(","):
            return Explanation(
                "an argument is missing behind the comma", "leave the last comma out"
            )
        if kind == "ARROW" and "->" in before:
            advice = "one action only: write a second `left -> action`"
            return Explanation("this `->` follows no condition", advice)
        return Explanation(message, advice)
    if "RPAR" in expected:
        return Explanation(
            f"`{_short(word)}` cannot follow here", "arguments are separated by commas"
        )
    return Explanation(f"`{_short(word)}` cannot stand here", _needed(expected))


SCAN_TERMINALS = frozenset({"STAR", "NUMBER", "PERCENT", "OPERATOR"})
_BY_EXPECTED = {
    "LPAR": ("", "", r"[A-Za-z][\w.-]*\s*$"),
    "EQUALS": (
        "a literal alone is no match component",
        'compare it: #header == "..."',
        r"""("[^"]*"|/(?:\\/|[^/])*/|[+-]?[0-9.][\w.+-]*)\s*$""",
    ),
    "ASSIGN": (
        "an action is a function or an assignment",
        "left -> function() or left -> @x = 1",
        r"@[\w.-]+\s*$",
    ),
}


def _in_scan(kind: str, word: str) -> Explanation:
    if kind in ("STAR", "OPERATOR"):
        return Explanation(*_BY_KIND[kind])
    return Explanation(
        f"`{_short(word)}` cannot stand here in the scan part",
        "write lines as [*], [2], [2*], [1-3] or [1+3+7*]",
    )


def _no_call(name: str, about: str | None) -> Explanation:
    hint = _LITERALS.get(name.lower())
    if hint:
        return Explanation(f"`{name}` is not a word of the language", f"write {hint}", about)
    return Explanation(
        f"`{name}` is followed by no parentheses",
        f'write {name}() to call a function, "{name}" for text, #{name} for a header',
        about,
    )


_BY_KIND: dict[str, tuple[str, str | None]] = {
    "$END": ("the text ends in the middle of a component", None),
    "CLOSE": ("the match part ends in the middle of a component", "is a `)` or a value missing?"),
    "OPEN": ("a bracket means nothing inside the match part", None),
    "COMMENT": (
        "a comment may only stand between match components",
        "move it out of the component",
    ),
    "COMMA": ("no comma may stand here", "match components are separated by blanks only"),
    "ASSIGN": (
        "only a variable can be assigned, and only in a component of its own or behind `->`",
        "use == to compare, replace(#header, value) to change a cell",
    ),
    "ARROW": (
        "no `->` may stand here",
        "an action follows a condition: left -> function() or left -> @x = 1",
    ),
    "EQUALS": (
        "no `==` may stand here",
        "compare inside a function instead: equals(a, b) or and(a == b, ...)",
    ),
    "RPAR": ("no `)` may stand here", "is an argument missing?"),
    "STAR": ("`*` ends a scan part: nothing may follow it", "`[2*]` is line 2 and all after it"),
    "OPERATOR": (
        "a line number must stand before this",
        "`[1-3+7*]` is lines 1 to 3, 7 and all after it",
    ),
}  # fmt: skip


_NAMES = {
    "LPAR": "`(`",
    "RPAR": "`)`",
    "CLOSE": "`]`",
    "ARROW": "`->`",
    "EQUALS": "`==`",
    "NUMBER": "a number",
    "VARIABLE": "a variable",
    "FUNCTION": "a function",
    "HEADER": "a header",
    "STRING": "text",
    "OPERATOR": "`+` or `-`",
    "STAR": "`*`",
}


def _needed(expected: Collection[str]) -> str | None:
    known = sorted(_NAMES[name] for name in expected if name in _NAMES)
    if len(known) > 1:
        return f"expected {', '.join(known[:-1])} or {known[-1]}"
    return f"expected {known[0]}" if known else None


def _short(word: str) -> str:
    return word if len(word) <= 30 else f"{word[:27]}..."  # noqa: PLR2004 - what fits in a message
