"""Write the evaluation of nodes into generated code: values, votes, components.

Each node of the tree is asked at most once a line for its value and once for its vote; both are
kept in temporaries. Rules: spec/language.md 5.4, 5.5, 5.12, 6.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from preboard.engine.actions import ActionWriter
from preboard.engine.calls import CallWriter
from preboard.engine.faults import changes_flow, looks_at_run, may_fault
from preboard.engine.plan import declared
from preboard.language import nodes as n
from preboard.language.values import index_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preboard.engine.generate import Options
    from preboard.engine.plan import Plan
    from preboard.engine.source import Source


class Expressions:
    """Writes nodes of one statement into one piece of generated code."""

    def __init__(
        self, plan: Plan, headers: tuple[str, ...], options: Options, out: Source, *, steady: bool
    ) -> None:
        self.plan = plan
        self.headers = headers
        self.options = options
        self.out = out
        self.number_of = {id(call): k for k, call in enumerate(plan.calls)}
        self.default = "False" if plan.any_component else "True"
        self.reads_run = any(looks_at_run(call) for call in plan.calls)
        self.by_name = plan.changes_headers or options.headers_vary
        self.fixed = steady and not plan.changes_line
        self.by_index = not (self.fixed and options.text_rows)
        self._values: dict[int, str] = {}
        self.results: dict[int, tuple[str, str | None]] = {}
        """What calls gave, by the id of the node: value, and vote where they bring one."""
        self._eager_faults: dict[int, str] = {}
        self.calls = CallWriter(self)
        self._actions = ActionWriter(self)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Forget afterwards what was evaluated inside: it may not have run."""
        before = dict(self._values), dict(self.results)
        yield
        self._values, self.results = before

    # what is done before the components of a line

    def begin_line(self) -> None:
        """Write what a line needs before its first component."""
        out = self.out
        if self.plan.uses_last:
            out.add("is_last = number == last_number")
        self.none_left()
        if self.options.explains:
            out.add("run.explain_line(number)")
        self.forget_votes()
        if self.plan.changes_line:
            out.add("row = row[:]")
        if "last_line_time" in self.plan.statement.text:
            out.add("run.tick()")
        if self.reads_run or self.by_name:
            out.add("run.row = row")
            out.add("run.line_number = number")
            out.add("run.scans = scans")
            if self.plan.uses_last:
                out.add("run.is_last = is_last")
        width = self._width()
        if width:  # to try is faster than to ask for the length: few lines are short
            padded = f"    r = row + [None] * ({width} - len(row))"
            out.add("r = row", "try:", f"    row[{width - 1}]", "except IndexError:", padded)

    def _width(self) -> int:
        """Return how many fields the code looks at, 0 when cells are looked up one by one."""
        if self.by_name or self.by_index:
            return 0
        nodes = (node for step in self.plan.steps for node in n.walk(step.node))
        indexes = (self._column(node) for node in nodes if isinstance(node, n.Header))
        return max((index + 1 for index in indexes if index is not None and index >= 0), default=0)

    def _column(self, header: n.Header) -> int | None:
        return index_of(header.name, self.headers, quoted=header.quoted)

    # components

    def component(self, node: n.Component) -> str:
        """Write a component with the effect of its errors; return its vote."""
        faulty = may_fault(node)
        if faulty:
            self.out.add(f"bad = {self._eager_faults.get(id(node), 'False')}")
        match node:
            case n.Assignment():
                vote = self._actions.assignment(node)
            case n.When():
                vote = self._actions.when(node)
            case _:
                vote = self.vote(node)
        if faulty and not self.options.votes_stand:
            sure = {"True": "not bad", "False": "False"}
            vote = self.out.assign(sure.get(vote, f"{vote} and not bad"), "v")
        if self.plan.reads_votes:
            place = next(step.index for step in self.plan.steps if step.node is node)
            self.out.add(f"run.votes[{place}] = {vote}")
        self.explain(node, "matching", "None", "None", vote)
        return vote

    def explain(self, node: n.Node, action: str, left: str, right: str, result: str) -> None:
        """Write a step of the explanation, where one is asked for: `engine.trace`."""
        if self.options.explains:
            span = f"{node.span.start}, {node.span.end}"
            self.out.add(f"run.explain({span}, {action!r}, {left}, {right}, {result})")

    def eager(self, node: n.Component) -> str | None:
        """Write the right side of an assignment that waits; its value is kept for pass 2.

        Return the name that tells whether it failed, None where it cannot: a component with an
        error votes false (9.5), so nothing waits for that line any more.
        """
        if not isinstance(node, n.Assignment):
            return None
        faulty = may_fault(node.value)
        if faulty:
            self.out.add("bad = False")
        self.value(node.value)
        if faulty:
            self._eager_faults[id(node)] = self.out.assign("bad", "b")
        return self._eager_faults.get(id(node))

    def may_halt_early(self, node: n.Component) -> bool:
        """Say whether the right side of an assignment that waits may stop or leave the line."""
        return isinstance(node, n.Assignment) and self._halts(node.value)

    def last_only(self, node: n.Node) -> None:
        """Write every last() below a node, and the action of a `last() -> action`."""
        if isinstance(node, n.When) and _is_last(node.left):
            vote = self.vote(node.left)
            self._actions.note_fired(node, vote)
            with self.out.when(vote):
                self._actions.action(node.action)
        elif _is_last(node):
            self.vote(node)
        else:
            for child in n.children(node):
                self.last_only(child)

    def may_halt(self, node: n.Component) -> bool:
        """Say whether a component may stop the run or leave the line."""
        return self._halts(node)

    def _halts(self, node: n.Node) -> bool:
        if self.options.stops_on_error and may_fault(node):
            return True
        return changes_flow(node)

    # votes

    def vote(self, node: n.Node) -> str:
        """Write what a node's vote needs; return an expression for it that is a bool."""
        vote = self._vote(node)
        self.explain(node, "vote", "None", "None", vote)
        return vote

    def _vote(self, node: n.Node) -> str:
        match node:
            case n.Header():
                value = self.value(node)
                if "asbool" in node.qualifiers or value in ("True", "False"):
                    return value
                return (
                    "False" if value == "None" else self.out.assign(f"not is_empty({value})", "v")
                )
            case n.Variable():
                value = self.value(node)
                if "asbool" not in node.qualifiers:
                    return self.out.assign(f"{value} is not None", "v")
                truth = f"{value} is True or ({value} is not False and truth({value}))"
                return self.out.assign(truth, "v")
            case n.Equality():
                return self._equality(node)
            case n.Call():
                return self.calls.vote(node)
            case n.Reference():
                value = self.value(node)
                if node.kind == "csvpaths":  # the name of a statement, which is never None
                    return "True"
                return self.out.assign(f"{value} is not None", "v")
            case _:
                return self.out.assign(f"not is_empty({self.value(node)})", "v")

    def _equality(self, node: n.Equality) -> str:
        known = self._values.get(id(node))
        if known:
            return known
        left, right = self.value(node.left), self.value(node.right)
        test = None
        for cells, other, literal in (
            (node.left, left, node.right),
            (node.right, right, node.left),
        ):
            if (
                isinstance(cells, n.Header)
                and "asbool" not in cells.qualifiers
                and _is_literal(literal)
            ):
                test = self._cell_equals(other, literal)
        vote = self.out.assign(test or f"same({left}, {right})", "v")
        self.explain(node, "equality", left, right, vote)
        self._values[id(node)] = vote
        return vote

    def _cell_equals(self, cell: str, literal: n.Node) -> str | None:
        """Return the test of a cell, trimmed text, against a literal: 6.2 for this common case."""
        if self.by_name or self.by_index or cell == "None":
            return None
        text = (literal.text if isinstance(literal, n.Regex) else text_of(literal.value)).strip()  # type: ignore[attr-defined]
        return None if text == "None" else f"{cell} == {text!r}"

    # values

    def value(self, node: n.Node) -> str:
        """Write what a node's value needs; return a name or a literal for it."""
        known = self._values.get(id(node))
        if known is not None:
            return known
        found = self._value(node)
        self._values[id(node)] = found
        if isinstance(node, n.Header | n.Variable | n.Reference):
            self.explain(node, "value", "None", "None", found)
        return found

    def _value(self, node: n.Node) -> str:
        match node:
            case n.Term():
                return repr(node.value)
            case n.Regex():
                return repr(node.text)
            case n.Reference():
                return self._reference(node)
            case n.Header():
                cell = self._cell(node)
                return (
                    self.out.assign(f"truth({cell})", "v") if "asbool" in node.qualifiers else cell
                )
            case n.Variable():
                key = n.label(node)
                name = repr(node.name)
                return self.out.assign(
                    f"V.get({name})" if key is None else f"tracked(V.get({name}), {key!r})"
                )
            case n.Equality():
                return self._equality(node)
            case n.Call():
                return self.calls.value(node)
            case _:
                raise TypeError(f"{type(node).__name__} has no value")

    def _reference(self, node: n.Reference) -> str:
        if node.kind == "csvpaths":
            return repr(f"{node.root}#{node.item}")
        found = self.out.fresh()
        words = f"{node.root!r}, {node.kind!r}, {node.item!r}, {node.tracking!r}"
        report = f"run.fault_of_reference({node.span.start}, error)"
        self.guard(f"{found} = run.reach({words})", f"{found} = None", report)
        return found

    def _cell(self, node: n.Header) -> str:
        if self.by_name:
            return self.out.assign(f"run.cell({node.name!r}, {node.quoted})")
        index = self._column(node)
        if index is None:
            return "None"
        if self.by_index or index < 0:
            return self.out.assign(f"cell(row, {index})")
        raw = self.out.assign(f"r[{index}]")
        self.out.add(f"if {raw} is not None:", f"    {raw} = {raw}.strip()")
        return raw

    def raw_cell(self, header: n.Header) -> str | None:
        """Return an expression for a cell as it stands in the file, None on a short line."""
        index = self._column(header)
        return None if index is None or index < 0 else f"r[{index}]"

    # what calls and actions share

    def left(self, *nodes: n.Node) -> str:
        """Return the condition under which one of the values, or one below, is not there.

        That is after `Unusable`.
        """
        calls = (part for node in nodes for part in n.walk(node) if isinstance(part, n.Call))
        return " or ".join(f"left{self.number_of[id(c)]}" for c in calls if declared(c).leaves)

    def forget_votes(self) -> None:
        """Write that no component has voted on this line, for functions that look at the votes."""
        if self.plan.reads_votes:
            self.out.add(f"run.votes = [None] * {len(self.plan.steps)}")
            self.out.add(f"run.whens = [False] * {self._actions.count_of_whens}")

    def none_left(self) -> None:
        """Write that no value of the line was found to be unusable so far."""
        for number, call in enumerate(self.plan.calls):
            if declared(call).leaves:
                self.out.add(f"left{number} = False")

    def guard(self, call: str, otherwise: str, report: str) -> None:
        """Write a call that may fail: its error is reported and the default stands in for it."""
        lines = [
            "try:",
            f"    {call}",
            "except Exception as error:",
            f"    {otherwise}",
            "    bad = True",
        ]
        if not self.reads_run:
            lines += ["    run.line_number = number", "    run.scans = scans", "    run.row = row"]
        self.out.add(*lines, f"    {report}")


def _is_last(node: n.Node) -> bool:
    return isinstance(node, n.Call) and declared(node).last_only


def _is_literal(node: n.Node) -> bool:
    return isinstance(node, n.Term | n.Regex)
