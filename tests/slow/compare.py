"""Run a case through the engine and the slow evaluator, say where they differ, minimise it."""

from __future__ import annotations

import io
import math
from dataclasses import fields, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from tests.slow.evaluator import evaluate
from tests.slow.outcome import Outcome

import preboard
from preboard.errors import StatementError
from preboard.language import nodes as n
from preboard.language.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.slow.generator import Case

KINDS = (str, int, float, bool, type(None), date)
"""The types of values that are compared as they are; others by their text."""


def compiled(case: Case) -> Outcome:
    """Return what the engine makes of a case."""
    report = preboard.validate(
        case.text, io.BytesIO(case.data), delimiter=",", on_error=list(case.on_error)
    )
    return Outcome(
        report.lines,
        report.unmatched,
        report.variables,
        report.valid,
        report.stopped,
        report.headers,
        {stream: list(texts) for stream, texts in report.printouts.items()},
        sorted(error.line for error in report.errors),
        report.counts.scans,
        report.counts.matches,
    )


def slow(case: Case) -> Outcome:
    """Return what the slow evaluator makes of a case."""
    return evaluate(Statement.parse(case.text), case.rows, on_error=case.on_error, data=case.data)


def differences(case: Case) -> dict[str, tuple[Any, Any]]:
    """Return the parts of the outcome that differ: slow, compiled. A crash is a difference."""
    found: list[Outcome | Exception] = []
    for way in (slow, compiled):
        try:
            found.append(way(case))
        except RecursionError:
            return {}  # a list that holds itself, compared with another
        except Exception as error:  # noqa: BLE001 - a crash is a finding
            found.append(error)
    left, right = found
    if isinstance(left, Exception) or isinstance(right, Exception):
        return {"crash": (left, right)}
    return {
        field.name: (getattr(left, field.name), getattr(right, field.name))
        for field in fields(Outcome)
        if not alike(getattr(left, field.name), getattr(right, field.name))
    }


def alike(left: Any, right: Any) -> bool:
    """Say whether two values are the same, types too; NaN is NaN, and lists may hold themselves."""
    return plain(left, ()) == plain(right, ())


def plain(value: Any, above: tuple[int, ...]) -> Any:
    """Return a value in a form that can be compared."""
    if id(value) in above:
        return "..."
    above = (*above, id(value))
    if isinstance(value, dict):
        return {(type(key).__name__, key): plain(item, above) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item, above) for item in value]
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    return type(value).__name__, value if isinstance(value, KINDS) else str(value)


# minimising


def minimise(case: Case) -> Case:
    """Return the smallest case found that still differs in the same parts."""
    parts = set(differences(case))
    smaller = True
    while smaller:
        smaller = False
        for candidate in simpler_cases(case):
            try:
                Statement.parse(candidate.text)
            except StatementError:
                continue
            found = set(differences(candidate))
            if found and (found <= parts):
                case, smaller = candidate, True
                break
    return case


def simpler_cases(case: Case) -> Iterator[Case]:
    """Return cases that are a little simpler, the great steps first."""
    for index in range(len(case.tree.parts)):
        yield replace(case, tree=replace(case.tree, parts=without(case.tree.parts, index)))
    for index in range(len(case.rows)):
        yield replace(case, rows=without(case.rows, index))
    for index in range(len(case.on_error)):
        yield replace(case, on_error=without(case.on_error, index))
    for tree in simpler_trees(case.tree):
        yield replace(case, tree=tree)
    for index, row in enumerate(case.rows):
        for made in simpler_rows(row):
            yield replace(case, rows=(*case.rows[:index], made, *case.rows[index + 1 :]))


def simpler_trees(tree: n.Tree) -> Iterator[n.Tree]:
    """Return trees with simpler modes, scan part or components."""
    if tree.before:
        yield replace(tree, before=())
        words = tree.before[0].split()
        for index in range(len(words)):
            yield replace(tree, before=(f" {' '.join(without(words, index))} ",))
    if tree.scan.items:
        yield replace(tree, scan=n.Scan(n.NOWHERE, (), open_ended=True))
        for index in range(1, len(tree.scan.items)):
            yield replace(tree, scan=replace(tree.scan, items=without(tree.scan.items, index)))
    for index, part in enumerate(tree.parts):
        for made in simpler_nodes(part):
            yield replace(tree, parts=(*tree.parts[:index], made, *tree.parts[index + 1 :]))


def simpler_rows(row: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Return rows with fewer or plainer cells."""
    for place, text in enumerate(row):
        if len(row) > 1:
            yield without(row, place)
        if text not in ("1", "a", "b"):
            yield (*row[:place], "1", *row[place + 1 :])


def without(items: Any, index: int) -> Any:
    """Return a sequence less one item."""
    return items[:index] + items[index + 1 :]


def simpler_nodes(node: n.Node) -> Iterator[Any]:
    """Return nodes that are a little simpler, and could stand in the same place."""
    yield from n.children(node)
    if isinstance(node, n.Call | n.Header | n.Variable):
        for index in range(len(node.qualifiers)):
            yield replace(node, qualifiers=without(node.qualifiers, index))
    match node:
        case n.Call():
            yield from simpler_calls(node)
        case n.Equality() | n.Assignment() | n.When():
            for field in fields(node):
                child = getattr(node, field.name)
                if isinstance(child, n.Node):
                    yield from (replace(node, **{field.name: x}) for x in simpler_nodes(child))
        case n.Header() if node.name != "0":
            yield n.Header(n.NOWHERE, "0", node.qualifiers)
        case n.Term() if node.value not in (0, 1, "a", "x", "-"):
            yield from (n.Term(n.NOWHERE, value) for value in (1, "a", "x", "-"))


def simpler_calls(node: n.Call) -> Iterator[n.Value]:
    """Return calls with fewer or simpler arguments, then what can stand for a call."""
    for index, arg in enumerate(node.args):
        yield replace(node, args=without(node.args, index))
        for made in simpler_nodes(arg):
            yield replace(node, args=(*node.args[:index], made, *node.args[index + 1 :]))
    if node.args or node.name not in ("yes", "no"):
        yield n.Call(n.NOWHERE, "yes")
        yield n.Call(n.NOWHERE, "no")
    yield n.Header(n.NOWHERE, "0")
