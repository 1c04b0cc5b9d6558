"""What a run of one statement over one source came to."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from preboard.engine.hints import hint_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from preboard.diagnostics import Diagnostic, Finding
    from preboard.language.values import Value
    from preboard.readers.dialect import Dialect

Line = list[Any]


@dataclass(frozen=True, slots=True)
class LineError:
    """One error of one line (architecture.md section 4, spec/language.md 9.4).

    `line` is the 0-based record number, `text_line` the 1-based line of the text where the record
    begins. `column` is the header's name, else its index; `value` what stood there; `expected` what
    was wanted; `rule` the component of the statement. `source` names the functions from the
    outermost to the one that failed.
    """

    line: int
    text_line: int
    message: str
    column: str | int | None = None
    value: Value = None
    expected: str | None = None
    rule: str | None = None
    source: str = ""
    scans: int = 0
    matches: int = 0

    @property
    def hint(self) -> str | None:
        """What may have happened to the value, None if nothing about it tells."""
        return hint_for(self.expected, self.value, self.message)

    def __reduce__(self) -> tuple[type[LineError], tuple[Value, ...]]:
        """Say how to spool it: by its fields, which is four times as fast as the default."""
        return LineError, (
            self.line, self.text_line, self.message, self.column, self.value, self.expected,
            self.rule, self.source, self.scans, self.matches,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counts:
    """Records read, blank ones included; lines the scan part selected; lines that matched."""

    lines: int = 0
    scans: int = 0
    matches: int = 0


@dataclass(slots=True)
class Collected:
    """What a run kept, spooled.

    `headers` are the names above the lines, those of them that collect() and remove() leave.
    `scans_headers` says that the scan selects the line that holds them: it is one of the lines.
    """

    lines: Sequence[Line] = ()
    unmatched: Sequence[Line] = ()
    headers: Sequence[Any] = ()
    scans_headers: bool = False


@dataclass
class Report:
    """The result of a run.

    `valid` is false only by errors under the `fail` policy, by fail() and its kin: lines that do
    not match do not invalidate. `completed` says whether the scan was read to its end, `stopped`
    whether
    the run ended before the file did, `stopped_by` why. `errors` and the printouts are sequences
    that
    may lie on disk; `lines` and `unmatched` are lists that are read from there when they are asked
    for, `each_line()` and `each_unmatched()` do without. `findings` say what is odd about the data
    as a whole, such as that there is none; they do not change `valid`.
    """

    valid: bool
    completed: bool
    stopped: bool
    stopped_by: str | None
    headers: list[str]
    variables: dict[str, Value]
    metadata: dict[str, str | None]
    identity: str | None
    dialect: Dialect
    errors: Sequence[LineError]
    printouts: Mapping[str, Sequence[str]]
    counts: Counts
    warnings: Sequence[Diagnostic] = ()
    findings: Sequence[Finding] = ()
    collected: Collected = field(default_factory=Collected, repr=False)

    @cached_property
    def lines(self) -> list[Line]:
        """Return the matched lines (those that did not match in return-mode no-matches)."""
        return list(self.collected.lines)

    @cached_property
    def unmatched(self) -> list[Line]:
        """Return the scanned lines that were not returned, when unmatched-mode keeps them."""
        return list(self.collected.unmatched)

    def each_line(self) -> Iterator[Line]:
        """Go over the matched lines without holding them all."""
        return iter(self.collected.lines)

    def each_unmatched(self) -> Iterator[Line]:
        """Go over the unmatched lines without holding them all."""
        return iter(self.collected.unmatched)
