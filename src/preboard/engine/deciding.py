"""What decided whether a line matched, or why it was never asked.

In: the runner of a statement and the `Trace` of one line. Out: `Verdict`. Rules: spec/language.md
3.2, 5.5, 5.8.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from preboard.engine.context import SKIP, STOP, TAKE
from preboard.engine.plan import declared
from preboard.language import nodes as n

if TYPE_CHECKING:
    from preboard.engine.plan import Plan
    from preboard.engine.runner import Runner
    from preboard.engine.trace import Trace
    from preboard.errors import DataError

Status = Literal[
    "matched", "unmatched", "blank", "not-scanned", "jumped", "stopped", "no-line", "no-run"
]
_LEAVING = {STOP: "ended the run", SKIP: "left the line", TAKE: "took the line"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a line, why in a sentence, and the places of the components that decided."""

    status: Status
    reason: str
    decided_by: tuple[int, ...] = ()


def why_not_reached(runner: Runner, trace: Trace, error: DataError | None) -> Verdict:
    """Return why the components were not evaluated on the line; `error` ended the run before it."""
    run, line = runner.run, trace.line
    if not run.statement.modes.runs:
        return Verdict("no-run", "run-mode says no-run: the statement looks at no line")
    if trace.row is not None and not trace.row:
        return Verdict("blank", _BLANK)
    if not runner.plan.scan.holds(line):
        why = f"the scan part {run.statement.scan_part} does not select it"
        return Verdict("not-scanned", why)
    if trace.row is not None:
        return Verdict("jumped", "advance() jumped over it")
    if error is not None:
        return Verdict("stopped", f"an error ended the run before: {error.message}")
    if run.stopped:
        by = run.stopped_by or "stop()"
        return Verdict("stopped", f"the run ended on line {runner.records - 1}: {by}")
    if runner.records > line:
        return Verdict("blank", _BLANK)
    records = f"{runner.records} line{'s' * (runner.records != 1)}"
    return Verdict(
        "no-line", f"the data ends before it: it has {records}, and they are counted from 0"
    )


_BLANK = "it is blank, and blank lines are passed over"


def verdict_of(runner: Runner, trace: Trace) -> Verdict:
    """Return whether the line matched, and what decided it (5.5, 5.8)."""
    status: Status = "matched" if trace.matched else "unmatched"
    if trace.raised is not None:
        why = f"an error ended the run: {trace.raised.message}"
        return Verdict(status, why, _failed(runner.plan, trace))
    left = trace.left
    if left is not None:
        step = next(step for step in runner.plan.steps if trace.is_at(left.place, step.node))
        why = leaver(runner.plan, trace) or ""
        if left.how != STOP:
            return Verdict(status, why, (step.index,))
        if not trace.matched and not left.waited:
            return Verdict(status, f"{why} before this line could match", (step.index,))
    return _by_votes(runner.plan, trace, status)


def _by_votes(plan: Plan, trace: Trace, status: Status) -> Verdict:
    """Return which components decided by their votes."""
    votes = {step.index: trace.vote_of(step.node) for step in plan.steps}
    true = tuple(sorted(index for index, vote in votes.items() if vote))
    false = tuple(sorted(index for index, vote in votes.items() if vote is False))
    if not votes:
        return Verdict(status, "the match part is empty")
    if plan.any_component and trace.matched:
        why = f"{_parts(len(true), len(votes))} true, and one is enough (logic-mode OR)"
        return Verdict(status, why, true)
    if plan.any_component:
        return Verdict(status, "no part votes true (logic-mode OR)", tuple(sorted(votes)))
    if trace.matched:
        return Verdict(status, "no part votes false", tuple(sorted(votes)))
    return Verdict(status, f"{_parts(len(false), len(votes))} false", false)


def _parts(some: int, count: int) -> str:
    """Return so many of the parts, and the verb.

    >>> _parts(1, 3), _parts(2, 3), _parts(1, 1)
    ('1 of 3 parts votes', '2 of 3 parts vote', 'the only part votes')
    """
    if count == 1:
        return "the only part votes"
    return f"{some} of {count} parts {'votes' if some == 1 else 'vote'}"


def _failed(plan: Plan, trace: Trace) -> tuple[int, ...]:
    """Return the component with the last error: it is the one that ended the run."""
    orders = {
        max(seen.order for seen in failed): step.index
        for step in plan.steps
        if (failed := [seen for node in n.walk(step.node) if (seen := trace.of(node)).failures])
    }
    return (orders[max(orders)],) if orders else ()


def leaver(plan: Plan, trace: Trace) -> str | None:
    """Return what left the line before its last component, None if nothing did.

    >>> from preboard.engine.compile import plan_of
    >>> from preboard.engine.trace import Trace
    >>> leaver(plan_of("$[*][ yes() ]"), Trace(0)) is None
    True
    """
    left = trace.left
    if left is None:
        return None
    component = next(step.node for step in plan.steps if trace.is_at(left.place, step.node))
    calls = [
        (trace.of(part).order, part.name)
        for part in n.walk(component)
        if isinstance(part, n.Call) and declared(part).changes_flow and trace.has(part)
    ]
    if not calls:
        return "an error ended the run"
    return f"{max(calls)[1]}() {_LEAVING[left.how]}"
