"""Whether a statement looks at what its own group has so far (spec/language.md 7.1).

Such a statement must find those before it at their end, and not somewhere between two batches of
lines that happen to be read together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.language import nodes as n
from preboard.language.print_text import PrintReference, parse_print_text

if TYPE_CHECKING:
    from preboard.language.statement import Statement

_LEAST_FOR_RESULTS = 3
"""Arguments of jinja(): behind template and output it names groups, which may be computed."""


def looks_at(statement: Statement, group: str) -> bool:
    """Say whether a statement may look at the results of a group.

    >>> from preboard.language.statement import Statement
    >>> looks_at(Statement.in_project("$[*][ @x = $g.variables.x ]"), "g")
    True
    """
    nodes = (node for component in statement.components for node in n.walk(component))
    return any(_looks_at(node, group) for node in nodes)


def _looks_at(node: n.Node, group: str) -> bool:
    match node:
        case n.Reference(root=root, kind=kind):
            return root == group and kind != "csvpaths"
        case n.Term(value=str() as text):
            parts = parse_print_text(text) if f"${group}." in text else ()
            return any(isinstance(part, PrintReference) and part.root == group for part in parts)
        case n.Call(name="jinja", args=args):
            return len(args) >= _LEAST_FOR_RESULTS
        case _:
            return False
