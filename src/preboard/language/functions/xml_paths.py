"""XPath 1.0 on documents, within bounds: it is loaded when a statement uses it.

Documents are read without a DTD from outside and without entities of their own. A path may take so
many steps: one that multiplies the document with itself is given up.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from elementpath import (
    DocumentNode,
    ElementNode,
    ElementPathError,
    XPath1Parser,
    XPathContext,
    XPathNode,
    get_node_tree,
)

from preboard.language.functions.call import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from preboard.language.values import Value

_MOST_STEPS = 1_000_000
"""Nodes that a path may visit, a node as often as it does; about half a second."""

_MOST_VISITS = 20
"""How often it may visit each node of a document that is larger than that."""

_ENTITY = re.compile(rb"<!ENTITY|<\0!\0E\0N\0T\0I\0T\0Y|\0<\0!\0E\0N\0T\0I\0T\0Y")
_PREFIX = re.compile(r"([A-Za-z_][\w.-]*):(?!:)")
_TEXT_LITERAL = re.compile(r"'[^']*'|\"[^\"]*\"")
_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")

Document = Any
"""A document made ready for paths: the node tree of elementpath, and the prefixes of the root."""


class _Steps(XPathContext):
    """A context that counts where a path goes."""

    def __init__(self, root: Any, namespaces: dict[str, str]) -> None:
        self._size = sum(1 for _ in root.iter_descendants())
        steps = max(_MOST_STEPS, _MOST_VISITS * self._size)
        self._left = [steps]  # shared by the copies that a path makes
        super().__init__(root, namespaces=namespaces, item=root.value.getroot())

    def step(self, count: int = 1) -> None:
        """Count steps; the last one ends it."""
        self._left[0] -= count
        if self._left[0] < 0:
            raise Fault("the path takes too long on this document")

    @property
    def item(self) -> Any:
        """Return where the path is."""
        return self.__dict__["_item"]

    @item.setter
    def item(self, value: Any) -> None:
        self._left[0] -= 1
        if self._left[0] < 0:
            raise Fault("the path takes too long on this document")
        self.__dict__["_item"] = value

    def iter_siblings(self, axis: str | None = None) -> Iterator[Any]:
        """Go over siblings, all of which are looked at."""
        parent = getattr(self.item, "parent", None)
        self.step(len(getattr(parent, "children", ())))
        return super().iter_siblings(axis)

    def iter_preceding(self) -> Iterator[Any]:
        """Go over what stands before a node; the whole document is looked at."""
        self.step(self._size)
        return super().iter_preceding()

    def iter_followings(self) -> Iterator[Any]:
        """Go over what stands behind a node; the whole document is looked at."""
        self.step(self._size)
        return super().iter_followings()


class _Parser(XPath1Parser):
    """XPath 1.0 whose comparisons count their pairs."""


class _Counted:
    """A comparison as XPath 1.0 has it: as booleans, else as numbers, else as texts."""

    symbol: str
    boolean_value: Callable[[Any], bool]
    number_value: Callable[[Any], float]
    _items: Sequence[Any]

    def iter_comparison_data(self, context: _Steps | None) -> Iterator[Any]:
        """Go over the pairs that are compared, and count them."""
        left, right = (list(item.atomization(context)) for item in self._items)
        if any(len(side) == 1 and isinstance(side[0], bool) for side in (left, right)):
            left, right = [self.boolean_value(left)], [self.boolean_value(right)]
        as_numbers = self.symbol not in ("=", "!=") or any(
            isinstance(value, int | float | Decimal) and not isinstance(value, bool)
            for value in (*left[:1], *right[:1])
        )
        convert = self.number_value if as_numbers else _as_it_is
        others = [convert(value) for value in right]
        for value in map(convert, left):
            for other in others:
                if context is not None:
                    context.step()
                yield value, other


def _as_it_is(value: Any) -> Any:
    return value if isinstance(value, bool) else str(value)


for _symbol in _COMPARISONS:
    _token: Any = XPath1Parser.symbol_table[_symbol]
    _Parser.symbol_table[_symbol] = type(_token.__name__, (_Counted, _token), {})


@lru_cache(maxsize=256)
def _compiled(path: str, prefixes: tuple[tuple[str, str], ...]) -> Any:
    try:
        return _Parser(namespaces=dict(prefixes)).parse(path)
    except (ElementPathError, ValueError, TypeError, RecursionError) as error:
        raise Fault(f"{path!r} is no XPath: {_told(error)}") from error


def check_path(path: str) -> None:
    """Refuse what is no XPath 1.0 expression; its prefixes are known when there is a document.

    Raises:
        Fault: it is none.
    """
    prefixes = sorted(set(_PREFIX.findall(_TEXT_LITERAL.sub("", path))))
    _compiled(path, tuple((prefix, f"urn:{prefix}") for prefix in prefixes))


def read_document(content: str | bytes) -> Document:
    """Return a document; text is taken as it is, whatever encoding it names.

    Raises:
        Fault: it is not well-formed, or declares entities.
    """
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    if _ENTITY.search(data):
        raise Fault("XML that declares entities is not read")
    builder = _Builder() if b"xmlns:" in data else _plain_builder()
    parser = ET.XMLParser(  # noqa: S314 - entities are refused, expat bounds the rest
        target=builder, encoding="utf-8" if isinstance(content, str) else None
    )
    try:
        parser.feed(data)
        tree = ET.ElementTree(parser.close())
        return get_node_tree(tree), getattr(builder, "prefixes", {})
    except (ET.ParseError, ValueError, LookupError, RecursionError) as error:
        raise Fault(f"this is no well-formed XML: {error}") from error


def _plain_builder() -> ET.TreeBuilder:
    return ET.TreeBuilder(insert_comments=True, insert_pis=True)


class _Builder(ET.TreeBuilder):
    """Builds a tree and keeps the first meaning of each prefix."""

    def __init__(self) -> None:
        super().__init__(insert_comments=True, insert_pis=True)
        self.prefixes: dict[str, str] = {}

    def start_ns(self, prefix: str, uri: str) -> None:
        """Take note of a namespace."""
        if prefix:
            self.prefixes.setdefault(prefix, uri)


def select(document: Document, path: str) -> Value:
    """Return what a path selects: the texts of nodes as a list, or a number, a boolean, a text.

    Raises:
        Fault: the path is wrong for this document, or takes too long.
    """
    root, prefixes = document
    token = _compiled(path, tuple(sorted(prefixes.items())))
    try:
        found = list(token.select(_Steps(root, prefixes)))
    except (ElementPathError, ArithmeticError, ValueError, TypeError, RecursionError) as error:
        raise Fault(f"{path!r} cannot be selected: {_told(error)}") from error
    if len(found) == 1 and not isinstance(found[0], XPathNode):
        value = found[0]
        return value if isinstance(value, bool | str) else float(value)
    return [_text_of(node) for node in sorted(found, key=lambda node: node.position)]


def _text_of(node: XPathNode) -> str:
    """Return the text of a node: of an element all that is inside, else what it says itself."""
    value: Any = node.value
    if isinstance(node, DocumentNode):
        return _string_value(value.getroot())
    return _string_value(value) if isinstance(node, ElementNode) else str(node.string_value)


def _string_value(element: ET.Element) -> str:
    """Return all text inside of an element, that of comments left out."""
    parts: list[str] = []
    waiting: list[ET.Element | str] = [element]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            parts.append(node)
            continue
        if isinstance(node.tag, str):
            waiting.extend(part for child in reversed(node) for part in (child.tail or "", child))
            parts.append(node.text or "")
    return "".join(parts)


def _told(error: Exception) -> str:
    return str(error).partition("\n")[0]
