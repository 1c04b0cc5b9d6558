"""Run a statement over a list of rows, slowly and obviously, by walking its tree on every line.

In: a parsed `Statement` and rows (a blank line is an empty list). Out: `Outcome`.
Written from spec/language.md and the declarations of the functions alone: what the compiled engine
does must come out here too, and neither was written by looking at the other. Section numbers in
the docstrings are those of spec/language.md; "row" is a row of its section 15.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from preboard.language import nodes as n
from preboard.language.functions.call import Call, Fault
from preboard.language.functions.library import functions
from preboard.language.functions.signature import Refused
from preboard.language.modes import ErrorPolicy
from preboard.language.values import (
    cell,
    clean_headers,
    decreases,
    increases,
    is_empty,
    same,
    tracked,
    truth,
)
from tests.slow.run_state import SlowRun

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from preboard.language.functions.registry import Function
    from preboard.language.statement import Statement


class Halt(Enum):
    """Why the rest of a line is not evaluated."""

    STOP = "stop"
    SKIP = "skip"
    TAKE = "take"


@dataclass(frozen=True)
class Outcome:
    """What a run came to, as far as it is compared."""

    lines: list[list[Any]]
    unmatched: list[list[Any]]
    variables: dict[str, Any]
    valid: bool
    stopped: bool
    headers: list[str]
    printouts: dict[str, list[str]]
    error_lines: list[int]
    scans: int
    matches: int


def evaluate(
    statement: Statement,
    rows: Sequence[Sequence[str]],
    *,
    on_error: Sequence[str] = ("collect", "fail"),
) -> Outcome:
    """Return what the statement makes of the rows."""
    return Evaluator(statement, rows, ErrorPolicy.of(on_error)).run()


class Lines:
    """The scan part: which line numbers it includes (3.2)."""

    def __init__(self, scan: n.Scan) -> None:
        self.open_ended = scan.open_ended
        self.spans: list[tuple[int, int]] = []
        previous = 0
        for item in scan.items:
            start = previous if item.operator == "-" else item.line
            self.spans.append((min(start, item.line), max(start, item.line)))
            previous = item.line
        self.greatest = max((high for _, high in self.spans), default=0)

    def include(self, number: int) -> bool:
        """Say whether a line is to be scanned."""
        if self.open_ended and number >= self.greatest:
            return True
        return any(low <= number <= high for low, high in self.spans)


class Evaluator:
    """One run of one statement."""

    def __init__(
        self, statement: Statement, rows: Sequence[Sequence[str]], policy: ErrorPolicy
    ) -> None:
        self.modes = statement.modes
        self.components = statement.tree.components
        self.scan = Lines(statement.tree.scan)
        self.rows = rows
        self.policy = policy.overridden(statement.modes.validation)
        self.run_state = SlowRun(self, statement, sum(1 for row in rows if row))
        self.calls: dict[int, Call] = {}
        for index, component in enumerate(self.components):
            self.enter(component, index, "", index)
        self.default = not self.modes.any_component
        self.halt: Halt | None = None
        self.faulty: set[int] = set()
        self.place = 0
        self.held: list[list[tuple[int, str, str]]] = []
        self.reported: set[tuple[int, str, str]] = set()
        self.errors = 0
        self.stopped = False
        self.to_jump = 0
        self.error_lines: list[int] = []

    def enter(self, node: n.Node, index: int, chain: str, place: int) -> None:
        """Make the memory of every call below `node`; `chain` is the way to it (9.4)."""
        if isinstance(node, n.Call):
            name = n.label(node) or node.name
            chain = f"{chain}.{name}[{place}]" if chain else f"{name}[{place}]"
            self.calls[id(node)] = Call(
                node,
                self.run_state,
                label=n.label(node),
                qualifiers=n.known(node),
                chain=chain,
                component=index,
                state=declared(node).state,
            )
        for number, child in enumerate(n.children(node)):
            self.enter(child, index, chain, number if isinstance(node, n.Call) else place)

    # the file

    def run(self) -> Outcome:
        """Go over the rows (5.2)."""
        run = self.run_state
        run.headers = clean_headers(next((row for row in self.rows if row), []))
        for component in self.components:
            for call in calls_in(component):
                start = declared(call).start
                if start:
                    start(self.calls[id(call)])
        with_data = [i for i, row in enumerate(self.rows) if row and self.scan.include(i)]
        renewed = {
            node.name
            for component in self.components
            for node in n.walk(component)
            if isinstance(node, n.Variable) and "renew" in n.known(node)
        }
        lines: list[list[Any]] = []
        unmatched: list[list[Any]] = []
        evaluated = 0
        for number, row in enumerate(self.rows):
            run.line_number, run.row = number, list(row)
            run.data_lines += bool(row)
            included = bool(row) and self.scan.include(number)
            run.is_last = included and number == with_data[-1]
            if not included:
                if not with_data and number == len(self.rows) - 1:
                    self.only_last()
                continue
            run.scans += 1
            if self.to_jump:
                self.to_jump -= 1
                if run.is_last:
                    self.only_last()
            else:
                if evaluated:
                    run.variables.update(dict.fromkeys(renewed))
                evaluated += 1
                matched = self.line()
                run.matches += matched
                if matched != self.modes.no_matches:
                    lines.append(run.limited())
                    run.returned += 1
                elif self.modes.keeps_unmatched:
                    unmatched.append(run.limited())
            ends = not self.scan.open_ended and number == self.scan.greatest
            if ends and number != len(self.rows) - 1:
                self.stopped = True
            if self.stopped:
                break
        return Outcome(
            lines,
            unmatched,
            run.variables,
            run.valid,
            self.stopped,
            run.headers,
            run.printouts,
            sorted(set(self.error_lines)),
            run.scans,
            run.matches,
        )

    def only_last(self) -> None:
        """Let the last() of every component act on a record for last() only (5.9)."""
        self.run_state.is_last = True
        self.halt = None
        for index, component in enumerate(self.components):
            self.place = index
            self.visit_last(component)
            if self.halt:
                return

    def visit_last(self, node: n.Node) -> None:
        """Evaluate `last()` and `last() -> action` wherever they stand below `node`."""
        if isinstance(node, n.When) and is_last_call(node.left):
            if self.vote(node.left):
                self.act(node.action)
        elif is_last_call(node):
            self.vote(node)
        else:
            for child in n.children(node):
                self.visit_last(child)

    # the line

    def line(self) -> bool:
        """Say whether the line matches (5.3, 5.7, 5.8)."""
        self.halt = None
        self.faulty = set()
        votes: list[bool] = []
        waiting: list[int] = []
        early: dict[int, Any] = {}
        for index, component in enumerate(self.components):
            self.place = index
            if waits(component):
                waiting.append(index)
                if isinstance(component, n.Assignment) and not (
                    holds_waiting_call(component.value) or implies_onmatch(component.value)
                ):
                    early[index] = self.value(component.value)
            else:
                votes.append(self.component_vote(index))
            if self.halt in (Halt.SKIP, Halt.TAKE):
                return self.halt is Halt.TAKE
            if self.halt is Halt.STOP and index < len(self.components) - 1:
                return False
        self.halt = None
        if not self.still_matches(votes, waiting):
            return False
        if not waiting:
            return self.judge(votes)
        self.run_state.matches += 1
        self.run_state.counted = 1
        matched = self.second_pass(votes, waiting, early)
        self.run_state.matches -= 1
        self.run_state.counted = 0
        return matched

    def second_pass(self, votes: list[bool], waiting: list[int], early: dict[int, Any]) -> bool:
        """Take the components that wait, first those that only vote (5.7)."""
        acting = [index for index in waiting if acts(self.components[index])]
        for group in ([index for index in waiting if index not in acting], acting):
            if not self.still_matches(votes, waiting):
                return False
            for index in group:
                self.place = index
                votes.append(self.component_vote(index, early))
                if self.halt in (Halt.SKIP, Halt.TAKE):
                    return self.halt is Halt.TAKE
                if self.halt is Halt.STOP:
                    return self.judge(votes)
        return self.judge(votes)

    def judge(self, votes: list[bool]) -> bool:
        """Say what the votes come to."""
        return any(votes) if self.modes.any_component else all(votes)

    def still_matches(self, votes: list[bool], waiting: list[int]) -> bool:
        """Say whether the line matches so far; without any vote yet it may."""
        return self.judge(votes) or (not votes and bool(waiting))

    def component_vote(self, index: int, early: dict[int, Any] | None = None) -> bool:
        """Return the vote of a component; false after an error, but for `match` (5.4, 9.5)."""
        component = self.components[index]
        if early and index in early and isinstance(component, n.Assignment):
            vote = self.assign(component, early[index])
        elif isinstance(component, n.When):
            vote = self.when(component)
        else:
            vote = self.act(component)
        return vote and (index not in self.faulty or self.policy.matches)

    def when(self, node: n.When) -> bool:
        """Return the vote of `left -> action` (5.4.1; row 11 for OR mode)."""
        left = self.vote(node.left)
        without_say = has(n.children(node.left)[0] if is_equality(node.left) else node.left, "nocontrib")
        if not left:
            return self.default and without_say
        action = self.act(node.action)
        if self.modes.any_component:
            return not without_say
        return action or (isinstance(node.action, n.Call) and has(node.action, "nocontrib"))

    def act(self, node: n.Node) -> bool:
        """Return the vote of a component or of an action."""
        if isinstance(node, n.Assignment):
            return self.assign(node, self.value(node.value))
        return self.vote(node)

    # values and votes

    def value(self, node: n.Node) -> Any:
        """Return the value of a node (5.5)."""
        match node:
            case n.Term():
                return node.value
            case n.Regex():
                return node.text
            case n.Header():
                index = self.run_state.column(node.name, quoted=node.quoted)
                found = None if index is None else cell(self.run_state.row, index)
                return truth(found) if has(node, "asbool") else found
            case n.Variable():
                found = self.run_state.variables.get(node.name)
                key = n.label(node)
                return found if key is None else tracked(found, key)
            case n.Reference():
                return f"{node.root}#{node.item}"
            case n.Equality():
                return same(self.value(node.left), self.value(node.right))
            case n.Call() if declared(node).gives == "nothing":
                return self.refrain(node)
            case n.Call():
                return self.call(node)[0]
        raise AssertionError(node)

    def vote(self, node: n.Node) -> bool:
        """Return the vote of a node (5.4)."""
        match node:
            case n.Call():
                return self.call(node)[1]
            case n.Equality():
                return bool(self.value(node))
            case _:
                return self.vote_of(node, self.value(node))

    def vote_of(self, node: n.Node, value: Any) -> bool:
        """Return the vote of a term, header, variable or reference that has this value."""
        match node:
            case n.Header() if has(node, "asbool"):
                return bool(value)
            case n.Variable() if has(node, "asbool"):
                return truth(value)
            case n.Variable() | n.Reference():
                return value is not None
            case _:
                return not is_empty(value)

    def sighting(self, node: n.Node) -> tuple[Any, bool]:
        """Return value and vote of one evaluation."""
        if isinstance(node, n.Call):
            return self.call(node)
        value = self.value(node)
        return value, bool(value) if is_equality(node) else self.vote_of(node, value)

    # functions

    def call(self, node: n.Call) -> tuple[Any, bool]:
        """Evaluate a call: value and vote (5.12)."""
        function, call = declared(node), self.calls[id(node)]
        if function.flow == "any":
            self.held.append([])
        errors = self.count_errors()
        try:
            values = self.arguments(node, function)
            if function.gives == "value" and self.count_errors() > errors:
                value, vote = function.default, self.vote_after_fault(function)
            else:
                value, vote = self.taken_apart(function, function.evaluate(call, *values))
        except Exception as error:  # noqa: BLE001 - whatever goes wrong is an error of the line
            self.fault(call, error)
            value, vote = function.default, self.vote_after_fault(function)
        if function.gives == "nothing" or (function.gives == "match" and vote):
            self.then(node, function)
        if function.flow == "any":
            held = self.held.pop()
            if not vote:
                for error_found in held:
                    self.report(*error_found)
        return value, vote

    def taken_apart(self, function: Function, result: Any) -> tuple[Any, bool]:
        """Return value and vote from what a function returned."""
        value, vote = result if function.returns_vote else (result, self.default)
        if function.gives == "match":
            vote = bool(value)
        elif function.votes:
            vote = function.votes(value)
        return value.strip() if isinstance(value, str) else value, vote

    def vote_after_fault(self, function: Function) -> bool:
        """Return the vote by the function's rule where it could not do its work (9.5)."""
        if function.gives == "match":
            return bool(function.default)
        return function.votes(function.default) if function.votes else self.default

    def refrain(self, node: n.Call) -> Any:
        """Return the value of a call that has none: its arguments are looked at, it does nothing."""
        function = declared(node)
        try:
            self.arguments(node, function)
        except Exception as error:  # noqa: BLE001 - as in call()
            self.fault(self.calls[id(node)], error)
        return function.default

    def arguments(self, node: n.Call, function: Function) -> list[Any]:
        """Evaluate the arguments in order, then check and convert them.

        Raises:
            Fault: a value is refused, or empty and the call has notnone.
        """
        signature = function.signature_for(node.args)
        assert signature is not None
        places = [(arg, signature.at(index)) for index, arg in enumerate(node.args)]
        if function.flow:
            return self.votes_in_turn(node, function)
        values: list[Any] = []
        looked_at: list[Any] = []
        for arg, param in places:
            match param.use:
                case "value":
                    values.append(self.value(arg))
                    looked_at.append(values[-1])
                case "vote":
                    value, vote = self.sighting(arg)
                    values.append(vote)
                    looked_at.append(value)
                case "sighting":
                    values.append(self.sighting(arg))
                    looked_at.append(values[-1][0])
                case "column":
                    values.append(arg if isinstance(arg, n.Header) else self.value(arg))
        self.refuse_empty(node, looked_at)
        return [
            converted(index, value, signature.at(index).convert, signature.at(index).wants)
            for index, value in enumerate(values)
        ]

    def votes_in_turn(self, node: n.Call, function: Function) -> list[Any]:
        """Return votes up to the first that decides.

        Raises:
            Fault: a value is empty and the call has notnone.
        """
        votes: list[Any] = []
        for arg in node.args:
            value, vote = self.sighting(arg)
            self.refuse_empty(node, [value])
            votes.append(vote)
            if vote == (function.flow == "any"):
                break
        return votes

    def refuse_empty(self, node: n.Call, values: list[Any]) -> None:
        """Raise a Fault if one of the values is empty and the call has notnone."""
        if has(node, "notnone") and not declared(node).own_notnone and any(map(is_empty, values)):
            chain = self.calls[id(node)].chain
            raise Fault(f"Cannot have None in {chain} because it has the notnone qualifier")

    def then(self, node: n.Call, function: Function) -> None:
        """Do the arguments that are done behind the function."""
        signature = function.signature_for(node.args)
        assert signature is not None
        for index, arg in enumerate(node.args):
            if signature.at(index).use == "then":
                self.sighting(arg)

    # assignments

    def assign(self, node: n.Assignment, new: Any) -> bool:
        """Make an assignment and return its vote (6.3, 6.4; rows 11 and 12)."""
        target = node.target
        try:
            sets, blocked = self.decide(target, new)
            if sets:
                self.set(target, new)
        except Exception as error:  # noqa: BLE001 - as in call()
            self.report(self.place, f"@{target.name}[{self.place}]", str(error))
            return False
        vote = not blocked and self.default
        if has(target, "asbool") and not blocked:
            vote = truth(new)
        return self.default if has(target, "nocontrib") else vote

    def decide(self, target: n.Variable, new: Any) -> tuple[bool, bool]:
        """Say whether the variable is to be set, and whether a qualifier blocks it."""
        key = n.label(target)
        current = self.run_state.variables.get(target.name)
        current = current if key is None else tracked(current, key)
        if has(target, "latch") or has(target, "onchange"):
            if current == new:
                return False, has(target, "onchange")
            if current is not None and has(target, "latch"):
                return False, False
        blocked = (
            (has(target, "notnone") and new is None)
            or (has(target, "increase") and not increases(current, new))
            or (has(target, "decrease") and not decreases(current, new))
        )
        return not blocked, blocked

    def set(self, target: n.Variable, new: Any) -> None:
        """Set a variable, or one key of it (6.1)."""
        key, variables = n.label(target), self.run_state.variables
        if key is None:
            variables[target.name] = new
            return
        if variables.get(target.name) is None:
            variables[target.name] = {}
        table = variables[target.name]
        if not isinstance(table, dict):
            raise Fault(f"@{target.name} is no dictionary, so it has no key {key!r}")
        table[key] = new

    # errors and flow

    def fault(self, call: Call, error: Exception) -> None:
        """Report that a call failed on this line."""
        if isinstance(error, Refused):
            message = f"{call.name} {error}"
        else:
            message = str(error) if isinstance(error, Fault) else f"{call.name}(): {error}"
        self.report(call.component, call.chain, message)

    def count_errors(self) -> int:
        """Return a number that is greater after an error that no or() forgave."""
        return len(self.held[-1]) if self.held else self.errors

    def report(self, component: int, chain: str, message: str) -> None:
        """Apply the policy to an error of this line: collect, stop, fail, print (9.1, 9.4)."""
        if self.held:
            self.held[-1].append((component, chain, message))
            return
        self.errors += 1
        self.faulty.add(component)
        key = (self.run_state.line_number, chain, message)
        if key in self.reported:
            return
        self.reported.add(key)
        self.run_state.errors_count += 1
        if self.policy.collects:
            self.error_lines.append(self.run_state.line_number)
        if self.policy.stops:
            self.stop()
        if self.policy.fails:
            self.run_state.valid = False
        if self.policy.prints:
            self.run_state.print(message, "default")

    def stop(self) -> None:
        """End the run after this line."""
        self.stopped = True
        self.halt = self.halt or Halt.STOP

    def leave(self, *, take: bool) -> None:
        """Leave the line."""
        self.halt = self.halt or (Halt.TAKE if take else Halt.SKIP)


