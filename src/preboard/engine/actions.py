"""Write what a statement does into generated code: assignments, and actions behind `->`.

Rules: spec/language.md 5.4.1, 5.7, 6.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.engine.calls import keeps_nocontrib
from preboard.engine.faults import is_plain
from preboard.engine.plan import declared
from preboard.language import nodes as n

if TYPE_CHECKING:
    from preboard.engine.expressions import Expressions


class ActionWriter:
    """Writes the assignments and when/do of one statement into one piece of generated code."""

    def __init__(self, expressions: Expressions) -> None:
        self.expressions = expressions
        self.out = expressions.out
        self.plan = expressions.plan
        self._whens = [id(step.node) for step in self.plan.steps if isinstance(step.node, n.When)]
        assigned = (node for step in self.plan.steps for node in n.walk(step.node))
        nodes = [node for node in assigned if isinstance(node, n.Assignment)]
        self._number_of = {id(node): k for k, node in enumerate(nodes)}

    @property
    def count_of_whens(self) -> int:
        """Return how many when/do the statement has."""
        return len(self._whens)

    def when(self, node: n.When) -> str:
        """Write a when/do; return its vote."""
        out = self.out
        left = self._left_vote(node.left)
        kept = _has_nocontrib(node.left)
        self.note_fired(node, left)
        result = out.fresh("v")
        if self.plan.any_component:
            out.add(f"{result} = {'False' if kept else left}")
            with out.when(left):
                self.action(node.action)
            self.expressions.explain(node, "when/do", left, "None", result)
            return result
        out.add(f"{result} = {kept}")
        with out.when(left):
            vote = self.action(node.action)
            always = isinstance(node.action, n.Call) and "nocontrib" in node.action.qualifiers
            out.add(f"{result} = {'True' if always else vote}")
        self.expressions.explain(node, "when/do", left, "None", result)
        return result

    def note_fired(self, node: n.When, left: str) -> None:
        """Write that a when/do fired, for functions that look at it."""
        if self.plan.reads_votes:
            self.out.add(f"run.whens[{self._whens.index(id(node))}] = {left}")

    def _left_vote(self, node: n.Test) -> str:
        """Return the vote of a left side: count.onmatch(x) lets the action wait for x (5.7)."""
        if isinstance(node, n.Call) and (
            keeps_nocontrib(node)
            or (node.args and declared(node).own_onmatch and "onmatch" in node.qualifiers)
        ):
            vote = self.expressions.calls.result(node)[1] or self.expressions.default
            self.expressions.explain(node, "vote", "None", "None", vote)
            return vote
        return self.expressions.vote(node)

    def action(self, node: n.Action) -> str:
        """Write what is done behind `->`; return its vote."""
        if not isinstance(node, n.Assignment):
            return self.expressions.vote(node)
        vote = self.assignment(node)
        self.expressions.explain(node, "vote", "None", "None", vote)
        return vote

    def assignment(self, node: n.Assignment) -> str:
        """Write an assignment; return its vote. A value that failed may keep it from being made."""
        new, left = self.expressions.value(node.value), self.expressions.left(node.value)
        if not left:
            return self._assign(node, new)
        stands = self.expressions.options.votes_stand  # its own vote then: nothing decides (9.5)
        vote = self.out.assign(self.expressions.default if stands else "False", "v")
        with self.out.when(f"not ({left})"):
            self.out.add(f"{vote} = {self._assign(node, new)}")
        return vote

    def _assign(self, node: n.Assignment, new: str) -> str:
        """Write steps 1 to 7 of spec/language.md 6.3; return the vote."""
        target, words = node.target, n.known(node.target)
        self.expressions.explain(node, "assign", repr(target.name), new, new)
        if is_plain(target):
            self.out.add(f"V[{target.name!r}] = {new}")
            self._explain_target(target)
            vote = f"truth({new})" if "asbool" in words else self.expressions.default
            return self.expressions.default if "nocontrib" in words else vote
        number = self._number_of[id(node)]
        vote = self.out.fresh("v")
        self.expressions.guard(
            f"{vote} = a{number}({new})",
            f"{vote} = False",
            f"run.fault_at({node.target.span.start}, error)",
        )
        self._explain_target(target)
        return self.expressions.default if "nocontrib" in words else vote

    def _explain_target(self, target: n.Variable) -> None:
        """Write the step of the explanation that tells what a variable now holds."""
        key = n.label(target)
        held = f"V.get({target.name!r})"
        held = held if key is None else f"tracked({held}, {key!r})"
        self.expressions.explain(target, "value", "None", "None", held)


def _has_nocontrib(left: n.Node) -> bool:
    """Say whether a left side has nocontrib; for an equality its left operand tells (5.4.1)."""
    node = left.left if isinstance(left, n.Equality) else left
    return isinstance(node, n.Header | n.Variable | n.Call) and "nocontrib" in node.qualifiers
