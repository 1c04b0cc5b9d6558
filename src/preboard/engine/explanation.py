"""Why a line matched or did not: the parts of a statement with what each came to.

In: the plan of a statement and the `Trace` of one line. Out: `Explanation`, a tree of `Part`s in
the order of the text. What was not evaluated says why: spec/language.md 5.4.1, 5.7, 5.8, 5.12.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import TYPE_CHECKING, Any, Literal

from preboard.engine.deciding import leaver
from preboard.engine.plan import declared
from preboard.language import nodes as n

if TYPE_CHECKING:
    from preboard.diagnostics import Span
    from preboard.engine.deciding import Status
    from preboard.engine.plan import Plan, Step
    from preboard.engine.report import LineError
    from preboard.engine.trace import Seen, Trace
    from preboard.language.values import Value

Kind = Literal[
    "call", "header", "variable", "reference", "literal", "pattern", "equality", "assignment",
    "when",
]  # fmt: skip
_KINDS: dict[type[n.Node], Kind] = {
    n.Call: "call", n.Header: "header", n.Variable: "variable", n.Reference: "reference",
    n.Term: "literal", n.Regex: "pattern", n.Equality: "equality", n.Assignment: "assignment",
    n.When: "when",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """The cell that a member of a schema looked at; `column` is its header, else its index."""

    column: str | int
    value: Value


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a statement, and what it came to on the line.

    `line` and `column` say where it stands in the statement's text, counted from 1. `vote` is None
    where none was asked for, `value` where `has_value` is false. `reason` says why a part that is
    not `evaluated` is not; `errors` what it failed with, what or() forgave included. `cell` is
    there for members of schemas.
    """

    kind: Kind
    text: str
    span: Span
    line: int
    column: int
    evaluated: bool
    has_value: bool = False
    value: Value = None
    vote: bool | None = None
    reason: str | None = None
    errors: tuple[str, ...] = ()
    cell: Cell | None = None
    children: tuple[Part, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the part and those below it, made of what JSON has."""
        return {
            "kind": self.kind,
            "text": self.text,
            "start": self.span.start,
            "end": self.span.end,
            "line": self.line,
            "column": self.column,
            "evaluated": self.evaluated,
            "reason": self.reason,
            "value": plain(self.value),
            "vote": self.vote,
            "errors": list(self.errors),
            "cell": self.cell and {"column": self.cell.column, "value": plain(self.cell.value)},
            "children": [child.to_json() for child in self.children],
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a statement made of one line.

    `line` is the 0-based record number, None where no record stands at the text line that was asked
    for; `text_line` the 1-based line of the text where it begins. `reason` says in a sentence why
    the line matched, did not match, or was not reached; `matched` is None when it was not reached.
    `decided_by` are the places of the components that decided, among `parts`: one for each
    component, none when the line was not reached.
    """

    statement: str
    identity: str | None
    line: int | None
    text_line: int | None
    status: Status
    reason: str
    headers: tuple[str, ...] = ()
    cells: tuple[Value, ...] = ()
    parts: tuple[Part, ...] = ()
    decided_by: tuple[int, ...] = ()
    errors: tuple[LineError, ...] = ()

    @property
    def matched(self) -> bool | None:
        """Say whether the line matched, None if it was not reached."""
        return {"matched": True, "unmatched": False}.get(self.status)

    def to_json(self) -> dict[str, Any]:
        """Return the explanation, made of what JSON has."""
        return {
            "identity": self.identity,
            "line": self.line,
            "text_line": self.text_line,
            "status": self.status,
            "matched": self.matched,
            "reason": self.reason,
            "decided_by": list(self.decided_by),
            "headers": list(self.headers),
            "cells": [plain(cell) for cell in self.cells],
            "errors": [_error_object(error) for error in self.errors],
            "parts": [part.to_json() for part in self.parts],
        }


def parts_of(plan: Plan, trace: Trace) -> tuple[Part, ...]:
    """Return a part for each component of a statement, in the order of the text."""
    maker = _PartMaker(plan, trace)
    return tuple(map(maker.component, sorted(plan.steps, key=lambda step: step.index)))


_PASSED_OVER = "the line is passed over, and only last() sees it"


class _PartMaker:
    """Makes the parts of one statement from what was seen of them."""

    def __init__(self, plan: Plan, trace: Trace) -> None:
        self.text = plan.statement.text
        self._begins = [0, *(found.end() for found in re.finditer("\n", self.text))]
        self.trace = trace
        self.leaver = leaver(plan, trace)

    def component(self, step: Step) -> Part:
        """Return the part of a component, and what is below it."""
        return self._part(step.node, self._why_not_reached(step))

    def _why_not_reached(self, step: Step) -> str:
        if not self.trace.began:
            return _PASSED_OVER
        if self.trace.raised is not None:
            return "an error ended the run before"
        if self.leaver is not None:
            return f"{self.leaver} before"
        if step.waits:
            return "it waits for the line to match, and it does not"
        return "it was not needed"

    def _part(self, node: n.Node, why_not: str) -> Part:
        known, reached = self.trace.of(node), self.trace.has(node)
        evaluated = reached and known.why_not is None
        reason = known.why_not if reached else why_not
        children = tuple(
            self._child(node, place, child, None if reached else why_not)
            for place, child in enumerate(n.children(node))
        )
        line, column = self._place(node)
        return Part(
            kind=_KINDS[type(node)],
            text=self.text[node.span.start : node.span.end],
            span=node.span,
            line=line,
            column=column,
            evaluated=evaluated,
            has_value=known.has_value and not _has_no_value(node),
            value=None if _has_no_value(node) else known.value,
            vote=known.vote,
            reason=reason,
            errors=tuple(known.failures),
            cell=self._cell(known),
            children=children,
        )

    def _place(self, node: n.Node) -> tuple[int, int]:
        """Return line and column as `Span.place`, for many parts of a long text."""
        line = bisect_right(self._begins, node.span.start)
        return line, node.span.start - self._begins[line - 1] + 1

    def _child(self, parent: n.Node, place: int, child: n.Node, why_not: str | None) -> Part:
        """Return a part below another; `why_not` says why that one was not evaluated."""
        if isinstance(child, n.Term | n.Regex):
            return self._literal(child, why_not)
        return self._part(child, why_not or self._why_not_asked(parent, place))

    def _literal(self, node: n.Term | n.Regex, why_not: str | None) -> Part:
        line, column = self._place(node)
        return Part(
            kind=_KINDS[type(node)],
            text=self.text[node.span.start : node.span.end],
            span=node.span,
            line=line,
            column=column,
            evaluated=why_not is None,
            has_value=True,
            value=node.text if isinstance(node, n.Regex) else node.value,
            reason=why_not,
        )

    def _why_not_asked(self, parent: n.Node, place: int) -> str:
        """Return why a part was not evaluated though the one around it was."""
        if not self.trace.began:
            return _PASSED_OVER
        if self.trace.raised is not None:
            return "an error ended the run before"
        match parent:
            case n.When() if place:
                return "the left side is not true"
            case n.Assignment() if not place:
                return "its value failed, so it is not set"
            case n.Call():
                function = declared(parent)
                signature = function.signature_for(parent.args)
                if function.flow is not None:
                    return f"{parent.name}() had its answer before"
                if signature is not None and signature.at(place).use == "then":
                    return f"{parent.name}() is not true"
        return "it was not needed"

    def _cell(self, seen: Seen) -> Cell | None:
        if seen.column is None:
            return None
        headers, column = self.trace.headers, seen.column
        if isinstance(column, int) and column < len(headers):
            column = headers[column] or column
        return Cell(column, seen.cell)


def _has_no_value(node: n.Node) -> bool:
    """Say whether a part only votes or acts."""
    if isinstance(node, n.Call):
        return declared(node).gives == "nothing"
    return isinstance(node, n.When | n.Assignment)


def plain(value: Any) -> Any:
    """Return a value made of what JSON has: dates as ISO 8601 text, NaN and infinities as None.

    >>> plain({1: (date(2026, 11, 21), float("nan"))})
    {'1': ['2026-11-21', None]}
    """
    match value:
        case None | bool() | str() | int():
            return value
        case float():
            return value if math.isfinite(value) else None
        case date() | time():
            return value.isoformat()
        case Mapping():
            return {str(plain(key)): plain(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(item) for item in value]
        case _:
            return str(value)


def _error_object(error: LineError) -> dict[str, Any]:
    return {
        "message": error.message,
        "column": error.column,
        "value": plain(error.value),
        "expected": error.expected,
        "rule": error.rule,
        "source": error.source,
        "hint": error.hint,
    }
