"""Explain one line: run a statement up to it, and tell what each of its parts came to there.

The lines before it are run as always, since counters, variables and other memories decide what the
line comes to; only the line itself is run by code that tells its steps (`engine.trace`). Nothing
behind it is looked at, but for what the statement itself asks: last() and the number of lines.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from preboard.engine.access import DEFAULT_ACCESS, Access
from preboard.engine.deciding import Verdict, verdict_of, why_not_reached
from preboard.engine.explanation import Explanation, parts_of
from preboard.engine.loop import SourceLike, Watch, opened, to_start
from preboard.engine.trace import Trace
from preboard.engine.validate import DEFAULT_POLICY, Checking, as_statement, declared_for
from preboard.errors import ConfigError, DataError
from preboard.readers.declared import Declared
from preboard.readers.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from preboard.engine.loop import Progress
    from preboard.engine.runner import Runner
    from preboard.language.statement import Statement
    from preboard.readers.choose import Source


def explain(  # noqa: PLR0913 - an argument for each thing that can be said
    statement: str | Statement,
    source: SourceLike | None = None,
    *,
    line: int | None = None,
    text_line: int | None = None,
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
) -> Explanation:
    r"""Return why one line matched a statement or did not: what each part came to on it.

    Args:
        statement: the text of one statement, or a `Statement`.
        source: as for `validate`.
        line: the 0-based number of the record, as everywhere in the language.
        text_line: in its place the 1-based line of the text, as an editor counts.
        delimiter: this and all other arguments are as for `validate`.
        quotechar: of the file.
        encoding: of the file.
        member: of a zip archive.
        format: of the file.
        sheet: of a workbook.
        on_error: what an error does.
        progress: called between batches.
        timeout_s: seconds of wall time that the run may take.
        limits: how large a record and its cells may be.
        access: what the statement may reach outside of the run.

    Raises:
        StatementError: the statement is wrong.
        InputError: the source cannot be read as declared.
        ConfigError: an argument has no such value.
        RunInterrupted: cancelled, or out of time.

    >>> import io
    >>> found = explain("$[1*][ #n == 2 ]", io.BytesIO(b"n\n1\n2\n"), line=1)
    >>> found.status, found.reason, found.parts[0].children[0].value
    ('unmatched', 'the only part votes false', '1')
    """
    explanations = explain_all(
        [statement], source, line=line, text_line=text_line, delimiter=delimiter,
        quotechar=quotechar, encoding=encoding, member=member, format=format, sheet=sheet,
        on_error=on_error, progress=progress, timeout_s=timeout_s, limits=limits, access=access,
    )  # fmt: skip
    return explanations[0]


def explain_all(  # noqa: PLR0913
    statements: Sequence[str | Statement],
    source: SourceLike | None = None,
    *,
    line: int | None = None,
    text_line: int | None = None,
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
) -> list[Explanation]:
    """Explain one line by several statements, each for itself; arguments as for `explain`."""
    wanted = _Wanted(line, text_line)
    parsed = [as_statement(statement) for statement in statements]
    declared = Declared(
        delimiter=delimiter, quotechar=quotechar, encoding=encoding, member=member,
        format=format, sheet=sheet,
    )  # fmt: skip
    found = []
    with ExitStack() as stack:
        if source is not None and not isinstance(source, str | Path) and len(parsed) > 1:
            source = stack.enter_context(opened(source, again=True))
        for place, each in enumerate(parsed):
            if place:
                to_start(source)
            trace = Trace(-1 if line is None else line)
            checking = Checking(
                [each], source, declared_for(each, declared), on_error, limits, access,
                collect=False, trace=trace, again=text_line is not None,
            )  # fmt: skip
            with checking:
                found.append(_explained(checking, trace, wanted, Watch(progress, timeout_s)))
    return found


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The line that is to be explained, by one of its two numbers."""

    line: int | None
    text_line: int | None

    def __post_init__(self) -> None:
        if (self.line is None) == (self.text_line is None):
            raise ConfigError("the line to explain needs one number: line or text_line")
        if self.line is not None and self.line < 0:
            raise ConfigError(f"line is {self.line}, but lines are counted from 0")
        if self.text_line is not None and self.text_line < 1:
            raise ConfigError(f"text_line is {self.text_line}, but it is counted from 1")


def _explained(checking: Checking, trace: Trace, wanted: _Wanted, watch: Watch) -> Explanation:
    """Run the statement of a reading up to the line, and return what it came to there."""
    runner = checking.runners[0]
    error = None
    if wanted.text_line is not None:
        number = record_at(checking.reading.chosen, wanted.text_line)
        if number is None:
            why = f"no line of the data stands at line {wanted.text_line} of the text"
            return _explanation(runner, trace, wanted, Verdict("no-line", why))
        trace.line = number
        to_start(checking.reading.chosen.file)
    try:
        for _ in checking.reading.batches(watch):
            pass
    except DataError as caught:
        error = caught
    verdict = verdict_of(runner, trace) if trace.began else why_not_reached(runner, trace, error)
    return _explanation(runner, trace, wanted, verdict)


def _explanation(runner: Runner, trace: Trace, wanted: _Wanted, verdict: Verdict) -> Explanation:
    statement = runner.run.statement
    return Explanation(
        statement=statement.text,
        identity=statement.identity,
        line=trace.line if trace.line >= 0 else None,
        text_line=wanted.text_line if trace.text_line is None else trace.text_line,
        status=verdict.status,
        reason=verdict.reason,
        headers=tuple(trace.headers),
        cells=tuple(trace.row or ()),
        parts=parts_of(runner.plan, trace) if trace.seen or trace.began else (),
        decided_by=verdict.decided_by,
        errors=tuple(trace.errors),
    )


def record_at(source: Source, text_line: int) -> int | None:
    """Return the number of the record that holds a line of the text, None if none does.

    A cell may hold ends of lines: such a record is found by each of its lines.
    """
    found, end = None, 0
    for batch in source.reader():
        for index, row in enumerate(batch.rows):
            begin = batch.text_line(index)
            if begin > text_line:
                return found if end >= text_line else None
            found = batch.first_line + index
            end = begin + sum(cell.count("\n") for cell in row if isinstance(cell, str))
    return found if end >= text_line else None
