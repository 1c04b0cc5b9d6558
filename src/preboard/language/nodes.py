"""The tree of a statement: immutable data, no behaviour.

Spans point into the whole text of the statement; they say where a node stands and take no part in
equality, so `parse(format(tree)) == tree` compares what was meant.
Grammar: spec/language.md section 4.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from preboard.diagnostics import Span

NOWHERE = Span(0, 0)

QUALIFIERS = frozenset(
    {
        "onmatch", "onchange", "asbool", "nocontrib", "latch", "increase", "decrease", "notnone",
        "skipnone", "distinct", "once", "weak", "strict", "renew", "tmp",
    }
)  # fmt: skip
"""The qualifiers with a meaning; the first other word is the arbitrary name (4.3)."""


@dataclass(frozen=True, slots=True)
class Node:
    """What every part of a statement has: the place where it stands."""

    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Term(Node):
    """A literal: text, or a number (int without, float with a point or an exponent)."""

    value: str | int | float


@dataclass(frozen=True, slots=True)
class Regex(Node):
    """A pattern between slashes; `text` keeps both slashes, as the value of the term does (4.2)."""

    text: str


@dataclass(frozen=True, slots=True)
class Header(Node):
    """A cell of the current line by name or index: `#name`, `#2`, `#"Total, net"`."""

    name: str
    qualifiers: tuple[str, ...] = ()
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Variable(Node):
    """A variable, or one key of a dictionary variable: `@x`, `@x.key`."""

    name: str
    qualifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference(Node):
    """A value of another group: `$group.variables.name.tracking` (7.1)."""

    root: str
    kind: str
    item: str
    tracking: str | None = None


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function with its arguments; `name` is as written, aliases not resolved."""

    name: str
    args: tuple[Argument, ...] = ()
    qualifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Equality(Node):
    """`left == right`."""

    left: Value
    right: Value


@dataclass(frozen=True, slots=True)
class Assignment(Node):
    """`@target = value`."""

    target: Variable
    value: Value


@dataclass(frozen=True, slots=True)
class When(Node):
    """`left -> action`: the action is done when the left side votes true."""

    left: Test
    action: Action


@dataclass(frozen=True, slots=True)
class Comment(Node):
    """An inner comment; it is kept for the formatter and means nothing."""

    text: str


Value = Term | Regex | Header | Variable | Reference | Call
Test = Header | Variable | Reference | Call | Equality
Argument = Value | Equality
Action = Call | Assignment
Component = Assignment | When | Test
Part = Component | Comment


@dataclass(frozen=True, slots=True)
class ScanItem:
    """One line number of the scan part with the operator before it; `+` for the first."""

    operator: str
    line: int


@dataclass(frozen=True, slots=True)
class Scan(Node):
    """The scan part: listed items, and whether it runs on to the end of the file (3.1)."""

    items: tuple[ScanItem, ...]
    open_ended: bool


@dataclass(frozen=True, slots=True)
class Tree(Node):
    """A whole statement: outer comments before and after, root, scan part and match part."""

    before: tuple[str, ...]
    root: str
    scan: Scan
    parts: tuple[Part, ...]
    after: tuple[str, ...]

    @property
    def components(self) -> tuple[Component, ...]:
        """Return the match components in document order, without the inner comments."""
        return tuple(part for part in self.parts if not isinstance(part, Comment))


def known(node: Header | Variable | Call) -> frozenset[str]:
    """Return the qualifiers of `node` that have a meaning."""
    return QUALIFIERS.intersection(node.qualifiers)


def label(node: Header | Variable | Call) -> str | None:
    """Return the arbitrary name: the first qualifier that is no known word, else None (4.3)."""
    return next((word for word in node.qualifiers if word not in QUALIFIERS), None)


def children(node: Node) -> tuple[Node, ...]:
    """Return the parts of `node` in document order.

    >>> children(When(NOWHERE, Header(NOWHERE, "a"), Call(NOWHERE, "stop")))[1].name
    'stop'
    """
    match node:
        case Call():
            return node.args
        case Equality():
            return (node.left, node.right)
        case Assignment():
            return (node.target, node.value)
        case When():
            return (node.left, node.action)
        case Tree():
            return node.parts
        case _:
            return ()


def walk(node: Node) -> list[Node]:
    """Return `node` and everything below it, parents first, in document order."""
    found: list[Node] = []
    waiting = [node]
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting.extend(reversed(children(node)))
    return found
