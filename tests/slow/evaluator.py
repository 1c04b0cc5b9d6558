"""Run a statement over a list of rows, slowly and obviously, by walking its tree on every line.

In: a parsed `Statement` and rows (a blank line is an empty list). Out: `Outcome`.
Written from spec/language.md, section 3 of spec/functions-b.md (`schemas`, `types`) and the
declarations of the functions: what the compiled engine does must come out here too. What was
decided beyond those texts is followed, and said where it stands. Section numbers in the docstrings
are those of spec/language.md; "row" is a row of its section 15.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from tests.slow.assignments import assign, current
from tests.slow.outcome import Halt, Outcome
from tests.slow.run_state import SlowRun
from tests.slow.schemas import keeps_to
from tests.slow.tree import (
    Lines,
    acts,
    asking_components,
    converted,
    declared,
    has,
    has_waiting_value,
    is_last_call,
    places,
    waits,
)
from tests.slow.types import JUDGED, judge

from preboard.language import nodes as n
from preboard.language.functions.call import Call, Fault, Unusable
from preboard.language.functions.signature import Refused
from preboard.language.modes import ErrorPolicy
from preboard.language.values import (
    cell,
    clean_headers,
    is_empty,
    same,
    truth,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from preboard.language.functions.call import Run
    from preboard.language.functions.registry import Function
    from preboard.language.statement import Statement


def evaluate(
    statement: Statement,
    rows: Sequence[Sequence[str]],
    *,
    on_error: Sequence[str] = ("collect", "fail"),
    data: bytes = b"",
) -> Outcome:
    """Return what the statement makes of the rows; `data` is the file that they come from."""
    evaluator = Evaluator(statement, rows, ErrorPolicy.of(on_error))
    evaluator.run_state.data = data
    return evaluator.run()


class Evaluator:
    """One run of one statement."""

    def __init__(
        self, statement: Statement, rows: Sequence[Sequence[str]], policy: ErrorPolicy
    ) -> None:
        self.modes = statement.modes
        self.components = statement.components
        self.scan = Lines(statement.tree.scan)
        self.rows = rows
        self.policy = policy.overridden(statement.modes.validation)
        self.run_state = SlowRun(self, statement, sum(1 for row in rows if row))
        self.calls: dict[int, Call] = {}
        for index, component in enumerate(self.components):
            self.enter(component, index, "", index)
            left = component.left if isinstance(component, n.When) else component
            if isinstance(left, n.Call):
                self.calls[id(left)].vote_only = True
        self.whens = [i for i, x in enumerate(self.components) if isinstance(x, n.When)]
        self.default = not self.modes.any_component
        self.halt: Halt | None = None
        self.faulty: set[int] = set()
        self.lost: set[int] = set()
        self.place = 0
        self.held: list[list[tuple[int, str, str]]] = []
        self.reported: set[tuple[int, str, str]] = set()
        self.errors = 0
        self.stopped = False
        self.to_jump = 0
        self.begun = False
        nodes = [node for component in self.components for node in n.walk(component)]
        self.renewed = [x.name for x in nodes if isinstance(x, n.Variable) and has(x, "renew")]
        scanned = [i for i, row in enumerate(rows) if row and self.scan.include(i)]
        self.last_scanned = scanned[-1] if scanned else None
        self.lines: list[list[Any]] = []
        self.unmatched: list[list[Any]] = []
        self.error_lines: list[int] = []

    def enter(self, node: n.Node, index: int, chain: str, place: int) -> None:
        """Make the memory of every call below `node`; `chain` is the way to it (9.4)."""
        if isinstance(node, n.Call):
            name = n.label(node) or f"{node.name}[{place}]"
            chain = f"{chain}.{name}" if chain else name
            self.calls[id(node)] = Call(
                node,
                cast("Run", self.run_state),  # what needs a project or a clock is left out
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
        run.reset_headers(clean_headers(next((row for row in self.rows if row), [])))
        self.start()
        for number, row in enumerate(self.rows):
            run.line_number, run.row = number, list(row)
            run.previous_row = self.rows[number - 1] if number else None
            run.on_line = set()
            run.data_lines += bool(row)
            run.is_last = number == self.last_scanned
            if row and self.scan.include(number):
                self.scan_row()
            elif self.last_scanned is None and number == len(self.rows) - 1:
                self.only_last()
            if self.stopped:
                break
        return Outcome(
            self.lines,
            self.unmatched,
            run.variables,
            run.valid,
            self.stopped,
            run.headers,
            run.printouts,
            sorted(self.error_lines),
            run.scans,
            run.matches,
        )

    def start(self) -> None:
        """Let the functions prepare what exists from the start."""
        for call in self.calls.values():
            prepare = declared(call.node).start
            if prepare:
                prepare(call)

    def scan_row(self) -> None:
        """Take a line with data that the scan part includes."""
        run = self.run_state
        run.scans += 1
        if self.to_jump:  # neither returned nor unmatched (row 5)
            self.to_jump -= 1
            if run.is_last:
                self.only_last()
        else:
            self.renew()
            matched = self.line()
            run.matches += matched
            if matched != self.modes.no_matches:
                self.lines.append(run.limited())
                run.returned += 1
            elif self.modes.keeps_unmatched:
                self.unmatched.append(run.limited())
        ends = not self.scan.open_ended and run.line_number == self.scan.greatest
        if ends and run.line_number != len(self.rows) - 1:
            self.stopped = True  # 3.3

    def renew(self) -> None:
        """Set the variables with renew to None, but for the first line (6.5)."""
        if self.begun:
            self.run_state.variables.update(dict.fromkeys(self.renewed))
        self.begun = True

    def only_last(self) -> None:
        """Let the last() of every component act on a record for last() only (5.9)."""
        self.run_state.is_last = True
        self.begin_line()
        for index, component in enumerate(self.components):
            self.place = index
            self.visit_last(component)
            if self.halt:
                return

    def visit_last(self, node: n.Node) -> None:
        """Evaluate `last()` and `last() -> action` wherever they stand below `node`."""
        if isinstance(node, n.When) and is_last_call(node.left):
            if self.vote(node.left):
                self.run_state.whens[self.whens.index(self.place)] = True
                self.act(node.action)
        elif is_last_call(node):
            self.vote(node)
        else:
            for child in n.children(node):
                self.visit_last(child)

    # the line

    def line(self) -> bool:
        """Say whether the line matches (5.3, 5.7, 5.8)."""
        self.begin_line()
        votes: list[bool] = []
        waiting: list[int] = []
        early: dict[int, Any] = {}
        asking = asking_components(self.components)
        plain = [index for index in range(len(self.components)) if index not in asking]
        for group in (plain, asking):
            self.run_state.verdict = self.judge(votes)
            for index in group:
                component = self.components[index]
                self.place = index
                if not waits(component):
                    votes.append(self.component_vote(index))
                else:
                    waiting.append(index)
                    if isinstance(component, n.Assignment) and not has_waiting_value(component):
                        early[index] = self.value(component.value)
                        if self.default and index in self.faulty and not self.policy.matches:
                            votes.append(False)  # an error votes false (9.5)
                if self.left_line():
                    return self.halt is Halt.TAKE
                if self.halt and index < len(self.components) - 1:
                    return False
            self.halt = None
        if not waiting or not self.still_matches(votes, waiting):
            return self.judge(votes)
        self.run_state.matches += 1
        self.run_state.counted = 1
        matched = self.second_pass(votes, waiting, early)
        self.run_state.matches -= 1
        self.run_state.counted = 0
        return matched

    def begin_line(self) -> None:
        """Forget what was found out about the line before."""
        self.halt = None
        self.faulty = set()
        self.lost = set()
        self.run_state.votes = [None] * len(self.components)
        self.run_state.whens = [False] * len(self.whens)

    def second_pass(self, votes: list[bool], waiting: list[int], early: dict[int, Any]) -> bool:
        """Take the components that wait, first those that only vote (5.7)."""
        acting = [index for index in waiting if acts(self.components[index])]
        for group in ([index for index in waiting if index not in acting], acting):
            if not self.still_matches(votes, waiting):
                return False
            for index in group:
                self.place = index
                self.run_state.verdict = self.judge(votes)
                votes.append(self.component_vote(index, early))
                if self.left_line():
                    return self.halt is Halt.TAKE
                if self.halt:
                    return self.judge(votes)
        return self.judge(votes)

    def left_line(self) -> bool:
        """Say whether skip() or take() decided the line."""
        return self.halt in (Halt.SKIP, Halt.TAKE)

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
            vote = assign(self, component, early[index])
        elif isinstance(component, n.When):
            vote = self.when(component)
        else:
            vote = self.act(component)
        vote = vote and (index not in self.faulty or self.policy.matches)
        self.run_state.votes[index] = vote
        return vote

    def when(self, node: n.When) -> bool:
        """Return the vote of `left -> action` (5.4.1; row 11 for OR mode)."""
        left = self.vote(node.left, decides=True)
        left_most = node.left.left if isinstance(node.left, n.Equality) else node.left
        without_say = has(left_most, "nocontrib")
        if not left:
            return self.default and without_say
        self.run_state.whens[self.whens.index(self.place)] = True
        action = self.act(node.action)
        if self.modes.any_component:
            return not without_say
        return action or (isinstance(node.action, n.Call) and has(node.action, "nocontrib"))

    def act(self, node: n.Node) -> bool:
        """Return the vote of a component or of an action."""
        if isinstance(node, n.Assignment):
            return assign(self, node, self.value(node.value))
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
                return current(self, node)
            case n.Reference():
                return f"{node.root}#{node.item}"
            case n.Equality():
                return same(self.value(node.left), self.value(node.right))
            case n.Call() if declared(node).gives == "nothing":
                if declared(node).acts_for_value:
                    self.call(node, valued=True)
                else:  # nothing is done with the values of the arguments (5.12)
                    self.look_at(node)
                return declared(node).default
            case n.Call():
                return self.call(node, valued=True)[0]
        raise AssertionError(node)

    def vote(self, node: n.Node, *, decides: bool = False) -> bool:
        """Return the vote of a node (5.4); `decides` on the left of `->`."""
        match node:
            case n.Call():
                return self.call(node, decides=decides)[1]
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

    def sighting(self, node: n.Node, *, valued: bool = True) -> tuple[Any, bool]:
        """Return value and vote of one evaluation; not `valued`: only the vote is asked for."""
        if isinstance(node, n.Call):
            return self.call(node, valued=valued)
        value = self.value(node)
        return value, bool(value) if isinstance(node, n.Equality) else self.vote_of(node, value)

    # functions

    def call(
        self, node: n.Call, *, decides: bool = False, valued: bool = False
    ) -> tuple[Any, bool]:
        """Evaluate a call: value and vote (5.12); `valued`: its value is asked for.

        count.onmatch(x) votes as x does on the left of `->`; elsewhere it votes default.
        """
        function, call = declared(node), self.calls[id(node)]
        if function.flow == "any":
            self.held.append([])
        try:
            value, vote = self.evaluate(node, function, call, valued=valued)
        except Unusable as error:
            self.fault(call, error)
            self.lost.add(id(node))
            value, vote = None, False
        except Exception as error:  # noqa: BLE001 - whatever goes wrong is an error of the line
            self.fault(call, error)
            value, vote = function.default, self.vote_after_fault(function)
        inward = decides and has(node, "onmatch") and bool(node.args)
        silent = function.own_nocontrib and has(node, "nocontrib") and not decides
        if (function.own_onmatch and not inward) or silent:
            vote = self.default
        if function.gives == "nothing" or (function.gives == "match" and vote):
            self.then(node, function)
        if function.flow == "any":
            held = self.held.pop()
            if not vote:
                for error_found in held:
                    self.report(*error_found)
        return value, vote

    def evaluate(
        self, node: n.Call, function: Function, call: Call, *, valued: bool
    ) -> tuple[Any, bool]:
        """Evaluate the arguments and the function; a value needs sound arguments."""
        if function.flow:
            return self.taken_apart(
                function, function.evaluate(call, *self.votes_in_turn(node, function.flow))
            )
        if function.schema:
            kept = keeps_to(self, node)
            return kept, kept
        errors = self.count_errors()
        passed, values = self.arguments(node, function)
        needs_sound = function.gives == "value" or (valued and function.gives == "match")
        if needs_sound and self.count_errors() > errors:
            return function.default, self.vote_after_fault(function)
        used = [arg for arg, param in places(node, function) if param.use not in ("vote", "then")]
        if any(map(self.is_lost, used)):
            return function.default, self.vote_after_fault(function)
        passed = self.checked(node, function, passed, values)
        if function.name in JUDGED:
            return judge(call, function.name, passed)
        return self.taken_apart(function, function.evaluate(call, *passed))

    def taken_apart(self, function: Function, result: Any) -> tuple[Any, bool]:
        """Return value and vote from what a function returned."""
        value, vote = result if function.returns_vote else (result, self.default)
        if function.gives == "match":
            vote = bool(value)
        elif function.votes:
            vote = function.votes(value)
        trimmed = isinstance(value, str) and not function.keeps_blanks
        return value.strip() if trimmed else value, vote

    def vote_after_fault(self, function: Function) -> bool:
        """Return the vote by the function's rule where it could not do its work (9.5)."""
        if function.gives == "match" or function.refuses:
            return bool(function.default)
        return function.votes(function.default) if function.votes else self.default

    def arguments(self, node: n.Call, function: Function) -> tuple[list[Any], list[Any]]:
        """Evaluate the arguments in order; return what each passes to the function, and values."""
        passed: list[Any] = []
        values: list[Any] = []
        for arg, param in places(node, function):
            match param.use:
                case "value":
                    values.append(self.value(arg))
                    passed.append(values[-1])
                case "vote":
                    value, vote = self.sighting(arg, valued=has(node, "notnone"))
                    passed.append(vote)
                    values.append(value)
                case "sighting":
                    passed.append(self.sighting(arg))
                    values.append(passed[-1][0])
                case "column":
                    values.append(self.value(arg))
                    passed.append(arg if isinstance(arg, n.Header) else values[-1])
        return passed, values

    def look_at(self, node: n.Call) -> None:
        """Take the value of each argument, but for those that are done behind the function."""
        for arg, param in places(node, declared(node)):
            if param.use != "then":
                self.value(arg)

    def is_lost(self, node: n.Node) -> bool:
        """Say whether a value at or below a node is not there: nothing is done with it."""
        return any(id(part) in self.lost for part in n.walk(node))

    def checked(
        self, node: n.Call, function: Function, passed: list[Any], values: list[Any]
    ) -> list[Any]:
        """Return the arguments as the body takes them.

        Raises:
            Fault: one is refused, or empty and the call has notnone.
        """
        if not function.notnone_goes_on:
            self.refuse_empty(node, values)
        taken = [
            converted(index, value, param)
            for index, (value, (_, param)) in enumerate(
                zip(passed, places(node, function), strict=False)
            )
        ]
        if function.notnone_goes_on:
            try:
                self.refuse_empty(node, values)
            except Fault as error:
                self.fault(self.calls[id(node)], error)
        return taken

    def votes_in_turn(self, node: n.Call, flow: str) -> list[Any]:
        """Return the votes of the arguments up to the first that decides.

        An argument of or() that made an error does not match, whatever its own vote.

        Raises:
            Fault: a value is empty and the call has notnone.
        """
        votes: list[Any] = []
        for arg in node.args:
            errors = self.count_errors()
            value, vote = self.sighting(arg, valued=has(node, "notnone"))
            self.refuse_empty(node, [value])
            failed = flow == "any" and self.count_errors() > errors
            votes.append(vote and not failed)
            if votes[-1] == (flow == "any"):
                break
        return votes

    def refuse_empty(self, node: n.Call, values: list[Any]) -> None:
        """Raise a Fault if one of the values is empty and the call has notnone."""
        function = declared(node)
        if not has(node, "notnone") or function.own_notnone:
            return
        if any(map(is_empty, values[:1] if function.first_notnone else values)):
            chain = self.calls[id(node)].chain
            raise Fault(f"Cannot have None in {chain} because it has the notnone qualifier")

    def then(self, node: n.Call, function: Function) -> None:
        """Do the arguments that are done behind the function."""
        for arg, param in places(node, function):
            if param.use == "then":
                self.sighting(arg, valued=False)

    # errors

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
