"""What functions see of a slow run: `language.functions.call.Run` with dicts and lists."""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING, Any

from preboard.language.print_text import PrintReference, parse_print_text
from preboard.language.values import index_of, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.slow.evaluator import Evaluator

    from preboard.language.functions.call import Call
    from preboard.language.statement import Statement

PRINTED_MODES = frozenset({
    "unmatched-mode", "validation-mode", "source-mode", "print-mode", "run-mode", "logic-mode",
    "explain-mode", "return-mode",
})  # fmt: skip


class Alone:
    """What is around a run of one statement: no other statements."""

    def stop_all(self) -> None:
        """Stop no other."""

    def skip_all(self) -> None:
        """Let no other leave the line."""

    def advance_all(self, lines: int) -> None:
        """Let no other jump over lines."""


class SlowRun:
    """The state of a run; what changes the course of it is handed to the evaluator."""

    def __init__(self, evaluator: Evaluator, statement: Statement, total_lines: int) -> None:
        self.evaluator = evaluator
        self.statement = statement
        self.total_lines = total_lines
        self.row: list[Any] = []
        self.headers: list[str] = []
        self.variables: dict[str, Any] = {}
        self.metadata: dict[str, str | None] = {
            "print-mode": "default",
            **statement.metadata.values,
        }
        self.data = b""
        self.services = Alone()
        self.previous_row: Sequence[str] | None = None
        self.bytes_written = 0
        self.log = logging.getLogger("tests.slow")
        self.verdict = False
        self.votes: list[bool | None] = []
        self.whens: list[bool] = []
        self.line_number = -1
        self.data_lines = 0
        self.scans = 0
        self.matches = 0
        self.counted = 0
        self.is_last = False
        self.valid = True
        self.returned = 0
        self.errors_count = 0
        self.added: list[str] = []
        self.on_line: set[str] = set()
        self.columns: list[int] | None = None
        self.gone: dict[int, list[int]] = {}
        self.printouts: dict[str, list[str]] = {}

    def document(self) -> bytes:
        """Return the bytes of the whole file."""
        return self.data

    def fingerprint(self) -> str:
        """Return the SHA-256 of the file."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def printed(self) -> int:
        """Return the number of printouts so far."""
        return sum(map(len, self.printouts.values()))

    def returned_row(self) -> list[Any]:
        """Return the line as it would be given out now."""
        return self.limited()

    @property
    def default_vote(self) -> bool:
        """Return the vote that decides nothing."""
        return self.evaluator.default

    @property
    def line_headers(self) -> list[str]:
        """Return the headers less the added columns that this line has not got."""
        return [
            name
            for name, added in zip(self.headers, self.added, strict=True)
            if not added or added in self.on_line
        ]

    @property
    def match_count(self) -> int:
        """Return the matches with this line, whether or not it is counted already (5.11)."""
        return self.matches + 1 - self.counted

    def column(self, name: str | int, *, quoted: bool = False) -> int | None:
        """Return the index of a header."""
        return name if isinstance(name, int) else index_of(name, self.line_headers, quoted=quoted)

    def stop(self, by: str = "stop()") -> None:  # noqa: ARG002 - nobody is told
        """End the run after this line."""
        self.evaluator.stop()

    def skip(self, *, take: bool = False) -> None:
        """Leave the line."""
        self.evaluator.leave(take=take)

    def advance(self, lines: int) -> None:
        """Jump over lines; 0 and negative numbers do nothing (5.8)."""
        if lines > 0:
            self.evaluator.to_jump = lines

    def fail(self) -> None:
        """Mark the data invalid."""
        self.valid = False

    def print(self, text: str, stream: str) -> None:
        """Print to a stream."""
        self.printouts.setdefault(stream, []).append(text)

    def error(self, call: Call, message: str, **_details: Any) -> None:
        """Report an error of this line."""
        self.evaluator.report(call.component, call.chain, message)

    def uses(self, name: str) -> bool:
        """Say whether the statement calls a function."""
        return any(call.name == name for call in self.evaluator.calls.values())

    # headers and columns

    def reset_headers(self, headers: list[str]) -> None:
        """Put new headers in force."""
        self.headers = headers
        self.added = [""] * len(headers)

    def add_column(self, name: str, index: int | None = None) -> None:
        """Put a header for a column that the file has not, the first time."""
        place = f"{name} behind" if index is None else f"{name} within"
        self.on_line.add(place)
        if place in self.added or (index is None and name in self.headers):
            return
        at = len(self.headers) if index is None else index
        self.headers = [*self.headers[:at], name, *self.headers[at:]]
        self.added.insert(at, place)

    def limit_collection(self, columns: list[int] | None) -> None:
        """Return only these fields from now on."""
        self.columns = columns
        self.gone = {}

    def leave_out(self, call: Call, columns: list[int]) -> None:
        """Return lines without these fields, and those that other calls leave out."""
        self.columns = None
        self.gone[call.span_start] = columns

    def limited(self) -> list[Any]:
        """Return the line as it is given out; empty text where it is too short (5.2)."""
        columns = self.columns
        if self.gone:
            gone = {column for columns in self.gone.values() for column in columns}
            columns = [index for index in range(len(self.headers)) if index not in gone]
        if columns is None:
            return list(self.row)
        size = len(self.row)
        return [self.row[i] if -size <= i < size else "" for i in columns]

    # print texts

    def fill(self, text: str) -> str:
        """Return a print text with its references filled in (8.1, 8.2)."""
        return "".join(
            self.resolve(part) if isinstance(part, PrintReference) else part
            for part in parse_print_text(text)
        )

    def resolve(self, reference: PrintReference) -> str:
        """Return what a reference prints; an unknown name prints itself."""
        name, key = reference.name, reference.key
        if reference.kind == "headers":
            return self.printed_header(name)
        if reference.kind == "metadata":
            return text_of(self.metadata[name]) if name in self.metadata else name
        if reference.kind == "csvpath":
            try:
                return text_of(self.runtime(name))
            except KeyError:
                return name
        if name not in self.variables:
            return name
        value = self.variables[name]
        return text_of(value) if key is None else at_key(value, key)

    def printed_header(self, name: str) -> str:
        """Return a field, not trimmed; by name, else by index; empty on a short line (row 23)."""
        headers = self.line_headers
        index = headers.index(name) if name in headers else index_of(name, headers)
        if index is None:
            return name
        try:
            return text_of(self.row[index])
        except IndexError:
            return "" if -len(headers) <= index < len(headers) else name

    def runtime(self, field: str) -> Any:
        """Return a field of 8.3; those of the clock and of the source are left out."""
        if field in PRINTED_MODES:
            return self.metadata.get(field)
        fields: dict[str, Any] = {
            "total_lines": self.total_lines,
            "count_lines": self.line_number + 1,
            "line_number": self.line_number,
            "identity": self.statement.identity,
            "count_matches": self.matches,
            "count_scans": self.scans,
            "scan_part": self.statement.scan_part,
            "match_part": self.statement.match_part,
            "headers": self.headers,
            "valid": self.valid,
            "stopped": self.evaluator.stopped,
            "lines_collected": self.returned or -1,
            "errors_count": self.errors_count,
            "delimiter": self.statement.modes.delimiter or ",",
            "quotechar": self.statement.modes.quotechar or '"',
        }
        return fields[field]


def at_key(value: Any, key: str) -> str:
    """Return what `$.variables.name.key` prints."""
    if isinstance(value, dict):
        for candidate, found in value.items():
            if text_of(candidate) == key:
                return text_of(found)
    if isinstance(value, list):
        if key == "length":
            return str(len(value))
        if key.isdecimal() and int(key) < len(value):
            return text_of(value[int(key)])
    return ""
