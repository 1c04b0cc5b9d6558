"""Assignments as spec/language.md 6.1, 6.3 and 6.4 tell them, with rows 11 and 12."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.slow.tree import has

from preboard.language import nodes as n
from preboard.language.functions.call import Fault
from preboard.language.values import decreases, increases, tracked, truth

if TYPE_CHECKING:
    from tests.slow.evaluator import Evaluator


def assign(evaluator: Evaluator, node: n.Assignment, new: Any) -> bool:
    """Make an assignment and return its vote (6.3, 6.4; rows 11 and 12)."""
    target, default = node.target, evaluator.default
    if evaluator.is_lost(node.value):
        return False
    try:
        sets, blocked = decide(evaluator, target, new)
        if sets:
            put(evaluator, target, new)
    except (Fault, TypeError) as error:
        message = str(error)
        if isinstance(error, TypeError):
            both = f"{str(new)!r} and {str(current(evaluator, target))!r}"
            message = f"{both} cannot be compared: convert them with int()"
        evaluator.report(evaluator.place, f"@{target.name}[{evaluator.place}]", message)
        return default and has(target, "nocontrib")
    vote = not blocked and default
    if has(target, "asbool") and not blocked:
        vote = truth(new)
    return default if has(target, "nocontrib") else vote


def decide(evaluator: Evaluator, target: n.Variable, new: Any) -> tuple[bool, bool]:
    """Say whether the variable is to be set, and whether a qualifier blocks it."""
    old = current(evaluator, target)
    if has(target, "latch") or has(target, "onchange"):
        if old == new:
            return False, has(target, "onchange")
        if old is not None and has(target, "latch"):
            return False, False
    blocked = (
        (has(target, "notnone") and new is None)
        or (has(target, "increase") and not increases(old, new))
        or (has(target, "decrease") and not decreases(old, new))
    )
    return not blocked, blocked


def current(evaluator: Evaluator, target: n.Variable) -> Any:
    """Return the present value of a variable, or of its tracking key."""
    key, value = n.label(target), evaluator.run_state.variables.get(target.name)
    return value if key is None else tracked(value, key)


def put(evaluator: Evaluator, target: n.Variable, new: Any) -> None:
    """Set a variable, or one key of it (6.1)."""
    key, variables = n.label(target), evaluator.run_state.variables
    if key is None:
        variables[target.name] = new
        return
    if variables.get(target.name) is None:
        variables[target.name] = {}
    table = variables[target.name]
    if not isinstance(table, dict):
        raise Fault(f"@{target.name} is no dictionary, so it has no key {key!r} to set")
    table[key] = new
