"""Turn a plan into the source of two Python functions.

In: a plan, the headers, and what the run wants (`Options`). Out: source text with `consume(rows,
number, last_number)`, which takes a batch of lines, and `frozen(row, number)`, which does what
last() does on a line that is for last() only (spec/language.md 5.9).

The code is flat: temporaries t1, t2, ... instead of nested expressions. A call is evaluated where
it stands, in document order (5.3, 5.12); what waits for the line to match goes behind the first
verdict
(5.7). Generated code uses only its own locals and the names that `engine.compile` binds: `run`,
`V` (the variables), `f0, f1, ...` (the calls), `a0, a1, ...` (assignments with qualifiers), `C0,
...` (headers passed by name), and the helpers of `language.values`. Nothing of the statement's text
gets in but through `repr`. It is deterministic: the same plan gives the same text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from preboard.engine.expressions import Expressions
from preboard.engine.plan import asks_verdict
from preboard.engine.source import Source

if TYPE_CHECKING:
    from preboard.engine.plan import Plan, ScanRanges, Step

_MOST_RANGES = 6


@dataclass(frozen=True, slots=True)
class Options:
    """What the run wants of the generated code."""

    stops_on_error: bool = False
    votes_stand: bool = False
    """validation-mode match: an error does not change the vote of its component."""
    keeps: bool = False
    """Returned lines are handed to `keep`."""
    drops: bool = False
    """Scanned lines that are not returned are handed to `drop`."""
    explains: bool = False
    """Every step is told to the followers of the run."""
    text_rows: bool = True
    """All cells are text; else no fast way that assumes it is taken."""
    headers_vary: bool = False
    """Records bring other headers than those before: cells are looked up by name."""
    jumps: bool = False
    """Another statement may let this one jump over lines: advance_all() in a run by lines."""
    inverts: bool = False
    """The lines that do not match are returned, unless the return-mode says which."""


def generate(plan: Plan, headers: tuple[str, ...], options: Options) -> str:
    """Return the source of `consume` and `frozen` for a statement over lines with these headers."""
    return _consume(plan, headers, options) + "\n\n" + _frozen(plan, headers, options)


def _consume(plan: Plan, headers: tuple[str, ...], options: Options) -> str:
    out = Source()
    judge = _Judge(plan, headers, options)
    with out.block("def consume(rows, number, last_number):"):
        out.add("scans = run.scans")
        out.add("matches = run.matches")
        start = _start(plan.scan)
        if start:
            out.add(*_passed_over(start))
        with out.block("for row in rows:"):
            out.add("number += 1")
            out.add("if not row:", "    run.blanks += 1", "    continue")
            outside = "" if start is not None else _outside(plan.scan)
            if outside:
                out.add(f"if {outside}:", "    continue")
            out.add("scans += 1")
            if judge.advances:
                out.add("if run.to_jump:", "    run.to_jump -= 1", *judge.jumped(), "    continue")
            _lines_of(out, judge.body())
        out.add("run.scans = scans")
        out.add("run.matches = matches")
        out.add("return number")
    return str(out)


def _frozen(plan: Plan, headers: tuple[str, ...], options: Options) -> str:
    """Write what runs on a line for last() only: every last() and what hangs on it."""
    out = Source()
    with out.block("def frozen(row, number):"):
        out.add("scans = run.scans", "matches = run.matches", "is_last = run.is_last = True")
        out.add("run.line_number = number", "run.row = row", "bad = False", "r = row")
        expressions = Expressions(plan, headers, options, out, steady=False)
        expressions.none_left()
        expressions.forget_votes()
        for step in plan.steps:
            expressions.last_only(step.node)
            if expressions.may_halt(step.node):
                out.add("if run.halt:", "    run.halt = 0", "    return")
    return str(out)


def _start(scan: ScanRanges) -> int | None:
    """Return the line from which on all are scanned, None where that is not what is scanned."""
    if scan.open_from is None or len(scan.ranges) > 1:
        return None
    return min([scan.open_from, *(first for first, _ in scan.ranges)])


def _passed_over(start: int) -> list[str]:
    """Return what passes over the lines before the scan, once instead of a test for each line."""
    return [
        f"if number < {start - 1}:",
        f"    ahead = rows[:{start - 1} - number]",
        "    run.blanks += len([row for row in ahead if not row])",
        "    number += len(ahead)",
        "    rows = rows[len(ahead):]",
    ]


def _outside(scan: ScanRanges) -> str:
    """Return the condition for a line that is not scanned."""
    if len(scan.ranges) > _MOST_RANGES:
        return "not in_scan(number)"
    tests = [f"number == {a}" if a == b else f"{a} <= number <= {b}" for a, b in scan.ranges]
    if scan.open_from is not None:
        tests.append(f"number >= {scan.open_from}")
    return f"not ({' or '.join(tests)})"


def _lines_of(out: Source, lines: list[str]) -> None:
    for line in lines:
        out.add(line)


class _Judge:
    """Writes what happens to one scanned line."""

    def __init__(self, plan: Plan, headers: tuple[str, ...], options: Options) -> None:
        self.plan = plan
        self.options = options
        self.out = Source()
        self.expressions = Expressions(plan, headers, options, self.out, steady=True)
        self.joiner = " or " if plan.any_component else " and "
        self.advances = options.jumps or any(
            call.name in ("advance", "advance_all") for call in plan.calls
        )

    def jumped(self) -> list[str]:
        """Return what is done with a line that advance() jumps over: last() still sees it."""
        if not self.plan.uses_last:
            return []
        return [
            "    if number == last_number:",
            "        run.scans = scans",
            "        frozen(row, number)",
        ]

    def body(self) -> list[str]:
        """Return the statements for one line."""
        out = self.out
        halts = any(self.expressions.may_halt(step.node) for step in self.plan.steps)
        self.expressions.begin_line()
        for name in self.plan.renewed:
            out.add("if scans > 1:", f"    V[{name!r}] = None")
        first = [step for step in self.plan.steps if not step.waits]
        asking = [step for step in first if step.asks]
        waiting = [step for step in self.plan.steps if step.waits]
        if halts or waiting:
            with out.block("while True:"):
                self._first_pass()
                self._ask(asking)
                self._second_pass(first, waiting)
                out.add("break")
        else:
            self._first_pass()
            self._ask(asking)
        self._finish(halts=halts)
        return str(out).splitlines()

    def _first_pass(self) -> None:
        votes = []
        for step in self.plan.steps:
            if step.eager_value:
                failed = self.expressions.eager(step.node)
                if failed and not self.options.votes_stand and not self.plan.any_component:
                    votes.append(f"not {failed}")
                    self.expressions.explain(step.node, "early", "None", "None", f"not {failed}")
                if self.expressions.may_halt_early(step.node):
                    self._leave(step)
            if not step.waits and not step.asks:
                votes.append(self._component(step))
        self.out.add(f"ok = {self._verdict(votes)}")

    def _ask(self, asking: list[Step]) -> None:
        """Write the components that ask whether all others match."""
        if not asking:
            return
        if any(self.expressions.may_halt(step.node) for step in asking):
            self.out.add("run.halt = 0")  # what stood last in the text stopped the run
        self.out.add("run.verdict = ok")
        votes = [self._component(step) for step in asking]
        self.out.add(f"ok = {self._verdict(['ok', *votes])}")

    def _verdict(self, votes: list[str]) -> str:
        neutral = "False" if self.plan.any_component else "True"
        telling = [vote for vote in votes if vote != neutral]
        return self.joiner.join(telling) if telling else neutral

    def _component(self, step: Step) -> str:
        """Write one component and the test whether it left the line; return its vote."""
        vote = self.expressions.component(step.node)
        if self.expressions.may_halt(step.node):
            self._leave(step)
        return vote

    def _leave(self, step: Step) -> None:
        """Write the test whether a component of pass 1 left the line (5.8)."""
        condition = "run.halt > 1" if step.is_last else "run.halt"
        left = self._explain_leaving(step, waited=False)
        self.out.add(f"if {condition}:", *left, "    ok = run.halt == 3", "    break")

    def _explain_leaving(self, step: Step, *, waited: bool) -> list[str]:
        """Return the step of the explanation that tells where the line was left, and how."""
        if not self.options.explains:
            return []
        span = step.node.span
        return [f"    run.explain({span.start}, {span.end}, 'left', {waited}, None, run.halt)"]

    def _second_pass(self, first: list[Step], waiting: list[Step]) -> None:
        if not waiting:
            return
        out = self.out
        voting = [step for step in waiting if not step.acts]
        acting = [step for step in waiting if step.acts]
        alone = self.plan.any_component and not first
        if any(self.expressions.may_halt(step.node) for step in self.plan.steps):
            out.add("run.halt = 0")
        if not alone:
            out.add("if not ok:", "    break")
        if self.expressions.reads_run:
            out.add("run.matches = matches + 1")
            out.add("run.counted = 1")
        for step in voting:
            self._waited(step)
        if acting and voting:
            out.add("if not ok:", "    break")
        for step in acting:
            self._waited(step)

    def _waited(self, step: Step) -> None:
        if asks_verdict(step.node):
            self.out.add("run.verdict = ok")
        vote = self.expressions.component(step.node)
        if vote != ("False" if self.plan.any_component else "True"):
            self.out.add(f"ok = ok{self.joiner}{vote}")
        if self.expressions.may_halt(step.node):
            self.out.add(
                "if run.halt:",
                *self._explain_leaving(step, waited=True),
                "    ok = ok if run.halt == 1 else run.halt == 3",
                "    break",
            )

    def _finish(self, *, halts: bool) -> None:
        out = self.out
        if self.plan.keeps_lines:
            out.add("run.settle(ok)")
        counted = ["if ok:", "    matches += 1"]
        reads = self.expressions.reads_run
        if reads:
            counted.append("    run.matches = matches")
        if reads and any(step.waits for step in self.plan.steps):
            out.add("run.counted = 0")
        returned, other = self._hand_over()
        if self._returns_unmatched():
            returned, other = other, returned
        counted.extend(f"    {line}" for line in returned)
        unmatched = [f"    {line}" for line in other]
        if reads and any(step.waits for step in self.plan.steps):
            unmatched.insert(0, "    run.matches = matches")
        if unmatched:
            counted.extend(["else:", *unmatched])
        out.add(*counted)
        if halts:
            out.add("if run.halt:", "    run.halt = 0", "if run.stopped:", "    break")

    def _returns_unmatched(self) -> bool:
        modes = self.plan.statement.modes
        said = any(mode == "return-mode" for mode, _ in modes.texts)
        return modes.no_matches or (self.options.inverts and not said)

    def _hand_over(self) -> tuple[list[str], list[str]]:
        """Return what is done with a line that matched, and with one that did not."""
        keep = ["keep(row)"] if self.options.keeps else []
        drop = ["drop(row)"] if self.options.drops else []
        return keep, drop
