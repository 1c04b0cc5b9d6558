"""The front door of the engine: `validate`, `validate_all` and `scan`."""

from __future__ import annotations

from collections import deque
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from preboard.engine.access import DEFAULT_ACCESS, Access
from preboard.engine.databases import check_connections
from preboard.engine.loop import SourceLike, Watch, opened, source_name, spills, to_start
from preboard.engine.reading import Reading
from preboard.engine.runner import Runner
from preboard.engine.services import StandAlone
from preboard.engine.spool import Spool
from preboard.errors import InputError
from preboard.language.modes import ErrorPolicy
from preboard.language.statement import Statement
from preboard.readers.declared import Declared
from preboard.readers.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import TracebackType

    from preboard.engine.loop import Progress
    from preboard.engine.report import Line, Report
    from preboard.engine.trace import Trace

DEFAULT_POLICY = ("collect", "fail")


def validate(  # noqa: PLR0913 - an argument for each thing that can be said
    statement: str | Statement,
    source: SourceLike | None = None,
    *,
    collect: bool = True,
    delimiter: str | None = None,
    quotechar: str | None = None,
    encoding: str | None = None,
    member: str | None = None,
    format: str | None = None,  # noqa: A002 - what users call it
    sheet: str | int | None = None,
    on_error: Sequence[str] = DEFAULT_POLICY,
    progress: Callable[[Progress], bool | None] | None = None,
    timeout_s: float | None = None,
    limits: Limits = DEFAULT_LIMITS,
    access: Access = DEFAULT_ACCESS,
) -> Report:
    """Run a statement over a source and return what it came to.

    Args:
        statement: the text of one statement, or a `Statement`.
        source: path, binary file object or data frame; without one the path in the statement's root
            is read. `book.xlsx#sheet` is a sheet of a workbook.
        collect: keep the matched lines for `report.lines`.
        delimiter: of the file; else the file name's extension says, else it is sniffed. A
            `use-delimiter` in the statement wins.
        quotechar: of the file; else it is sniffed, too, unless the delimiter was given: then it
            is `"`. A `use-quotechar` in the statement wins.
        encoding: of the file, such as cp1252; else its byte order mark says, else it is guessed.
        member: the file of a zip archive that is meant, if it holds several.
        format: csv, jsonl, excel, parquet or json; else its bytes and its name tell.
        sheet: of a workbook, by name or 0-based index; else the first that is not hidden.
        on_error: what an error does: words of raise, collect, stop, fail, print, quiet. A
            validation-mode in the statement overrides them.
        progress: called between batches; returning False cancels the run.
        timeout_s: seconds of wall time that the run may take.
        limits: how large a record, a cell and what an archive unpacks to may be.
        access: what the statement may reach outside of the run, such as names of env().

    Raises:
        StatementError: the statement is wrong; raised before a line is read.
        InputError: the source cannot be read as declared.
        DataError: a line broke a rule and the policy has `raise`.
        ConfigError: `on_error`, delimiter or quotechar has no such value.
        RunInterrupted: cancelled, or out of time.

    >>> import io
    >>> data = bytes([105, 100, 10, 49, 10, 50, 10])  # a header and two lines
    >>> report = validate("$[1*][ #id == 2 ]", io.BytesIO(data))
    >>> report.valid, report.lines, report.counts.matches
    (True, [['2']], 1)
    """
    reports = validate_all(
        [statement], source, collect=collect, delimiter=delimiter, quotechar=quotechar,
        encoding=encoding, member=member, format=format, sheet=sheet, on_error=on_error,
        progress=progress, timeout_s=timeout_s, limits=limits, access=access,
    )  # fmt: skip
    return reports[0]


def validate_all(  # noqa: PLR0913
    statements: Sequence[str | Statement],
    source: SourceLike | None = None,
    *,
    collect: bool = True,
    delimiter: str | None = None,
    quotechar: str | None = None,
    encoding: str | None = None,
    member: str | None = None,
    format: str | None = None,  # noqa: A002 - what users call it
    sheet: str | int | None = None,
    on_error: Sequence[str] = DEFAULT_POLICY,
    progress: Callable[[Progress], bool | None] | None = None,
    timeout_s: float | None = None,
    limits: Limits = DEFAULT_LIMITS,
    access: Access = DEFAULT_ACCESS,
) -> list[Report]:
    """Run several statements over one reading of a source; a report each, in order.

    Statements that read the file with different delimiters or quote characters get a reading of
    their own. Arguments and errors as for `validate`.
    """
    parsed = [as_statement(statement) for statement in statements]
    found: dict[int, Report] = {}
    declared = Declared(
        delimiter=delimiter, quotechar=quotechar, encoding=encoding, member=member,
        format=format, sheet=sheet,
    )  # fmt: skip
    groups = _by_reading(parsed, source, declared)
    with ExitStack() as stack:
        several = len(groups) > 1 and source is not None and not isinstance(source, str | Path)
        if several and source is not None:
            source = stack.enter_context(opened(source, again=True))
        for (_, said), places in groups.items():
            if several:
                to_start(source)
            group = [parsed[place] for place in places]
            checking = Checking(group, source, said, on_error, limits, access, collect=collect)
            with checking:
                checking.run(Watch(progress, timeout_s))
                found.update(zip(places, checking.reports(), strict=True))
    return [found[place] for place in range(len(parsed))]


