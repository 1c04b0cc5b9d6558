"""What one run of one statement owns: counters, variables, headers, errors, printouts.

`RunState` is what generated code and functions work on (`language.functions.call.Run`). It knows
the error policy; functions do not.
"""

from __future__ import annotations

import logging
import time
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, Any, BinaryIO

from preboard.clock import utc_now
from preboard.engine.attachments import whole_file
from preboard.engine.columns import AddedColumns
from preboard.engine.fields import RuntimeFields, format_error
from preboard.engine.reaching import reached
from preboard.engine.report import LineError
from preboard.engine.services import StandAlone, fingerprint_of
from preboard.engine.spool import Spool
from preboard.engine.trace import Follower, Log
from preboard.errors import DataError
from preboard.language import nodes as n
from preboard.language.format import format_node
from preboard.language.functions.call import Call, Fault, Unusable, UserFault
from preboard.language.functions.library import functions
from preboard.language.functions.printing import DEFAULT_STREAM
from preboard.language.functions.schema import lay_out
from preboard.language.functions.signature import Refused
from preboard.language.print_text import parse_print_text
from preboard.language.values import Value, cell, index_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from preboard.language.functions.services import Services
    from preboard.language.modes import ErrorPolicy
    from preboard.language.statement import Statement
    from preboard.readers.batch import Batch
    from preboard.readers.dialect import Dialect

STATEMENT_LOG = "preboard.statement"
logging.getLogger(STATEMENT_LOG).addHandler(logging.NullHandler())

STOP, SKIP, TAKE = 1, 2, 3
"""Values of `RunState.halt`; generated code knows them."""


