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
from preboard.engine.generate import Options, generate
from preboard.engine.plan import Plan, chains, declared, make_plan
from preboard.language import nodes as n
from preboard.language.functions.accept import helpers
from preboard.language.functions.call import Call, Fault
from preboard.language.functions.registry import Voted
from preboard.language.functions.signature import Refused
from preboard.language.statement import Statement
from preboard.language.values import Value, cell, is_empty, same, tracked, truth

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import CodeType

    from preboard.engine.context import RunState
    from preboard.language.functions.registry import Function
    from preboard.language.functions.signature import Param


@dataclass(frozen=True, slots=True)
class Program:
    """The generated functions of one run."""

    source: str
    consume: Callable[[Sequence[list[Value]], int, int], int]
    """(rows, number of the record before them, number of the last line or -1) -> number reached."""
    frozen: Callable[[list[Value], int], None]


@lru_cache(maxsize=256)
def plan_of(text: str) -> Plan:
    """Return the plan of a statement, made once for its text."""
    return make_plan(Statement.parse(text))


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
            names[f"notnone{number}"] = _not_none(call)
        if function.votes:
            names[f"votes{number}"] = function.votes
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


def bound(function: Function, call: Call) -> Callable[..., Any]:
    """Return the function with its checks: arguments converted, notnone, text results trimmed."""
    if function.schema or (function.member and not call.node.args):
        return partial(function.evaluate, call)  # the engine picks the cells it gets
    evaluate = _boxed(function.evaluate) if function.keeps_blanks else function.evaluate
    signature = function.signature_for(call.node.args)
    places = [] if signature is None else [signature.at(i) for i in range(len(call.node.args))]
    passed = [(i, place) for i, place in enumerate(places) if place.use != "then"]
    needs_value = "notnone" in call.qualifiers and not function.own_notnone
    first_only = slice(1 if function.first_notnone else None)
    pairs = [place.use == "vote" for _, place in passed]
    pairs_seen = [place.use in ("vote", "sighting") for _, place in passed]
    check = _not_none(call)
    takers = [_taker(index, place) for index, place in passed]

    def evaluated(*values: Value) -> Any:
        seen: list[Value] = []
        if needs_value:
            seen = [v[0] if pair else v for v, pair in zip(values, pairs_seen, strict=True)]
            if not function.notnone_goes_on:
                check(*seen[first_only])
            values = tuple(v[1] if pair else v for v, pair in zip(values, pairs, strict=True))
        taken = [take(value) for take, value in zip(takers, values, strict=True)]
        if needs_value and function.notnone_goes_on:
            try:
                check(*seen[first_only])
            except Fault as error:
                call.run.error(call, str(error))
        result = evaluate(call, *taken)
        return result.strip() if isinstance(result, str) else result

    made = evaluated if needs_value else _direct(evaluate, call, passed)
    return (lambda *values: made(*values)[0]) if function.keeps_blanks else made


def _boxed(evaluate: Callable[..., Any]) -> Callable[..., tuple[Any]]:
    """Return the function with its value in a tuple, where it is not trimmed."""
    return lambda *values: (evaluate(*values),)


def _direct(
    evaluate: Callable[..., Any], call: Call, passed: Sequence[tuple[int, Param]]
) -> Callable[..., Any]:
    """Return the function for the common case, without a loop where there are few arguments."""
    takers = [_taker(index, place) for index, place in passed]

    def none() -> Any:
        result = evaluate(call)
        return result.strip() if result.__class__ is str else result

    def one(first: Value) -> Any:
        result = evaluate(call, take(first))
        return result.strip() if result.__class__ is str else result

    def two(first: Value, second: Value) -> Any:
        result = evaluate(call, take(first), take_second(second))
        return result.strip() if result.__class__ is str else result

    def several(*values: Value) -> Any:
        result = evaluate(call, *[t(v) for t, v in zip(takers, values, strict=True)])
        return result.strip() if result.__class__ is str else result

    take, take_second = [*takers, _as_it_is, _as_it_is][:2]
    return (none, one, two, several)[min(len(takers), 3)]


def _as_it_is(value: Value) -> Value:
    return value


def _taker(index: int, place: Param) -> Callable[[Value], Value]:
    """Return what makes of a value what the body takes; what it does not take is refused."""
    convert = place.convert
    if convert is None:
        return _as_it_is

    def take(value: Value) -> Value:
        try:
            return convert(value)
        except (ValueError, OverflowError) as error:
            wants = place.wants if value is not None else "a value"
            raise Refused(index, value, wants) from error

    return take


_MOST_KNOWN = 16_384


def learner(rule: Callable[..., Any], call: Call, known: set[str]) -> Callable[[str | None], bool]:
    """Return the test that asks the exact rule of a schema member, and keeps what it accepted."""
    bounds = [arg.value for arg in call.node.args[1:] if isinstance(arg, n.Term)]

    def learn(cell: str | None) -> bool:
        if cell is None:
            return False
        try:
            result = rule(cell.strip(), *bounds)
        except Exception:  # noqa: BLE001 - the exact rule is asked again and reports it
            return False
        accepted = bool(result.vote if isinstance(result, Voted) else result)
        if accepted and len(known) < _MOST_KNOWN:
            known.add(cell)
        return accepted

    return learn


def _not_none(call: Call) -> Callable[..., None]:
    """Return the check that notnone asks for: no argument may be empty."""

    def check(*values: Value) -> None:
        if any(map(is_empty, values)):
            raise Fault(f"Cannot have None in {call.chain} because it has the notnone qualifier")

    return check
