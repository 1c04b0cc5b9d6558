"""What has to be known of a statement before code is generated for it.

In: a checked statement. Out: `Plan`: the components in the order of the two passes of
spec/language.md 5.7, the scan as ranges, and what the run around the generated code must offer.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from preboard.language import nodes as n
from preboard.language.functions.library import functions

if TYPE_CHECKING:
    from preboard.language.functions.registry import Function
    from preboard.language.statement import Statement


@dataclass(frozen=True, slots=True)
class ScanRanges:
    """The scanned lines as ordered, separate, inclusive ranges (3.2)."""

    ranges: tuple[tuple[int, int], ...]
    open_from: int | None
    """From this line on every line is scanned; None without a `*`."""

    @property
    def greatest(self) -> int | None:
        """Return the greatest listed line, None when the scan runs to the end of the file."""
        return self.ranges[-1][1] if self.open_from is None else None

    def holds(self, line: int) -> bool:
        """Say whether a line is scanned."""
        if self.open_from is not None and line >= self.open_from:
            return True
        place = bisect_right(self.ranges, (line, line)) - 1
        near = self.ranges[max(place, 0) : place + 2]
        return any(first <= line <= last for first, last in near)


def scan_ranges(scan: n.Scan) -> ScanRanges:
    """Return the lines that a scan part selects.

    >>> scan_ranges(
    ...     n.Scan(n.NOWHERE, (n.ScanItem("+", 4), n.ScanItem("-", 2), n.ScanItem("+", 0)), False)
    ... ).ranges
    ((0, 0), (2, 4))
    """
    if not scan.items:
        return ScanRanges((), 0)
    listed = []
    previous = 0
    for item in scan.items:
        start = previous if item.operator == "-" else item.line
        listed.append((min(start, item.line), max(start, item.line)))
        previous = item.line
    merged: list[tuple[int, int]] = []
    for first, last in sorted(listed):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return ScanRanges(tuple(merged), merged[-1][1] if scan.open_ended else None)


@dataclass(frozen=True, slots=True)
class Step:
    """A component and how it takes part in a line."""

    index: int
    """Its place among the components of the statement."""
    node: n.Component
    waits: bool
    """It holds an onmatch, so it runs in pass 2."""
    asks: bool
    """It asks whether all others match, or needs what such a one assigned: it runs behind them."""
    acts: bool
    """It has side effects; in pass 2 those that only vote go first."""
    eager_value: bool
    """It is an assignment that waits, but its right side is evaluated at its place in pass 1."""
    is_last: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """A statement made ready for the generator."""

    statement: Statement
    steps: tuple[Step, ...]
    scan: ScanRanges
    calls: tuple[n.Call, ...]
    """Every call in document order; generated code knows them by their place here."""
    called: frozenset[str]
    """The names of the functions it calls."""
    renewed: tuple[str, ...]
    """Variables that are None again before each line after the first."""

    def _any(self, flag: str) -> bool:
        return any(getattr(functions()[name], flag) for name in self.called)

    @property
    def uses_last(self) -> bool:
        """Say whether the last line must be known when it is there."""
        return self._any("last_only")

    @property
    def needs_totals(self) -> bool:
        """Say whether the lines must be counted before the run."""
        return self._any("needs_totals") or "total_lines" in self.statement.text

    @property
    def takes_whole_file(self) -> bool:
        """Say whether the file is a document for some function, so its text need be no table."""
        whole = ((declared(call).whole_file, call) for call in self.calls)
        return any(takes(call) for takes, call in whole if takes is not None)

    @property
    def needs_document(self) -> bool:
        """Say whether the whole file may be asked for while it is read."""
        return self._any("needs_document")

    @property
    def changes_line(self) -> bool:
        """Say whether some function changes cells of the line."""
        return self._any("changes_line")

    @property
    def changes_headers(self) -> bool:
        """Say whether headers may change within a line."""
        return self._any("changes_headers")

    @property
    def keeps_lines(self) -> bool:
        """Say whether some schema waits to know whether the line matches."""
        return any(functions()[name].keep is not None for name in self.called)

    @property
    def reads_votes(self) -> bool:
        """Say whether some function looks at the votes of the line."""
        return self._any("reads_votes")

    @property
    def any_component(self) -> bool:
        """Say whether one true vote is enough: logic-mode OR."""
        return self.statement.modes.any_component


def inlined(call: n.Call) -> bool:
    """Say whether generated code holds an expression for the call instead of calling it."""
    emitter = declared(call).emitter
    return (
        emitter is not None
        and "notnone" not in call.qualifiers
        and emitter(["x"] * len(call.args)) is not None
    )


def declared(call: n.Call) -> Function:
    """Return the declaration of the function that a checked call names."""
    return functions()[call.name]


def make_plan(statement: Statement) -> Plan:
    """Return the plan of a statement."""
    components = statement.components
    steps = _dependent([_step(i, c, i == len(components) - 1) for i, c in enumerate(components)])
    nodes = [node for component in components for node in n.walk(component)]
    calls = tuple(node for node in nodes if isinstance(node, n.Call))
    called = frozenset(call.name for call in calls)
    renewed = dict.fromkeys(
        node.name for node in nodes if isinstance(node, n.Variable) and "renew" in node.qualifiers
    )
    return Plan(statement, steps, scan_ranges(statement.tree.scan), calls, called, tuple(renewed))


def _dependent(steps: list[Step]) -> tuple[Step, ...]:
    """Let what reads a variable wait for the component before it that asks and assigns it."""
    asked: set[str] = set()
    found = []
    for step in steps:
        nodes = n.walk(step.node)
        reads = any(isinstance(part, n.Variable) and part.name in asked for part in nodes)
        found.append(replace(step, asks=True) if reads and not step.waits else step)
        if found[-1].asks:
            asked |= {part.target.name for part in nodes if isinstance(part, n.Assignment)}
    return tuple(found)


def _step(index: int, node: n.Component, is_last: bool) -> Step:
    nodes = n.walk(node)
    eager = (
        isinstance(node, n.Assignment)
        and waits(node)
        and not _implied(node.value)
        and not asks_verdict(node)
        and not any(isinstance(part, n.Call) and waits(part) for part in nodes)
    )
    acts = any(
        isinstance(part, n.Assignment) or (isinstance(part, n.Call) and declared(part).acts)
        for part in nodes
    )
    waiting = any(waits(part) for part in nodes)
    return Step(index, node, waiting, asks_verdict(node) and not waiting, acts, eager, is_last)


def asks_verdict(node: n.Component) -> bool:
    """Say whether a component asks whether all others match."""
    return any(isinstance(part, n.Call) and declared(part).asks_verdict for part in n.walk(node))


def waits(node: n.Node) -> bool:
    """Say whether a node itself acts on matching lines only (5.7)."""
    match node:
        case n.Call():
            own = declared(node).own_onmatch and node.args
            function = declared(node)
            always = function.always_waits or (function.waits is not None and function.waits(node))
            return always or ("onmatch" in node.qualifiers and not own)
        case n.Assignment(target=target, value=value):
            return _implied(value) or "onmatch" in target.qualifiers
        case _:
            return False


def _implied(value: n.Value) -> bool:
    """Say whether the right side of an assignment implies onmatch: count() and has_matches()."""
    return isinstance(value, n.Call) and not value.args and declared(value).implies_onmatch


def chains(statement: Statement) -> dict[int, tuple[int, str]]:
    """Return component index and chain of each call, keyed by where it stands in the text (9.4).

    A chain names the functions from the outermost to the call, each with its place, or by its name
    qualifier alone: `add[0].add[1]`, `person.integer[1]`.
    """
    found: dict[int, tuple[int, str]] = {}
    for component, node in enumerate(statement.components):
        waiting: list[tuple[n.Node, str, int]] = [(node, "", component)]
        while waiting:
            part, outer, place = waiting.pop()
            if isinstance(part, n.Call):
                outer = f"{outer}.{n.label(part) or f'{part.name}[{place}]'}".removeprefix(".")
                found[part.span.start] = (component, outer)
                waiting.extend((arg, outer, i) for i, arg in enumerate(part.args))
            else:
                waiting.extend((child, outer, place) for child in n.children(part))
    return found
