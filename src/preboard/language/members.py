"""Literal header names in schemas: `line(string("city"))` means `line(string(#"city"))`.

In: components as written. Out: components in which a text as the first argument of a member is the
header it names, and notnone of a schema is on each member (spec/functions-b.md section 3). Spans
stay where they are.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from preboard.language import nodes as n
from preboard.language.functions.library import functions

if TYPE_CHECKING:
    from collections.abc import Sequence


def with_named_headers(components: Sequence[n.Component]) -> tuple[n.Component, ...]:
    """Return the components with the literal header names of schema members made headers."""
    return tuple(_rebuilt(component) for component in components)


def _rebuilt(node: Any) -> Any:
    """Return a node of the same type, its parts rebuilt."""
    match node:
        case n.Call():
            declared = functions().get(node.name)
            schema = declared is not None and declared.schema
            strict = schema and "notnone" in node.qualifiers
            args = (_member(arg, strict=strict) if schema else arg for arg in node.args)
            return replace(node, args=tuple(_rebuilt(arg) for arg in args))
        case n.Equality():
            return replace(node, left=_rebuilt(node.left), right=_rebuilt(node.right))
        case n.Assignment():
            return replace(node, value=_rebuilt(node.value))
        case n.When():
            return replace(node, left=_rebuilt(node.left), action=_rebuilt(node.action))
        case _:
            return node


def _member(member: n.Argument, *, strict: bool) -> n.Argument:
    if not isinstance(member, n.Call) or member.name == "wildcard":
        return member
    if strict and "notnone" not in member.qualifiers:
        member = replace(member, qualifiers=(*member.qualifiers, "notnone"))
    if not member.args:
        return member
    first = member.args[0]
    if not isinstance(first, n.Term) or not isinstance(first.value, str):
        return member
    header = n.Header(first.span, first.value.strip(), quoted=True)
    return replace(member, args=(header, *member.args[1:]))
