"""Running statistics: spec/functions-b.md section 9.

What a line costs does not depend on the lines before it; a median takes the logarithm of their
number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from heapq import heappush, heappushpop
from typing import TYPE_CHECKING, Any, Final

from preboard.diagnostics import Diagnostic
from preboard.language import nodes as n
from preboard.language.functions.call import Fault
from preboard.language.functions.counting import hashable
from preboard.language.functions.registry import function
from preboard.language.functions.signature import (
    Anything,
    Literal_,
    NumberOrNone,
    Param,
    TextOrEmpty,
    optional,
)
from preboard.language.values import Value, is_empty, quick_decimal, to_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from preboard.language.functions.call import Call

GROUP: Final = "statistics"

_KINDS = "TVHF"
_WORDS: Final = ("line", "scan", "match")


def _number_as_read(value: Value) -> Value:
    if not is_empty(value):
        to_number(value)
    return value


_Read: Final = Param(
    "number", nodes=_KINDS, wants="one of: an integer, a decimal", convert=_number_as_read
)
_Which: Final = optional(TextOrEmpty.on("TVHF").called('"line", "scan" or "match"'))


def decimal_of(value: Value) -> float | None:
    """Return the decimal that a value reads as, None where it is empty or no number at all.

    Raises:
        Fault: it is too large.
    """
    if is_empty(value):
        return None
    try:
        number = float(to_number(value))
    except OverflowError as error:
        raise Fault("the number is too large for a decimal") from error
    return None if math.isnan(number) else number


def _check_word(node: n.Call) -> list[Diagnostic]:
    """Find a literal that is none of the words."""
    word = node.args[-1] if node.args else None
    wanted = len(node.args) > 1 or node.name == "percent"
    if not wanted or not isinstance(word, n.Term | n.Regex):
        return []
    if isinstance(word, n.Term) and word.value in _WORDS:
        return []
    message = f"{node.name}() argument must be scan, match, or line"
    return [Diagnostic("argument-value", message, word.span)]


def _on_match(node: n.Call) -> bool:
    return len(node.args) > 1 and _is_word(node.args[1], "match")


def _is_word(arg: n.Argument, word: str) -> bool:
    return isinstance(arg, n.Term) and arg.value == word


def _is_new(call: Call, value: Value, which: str) -> bool:
    """Put the value of this line into the variable; say whether it is to be counted."""
    if which and which not in _WORDS:
        raise Fault(f"{call.name}() argument must be scan, match, or line")
    run = call.run
    if run.line_number == 0 and isinstance(call.node.args[0], n.Header):
        return False
    numbers = {"scan": run.scans, "match": run.match_count}
    table = call.table(call.name)
    if not table:  # the first value, or somebody emptied it: start anew
        call.state = None
    table[str(numbers.get(which, run.line_number))] = value
    return True


@dataclass(slots=True)
class _Sum:
    """A sum with what rounding took from it (Neumaier), and how many numbers went in."""

    count: int = 0
    total: float = 0.0
    lost: float = 0.0

    def add(self, number: float) -> None:
        """Add a number."""
        total = self.total + number
        if abs(self.total) >= abs(number):
            self.lost += (self.total - total) + number
        else:
            self.lost += (number - total) + self.total
        self.total = total
        self.count += 1

    def mean(self) -> float | None:
        """Return the mean, None without numbers."""
        if not self.count:
            return None
        lost = self.lost if math.isfinite(self.total) else 0.0
        return (self.total + lost) / self.count


@function(
    "average",
    group=GROUP,
    gives="value",
    forms=[[_Read], [_Read, _Which]],
    votes=lambda _value: True,
    acts=True,
    waits=_on_match,
    check=_check_word,
)
def average(call: Call, value: Value, which: str = "") -> float | None:
    """The mean of the numbers so far; assign it, as a component of its own it does nothing.

    Keeps each value in the variable of the name qualifier, or `average`, by the number of the line;
    with "scan" by the count of scanned lines, with "match" by that of matches, of which only then
    the values are taken. Empty values are kept but not counted.

    Example::

        $[1*][ @mean = round(average.prices(#price)) ]
    """
    if call.vote_only:
        return None
    number = decimal_of(value)
    if not _is_new(call, value, which):
        return None if call.state is None else call.state.mean()
    if call.state is None:
        call.state = _Sum()
    if number is not None:
        call.state.add(number)
    return call.state.mean()


@average.prepare
def _(call: Call, exact: Callable[..., Any]) -> Callable[..., Any] | None:
    which = call.node.args[1] if len(call.node.args) > 1 else None
    if call.vote_only or not (which is None or _is_word(which, "line")):
        return None
    run, variables, name = call.run, call.run.variables, call.variable_name(call.name)

    def take(value: Value, *which: Value) -> Any:
        number, table, known = quick_decimal(value), variables.get(name), call.state
        if number is None or known is None or not table or table.__class__ is not dict:
            return exact(value, *which)
        table[str(run.line_number)] = value
        known.add(number)
        return known.mean()

    return take


@dataclass(slots=True)
class _Halves:
    """The lower numbers, negated, and the upper ones, each as a heap."""

    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)

    def add(self, number: float) -> None:
        """Add a number."""
        if len(self.low) > len(self.high):
            heappush(self.high, -heappushpop(self.low, -number))
        else:
            heappush(self.low, -heappushpop(self.high, number))

    def middle(self) -> float | None:
        """Return the median, None without numbers."""
        if not self.low:
            return None
        if len(self.low) > len(self.high):
            return -self.low[0]
        return (self.high[0] - self.low[0]) / 2


@function(
    "median",
    group=GROUP,
    gives="value",
    forms=[[_Read], [_Read, _Which]],
    votes=lambda _value: True,
    acts=True,
    waits=_on_match,
    check=_check_word,
)
def median(call: Call, value: Value, which: str = "") -> float | None:
    """The median of the numbers so far; everything else is as with average().

    Example::

        $[1*][ @middle = median.prices(#price) ]
    """
    if call.vote_only:
        return None
    number = decimal_of(value)
    if not _is_new(call, value, which):
        return None if call.state is None else call.state.middle()
    if call.state is None:
        call.state = _Halves()
    if number is not None:
        call.state.add(number)
    return call.state.middle()


@function("max", group=GROUP, gives="value", args=[NumberOrNone.on(_KINDS)], acts=True)
def max_(call: Call, value: float | None) -> float | None:
    """The greatest number so far, kept in the variable of the name qualifier, or `max`.

    Empty values change nothing.

    Example::

        $[1*][ max.dearest(#price) ]
    """
    return _extreme(call, value, max)


@function("min", group=GROUP, gives="value", args=[NumberOrNone.on(_KINDS)], acts=True)
def min_(call: Call, value: float | None) -> float | None:
    """The least number so far, kept in the variable of the name qualifier, or `min`.

    Empty values change nothing.

    Example::

        $[1*][ min.cheapest(#price) ]
    """
    return _extreme(call, value, min)


@max_.prepare
def _(call: Call, exact: Callable[..., Any]) -> Callable[..., Any]:
    variables, name = call.run.variables, call.variable_name(call.name)

    def greatest(value: Value) -> Any:
        number, present = quick_decimal(value), variables.get(name)
        if number is None or present.__class__ is not float:
            return exact(value)
        if number > present:
            variables[name] = number
            return number
        return present

    return greatest


@min_.prepare
def _(call: Call, exact: Callable[..., Any]) -> Callable[..., Any]:
    variables, name = call.run.variables, call.variable_name(call.name)

    def least(value: Value) -> Any:
        number, present = quick_decimal(value), variables.get(name)
        if number is None or present.__class__ is not float:
            return exact(value)
        if number < present:
            variables[name] = number
            return number
        return present

    return least


def _extreme(
    call: Call, value: float | None, better: Callable[[float, float], float]
) -> float | None:
    name = call.variable_name(call.name)
    present = call.run.variables.get(name)
    if present is not None and not isinstance(present, int | float):
        raise Fault(f"@{name} is no number, so {call.name}() cannot keep one in it")
    number = decimal_of(value)
    if number is None:
        return present
    found = number if present is None else float(better(present, number))
    call.run.variables[name] = found
    return found


@function(
    "percent",
    group=GROUP,
    gives="value",
    args=[Literal_.called('"line", "scan" or "match"')],
    needs_totals=True,
    check=_check_word,
)
def percent(call: Call, which: str) -> float:
    """How much of the data lines of the file, from 0 to 1, was read, scanned or matched so far.

    The file is counted before the run, its header line included.

    Example::

        $[1-4][ @read = percent("line") ]
    """
    run = call.run
    counts = {"line": run.data_lines, "scan": run.scans, "match": run.matches}
    return round(counts[which] / run.total_lines, 2) if run.total_lines else 0.0


@function(
    "percent_unique",
    group=GROUP,
    gives="value",
    args=[Anything.on("H")],
    votes=lambda _value: True,
    acts=True,
)
def percent_unique(call: Call, value: Value) -> float:
    """The percentage of distinct values that were seen exactly once, as a whole number.

    Counts the values in the variable of the name qualifier, or `percent_unique`.

    Example::

        $[1*][ @once = percent_unique.orders(#order) ]
    """
    table = call.table(call.name)
    key = hashable(value)
    if not table:
        call.state = None
    count = table[key] = table.get(key, 0) + 1
    once = (call.state or 0) + {1: 1, 2: -1}.get(count, 0)
    call.state = once
    return round(once / len(table), 2) * 100


@dataclass(slots=True)
class _Spread:
    """What is known of the numbers of a stack, as far as it was looked at (Welford)."""

    stack: list[Value]
    seen: int = 0
    count: int = 0
    mean: float = 0.0
    squares: float = 0.0

    def look(self, name: str) -> None:
        """Take in the items that were not looked at yet."""
        while self.seen < len(self.stack):
            item = self.stack[self.seen]
            number = _number_in_stack(item, name)
            self.seen += 1
            if number is not None:
                self.count += 1
                step = number - self.mean
                self.mean += step / self.count
                self.squares += step * (number - self.mean)


def _number_in_stack(item: Value, name: str) -> float | None:
    try:
        return decimal_of(item)
    except ValueError as error:
        raise Fault(f"{name}() cannot use {item!r}, which is no number") from error


_Stack: Final = Anything.on("VFT").called("stack")


@function("stdev", group=GROUP, gives="value", args=[_Stack])
def stdev(call: Call, given: Value) -> float | None:
    """The sample standard deviation of a stack, given by name or as itself; two decimals.

    None for less than two numbers. Empty items are not counted.

    Example::

        $[1*][ push("prices", #price) last.nocontrib() -> @spread = stdev("prices") ]
    """
    spread = _spread(call, given)
    return None if spread.count < 2 else _deviation(spread, spread.count - 1)  # noqa: PLR2004


@function("pstdev", group=GROUP, gives="value", args=[_Stack])
def pstdev(call: Call, given: Value) -> float | None:
    """The population standard deviation of a stack, given by name or as itself; two decimals.

    None without numbers. Empty items are not counted.

    Example::

        $[1*][ push("prices", #price) last.nocontrib() -> @spread = pstdev("prices") ]
    """
    spread = _spread(call, given)
    return _deviation(spread, spread.count) if spread.count else None


def _deviation(spread: _Spread, divisor: int) -> float:
    found = math.sqrt(max(spread.squares, 0.0) / divisor)
    if not math.isfinite(found):
        raise Fault("the numbers are too large for a standard deviation")
    return round(found, 2)


_CHANGERS: Final = ("pop", "sort")
"""Functions that change a stack otherwise than at its end."""


def _spread(call: Call, given: Value) -> _Spread:
    """Return what is known of a stack; a stack that only grows is looked at once."""
    stack = call.run.variables.setdefault(given, []) if isinstance(given, str) else given
    if not isinstance(stack, list | tuple):
        raise Fault(f"{call.name}() needs a stack, or the name of one")
    known: _Spread | None = call.state
    if (
        known is None
        or known.stack is not stack
        or known.seen > len(stack)
        or any(map(call.run.uses, _CHANGERS))
    ):
        known = call.state = _Spread(stack)  # type: ignore[arg-type]
    known.look(call.name)
    return known
