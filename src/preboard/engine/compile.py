"""Make generated source callable: bind what it names to one run.

In: a plan, headers, options, a run. Out: `Program` with `consume` and `frozen`. Code objects are
cached by their source, so a statement that runs over many files with the same headers is generated
and compiled once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from preboard.engine.assignment import assigner
from preboard.engine.binding import bound, learner, not_none
from preboard.engine.generate import Options, generate
from preboard.engine.plan import Plan, chains, declared, make_plan
from preboard.language import nodes as n
from preboard.language.functions.accept import helpers
from preboard.language.functions.call import Call
from preboard.language.statement import Statement
from preboard.language.values import Value, cell, is_empty, same, tracked, truth

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import CodeType

    from preboard.engine.context import RunState


@dataclass(frozen=True, slots=True)
class Program:
    """The generated functions of one run."""

    source: str
    consume: Callable[[Sequence[list[Value]], int, int], int]
    """(rows, number of the record before them, number of the last line or -1) -> number reached."""
    frozen: Callable[[list[Value], int], None]


@lru_cache(maxsize=256)
def plan_of(text: str) -> Plan:
    """Return the plan of a statement, made once for its text.

    Whoever holds the statement has asked whether it may reach what only a project has.
    """
    return make_plan(Statement.in_project(text))


@lru_cache(maxsize=256)
def compiled(text: str, headers: tuple[str, ...], options: Options) -> tuple[str, CodeType]:
    """Return the generated source and its code object."""
    source = generate(plan_of(text), headers, options)
    return source, compile(source, "<preboard statement>", "exec", dont_inherit=True)


def make_calls(plan: Plan, run: RunState) -> list[Call]:
    """Return the occurrences of functions for one run, in the plan's order."""
    places = chains(plan.statement)
    outermost = [step.node for step in plan.steps]
    voting = {id(node.left if isinstance(node, n.When) else node) for node in outermost}
    calls = []
    for node in plan.calls:
        component, chain = places[node.span.start]
        call = Call(
            node,
            run,
            label=n.label(node),
            qualifiers=n.known(node),
            chain=chain,
            component=component,
            state=declared(node).state,
            vote_only=id(node) in voting,
        )
        start = declared(node).start
        if start:
            start(call)
        calls.append(call)
    return calls


def bind(
    plan: Plan,
    run: RunState,
    options: Options,
    keep: Callable[[list[Value]], None],
    drop: Callable[[list[Value]], None],
) -> Program:
    """Return the generated functions for `run` under the headers it now has."""
    source, code = compiled(plan.statement.text, tuple(run.headers), options)
    names: dict[str, Any] = {
        "__builtins__": {"len": len, "Exception": Exception, "IndexError": IndexError},
        "run": run, "V": run.variables, "keep": keep, "drop": drop, "in_scan": plan.scan.holds,
        "is_empty": is_empty, "truth": truth, "same": same, "tracked": tracked, "cell": cell,
        **helpers(),
    }  # fmt: skip
    for number, call in enumerate(run.calls):
        function = declared(call.node)
        names[f"f{number}"] = bound(function, call)
        if function.flow and "notnone" in call.qualifiers:
            names[f"notnone{number}"] = not_none(call)
        if function.votes:
            names[f"votes{number}"] = function.votes
        if function.keep:
            names[f"kept{number}"] = partial(function.keep, call)
        if function.member:
            known: set[str] = set()
            names[f"known{number}"] = known
            names[f"learn{number}"] = learner(names[f"f{number}"], call, known)
        for index, arg in enumerate(call.node.args):
            names[f"C{number}_{index}"] = arg
    targets = (
        node.target
        for step in plan.steps
        for node in n.walk(step.node)
        if isinstance(node, n.Assignment)
    )
    for number, target in enumerate(targets):
        names[f"a{number}"] = assigner(run.variables, target, any_component=plan.any_component)
    exec(code, names)  # noqa: S102 - our own source; statement text is in it through repr only
    return Program(source, names["consume"], names["frozen"])
