"""Writes the files that `--matched`, `--unmatched` and `--errors` ask for.

Lines are written in the dialect of the data, with the line ends of the language's data.csv (CRLF).

Unlike data.csv they begin with the header line where the statement does not scan it: such a file is
read again, by a spreadsheet or by a statement that begins with line 1, and would lose its first
line of data. A statement that scans the header line (`$[*]`) takes it for a line as any other, so
that it is already in one of the files, and nothing is added.
"""

from __future__ import annotations

import csv
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from preboard.cli.formats.csv_rows import HEADERS, OUTCOMES, error_cells
from preboard.cli.formats.formulas import without_formulas
from preboard.cli.formats.json_document import about, dumps, error_object
from preboard.cli.output import answer
from preboard.cli.targets import STANDARD_OUTPUT, refuse_bad, targets
from preboard.cli.visible import as_unicode, visible
from preboard.cli.whole_file import whole_file
from preboard.language.values import clean_headers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import TracebackType
    from typing import Self

    from preboard.cli.targets import Wanted
    from preboard.cli.verdict import Checked, Verdict
    from preboard.engine.report import Collected


class Outputs:
    """Writes what is asked for, after the check of each file; used with `with`.

    Each file appears when it is whole. Errors of several files and statements in one file appear at
    the end, and not at all when the run is interrupted. A file that could not be checked leaves no
    lines, and one entry among such errors.
    """

    def __init__(
        self,
        wanted: Wanted,
        data: Sequence[str],
        titles: Sequence[str | None],
        inputs: Sequence[Path],
    ) -> None:
        self._wanted = wanted
        self._paths = targets(wanted, data, titles)
        refuse_bad(self._paths, wanted, inputs)
        self._stack = ExitStack()
        self._shared: TextIO | None = None

    def __enter__(self) -> Self:
        shared = self._wanted.shared_errors
        if shared is not None:
            self._shared = self._stack.enter_context(whole_file(Path(shared)))
            _begin_errors(self._shared, shared)
        elif self._wanted.errors == STANDARD_OUTPUT:
            with answer() as out:
                _begin_errors(out, STANDARD_OUTPUT)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def write(self, data: str, verdict: Verdict) -> None:
        """Write what is asked for of one file.

        Raises:
            OutputError: a file could not be written.
        """
        for checked in verdict.statements:
            self._lines("matched", data, checked, checked.report.each_line())
            self._lines("unmatched", data, checked, checked.report.each_unmatched())
            self._own_errors(data, verdict, checked)
        if self._shared is not None:
            self._write_errors(self._shared, self._wanted.errors or "", verdict)
        elif self._wanted.errors == STANDARD_OUTPUT:
            with answer() as out:
                self._write_errors(out, STANDARD_OUTPUT, verdict)

    def _lines(self, kind: str, data: str, checked: Checked, lines: Iterable[list[Any]]) -> None:
        if self._wanted.by_kind.get(kind) == STANDARD_OUTPUT:
            with answer() as out:
                self._write_lines(out, checked, lines)
        elif path := self._paths.get((kind, data, checked.number)):
            with whole_file(path) as out:
                self._write_lines(out, checked, lines)

    def _write_lines(self, out: TextIO, checked: Checked, lines: Iterable[list[Any]]) -> None:
        dialect = checked.report.dialect
        writer = csv.writer(out, delimiter=dialect.delimiter, quotechar=dialect.quotechar)
        lines = _below_header(checked.report.collected, lines, self._wanted.header)
        if self._wanted.escapes_formulas:
            lines = map(without_formulas, lines)
        if out is sys.stdout and out.isatty():
            lines = ([visible(str(cell)) for cell in line] for line in lines)
        writer.writerows(lines)

    def _own_errors(self, data: str, verdict: Verdict, checked: Checked) -> None:
        if path := self._paths.get(("errors", data, checked.number)):
            with whole_file(path) as out:
                _begin_errors(out, path.name)
                self._write_errors_of(out, path.name, verdict, checked)

    def _write_errors(self, out: TextIO, name: str, verdict: Verdict) -> None:
        """Write the errors of all statements of a file, or why there are none."""
        for checked in verdict.statements:
            self._write_errors_of(out, name, verdict, checked)
        if verdict.error is None:
            return
        if _as_json(name):
            told = {"data": verdict.data, "valid": verdict.valid, "error": about(verdict.error)}
            out.write(dumps(told) + "\n")
        else:
            message = as_unicode(verdict.error.message)
            hint = as_unicode(verdict.error.hint or "")
            row = (as_unicode(verdict.data), "", OUTCOMES[verdict.valid], *[""] * 6, message, hint)
            self._write_rows(out, [row])

    def _write_errors_of(self, out: TextIO, name: str, verdict: Verdict, checked: Checked) -> None:
        errors = checked.report.errors
        if _as_json(name):
            for error in errors:
                told = {"data": verdict.data, "statement": checked.title, **error_object(error)}
                out.write(dumps(told) + "\n")
            return
        head = (as_unicode(verdict.data), checked.title, OUTCOMES[verdict.holds(checked)])
        self._write_rows(out, ((*head, *error_cells(error)) for error in errors))

    def _write_rows(self, out: TextIO, rows: Iterable[Sequence[str]]) -> None:
        if self._wanted.escapes_formulas:
            rows = map(without_formulas, rows)
        csv.writer(out).writerows(rows)


def _below_header(
    collected: Collected, lines: Iterable[list[Any]], wanted: bool | None
) -> Iterator[list[Any]]:
    """Yield the header line, where it is wanted and not the first line already, and the lines."""
    headers = list(collected.headers)
    wanted = not collected.scans_headers if wanted is None else wanted
    lines = iter(lines)
    first = next(lines, None)
    if wanted and headers and (first is None or clean_headers(first) != headers):
        yield headers
    if first is not None:
        yield first
    yield from lines


def _as_json(name: str) -> bool:
    return name.lower().endswith((".jsonl", ".ndjson"))


def _begin_errors(out: TextIO, name: str) -> None:
    if not _as_json(name):
        csv.writer(out).writerow(HEADERS)
