"""What a function of the language may see while it works.

`Call` is one occurrence of a function in one run: its name, qualifiers, memory, and the run around
it. `Run` is what the engine offers to functions; a function knows no matcher, no configuration and
no policy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from logging import Logger
    from random import Random

    from preboard.language.functions.services import Services
    from preboard.language.nodes import Call as CallNode
    from preboard.language.values import Value


class Fault(Exception):  # noqa: N818 - not an error of the program: a line broke a rule
    """A data error: it is reported for the line, and the function gives its default value."""


class Unusable(Fault):
    """A data error behind which there is no value at all: nothing is assigned, pushed or done.

    Only functions that declare `leaves` raise it.
    """


class UserFault(Fault):
    """An error that the statement itself reports with error(): it never raises (9.3)."""


class Run(Protocol):
    """The run of one statement, as far as functions may know it (spec/language.md 3.5, 8.3)."""

    row: list[Value]
    """The current line; functions that change the line change this list."""
    headers: list[str]
    variables: dict[str, Value]
    metadata: dict[str, str | None]
    line_number: int
    """0-based number of the current record, blank ones counted."""
    scans: int
    matches: int
    """Lines that matched so far; in pass 2 of a matching line it counts that line."""
    is_last: bool
    """The current line is the last scanned one with data."""
    valid: bool
    bytes_written: int
    """Bytes of matched lines that the run of a project has written so far, else 0."""
    verdict: bool
    """All components without onmatch match, for functions that declare `asks_verdict`."""
    votes: list[bool | None]
    """The votes of the components on this line, None for those not evaluated yet."""
    whens: list[bool]
    """Whether each `->` of the statement fired on this line, in document order."""

    @property
    def data_lines(self) -> int:
        """Records with data so far, the current one included, scanned or not."""

    @property
    def total_lines(self) -> int:
        """Data lines in the whole file; only there when a function declares `needs_totals`."""

    @property
    def match_count(self) -> int:
        """Matches so far plus one: the current line counted as if it matches (5.11)."""

    @property
    def previous_row(self) -> Sequence[Value] | None:
        """The record before the current one in the file, scanned or not; None on the first."""

    @property
    def line_headers(self) -> list[str]:
        """The headers that stand above the cells of the current line.

        Those in force, without the columns that functions add to each line and that the current
        line has not got yet.
        """

    def column(self, name: str | int, *, quoted: bool = False) -> int | None:
        """Return the index of a header by name or index, None if there is none."""

    def now(self) -> datetime:
        """Return the present time in UTC."""

    def uses(self, name: str) -> bool:
        """Say whether the statement calls the function of that name anywhere."""

    def document(self) -> bytes:
        """Return the bytes of the whole data file, for functions that declare `needs_document`.

        Raises:
            Fault: it is too large to be taken as one document.
        """

    def asset(self, name: str) -> bytes:
        """Return the bytes of a file that belongs to the statement, such as a schema.

        Raises:
            Fault: it cannot be read, or is too large.
        """

    def when_matched(self, act: Callable[[], None]) -> None:
        """Do something once the current line is known to match as a whole, else never.

        For functions that declare `keep`.
        """

    def stop(self, by: str = "stop()") -> None:
        """End the run after this line; `by` tells the report who did."""

    def skip(self, *, take: bool = False) -> None:
        """Leave the line: it does not match, or does with `take`."""

    def advance(self, lines: int) -> None:
        """Jump over the next `lines` lines that would be scanned."""

    @property
    def services(self) -> Services:
        """What the run may reach outside of itself."""

    @property
    def default_vote(self) -> bool:
        """The vote that decides nothing: true, under logic-mode OR false (5.4)."""

    @property
    def random(self) -> Random:
        """The run's source of chance."""

    @property
    def log(self) -> Logger:
        """The log of this run; its level is the run's own."""

    @property
    def printed(self) -> int:
        """The number of printouts so far, over all streams."""

    def fingerprint(self) -> str:
        """Return the SHA-256 of the data file, for functions that declare `needs_document`."""

    def returned_row(self) -> list[Value]:
        """Return the current line as it would be returned now: as collect() and its kin say."""

    def fail(self) -> None:
        """Mark the data invalid."""

    def print(self, text: str, stream: str) -> None:
        """Print to every printer's `stream`."""

    def error(self, call: Call, message: str, **details: Value) -> None:
        """Report an error of this line."""

    def fill(self, text: str) -> str:
        """Return a print text with its references filled in."""

    def runtime(self, field: str) -> Value:
        """Return a runtime field of spec/language.md 8.3.

        Raises:
            KeyError: there is no such field, or it is not available.
        """

    def reset_headers(self, headers: list[str]) -> None:
        """Put new headers in force, at once and for the rest of the run."""

    def add_column(self, name: str, index: int | None = None) -> None:
        """Note that the current line has got a column that it has not in the file.

        Its header is put behind the others, unless one has that name, or at `index`, the first time
        only.
        """

    def limit_collection(self, columns: list[int] | None) -> None:
        """Return only these fields of every line from now on."""

    def leave_out(self, call: Call, columns: list[int]) -> None:
        """Return every line without these fields from now on, and without what other calls said."""


class Call:
    """One occurrence of a function in one run.

    Attributes:
        state: the occurrence's memory; it starts as the declared `state()` makes it.
        label: the arbitrary name among the qualifiers, else None.
        qualifiers: the known qualifiers.
        chain: the place in the statement as messages show it: `add[0].add[1]` (9.4).
        vote_only: nobody looks at its value: it is a component, or the left side of `->`.
    """

    __slots__ = (
        "chain", "component", "label", "node", "qualifiers", "run", "state", "vote_only",
    )  # fmt: skip

    def __init__(
        self,
        node: CallNode,
        run: Run,
        *,
        label: str | None,
        qualifiers: frozenset[str],
        chain: str,
        component: int,
        state: Callable[[], Value] | None,
        vote_only: bool = False,
    ) -> None:
        self.node = node
        self.run = run
        self.label = label
        self.qualifiers = qualifiers
        self.chain = chain
        self.component = component
        self.vote_only = vote_only
        self.state = state() if state else None

    @property
    def name(self) -> str:
        """Return the function's name as the statement writes it."""
        return self.node.name

    @property
    def span_start(self) -> int:
        """Return where the occurrence stands; it names memories that have no name (6.1)."""
        return self.node.span.start

    def variable_name(self, default: str | None = None) -> str:
        """Return the variable it remembers in: its label, `default`, or a hidden one."""
        if self.label is not None:
            return self.label
        return default if default is not None else f"_intx_{self.span_start:064x}"

    def memory(self) -> dict[Value, Value]:
        """Return the occurrence's own dictionary, which no variable shows."""
        if not isinstance(self.state, dict):
            self.state = {}
        return self.state

    def table(self, default: str | None = None) -> dict[Value, Value]:
        """Return the dictionary variable this occurrence counts in, made when first asked for.

        Raises:
            Fault: the variable holds something that is no dictionary.
        """
        return self.table_called(self.variable_name(default))

    def table_called(self, name: str) -> dict[Value, Value]:
        """Return the dictionary variable of that name, made when first asked for or after a None.

        Raises:
            Fault: the variable holds something that is no dictionary.
        """
        found = self.run.variables.get(name)
        if found is None:
            found = self.run.variables[name] = {}
        if not isinstance(found, dict):
            raise Fault(f"@{name} is no dictionary, so {self.name}() cannot count in it")
        return found
