"""The front door of the engine: `validate`, `validate_all` and `scan`."""

from __future__ import annotations

from collections import deque
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Self, cast

from preboard.engine.loop import SourceLike, Watch, opened, read_through, source_name, to_start
from preboard.engine.runner import Runner
from preboard.engine.services import StandAlone
from preboard.engine.spool import Spool
from preboard.errors import ConfigError, InputError
from preboard.language.modes import ErrorPolicy
from preboard.language.statement import Statement
from preboard.readers.choose import choose, split_sheet
from preboard.readers.declared import Declared
from preboard.readers.dialect import Dialect
from preboard.readers.frames import is_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import TracebackType

    from preboard.diagnostics import Finding
    from preboard.engine.loop import Progress
    from preboard.engine.report import Line, Report

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
        progress=progress, timeout_s=timeout_s,
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
            reading = _Reading(group, source, said, on_error, collect=collect)
            with reading:
                for _ in reading.batches(Watch(progress, timeout_s)):
                    pass
                found.update(zip(places, reading.reports(), strict=True))
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
        found.setdefault((name, _said(statement, declared)), []).append(place)
    return found


def _said(statement: Statement, declared: Declared) -> Declared:
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


def _without_sheet(source: SourceLike, declared: Declared) -> tuple[SourceLike, str | int | None]:
    """Return the source without the sheet that its path names, and the sheet to read."""
    if not isinstance(source, str | Path):
        return source, declared.sheet
    path, sheet = split_sheet(str(source))
    if sheet is None:
        return source, declared.sheet
    if declared.sheet not in (None, sheet):
        raise ConfigError(f"sheet is {declared.sheet!r}, but the path says {sheet!r}")
    return path, sheet


class _Reading:
    """One reading of a source by some statements, from opening to reports."""

    def __init__(
        self,
        statements: Sequence[Statement],
        source: SourceLike | None,
        declared: Declared,
        on_error: Sequence[str],
        *,
        collect: bool,
        keep: Callable[[Line], None] | None = None,
    ) -> None:
        given = _source_of(statements[0], source)
        self.source, self.sheet = _without_sheet(given, declared)
        self.declared = declared
        self.findings: list[Finding] = []
        self.kept: list[Spool[Line]] = [Spool() for _ in statements]
        policy = ErrorPolicy.of(on_error)
        self._stack = ExitStack()
        services = StandAlone()
        self._stack.callback(services.close)
        self.runners = [
            Runner(
                statement,
                policy.overridden(statement.modes.validation),
                Dialect(),
                file_name=source_name(given),
                keep=keep or (spool.append if collect else None),
                collect_unmatched=collect,
                services=services,
            )
            for statement, spool in zip(statements, self.kept, strict=True)
        ]

    def __enter__(self) -> Self:
        try:
            self._open()
        except BaseException:
            self._stack.close()
            raise
        return self

    def _open(self) -> None:
        plans = [runner.plan for runner in self.runners]
        again = any(plan.needs_totals or plan.needs_document for plan in plans)
        file = self._stack.enter_context(opened(self.source, again=again))
        said = self.declared
        if said.format is None and any(plan.takes_whole_file for plan in plans):
            said = replace(said, format="csv")
        self.chosen = choose(file, source_name(self.source), said, sheet=self.sheet)
        if self.chosen.file is not file:
            self._stack.callback(cast("BinaryIO", self.chosen.file).close)
        for runner in self.runners:
            runner.run.file = None if is_frame(file) else cast("BinaryIO", file)
            runner.run.dialect = self.chosen.dialect

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def batches(self, watch: Watch) -> Iterator[None]:
        """Read on, a batch at a time."""
        return read_through(self.runners, self.chosen, watch, self.findings)

    def reports(self) -> list[Report]:
        """Return a report for each statement."""
        pairs = zip(self.runners, self.kept, strict=True)
        return [runner.report(kept, self.findings) for runner, kept in pairs]


class Lines(AbstractContextManager["Lines"]):
    """The matched lines of a run, as they are found; `report` is there when they are used up."""

    def __init__(self, reading: _Reading, found: deque[Line], watch: Watch) -> None:
        self._reading = reading
        self._found = found
        self._watch = watch
        self._batches: Iterator[None] | None = None
        self._ended = False

    def __enter__(self) -> Self:
        self._reading.__enter__()
        self._batches = self._reading.batches(self._watch)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._reading.__exit__(kind, error, trace)

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
        return self._reading.reports()[0]


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
    said = _said(parsed, declared)
    reading = _Reading([parsed], source, said, on_error, collect=False, keep=found.append)
    return Lines(reading, found, Watch(progress, timeout_s))