def declared(node: n.Call) -> Function:
    """Return the declaration of the function that is called."""
    return functions()[node.name]


def calls_in(node: n.Node) -> list[n.Call]:
    """Return every call at or below a node, in document order."""
    return [found for found in n.walk(node) if isinstance(found, n.Call)]


def has(node: n.Node, word: str) -> bool:
    """Say whether a node has a qualifier."""
    return isinstance(node, n.Header | n.Variable | n.Call) and word in node.qualifiers


def is_equality(node: n.Node) -> bool:
    """Say whether a node is an equality."""
    return isinstance(node, n.Equality)


def is_last_call(node: n.Node) -> bool:
    """Say whether a node is last(), with or without an argument."""
    return isinstance(node, n.Call) and declared(node).last_only


def holds_waiting_call(node: n.Node) -> bool:
    """Say whether some call at or below a node has onmatch."""
    return any(has(call, "onmatch") and not declared(call).own_onmatch for call in calls_in(node))


def implies_onmatch(node: n.Node) -> bool:
    """Say whether a right side makes its assignment wait (5.7)."""
    return isinstance(node, n.Call) and not node.args and declared(node).implies_onmatch


def waits(component: n.Node) -> bool:
    """Say whether a component waits for the line to match (5.7)."""
    return holds_waiting_call(component) or any(
        has(node.target, "onmatch") or implies_onmatch(node.value)
        for node in n.walk(component)
        if isinstance(node, n.Assignment)
    )


def acts(component: n.Node) -> bool:
    """Say whether a component does more than vote."""
    return any(
        isinstance(node, n.Assignment)
        or (isinstance(node, n.Call) and (declared(node).acts or declared(node).gives == "nothing"))
        for node in n.walk(component)
    )


def converted(
    index: int, value: Any, convert: Callable[[Any], Any] | None, wants: str
) -> Any:
    """Return an argument as the body takes it.

    Raises:
        Refused: it does not.
    """
    if convert is None:
        return value
    try:
        return convert(value)
    except ValueError as error:
        raise Refused(index, value, wants) from error
