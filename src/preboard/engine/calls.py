"""Write calls of functions into generated code: arguments, value, vote, and what a failure leaves.

A call is evaluated once a line, where it stands. An argument that failed gives the call its default
(spec/language.md 5.12); and() and or() ask their arguments one by one (3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.engine.faults import is_guarded, may_fault
from preboard.engine.plan import declared, inlined
from preboard.engine.schemas import SchemaWriter
from preboard.language import nodes as n

if TYPE_CHECKING:
    from preboard.engine.expressions import Expressions
    from preboard.language.functions.registry import Function
    from preboard.language.functions.signature import Param


class CallWriter:
    """Writes the calls of one statement into one piece of generated code."""

    def __init__(self, expressions: Expressions) -> None:
        self.expressions = expressions
        self.out = expressions.out
        self.number_of = expressions.number_of
        self._for_value: set[int] = set()
        """Calls that decide a match and are asked for their value, by the id of the node."""

    def value(self, node: n.Call) -> str:
        """Write what the value of a call needs; return a name or a literal for it."""
        function = declared(node)
        if function.gives == "nothing":
            if function.acts_for_value:
                self.result(node)
            elif id(node) not in self.expressions.results:
                self._arguments(node, function)
            return repr(function.default)
        if function.gives == "match":
            self._for_value.add(id(node))
        return self.result(node)[0]

    def vote(self, node: n.Call) -> str:
        """Write what the vote of a call needs; return an expression for it."""
        function = declared(node)
        value, vote = self.result(node)
        if function.gives == "match":
            return value
        if function.gives == "nothing":
            return self.expressions.default
        if vote is not None and not function.own_onmatch and not keeps_nocontrib(node):
            return vote
        if function.votes is None:
            return self.expressions.default
        return self.out.assign(f"votes{self.number_of[id(node)]}({value})", "v")

    def result(self, node: n.Call) -> tuple[str, str | None]:
        """Write the evaluation of a call; return its value, and its vote where it brings one."""
        known = self.expressions.results.get(id(node))
        if known is None:
            known = self.expressions.results[id(node)] = self._evaluate(node)
        return known

    def _evaluate(self, node: n.Call) -> tuple[str, str | None]:
        function = declared(node)
        if function.flow:
            return self._joined(node, function), None
        if function.schema:
            return SchemaWriter(self.expressions, node).write(), None
        signature = function.signature_for(node.args)
        places = [signature.at(i) for i in range(len(node.args))] if signature else []
        passed = [(i, place) for i, place in enumerate(places) if place.use != "then"]
        valued = function.gives == "value" or id(node) in self._for_value
        depends = valued and any(may_fault(node.args[i]) for i, _ in passed)
        used = [node.args[i] for i, place in passed if place.use != "vote"]
        left = "" if depends else self.expressions.left(*used)
        before = self.out.assign("bad", "b") if depends else ""
        if depends:
            self.out.add("bad = False")
        args = [self._argument(node, i, place) for i, place in passed]
        unless = "bad" if depends else left
        value, vote = self._write(node, function, args, unless=unless)
        if depends:
            self.out.add(f"bad = bad or {before}")
        for arg, place in zip(node.args, places, strict=True):
            if place.use == "then":
                self._then(arg, value, unconditional=function.gives == "nothing")
        return value, vote

    def _arguments(self, node: n.Call, function: Function) -> None:
        """Write the arguments of a side effect whose value is asked for: it does nothing (5.12)."""
        signature = function.signature_for(node.args)
        for index, arg in enumerate(node.args):
            place = signature.at(index) if signature else None
            if place is not None and place.use != "then":
                self.expressions.value(arg)

    def member(self, node: n.Call, own_cell: str | None) -> tuple[str, str | None]:
        """Write a member of a schema; one that names no header gets the cell at its place."""
        if own_cell is None:
            return self._evaluate(node)
        return self._write(node, declared(node), [own_cell], unless="")

    def _then(self, arg: n.Node, value: str, *, unconditional: bool) -> None:
        if unconditional:
            self.expressions.vote(arg)
            return
        with self.out.when(value):
            self.expressions.vote(arg)

    def _argument(self, node: n.Call, index: int, place: Param) -> str:
        arg = node.args[index]
        match place.use:
            case "vote" if "notnone" in node.qualifiers:
                value = self.expressions.value(arg)
                return f"({value}, {self.expressions.vote(arg)})"
            case "vote":
                return self.expressions.vote(arg)
            case "column" if isinstance(arg, n.Header):
                self._explain_column(arg)
                return f"C{self.number_of[id(node)]}_{index}"
            case "sighting":
                value = self.expressions.value(arg)
                return f"({value}, {self.expressions.vote(arg)})"
            case _:
                return self.expressions.value(arg)

    def _explain_column(self, header: n.Header) -> None:
        """Write the step of the explanation that tells the cell of a header passed by its name."""
        if self.expressions.options.explains:
            with self.expressions.aside():
                self.expressions.value(header)

    def _write(
        self, node: n.Call, function: Function, args: list[str], *, unless: str
    ) -> tuple[str, str | None]:
        """Write the call; where `unless` holds, an argument failed: the default it is (5.12)."""
        number = self.number_of[id(node)]
        inline = function.emitter(args) if function.emitter and inlined(node) else None
        if inline in ("True", "False"):
            self.expressions.explain(node, "value", "None", "None", inline)
            return inline, None
        target = self.out.fresh()
        vote = self.out.fresh("v") if function.returns_vote and inline is None else None
        if inline is not None:
            refused = f"{function.default!r} if {unless} else " if unless else ""
            self.out.add(f"{target} = {refused}{inline}")
            self._explain(node, args, target)
            return target, vote
        names = target if vote is None else f"{target}, {vote}"
        call = f"{names} = f{number}({', '.join(args)})"
        default = repr(function.default)
        if vote is not None:
            sure = function.leaves or function.refuses
            default += f", {'False' if sure else self.expressions.default}"
        report = f"run.fault({number}, error)"
        if function.leaves:
            report = f"left{number} = {report}"
        if unless:
            self.out.add(f"{names} = {default}")
            self._explain_default(node, unless)
            with self.out.when(f"not ({unless})"):
                self.expressions.guard(call, f"{names} = {default}", report)
        elif is_guarded(node):
            self.expressions.guard(call, f"{names} = {default}", report)
        else:
            self.out.add(call)
        if function.reports or (function.notnone_goes_on and "notnone" in node.qualifiers):
            self.out.add("if run.reported:", "    bad, run.reported = True, False")
        self._explain(node, args, target)
        return target, vote

    def _explain(self, node: n.Call, args: list[str], value: str) -> None:
        """Write the step of the explanation that tells what a call gave for which arguments."""
        given = f"({', '.join(args)},)" if args else "()"
        self.expressions.explain(node, "value", given, "None", value)

    def _explain_default(self, node: n.Call, unless: str) -> None:
        """Write the step of the explanation that tells that a default stands in for a call."""
        if self.expressions.options.explains:
            with self.out.when(unless):
                self.expressions.explain(node, "default", "None", "None", "None")

    def _joined(self, node: n.Call, function: Function) -> str:
        """Write and() and or(): votes in order until one decides; or() forgives errors (3)."""
        out = self.out
        result = out.fresh()
        forgives = function.flow == "any" and may_fault(node)
        own = out.assign("False", "b") if "notnone" in node.qualifiers else ""
        before = out.assign("bad", "b") if forgives else ""
        if forgives:
            out.add("run.hold()")
        goes_on = result if function.flow == "all" else f"not {result}"
        if own:  # what is behind an empty one is not looked at
            goes_on += f" and not {own}"
        for index, arg in enumerate(node.args):
            with out.when(goes_on) if index else self.expressions.aside():
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
        self.expressions.explain(node, "value", "None", "None", result)
        return result

    def _join(self, node: n.Call, arg: n.Node, result: str, own: str) -> None:
        """Write one argument of and() or or(); with notnone it must not be empty.

        That is an error of the function itself, which or() does not forgive.
        """
        if own:
            number = self.number_of[id(node)]
            check = f"notnone{number}({self.expressions.value(arg)})"
            self.expressions.guard(check, f"{own} = True", f"run.fault_of_own({number}, error)")
        vote = self.expressions.vote(arg)
        failing = isinstance(arg, n.Call) and is_guarded(arg) and declared(arg).default is None
        self.out.add(f"{result} = {vote} or False" if failing else f"{result} = {vote}")


def keeps_nocontrib(node: n.Call) -> bool:
    """Say whether a call votes the default vote unless it is a left side: every.nocontrib(...)."""
    return declared(node).own_nocontrib and "nocontrib" in node.qualifiers
