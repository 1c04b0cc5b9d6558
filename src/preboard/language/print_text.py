"""The text of print() and error(): cut once into plain text and references.

In: the text. Out: its parts in order. Every text is accepted: a `$` that begins no reference is
text, and so is a period behind one, except that two periods behind a reference print as one. Rules:
spec/language.md 8.1 with row 22 of section 15.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

PRINT_KINDS = ("variables", "headers", "metadata", "csvpath")

_NAME = r"'[^']*'|[^\s.$!^:,;%()\-+@#{}\[\]&<>/|?\"']+"
_REFERENCE = re.compile(
    rf"\$(?P<root>[^.$]*)\.(?P<kind>{'|'.join(PRINT_KINDS)})\.(?P<name>{_NAME})"
    rf"(?:\.(?P<key>{_NAME}))?(?P<end>\.\.)?"
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
    at = 0
    for match in _REFERENCE.finditer(text):
        parts.append(text[at : match.start()])
        key = match["key"]
        parts.append(
            PrintReference(
                match["root"],
                match["kind"],
                _unquoted(match["name"]),
                None if key is None else _unquoted(key),
            )
        )
        at = match.end() - 1 if match["end"] else match.end()
    parts.append(text[at:])
    return tuple(part for part in parts if part)


def _unquoted(name: str) -> str:
    return name[1:-1] if name.startswith("'") else name
