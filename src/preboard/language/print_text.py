"""The text of print() and error(): cut once into plain text and references.

In: the text. Out: its parts in order. Every text is accepted. Grammar: `print.lark`,
spec/language.md 8.1 with row 22 of section 15.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from lark import Lark, Token

PRINT_KINDS = ("variables", "headers", "metadata", "csvpath")

_NAME = r"'[^']*'|[^\s.$!^:,;%()\-+@#{}\[\]&<>/|?\"']+"
_REFERENCE = re.compile(
    rf"\$(?P<root>[^.$]*)\.(?P<kind>[a-z]+)\.(?P<name>{_NAME})(?:\.(?P<key>{_NAME}))?(?P<end>\.\.)?"
)


@dataclass(frozen=True, slots=True)
class PrintReference:
    """A reference in a print text; `root` is empty for the statement's own values."""

    root: str
    kind: str
    name: str
    key: str | None = None


Part = str | PrintReference


@lru_cache(maxsize=4096)
def parse_print_text(text: str) -> tuple[Part, ...]:
    """Return the parts of a print text.

    >>> parse_print_text("$.variables.x.. cost $5")
    (PrintReference(root='', kind='variables', name='x', key=None), '. cost $5')
    """
    parts: list[Part] = []
    words: list[str] = []  # of the text since the last reference
    for token in _parser().lex(text):
        for part in _reference(token):
            if isinstance(part, str):
                words.append(part)
                continue
            if words:
                parts.append("".join(words))
                words.clear()
            parts.append(part)
    return (*parts, "".join(words)) if words else tuple(parts)


@cache
def _parser() -> Lark:
    return Lark.open("print.lark", rel_to=__file__, parser="lalr", lexer="basic")


def _reference(token: Token) -> tuple[Part, ...]:
    match = _REFERENCE.fullmatch(token) if token.type == "REFERENCE" else None
    if match is None:
        return (str(token),)
    key = match["key"]
    reference = PrintReference(
        match["root"],
        match["kind"],
        _unquoted(match["name"]),
        None if key is None else _unquoted(key),
    )
    return (reference, ".") if match["end"] else (reference,)


def _unquoted(name: str) -> str:
    return name[1:-1] if name.startswith("'") else name
