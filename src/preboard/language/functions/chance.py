"""Random numbers: spec/functions-b.md section 8."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.diagnostics import Diagnostic
from preboard.language import nodes as n
from preboard.language.functions.call import Fault
from preboard.language.functions.registry import function
from preboard.language.functions.signature import Integer
from preboard.language.functions.stacks import Stack
from preboard.language.values import to_int

if TYPE_CHECKING:
    from preboard.language.functions.call import Call

_Low, _High = Integer.called("low"), Integer.called("high")
_MOST_NUMBERS = 5_000_000
"""Numbers that one shuffle may hold in memory."""


def _check_bounds(node: n.Call) -> list[Diagnostic]:
    """Return a finding for literal bounds in the wrong order."""
    try:
        bounds = [to_int(arg.value) for arg in node.args if isinstance(arg, n.Term)]
    except ValueError:  # a finding of the arguments
        return []
    if len(bounds) < 2 or bounds[0] < bounds[1]:  # noqa: PLR2004 - low and high
        return []
    message = f"the second bound of {node.name}() must be greater than the first"
    return [Diagnostic("argument-value", message, node.args[1].span)]


@function("random", group="misc", gives="value", args=[_Low, _High], acts=True, check=_check_bounds)
def random(call: Call, low: int, high: int) -> int:
    """A random whole number between two bounds, both included.

    Example::

        $[1][ from_to(random(1, 6), 1, 6) -> print("a die was thrown") ]
    """
    _refuse_order(call, low, high)
    return call.run.random.randint(low, high)


def _refuse_order(call: Call, low: int, high: int) -> None:
    if high <= low:
        raise Fault(f"{call.name}() needs a second bound above {low}, not {high}")


@function(
    "shuffle",
    group="misc",
    gives="value",
    forms=[[], [_Low, _High]],
    acts=True,
    needs_totals=True,
    check=_check_bounds,
)
def shuffle(call: Call, low: int = 0, high: int | None = None) -> int | None:
    """The next of the whole numbers from one bound up to, not including, another in random order.

    Each comes once, then the value is None. Without bounds they are the numbers of the data lines,
    the last one left out. The numbers still to come are a stack in the variable of the name
    qualifier, or `shuffle`.

    Example::

        $[1-3][ push("drawn", shuffle.left(1, 4)) last.nocontrib() -> sort("drawn") ]
    """
    name = call.variable_name("shuffle")
    if high is None:
        high = call.run.total_lines - 1
    else:
        _refuse_order(call, low, high)
    if name not in call.run.variables:
        call.run.variables[name] = _shuffled(call, low, high)
    left = call.run.variables[name]
    if not isinstance(left, list):
        raise Fault(f"@{name} is no stack, so {call.name}() cannot take from it")
    return left.pop() if left else None


def _shuffled(call: Call, low: int, high: int) -> Stack:
    if high - low > _MOST_NUMBERS:
        raise Fault(f"{call.name}() holds no more than {_MOST_NUMBERS:,} numbers")
    numbers = Stack(range(low, high))
    call.run.random.shuffle(numbers)
    return numbers