class RunState:
    """One run of one statement, line by line."""

    def __init__(  # noqa: PLR0915 - a field a line
        self,
        statement: Statement,
        policy: ErrorPolicy,
        dialect: Dialect,
        file_name: str,
        printer: Callable[[str, str], None] | None = None,
        services: Services | None = None,
    ) -> None:
        self.services: Services = services or StandAlone()
        self.statement: Statement = statement
        self.policy: ErrorPolicy = policy
        self.dialect: Dialect = dialect
        self.file_name: str = file_name
        self.file: BinaryIO | None = None
        """The data file while it is read, if some function may ask for the whole of it."""
        self.printer = printer
        self.metadata: dict[str, str | None] = dict(statement.metadata.values)
        self.metadata.setdefault("print-mode", "default")
        self.calls: Sequence[Call] = ()
        self.variables: dict[str, Value] = {}
        self.headers: list[str] = []
        self.row: list[Value] = []
        self.batch: Batch | None = None
        self.row_before_batch: Sequence[Value] | None = None
        self.total_lines: int = 0
        self.line_number: int = -1
        self.blanks: int = 0
        self.scans: int = 0
        self.matches: int = 0
        self.counted: int = 0
        """1 while `matches` counts the current line already: in pass 2."""
        self.returned: int = 0
        self.bytes_written: int = 0
        self.is_last: bool = False
        self.verdict: bool = False
        self.votes: list[bool | None] = []
        self.whens: list[bool] = []
        self.valid: bool = True
        self.stopped: bool = False
        self.stopped_by: str | None = None
        self.halt: int = 0
        """What ends the current line before its last component: 0, STOP, SKIP or TAKE."""
        self.to_jump: int = 0
        self.limit: list[int] | None = None
        self._pending: list[Callable[[], None]] = []
        self._left_out: dict[int, list[int]] = {}
        """The fields that each remove() of the statement leaves out, by where it stands."""
        self._added = AddedColumns()
        self.errors: Spool[LineError] = Spool()
        self.error_count: int = 0
        self.reported: bool = False
        """An error was reported by a function that went on; generated code looks at it."""
        self.printouts: dict[str, Spool[str]] = {}
        self.last_line_ms: float = -1.0
        self._line_began = 0.0
        self._rules: dict[int, str] = {}
        self._about: dict[int, n.Header | None] = {}
        """The header that a part of the statement is about, by the part's id."""
        self._held: list[list[LineError]] = []
        self._on_line: tuple[int, set[tuple[str, str]]] = (-1, set())
        self._fields = RuntimeFields(self)
        self.followers: list[Follower] = []
        """Who is told every step of a line, if the generated code tells them."""
        if statement.modes.explains:
            self.followers.append(Log(statement.text))
        self._fingerprint: str | None = None

    # what functions see

    @property
    def data_lines(self) -> int:
        """Return the number of records with data so far, the current one included."""
        return self.line_number + 1 - self.blanks

    @property
    def match_count(self) -> int:
        """Return the matches so far, this line counted as if it matches."""
        return self.matches + 1 - self.counted

    @property
    def previous_row(self) -> Sequence[Value] | None:
        """Return the record before the current one in the file, None on the first."""
        place = self.line_number - self.batch.first_line if self.batch is not None else 0
        if self.batch is None or place == 0:
            return self.row_before_batch
        return self.batch.rows[place - 1]

    def tick(self) -> None:
        """Note how long the line before this one took, in ms; -1 before there is one."""
        clock = time.perf_counter()
        if self._line_began:
            self.last_line_ms = (clock - self._line_began) * 1000
        self._line_began = clock

    @property
    def line_headers(self) -> list[str]:
        """Return the headers that stand above the cells of the current line as it is now."""
        return self._added.headers_of(self.headers, self.line_number)

    def now(self) -> datetime:
        """Return the present time in UTC."""
        return utc_now()

    def uses(self, name: str) -> bool:
        """Say whether the statement calls the function of that name anywhere."""
        return any(call.name == name for call in self.calls)

    def document(self) -> bytes:
        """Return the bytes of the whole data file; Fault if it is too large."""
        return whole_file(self.file, self.dialect.member)

    def asset(self, name: str) -> bytes:
        """Return the bytes of a file that belongs to the statement; Fault if there is none."""
        return self.services.asset(name, self.file_name)

    def column(self, name: str | int, *, quoted: bool = False) -> int | None:
        """Return the index of a header by name or index, None if there is none."""
        if isinstance(name, int):
            return name
        return index_of(name, self.headers, quoted=quoted)

    def cell(self, name: str, quoted: bool) -> Value:
        """Return a field of the current line under the headers now in force."""
        index = index_of(name, self.line_headers, quoted=quoted)
        return None if index is None else cell(self.row, index)

    def when_matched(self, act: Callable[[], None]) -> None:
        """Do something once the current line is known to match as a whole."""
        self._pending.append(act)

    def settle(self, matched: bool) -> None:
        """Do what waits for the line to match, now that it is known whether it does."""
        pending, self._pending = self._pending, []
        if matched:
            for act in pending:
                act()

    def stop(self, by: str = "stop()") -> None:
        """End the run after this line."""
        self.stopped = True
        self.stopped_by = self.stopped_by or by
        self.halt = self.halt or STOP

    def skip(self, *, take: bool = False) -> None:
        """Leave the line: it does not match, or does with `take`."""
        self.halt = self.halt or (TAKE if take else SKIP)

    def advance(self, lines: int) -> None:
        """Jump over the next `lines` lines that would be scanned."""
        self.to_jump = max(lines, 0) or self.to_jump

    def fail(self) -> None:
        """Mark the data invalid."""
        self.valid = False

    @property
    def default_vote(self) -> bool:
        """Return the vote that decides nothing."""
        return not self.statement.modes.any_component

    @cached_property
    def random(self) -> Random:
        """Return the run's source of chance."""
        return Random()  # noqa: S311 - for samples, not for secrets

    @cached_property
    def log(self) -> logging.Logger:
        """Return the log of this run, whose level is its own."""
        log = logging.Logger(STATEMENT_LOG)  # noqa: LOG001 - one a run, gone with it
        log.parent = logging.getLogger(STATEMENT_LOG)
        return log

    def fingerprint(self) -> str:
        """Return the SHA-256 of the data file."""
        return self._file_fingerprint

    @cached_property
    def _file_fingerprint(self) -> str:
        return fingerprint_of(self.file)

    @property
    def printed(self) -> int:
        """Return the number of printouts so far."""
        return sum(map(len, self.printouts.values()))

    def print(self, text: str, stream: str) -> None:
        """Print to a stream of the report and of the printer, if one listens."""
        self.printouts.setdefault(stream, Spool()).append(text)
        if self.printer is not None:
            self.printer(stream, text)

    def fill(self, text: str) -> str:
        """Return a print text with its references filled in."""
        return "".join(
            part if isinstance(part, str) else self._fields.resolve(part)
            for part in parse_print_text(text)
        )

    def runtime(self, field: str) -> Value:
        """Return a runtime field of spec/language.md 8.3; KeyError if it is not available."""
        return self._fields.runtime(field)

    def reset_headers(self, headers: list[str]) -> None:
        """Put new headers in force."""
        self.headers = headers
        self._added.forget()

    def add_column(self, name: str, index: int | None = None) -> None:
        """Note that the current line has got a column that it has not in the file."""
        self.headers = self._added.put(self.headers, name, index, self.line_number)

    def limit_collection(self, columns: list[int] | None) -> None:
        """Return only these fields of every line from now on."""
        self.limit = columns
        self._left_out.clear()

    def leave_out(self, call: Call, columns: list[int]) -> None:
        """Return every line without these fields, and without what other calls said."""
        self.limit = None
        self._left_out[call.span_start] = columns

    def returned_row(self) -> list[Value]:
        """Return the current line as it would be returned now."""
        return self.limited(self.row)

    def limited(self, row: list[Value]) -> list[Value]:
        """Return the fields that collect() and remove() leave, empty where the line is too short.

        What remove() leaves is as wide as the headers that are left.
        """
        if self._left_out:
            gone = {index for columns in self._left_out.values() for index in columns}
            kept = [index for index in range(len(self.headers)) if index not in gone]
        elif self.limit is None:
            return row
        else:
            kept = self.limit
        return [row[i] if -len(row) <= i < len(row) else "" for i in kept]

    # explanations

    def explain_line(self, number: int) -> None:
        """Tell the followers that the components of a line are evaluated now."""
        for follower in self.followers:
            follower.begin(number)

    def explain(
        self, start: int, end: int, action: str, left: Value, right: Value, result: Value
    ) -> None:
        """Tell the followers one step of the evaluation of a line (10)."""
        for follower in self.followers:
            follower.step((start, end), action, left, right, result)

    # errors

    def error(self, call: Call, message: str, **details: Any) -> None:
        """Report an error of this line without leaving the function."""
        self.reported = True
        self._report(self._error(message, call.node, call.chain, call.component, details))

    def refuse(self, number: int, message: str) -> None:
        """Report that a schema does not fit the line as a whole."""
        call = self.calls[number]
        self._report(self._error(message, call.node, call.chain, call.component, {}, whole=True))

    def refuse_width(self, number: int, found: int, expected: int) -> None:
        """Report that the line has more or fewer values than a strict schema has headers."""
        call = self.calls[number]
        values = "value" if found == 1 else "values"
        message = f"the line has {found} {values} where the schema has {expected}"
        details = {"value": found, "expected": f"{expected} values"}
        self._report(
            self._error(message, call.node, call.chain, call.component, details, whole=True)
        )

    def refuse_cell(self, number: int) -> None:
        """Report that the member `number` of a schema refused its cell without a message."""
        call = self.calls[number]
        refusal = functions()[call.name].refusal
        _, value = self._column_of(call.node, None)
        details = {"expected": call.name}
        message = f"{value!r} {refusal}"
        self._report(self._error(message, call.node, call.chain, call.component, details))

    def layout(self, number: int) -> tuple[tuple[int, ...], bool]:
        """Return the places of a schema's members under the headers now in force.

        A schema that does not fit them is an error of the line; the second value says that it fits.
        """
        members = [arg for arg in self.calls[number].node.args if isinstance(arg, n.Call)]
        found = lay_out(members, self.line_headers)
        for problem in found.problems:
            self.refuse(number, problem)
        return tuple(0 if place is None else place for place in found.places), not found.problems

    def fault(self, number: int, error: Exception) -> bool:
        """Report that call `number` failed on this line; say whether its value is `Unusable`."""
        call = self.calls[number]
        details: dict[str, Any] = {}
        if isinstance(error, Refused):
            message = f"{call.name} {error}"
            details = {"argument": error.argument, "value": error.value, "expected": error.wants}
        else:
            message = str(error) if isinstance(error, Fault) else f"{call.name}(): {error}"
            if functions()[call.name].member:
                details = {"expected": call.name}
        made = self._error(message, call.node, call.chain, call.component, details)
        self._report(made, error, raises=not isinstance(error, UserFault))
        return isinstance(error, Unusable)

    def fault_at(self, start: int, error: Exception) -> None:
        """Report that the assignment whose variable stands at `start` failed on this line."""
        for index, component in enumerate(self.statement.components):
            for node in n.walk(component):
                if isinstance(node, n.Assignment) and node.target.span.start == start:
                    made = self._error(str(error), node, f"@{node.target.name}[{index}]", index, {})
                    self._report(made, error)
                    return

    def reach(self, name: str, kind: str, item: str, tracking: str | None) -> Value:
        """Return what a reference to the results of a group leads to."""
        return reached(self.services.results(name), name, kind, item, tracking)

    def fault_of_reference(self, start: int, error: Exception) -> None:
        """Report that the reference at `start` failed on this line."""
        for index, component in enumerate(self.statement.components):
            for node in n.walk(component):
                if isinstance(node, n.Reference) and node.span.start == start:
                    chain = f"${node.root}.{node.kind}.{node.item}[{index}]"
                    self._report(self._error(str(error), node, chain, index, {}), error)
                    return

    def fault_of_own(self, number: int, error: Exception) -> None:
        """Report an error of an or() itself while it holds those of its arguments back."""
        held = self._held.pop() if self._held else None
        try:
            self.fault(number, error)
        finally:
            if held is not None:
                self._held.append(held)

    def hold(self) -> None:
        """Hold errors back until `release`."""
        self._held.append([])

    def forgive(self) -> None:
        """Drop the errors held back since the last `hold`."""
        self._held.pop()

    def release(self) -> bool:
        """Report the errors held back since the last `hold`; say whether there were any."""
        held = self._held.pop()
        for error in held:
            self._report(error)
        return bool(held)

    def _error(
        self,
        message: str,
        node: n.Node,
        chain: str,
        component: int,
        details: dict[str, Any],
        *,
        whole: bool = False,
    ) -> LineError:
        argument = details.get("argument")
        column, value = (None, None) if whole else self._column_of(node, argument)
        if column is None and not whole:  # error("...") stands behind the header it is about
            column, value = self._column_of(self.statement.components[component], None)
        member = isinstance(node, n.Call) and functions()[node.name].member and "." in chain
        batch = self.batch
        inside = batch is not None and 0 <= self.line_number - batch.first_line < len(batch.rows)
        made = LineError(
            line=self.line_number,
            text_line=batch.text_line(self.line_number - batch.first_line)
            if batch is not None and inside
            else self.line_number + 1,
            message=message,
            column=column,
            value=details.get("value", value),
            expected=details.get("expected"),
            rule=self._rule(node) if member else self._rule(self.statement.components[component]),
            source=chain,
            scans=self.scans,
            matches=self.matches,
        )
        for follower in self.followers:
            follower.failed(node, made)
        return made

    def _rule(self, node: n.Node) -> str:
        """Return the text of a part; most runs have many errors of few rules."""
        start = node.span.start
        if start not in self._rules:
            self._rules[start] = format_node(node)
        return self._rules[start]

    def _column_of(self, node: n.Node, argument: int | None) -> tuple[str | int | None, Value]:
        """Return the header that an error is about, and its value."""
        if isinstance(node, n.Call) and argument is not None:
            node = node.args[argument]
        if id(node) not in self._about:
            found = (part for part in n.walk(node) if isinstance(part, n.Header))
            self._about[id(node)] = next(found, None)
        header = self._about[id(node)]
        headers = self.line_headers
        if header is None:
            index = self._own_place(node)
        else:
            index = index_of(header.name, headers, quoted=header.quoted)
        if index is None:
            return None if header is None else header.name, None
        named = headers[index] if -len(headers) <= index < len(headers) else ""
        return named or index, cell(self.row, index)

    def _own_place(self, node: n.Node) -> int | None:
        """Return the place of a schema's member that names no header, None if it is none."""
        if not isinstance(node, n.Call) or node.args or not functions()[node.name].member:
            return None
        for call in self.calls:
            members = [arg for arg in call.node.args if isinstance(arg, n.Call)]
            if functions()[call.name].schema and any(arg is node for arg in members):
                place = next(i for i, arg in enumerate(members) if arg is node)
                return lay_out(members, self.line_headers).places[place]
        return None

    def _report(
        self, error: LineError, cause: Exception | None = None, *, raises: bool = True
    ) -> None:
        """Apply the policy to one error: collect, stop, fail, print, then raise (9.1)."""
        if self._held:
            self._held[-1].append(error)
            return
        if self._on_line[0] != error.line:
            self._on_line = (error.line, set())
        if (error.source, error.message) in self._on_line[1]:
            return
        self._on_line[1].add((error.source, error.message))
        self.error_count += 1
        for follower in self.followers:
            follower.reported(error)
        policy = self.policy
        if policy.collects:
            self.errors.append(error)
        if policy.stops:
            self.stopped = True
            self.stopped_by = self.stopped_by or "an error, as the error policy asks"
            self.halt = self.halt or STOP
        if policy.fails:
            self.valid = False
        if policy.prints:
            self.print(format_error(error, self), DEFAULT_STREAM)
        if policy.raises and raises:
            raise DataError(f"line {error.line}: {error.message}", line=error.line) from cause
