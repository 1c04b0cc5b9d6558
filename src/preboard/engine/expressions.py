"""Write the evaluation of nodes into generated code: values, votes, calls, assignments.

Each node of the tree is asked at most once a line for its value and once for its vote; both are
kept in temporaries. Rules: spec/language.md 5.4, 5.5, 5.12, 6.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from preboard.engine.plan import declared, inlined
from preboard.engine.schemas import SchemaWriter
from preboard.language import nodes as n
from preboard.language.values import index_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preboard.engine.generate import Options
    from preboard.engine.plan import Plan
    from preboard.engine.source import Source
    from preboard.language.functions.registry import Function
    from preboard.language.functions.signature import Param

_PLAIN = frozenset({"onmatch", "nocontrib", "asbool", "renew", "tmp"})
"""Qualifiers of an assignment that leave `V[name] = value` as it is."""


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
        self.assignments = {
            id(node): k
            for k, node in enumerate(
                node
                for step in plan.steps
                for node in n.walk(step.node)
                if isinstance(node, n.Assignment)
            )
        }
        self._whens = [id(step.node) for step in plan.steps if isinstance(step.node, n.When)]
        self.default = "False" if plan.any_component else "True"
        self.reads_run = any(_looks_at_run(call) for call in plan.calls)
        self.by_name = plan.changes_headers or options.headers_vary
        self.fixed = steady and not plan.changes_line
        self.by_index = not (self.fixed and options.text_rows)
        self._values: dict[int, str] = {}
        self._eager_faults: dict[int, str] = {}

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Forget afterwards what was evaluated inside: it may not have run."""
        before = dict(self._values)
        yield
        self._values = before

    # what is done before the components of a line

    def begin_line(self) -> None:
        """Write what a line needs before its first component."""
        out = self.out
        if self.plan.uses_last:
            out.add("is_last = number == last_number")
        self.none_left()
        if self.options.explains:
            out.add("run.explain_line(number)")
        if self.plan.reads_votes:
            out.add(f"run.votes = [None] * {len(self.plan.steps)}")
            out.add(f"run.whens = [False] * {len(self._whens)}")
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
        faulty = self._may_fault(node)
        if faulty:
            self.out.add(f"bad = {self._eager_faults.get(id(node), 'False')}")
        match node:
            case n.Assignment():
                vote = self._assignment(node)
            case n.When():
                vote = self._when(node)
            case _:
                vote = self.vote(node)
        if faulty and not self.options.votes_stand:
            vote = self.out.assign(f"{vote} and not bad", "v")
        if self.plan.reads_votes:
            place = next(step.index for step in self.plan.steps if step.node is node)
            self.out.add(f"run.votes[{place}] = {vote}")
        self._explain(node, "matching", "None", "None", vote)
        return vote

    def _explain(self, node: n.Node, action: str, left: str, right: str, result: str) -> None:
        """Write a step of the explanation, when explain-mode asks for one (10)."""
        if self.options.explains:
            span = f"{node.span.start}, {node.span.end}"
            self.out.add(f"run.explain({span}, {action!r}, {left}, {right}, {result})")

    def eager(self, node: n.Component) -> None:
        """Write the right side of an assignment that waits; its value is kept for pass 2."""
        if isinstance(node, n.Assignment):
            faulty = self._may_fault(node.value)
            if faulty:
                self.out.add("bad = False")
            self.value(node.value)
            if faulty:
                self._eager_faults[id(node)] = self.out.assign("bad", "b")

    def may_halt_early(self, node: n.Component) -> bool:
        """Say whether the right side of an assignment that waits may stop or leave the line."""
        return isinstance(node, n.Assignment) and self._halts(node.value)

    def last_only(self, node: n.Node) -> None:
        """Write every last() below a node, and the action of a `last() -> action`."""
        if isinstance(node, n.When) and _is_last(node.left):
            vote = self.vote(node.left)
            with self.out.when(vote):
                self._action(node.action)
        elif _is_last(node):
            self.vote(node)
        else:
            for child in n.children(node):
                self.last_only(child)

    def may_halt(self, node: n.Component) -> bool:
        """Say whether a component may stop the run or leave the line."""
        return self._halts(node)

    def _halts(self, node: n.Node) -> bool:
        if self.options.stops_on_error and self._may_fault(node):
            return True
        return any(
            isinstance(part, n.Call) and declared(part).changes_flow for part in n.walk(node)
        )

    def _may_fault(self, node: n.Node) -> bool:
        return any(
            (isinstance(part, n.Call) and _guarded(part))
            or (isinstance(part, n.Assignment) and not _is_plain(part.target))
            for part in n.walk(node)
        )

    def _when(self, node: n.When) -> str:
        out = self.out
        left = self._left_vote(node.left)
        kept = _has_nocontrib(node.left)
        if self.plan.reads_votes:
            out.add(f"run.whens[{self._whens.index(id(node))}] = {left}")
        result = out.fresh("v")
        if self.plan.any_component:
            out.add(f"{result} = {'False' if kept else left}")
            with out.when(left):
                self._action(node.action)
            self._explain(node, "when/do", left, "None", result)
            return result
        out.add(f"{result} = {kept}")
        with out.when(left):
            vote = self._action(node.action)
            always = isinstance(node.action, n.Call) and "nocontrib" in node.action.qualifiers
            out.add(f"{result} = {'True' if always else vote}")
        self._explain(node, "when/do", left, "None", result)
        return result

    def _left_vote(self, node: n.Test) -> str:
        """Return the vote of a left side: count.onmatch(x) lets the action wait for x (5.7)."""
        if isinstance(node, n.Call) and (
            _keeps_nocontrib(node) or (declared(node).own_onmatch and "onmatch" in node.qualifiers)
        ):
            return self._call(node)[1] or self.default
        return self.vote(node)

    def _action(self, node: n.Action) -> str:
        return self._assignment(node) if isinstance(node, n.Assignment) else self.vote(node)

    def _assignment(self, node: n.Assignment) -> str:
        """Write an assignment; return its vote. A value that failed may keep it from being made."""
        new, left = self.value(node.value), self._left(node)
        if not left:
            return self._assign(node, new)
        vote = self.out.assign("False", "v")
        with self.out.when(f"not ({left})"):
            self.out.add(f"{vote} = {self._assign(node, new)}")
        return vote

    def _assign(self, node: n.Assignment, new: str) -> str:
        """Write steps 1 to 7 of spec/language.md 6.3; return the vote."""
        target, words = node.target, n.known(node.target)
        self._explain(node, "assign", repr(target.name), new, new)
        if _is_plain(target):
            self.out.add(f"V[{target.name!r}] = {new}")
            vote = f"truth({new})" if "asbool" in words else self.default
            return self.default if "nocontrib" in words else vote
        number = self.assignments[id(node)]
        vote = self.out.fresh("v")
        self._guard(
            f"{vote} = a{number}({new})",
            f"{vote} = False",
            f"run.fault_at({node.target.span.start}, error)",
        )
        return self.default if "nocontrib" in words else vote

    # votes

    def vote(self, node: n.Node) -> str:
        """Write what a node's vote needs; return an expression for it that is a bool."""
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
                test = f"truth({value})" if "asbool" in node.qualifiers else f"{value} is not None"
                return self.out.assign(test, "v")
            case n.Equality():
                return self._equality(node)
            case n.Call():
                return self._call_vote(node)
            case n.Reference():
                return "True"
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
        self._explain(node, "equality", left, right, vote)
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
        return found

    def _value(self, node: n.Node) -> str:
        match node:
            case n.Term():
                return repr(node.value)
            case n.Regex():
                return repr(node.text)
            case n.Reference():
                return repr(f"{node.root}#{node.item}")
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
                return self._call_value(node)
            case _:
                raise TypeError(f"{type(node).__name__} has no value")

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

    # calls

    def _call_value(self, node: n.Call) -> str:
        function = declared(node)
        if function.gives == "nothing":
            return repr(function.default)
        return self._call(node)[0]

    def _call_vote(self, node: n.Call) -> str:
        function = declared(node)
        value, vote = self._call(node)
        if function.gives == "match":
            return value
        if function.gives == "nothing":
            return self.default
        if vote is not None and not function.own_onmatch and not _keeps_nocontrib(node):
            return vote
        if function.votes is None:
            return self.default
        return self.out.assign(f"votes{self.number_of[id(node)]}({value})", "v")

    def _call(self, node: n.Call) -> tuple[str, str | None]:
        """Write the evaluation of a call; return its value, and its vote where it brings one."""
        known = self._values.get(-id(node))
        if known is None:
            value, vote = self._evaluate(node)
            known = self._values[-id(node)] = f"{value}|{vote or ''}"
        found, _, voted = known.partition("|")
        return found, voted or None

    def _evaluate(self, node: n.Call) -> tuple[str, str | None]:
        function = declared(node)
        if function.flow:
            return self._joined(node, function), None
        if function.schema:
            return SchemaWriter(self, node).write(), None
        signature = function.signature_for(node.args)
        places = [signature.at(i) for i in range(len(node.args))] if signature else []
        passed = [(i, place) for i, place in enumerate(places) if place.use != "then"]
        depends = function.gives == "value" and any(
            self._may_fault(node.args[i]) for i, _ in passed
        )
        left = "" if depends else self._left(node)
        before = self.out.assign("bad", "b") if depends else ""
        if depends:
            self.out.add("bad = False")
        args = [self._argument(node, i, place) for i, place in passed]
        unless = "bad" if depends else left
        value, vote = self._result(node, function, args, unless=unless)
        if depends:
            self.out.add(f"bad = bad or {before}")
        for arg, place in zip(node.args, places, strict=True):
            if place.use == "then":
                self._then(arg, value, unconditional=function.gives == "nothing")
        return value, vote

    def member(self, node: n.Call, own_cell: str | None) -> tuple[str, str | None]:
        """Write a member of a schema; one that names no header gets the cell at its place."""
        if own_cell is None:
            return self._evaluate(node)
        return self._result(node, declared(node), [own_cell], unless="")

    def raw_cell(self, header: n.Header) -> str | None:
        """Return an expression for a cell as it stands in the file, None on a short line."""
        index = self._column(header)
        return None if index is None or index < 0 else f"r[{index}]"

    def _left(self, node: n.Node) -> str:
        """Return the condition under which a value below a node is not there (`Unusable`)."""
        calls = (part for part in n.walk(node) if isinstance(part, n.Call) and part is not node)
        return " or ".join(f"left{self.number_of[id(c)]}" for c in calls if declared(c).leaves)

    def none_left(self) -> None:
        """Write that no value of the line was found to be unusable so far."""
        for number, call in enumerate(self.plan.calls):
            if declared(call).leaves:
                self.out.add(f"left{number} = False")

    def _then(self, arg: n.Node, value: str, *, unconditional: bool) -> None:
        if unconditional:
            self.vote(arg)
            return
        with self.out.when(value):
            self.vote(arg)

    def _argument(self, node: n.Call, index: int, place: Param) -> str:
        arg = node.args[index]
        match place.use:
            case "vote" if "notnone" in node.qualifiers:
                value = self.value(arg)
                return f"({value}, {self.vote(arg)})"
            case "vote":
                return self.vote(arg)
            case "column" if isinstance(arg, n.Header):
                return f"C{self.number_of[id(node)]}_{index}"
            case "sighting":
                value = self.value(arg)
                return f"({value}, {self.vote(arg)})"
            case _:
                return self.value(arg)

    def _result(
        self, node: n.Call, function: Function, args: list[str], *, unless: str
    ) -> tuple[str, str | None]:
        """Write the call; where `unless` holds, an argument failed: the default it is (5.12)."""
        number = self.number_of[id(node)]
        inline = function.emitter(args) if function.emitter and inlined(node) else None
        if inline in ("True", "False"):
            return inline, None
        target = self.out.fresh()
        vote = self.out.fresh("v") if function.returns_vote and inline is None else None
        if inline is not None:
            self.out.add(f"{target} = {inline}")
            return target, vote
        names = target if vote is None else f"{target}, {vote}"
        call = f"{names} = f{number}({', '.join(args)})"
        default = repr(function.default)
        if vote is not None:
            default += f", {'False' if function.leaves else self.default}"
        report = f"run.fault({number}, error)"
        if function.leaves:
            report = f"left{number} = {report}"
        if unless:
            self.out.add(f"{names} = {default}")
            with self.out.when(f"not ({unless})"):
                self._guard(call, f"{names} = {default}", report)
        elif _guarded(node):
            self._guard(call, f"{names} = {default}", report)
        else:
            self.out.add(call)
        if function.reports or (function.notnone_goes_on and "notnone" in node.qualifiers):
            self.out.add("if run.reported:", "    bad, run.reported = True, False")
        self._explain(
            node, "value", (", ".join(args) and f"({', '.join(args)},)") or "()", "None", target
        )
        return target, vote

    def _joined(self, node: n.Call, function: Function) -> str:
        """Write and() and or(): votes in order until one decides; or() forgives errors (3)."""
        out = self.out
        result = out.fresh()
        forgives = function.flow == "any" and self._may_fault(node)
        own = out.assign("False", "b") if "notnone" in node.qualifiers else ""
        before = out.assign("bad", "b") if forgives else ""
        if forgives:
            out.add("run.hold()")
        for index, arg in enumerate(node.args):
            with (
                out.when(result if function.flow == "all" else f"not {result}")
                if index
                else self.aside()
            ):
                if forgives:
                    out.add("bad = False")
                self._join(node, arg, result, own)
                if forgives:  # a branch with an error decides nothing
                    out.add(f"{result} = {result} and not bad")
        if own:
            out.add(f"if {own}:", f"    {result} = {function.default!r}")
        if forgives:
            out.add(f"if {result}:", "    run.forgive()", "else:", "    bad = run.release()")
            out.add(f"bad = bad or {before}" if not own else f"bad = bad or {before} or {own}")
        return result

    def _join(self, node: n.Call, arg: n.Node, result: str, own: str) -> None:
        """Write one argument of and() or or(); with notnone it must not be empty.

        That is an error of the function itself, which or() does not forgive.
        """
        if own:
            number = self.number_of[id(node)]
            check = f"notnone{number}({self.value(arg)})"
            self._guard(check, f"{own} = True", f"run.fault_of_own({number}, error)")
        self.out.add(f"{result} = {self.vote(arg)}")

    def _guard(self, call: str, otherwise: str, report: str) -> None:
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


