"""Questions about the nodes of a tree that the slow evaluator asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from preboard.language import nodes as n
from preboard.language.functions.library import functions
from preboard.language.functions.signature import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from preboard.language.functions.registry import Function
    from preboard.language.functions.signature import Param


class Lines:
    """The scan part: which line numbers it includes (3.2)."""

    def __init__(self, scan: n.Scan) -> None:
        self.open_ended = scan.open_ended
        self.spans: list[tuple[int, int]] = []
        previous = 0
        for item in scan.items:
            start = previous if item.operator == "-" else item.line
            self.spans.append((min(start, item.line), max(start, item.line)))
            previous = item.line
        self.greatest = max((high for _, high in self.spans), default=0)

    def include(self, number: int) -> bool:
        """Say whether a line is to be scanned."""
        if self.open_ended and number >= self.greatest:
            return True
        return any(low <= number <= high for low, high in self.spans)


def declared(node: n.Call) -> Function:
    """Return the declaration of the function that is called."""
    return functions()[node.name]


def calls_in(node: n.Node) -> list[n.Call]:
    """Return every call at or below a node, in document order."""
    return [found for found in n.walk(node) if isinstance(found, n.Call)]


def has(node: n.Node, word: str) -> bool:
    """Say whether a node has a qualifier."""
    return isinstance(node, n.Header | n.Variable | n.Call) and word in node.qualifiers


def is_last_call(node: n.Node) -> bool:
    """Say whether a node is last(), with or without an argument."""
    return isinstance(node, n.Call) and declared(node).last_only


def asking_components(components: Sequence[n.Node]) -> list[int]:
    """Return the components that are evaluated when it is known whether the others match.

    Those that call matches(), and those behind one that name a variable that it assigns: they
    would see the value of the line before.
    """
    found: list[int] = []
    assigned: set[str] = set()
    for index, component in enumerate(components):
        nodes = list(n.walk(component))
        asks = any(declared(call).asks_verdict for call in calls_in(component))
        named = any(isinstance(node, n.Variable) and node.name in assigned for node in nodes)
        if (asks or named) and not waits(component):
            found.append(index)
            assigned |= {node.target.name for node in nodes if isinstance(node, n.Assignment)}
    return found


def holds_waiting_call(node: n.Node) -> bool:
    """Say whether some call at or below a node has onmatch, or acts as if it had."""
    return any(
        declared(call).always_waits
        or waits_with(call)
        or (has(call, "onmatch") and not (declared(call).own_onmatch and call.args))
        for call in calls_in(node)
    )


def waits_with(call: n.Call) -> bool:
    """Say whether a call waits with the arguments that it has."""
    asked = declared(call).waits
    return asked is not None and asked(call)


def implies_onmatch(node: n.Node) -> bool:
    """Say whether a right side makes its assignment wait (5.7)."""
    return isinstance(node, n.Call) and not node.args and declared(node).implies_onmatch


def has_waiting_value(node: n.Assignment) -> bool:
    """Say whether a waiting assignment cannot take its value before the line matches (5.7)."""
    asks = any(declared(call).asks_verdict for call in calls_in(node.value))
    return asks or holds_waiting_call(node.value) or implies_onmatch(node.value)


def waits(component: n.Node) -> bool:
    """Say whether a component waits for the line to match (5.7)."""
    return holds_waiting_call(component) or any(
        has(node.target, "onmatch") or implies_onmatch(node.value)
        for node in n.walk(component)
        if isinstance(node, n.Assignment)
    )


def acts(component: n.Node) -> bool:
    """Say whether a component does more than vote."""
    return any(
        isinstance(node, n.Assignment)
        or (isinstance(node, n.Call) and (declared(node).acts or declared(node).gives == "nothing"))
        for node in n.walk(component)
    )


def places(node: n.Call, function: Function) -> list[tuple[n.Argument, Param]]:
    """Return each argument with the place of the signature that it fills."""
    signature = function.signature_for(node.args)
    assert signature is not None
    return [(arg, signature.at(index)) for index, arg in enumerate(node.args)]


def converted(index: int, value: Any, param: Param) -> Any:
    """Return an argument as the body takes it.

    Raises:
        Refused: it does not.
    """
    if param.convert is None:
        return value
    try:
        return param.convert(value)
    except ValueError as error:
        raise Refused(index, value, "a value" if value is None else param.wants) from error