def as_statement(statement: str | Statement) -> Statement:
    """Return the statement of a text, or the statement itself."""
    return Statement.parse(statement) if isinstance(statement, str) else statement


def _by_reading(
    statements: Sequence[Statement], source: SourceLike | None, declared: Declared
) -> dict[tuple[str, Declared], list[int]]:
    """Group the statements by what they read and how."""
    found: dict[tuple[str, Declared], list[int]] = {}
    for place, statement in enumerate(statements):
        name = source_name(_source_of(statement, source))
        found.setdefault((name, declared_for(statement, declared)), []).append(place)
    return found


def declared_for(statement: Statement, declared: Declared) -> Declared:
    """Return what is declared where the statement, which wins, says nothing."""
    modes = statement.modes
    said = replace(
        declared,
        delimiter=modes.delimiter or declared.delimiter,
        quotechar=modes.quotechar or declared.quotechar,
    )
    said.check()
    return said


def _source_of(statement: Statement, source: SourceLike | None) -> SourceLike:
    if source is not None:
        return source
    if statement.tree.root:
        return statement.tree.root
    raise InputError("there is nothing to read", hint="give a source, or a path behind the `$`")


class Checking:
    """Some statements over one reading of a source, without a project, from opening to reports.

    `trace` follows one line.
    """

    def __init__(  # noqa: PLR0913 - what can be said of one reading
        self,
        statements: Sequence[Statement],
        source: SourceLike | None,
        declared: Declared,
        on_error: Sequence[str],
        limits: Limits,
        access: Access = DEFAULT_ACCESS,
        *,
        collect: bool,
        keep: Callable[[Line], None] | None = None,
        trace: Trace | None = None,
        again: bool = False,
    ) -> None:
        for statement in statements:
            check_connections(statement, access.connections)
        given = _source_of(statements[0], source)
        self.kept: list[Spool[Line]] = [Spool() for _ in statements]
        policy = ErrorPolicy.of(on_error)
        self._stack = ExitStack()
        services = self._stack.enter_context(StandAlone(access, tries=trace is not None))
        self.runners = [
            Runner(
                statement,
                policy.overridden(statement.modes.validation),
                file_name=source_name(given),
                keep=keep or (spool.append if collect else None),
                collect_unmatched=collect,
                services=services,
                trace=trace,
            )
            for statement, spool in zip(statements, self.kept, strict=True)
        ]
        self.reading = Reading(self.runners, given, declared, limits, again=again)

    def __enter__(self) -> Self:
        try:
            self._stack.enter_context(self.reading)
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def run(self, watch: Watch) -> None:
        """Read to the end."""
        for number, _ in enumerate(self.reading.batches(watch)):
            if spills(number):
                for lines in self.kept:
                    lines.spill()

    def reports(self) -> list[Report]:
        """Return a report for each statement."""
        pairs = zip(self.runners, self.kept, strict=True)
        return [runner.report(kept, self.reading.findings) for runner, kept in pairs]


class Lines(AbstractContextManager["Lines"]):
    """The matched lines of a run, as they are found; `report` is there when they are used up."""

    def __init__(self, checking: Checking, found: deque[Line], watch: Watch) -> None:
        self._checking = checking
        self._found = found
        self._watch = watch
        self._batches: Iterator[None] | None = None
        self._ended = False

    def __enter__(self) -> Self:
        self._checking.__enter__()
        self._batches = self._checking.reading.batches(self._watch)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._checking.__exit__(kind, error, trace)

    def __iter__(self) -> Iterator[Line]:
        return self

    def __next__(self) -> Line:
        if self._batches is None:
            raise InputError(
                "the lines are not opened", hint="use `with preboard.scan(...) as lines:`"
            )
        while not self._found:
            if self._ended:
                raise StopIteration
            try:
                next(self._batches)
            except StopIteration:
                self._ended = True
        return self._found.popleft()

    @property
    def report(self) -> Report:
        """Return what the run has come to so far; complete when the lines are used up."""
        return self._checking.reports()[0]


def scan(  # noqa: PLR0913
    statement: str | Statement,
    source: SourceLike | None = None,
    *,
    delimiter: str | None = None,
    quotechar: str | None = None,
    encoding: str | None = None,
    member: str | None = None,
    format: str | None = None,  # noqa: A002 - what users call it
    sheet: str | int | None = None,
    on_error: Sequence[str] = DEFAULT_POLICY,
    progress: Callable[[Progress], bool | None] | None = None,
    timeout_s: float | None = None,
    limits: Limits = DEFAULT_LIMITS,
    access: Access = DEFAULT_ACCESS,
) -> Lines:
    r"""Run a statement over a source, giving matched lines while it reads; arguments as `validate`.

    >>> import io
    >>> with scan("$[1*][ #n == 2 ]", io.BytesIO(b"n\n1\n2\n")) as lines:
    ...     print(list(lines), lines.report.counts.scans)
    [['2']] 2
    """
    parsed = as_statement(statement)
    declared = Declared(
        delimiter=delimiter, quotechar=quotechar, encoding=encoding, member=member,
        format=format, sheet=sheet,
    )  # fmt: skip
    found: deque[Any] = deque()
    said = declared_for(parsed, declared)
    checking = Checking(
        [parsed], source, said, on_error, limits, access, collect=False, keep=found.append
    )
    return Lines(checking, found, Watch(progress, timeout_s))