def _looks_at_run(node: n.Call) -> bool:
    """Say whether a call needs the run to know the line: it reads it, or reports and goes on."""
    function = declared(node)
    goes_on = function.notnone_goes_on and "notnone" in node.qualifiers
    return (function.reads_run and not inlined(node)) or function.reports or goes_on


def _guarded(node: n.Call) -> bool:
    """Say whether a call may report an error of its line."""
    function = declared(node)
    if function.flow or inlined(node):
        return "notnone" in node.qualifiers
    signature = function.signature_for(node.args)
    converts = signature is not None and any(
        signature.at(i).convert is not None for i in range(len(node.args))
    )
    literal = all(isinstance(arg, n.Term) for arg in node.args)
    return "notnone" in node.qualifiers or function.fails or (converts and not literal)


def _is_plain(target: n.Variable) -> bool:
    return n.label(target) is None and n.known(target) <= _PLAIN


def _has_nocontrib(left: n.Node) -> bool:
    """Say whether a left side has nocontrib; for an equality its left operand tells (5.4.1)."""
    node = left.left if isinstance(left, n.Equality) else left
    return isinstance(node, n.Header | n.Variable | n.Call) and "nocontrib" in node.qualifiers


def _keeps_nocontrib(node: n.Call) -> bool:
    """Say whether a call votes the default vote unless it is a left side: every.nocontrib(...)."""
    return declared(node).own_nocontrib and "nocontrib" in node.qualifiers


def _is_last(node: n.Node) -> bool:
    return isinstance(node, n.Call) and declared(node).last_only


def _is_literal(node: n.Node) -> bool:
    return isinstance(node, n.Term | n.Regex)
