"""One statement while it goes over a file: which lines it gets, and what it leaves behind.

A `Runner` takes batches, whoever reads them, so that many statements share one reading. It holds
the
last scanned line back until it is known whether another follows, if the statement asks for last();
it knows where the scan ends. Rules: spec/language.md 3.3, 5.2, 5.9 with rows 5, 24 and 37 of
section 15.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from preboard.engine.compile import Program, bind, make_calls, plan_of
from preboard.engine.context import RunState
from preboard.engine.generate import Options
from preboard.engine.report import Collected, Counts, Report
from preboard.engine.spool import Spool
from preboard.language.values import clean_headers
from preboard.readers.dialect import Dialect

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from preboard.diagnostics import Finding
    from preboard.engine.trace import Trace
    from preboard.language.functions.services import Services
    from preboard.language.modes import ErrorPolicy
    from preboard.language.statement import Statement
    from preboard.language.values import Value
    from preboard.readers.batch import Batch

Row = list["Value"]


@dataclass(slots=True)
class _Held:
    """The last scanned line so far: it may turn out to be the last of all."""

    row: Row
    number: int
    batch: Batch
    row_before_batch: Row | None
    blanks_before: int


class Runner:
    """Runs one statement over the batches it is fed."""

    def __init__(  # noqa: PLR0913 - what a run is given
        self,
        statement: Statement,
        policy: ErrorPolicy,
        dialect: Dialect | None = None,
        *,
        file_name: str,
        keep: Callable[[Row], None] | None = None,
        collect_unmatched: bool = False,
        drop: Callable[[Row], None] | None = None,
        printer: Callable[[str, str], None] | None = None,
        services: Services | None = None,
        trace: Trace | None = None,
        jumps: bool = False,
        inverts: bool = False,
    ) -> None:
        self.plan = plan_of(statement.text)
        self.run = RunState(statement, policy, dialect or Dialect(), file_name, printer, services)
        self.run.calls = make_calls(self.plan, self.run)
        self.done = not statement.modes.runs
        self._unmatched: Spool[Row] = Spool()
        self._keep = keep
        self._drop = drop or self._unmatched.append
        """Takes the lines that are not returned, if unmatched-mode keeps them."""
        self._drops = collect_unmatched and statement.modes.keeps_unmatched
        self._options = Options(
            stops_on_error=policy.stops,
            votes_stand=policy.matches,
            keeps=keep is not None,
            drops=self._drops,
            explains=statement.modes.explains,
            jumps=jumps,
            inverts=inverts,
        )
        self.last_line: int | None = None
        """The last scanned line with data, where that is known before; else it is held back."""
        self._program: Program | None = None
        self._trace = trace
        self._traced_program: Program | None = None
        """What the line of the trace is run with; it ends the run."""
        self._held: _Held | None = None
        self._latest: tuple[Row, int] | None = None
        self._row_before: Row | None = None
        self._brought: list[str] | None = None
        self._number = -1
        self._to = -1
        self._scans_headers = False

    @property
    def runners(self) -> Sequence[Runner]:
        """Return itself: the one runner that it feeds."""
        return (self,)

    def stop(self, reason: str) -> None:
        """End the run behind the line it is at; what was held back is let go."""
        self._held = None
        self.run.stopped, self.run.stopped_by = True, reason
        self.done = True

    @property
    def records(self) -> int:
        """Return the number of records this statement went over."""
        return self._number + 1

    def begin(
        self,
        headers: Sequence[str],
        total_lines: int,
        *,
        text_rows: bool = True,
        header_line: int | None = None,
    ) -> None:
        """Take the headers of the file; nothing is generated before they are known.

        `header_line` is the record that holds them, None where they stand in no record.
        """
        self._scans_headers = header_line is not None and self.plan.scan.holds(header_line)
        self._options = replace(self._options, text_rows=text_rows)
        self.run.total_lines = total_lines
        self._bind(headers)

    def _bind(self, headers: Sequence[str]) -> None:
        self.run.headers = list(headers)
        if not self.done:
            self._program = self._bound(self._options)
        if self._trace is not None and not self.done:
            self._traced_program = self._bound(replace(self._options, explains=True))

    def _bound(self, options: Options) -> Program:
        return bind(self.plan, self.run, options, self._keep_row, self._drop_row)

    def _put_in_force(self, names: list[str]) -> None:
        """Put the headers in force that records bring with them (5.1).

        Once others have come than those at the start, cells are looked up by name, so that no
        number of changes costs more than one generation of the code.
        """
        if names == self._brought:
            return
        self._brought = names
        headers = clean_headers(names)
        if headers != self.run.headers and not self._options.headers_vary:
            self._options = replace(self._options, headers_vary=True)
            self._bind(headers)
        self.run.reset_headers(headers)

    def _keep_row(self, row: Row) -> None:
        assert self._keep is not None  # noqa: S101 - generated code only calls it when there is one
        self.run.returned += 1
        self._keep(self.run.limited(row))

    def _drop_row(self, row: Row) -> None:
        self._drop(self.run.limited(row))

    def pass_blank(self, batch: Batch) -> None:
        """Go over blank lines before the first line with a field: there are no headers yet."""
        self.run.blanks += len(batch.rows)
        self._number = batch.first_line + len(batch.rows) - 1
        self._latest = batch.rows[-1], self._number

    def leave_out(self, batch: Batch) -> None:
        """Go over lines without running them: for this statement they do not exist but in number.

        They may be the end of the scan, so that the next line is behind it.
        """
        last = batch.first_line + len(batch.rows) - 1
        if batch.rows[-1] and (self.plan.scan.greatest is None or last <= self.plan.scan.greatest):
            self._to = last
        self._latest = batch.rows[-1], last
        self._number = last

    def feed(self, batch: Batch) -> None:
        """Go over the lines of a batch; sets `done` when no further ones are wanted."""
        rows, first = batch.rows, batch.first_line
        self._row_before = self._latest[0] if self._latest else None
        greatest = self.plan.scan.greatest
        if greatest is not None and first > greatest:
            self._pass_end(batch)
        elif greatest is not None and greatest < first + len(rows) - 1:
            self._take(rows[: greatest - first + 1], batch)
            self._pass_end(batch)
        else:
            self._take(rows, batch)
        trace = self._trace
        if trace is not None and self._number >= trace.line and not self.plan.uses_last:
            self.done = True

    def _pass_end(self, batch: Batch) -> None:
        """Note that the file goes on behind the scan: the last scanned line is known (3.3)."""
        run = self.run
        self._release(is_last=True)
        if run.stopped:
            self.done = True
        elif self._to == self.plan.scan.greatest:
            run.stopped, run.stopped_by = True, "the end of the scan"
            self.done = True
        self._latest = batch.rows[-1], batch.first_line + len(batch.rows) - 1
        if not self.done:
            self._number = self._latest[1]

    def _take(self, rows: Sequence[Row], batch: Batch) -> None:
        if not rows:
            return
        run, first = self.run, batch.first_line
        last = first + len(rows) - 1
        self._latest = rows[-1], last
        if rows[-1]:
            self._to = last
        if not self.plan.uses_last or self.last_line is not None:
            known = -1 if self.last_line is None else self.last_line
            self._consume(rows, first, known, batch, self._row_before)
            return
        place = self._last_scanned(rows, first)
        if place is None:
            run.blanks += sum(1 for row in rows if not row)
            self._number = last
            return
        self._release(is_last=False)
        if not self.done:
            self._consume(rows[:place], first, -1, batch, self._row_before)
        if self.done:
            return
        self._held = _Held(rows[place], first + place, batch, self._row_before, run.blanks)
        run.blanks += sum(1 for row in rows[place + 1 :] if not row)
        self._number = last

    def _last_scanned(self, rows: Sequence[Row], first: int) -> int | None:
        """Return the place of the last scanned line with data among the rows."""
        holds = self.plan.scan.holds
        return next((i for i in range(len(rows) - 1, -1, -1) if rows[i] and holds(first + i)), None)

    def _release(self, *, is_last: bool) -> None:
        """Run the line that was held back."""
        held, self._held = self._held, None
        if held is None:
            return
        blanks, number = self.run.blanks, self._number
        self.run.blanks = held.blanks_before
        last = held.number if is_last else -1
        self._consume([held.row], held.number, last, held.batch, held.row_before_batch)
        if not self.done:
            self.run.blanks, self._number = blanks, number

    def _consume(
        self,
        rows: Sequence[Row],
        first: int,
        last_number: int,
        batch: Batch,
        row_before: Row | None,
    ) -> None:
        self.run.batch = batch
        self.run.row_before_batch = row_before
        trace = self._trace
        if trace is not None and first <= trace.line < first + len(rows):
            self._follow(trace, rows, first, last_number, batch)
            self.done = True
            return
        self._evaluate(rows, first, last_number, batch)
        self.done = self.run.stopped

    def _follow(
        self, trace: Trace, rows: Sequence[Row], first: int, last_number: int, batch: Batch
    ) -> None:
        """Run the lines before that of the trace as always, then that line, every step told."""
        run, place = self.run, trace.line - first
        if place:
            self._evaluate(rows[:place], first, last_number, batch)
        if run.stopped:
            return
        trace.row = list(rows[place])
        trace.text_line = batch.text_line(trace.line - batch.first_line)
        trace.headers = list(run.headers if batch.headers is None else clean_headers(batch.headers))
        matches = run.matches
        with trace.follow(run):
            self._evaluate(rows[place : place + 1], trace.line, last_number, batch, traced=True)
        trace.matched = run.matches > matches

    def _evaluate(
        self,
        rows: Sequence[Row],
        first: int,
        last_number: int,
        batch: Batch,
        *,
        traced: bool = False,
    ) -> None:
        run = self.run
        if batch.headers is not None and not self.plan.changes_headers:
            self._put_in_force(batch.headers)
        program = self._traced_program if traced else self._program
        assert program is not None  # noqa: S101 - begin() came first
        if batch.headers is not None and self.plan.changes_headers:
            for place, row in enumerate(rows, first):  # each brings its own, whatever was changed
                run.reset_headers(clean_headers(batch.headers))
                self._number = program.consume([row], place - 1, last_number)
                if run.stopped:
                    break
        else:
            self._number = program.consume(rows, first - 1, last_number)

    def finish(self) -> None:
        """Say that the file has ended."""
        run = self.run
        self._release(is_last=True)
        nothing_scanned = run.scans == 0 and not run.stopped and not self.done
        if nothing_scanned and self.plan.uses_last and self._latest and self._program:
            run.batch = None
            self._freeze(*self._latest)
        self.done = True

    def _freeze(self, row: Row, number: int) -> None:
        """Let last() look at a line that is not scanned."""
        trace, program = self._trace, self._traced_program
        if trace is not None and program is not None and trace.line == number:
            with trace.follow(self.run):
                program.frozen(row, number)
        elif self._program is not None:
            self._program.frozen(row, number)

    def spill(self) -> None:
        """Write out what the report has so far."""
        self._unmatched.spill()
        self.run.errors.spill()
        for texts in self.run.printouts.values():
            texts.spill()

    def report(self, lines: Sequence[Row], findings: Sequence[Finding] = ()) -> Report:
        """Return what the run came to; `lines` are those that were handed to `keep`."""
        run = self.run
        statement = run.statement
        return Report(
            valid=run.valid,
            completed=self._completed(),
            stopped=run.stopped,
            stopped_by=run.stopped_by,
            headers=list(run.headers),
            variables=run.variables,
            metadata=run.metadata,
            identity=statement.identity,
            dialect=run.dialect,
            errors=run.errors,
            printouts=run.printouts,
            counts=Counts(self.records, run.scans, run.matches),
            warnings=statement.warnings,
            collected=Collected(
                lines, self._unmatched, run.limited([*run.headers]), self._scans_headers
            ),
            findings=tuple(findings),
        )

    def _completed(self) -> bool:
        """Say whether the scan was read to its end (11.3)."""
        greatest = self.plan.scan.greatest
        if self.records == 0:
            return False
        if greatest is None:
            return not self.run.stopped
        return self._number >= greatest
