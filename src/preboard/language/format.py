"""The canonical form of a statement: one component a line.

In: a tree. Out: text with `parse(format_tree(tree)) == tree`; comments are kept as they are.
"""

from __future__ import annotations

from preboard.language import nodes as n

WIDTH = 100
_INDENT = "    "


def format_tree(tree: n.Tree) -> str:
    """Return the canonical text of a statement, with a final newline.

    >>> from preboard.language.parser import parse
    >>> print(format_tree(parse('$[1*][#city=="Oslo" @n=count()]')[0]), end="")
    $[1*][
        #city == "Oslo"
        @n = count()
    ]
    """
    head = [f"~{text}~\n" for text in tree.before]
    body = [f"{_INDENT}{_part(part, 1)}\n" for part in tree.parts]
    opening = "[\n" if body else "["
    after = [f"~{text}~\n" for text in tree.after]
    root = f"${tree.root}{format_scan(tree.scan)}"
    return "".join([*head, root, opening, *body, "]\n", *after])


def format_scan(scan: n.Scan) -> str:
    """Return the canonical text of a scan part, brackets included."""
    items = "".join(f"{item.operator}{item.line}" for item in scan.items)
    return f"[{items.removeprefix('+')}{'*' if scan.open_ended else ''}]"


def format_node(node: n.Node) -> str:
    """Return the text of one node on one line, but for newlines inside of its texts."""
    return _part(node, None)


def _part(node: n.Node, depth: int | None) -> str:  # noqa: PLR0911 - one return a kind of node
    match node:
        case n.Comment():
            return f"~{node.text}~"
        case n.Assignment():
            return f"{_part(node.target, None)} = {_part(node.value, depth)}"
        case n.When():
            return f"{_part(node.left, depth)} -> {_part(node.action, depth)}"
        case n.Equality():
            return f"{_part(node.left, depth)} == {_part(node.right, depth)}"
        case n.Call():
            return _call(node, depth)
        case n.Header(quoted=True):
            return f'#"{node.name}"'
        case n.Header():
            return f"#{_dotted(node)}"
        case n.Variable():
            return f"@{_dotted(node)}"
        case n.Reference():
            tracking = "" if node.tracking is None else f".{node.tracking}"
            return f"${node.root}.{node.kind}.{node.item}{tracking}"
        case n.Regex():
            return node.text
        case n.Term():
            return f'"{node.value}"' if isinstance(node.value, str) else repr(node.value)
        case _:
            raise TypeError(f"{type(node).__name__} has no text of its own")


def _dotted(node: n.Header | n.Variable | n.Call) -> str:
    return ".".join([node.name, *node.qualifiers])


def _call(node: n.Call, depth: int | None) -> str:
    inline = f"{_dotted(node)}({', '.join(_part(arg, None) for arg in node.args)})"
    if depth is None or len(inline) + len(_INDENT) * depth <= WIDTH:
        return inline
    inner = _INDENT * (depth + 1)
    args = ",\n".join(f"{inner}{_part(arg, depth + 1)}" for arg in node.args)
    return f"{_dotted(node)}(\n{args}\n{_INDENT * depth})"
