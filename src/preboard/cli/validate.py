"""The command `preboard validate`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from preboard.cli import options
from preboard.cli import parameters as p
from preboard.cli.exit import Exit
from preboard.cli.formats import Format, Manner, Writer, writer_for
from preboard.cli.output import answer, tell, tell_error
from preboard.cli.outputs import Outputs
from preboard.cli.progress import Meter
from preboard.cli.request import Request, check, name_of
from preboard.cli.statements import FaultyStatementsError, parse_pieces
from preboard.cli.targets import Wanted
from preboard.cli.verdict import Verdict, Wish, worse
from preboard.cli.whole_file import OutputError


def validate_command(  # noqa: PLR0913 - an argument for each option
    data: p.Data,
    *,
    statement: p.Statements = None,
    file: p.Files = None,
    output: p.Output = Format.TEXT,
    delimiter: p.Delimiter = None,
    quotechar: p.Quotechar = None,
    encoding: p.Encoding = None,
    member: p.Member = None,
    input_format: p.InputFormat = None,
    sheet: p.Sheet = None,
    on_error: p.OnError = "collect,fail",
    fail_on_unmatched: p.FailOnUnmatched = False,
    fail_on_findings: p.FailOnFindings = None,
    allow_empty: p.AllowEmpty = False,
    matched: p.Matched = None,
    unmatched: p.Unmatched = None,
    output_header: p.OutputHeader = None,
    errors: p.Errors = None,
    escape_formulas: p.EscapeFormulas = False,
    max_errors: p.MaxErrors = 20,
    limit: p.Limit = None,
    env: p.Env = None,
    tables: p.Tables = None,
    timeout: p.Timeout = None,
    no_progress: p.NoProgress = False,
) -> int:
    """Check files against one or more statements.

    All statements run over one reading of each file. A statement that looked at no line has shown
    nothing about the data: an empty file, or one without the lines to check, is invalid unless
    --allow-empty is given. A run-mode of no-run is a decision of the statement, and no fault.

    Exits with 0 when all files are valid, 1 when one is not, 2 when the command line is wrong, 3
    when one could not be checked.
    """
    options.need_all(data, statement, file)
    wanted = Wanted(matched, unmatched, errors, output_header, escape_formulas)
    writer = writer_for(output, Manner(max_errors, escape_formulas))
    request = Request(
        on_error=options.policy(on_error),
        wish=Wish(fail_on_unmatched, allow_empty, options.refused_findings(fail_on_findings)),
        reading={
            **options.reading(delimiter, quotechar, encoding, member, input_format, sheet),
            "limits": options.limits(limit),
        },
        access=options.access(env, tables),
        timeout_s=options.seconds(timeout), collects=wanted.lines,
    )  # fmt: skip
    work = _Work(data, wanted, writer, output, not no_progress)
    return work.run(request, statement or [], file or [])


@dataclass(frozen=True, slots=True)
class _Work:
    """What there is to do, and where its answer goes."""

    data: Sequence[str]
    wanted: Wanted
    writer: Writer
    format: Format
    shows_progress: bool

    def run(self, request: Request, texts: Sequence[str], files: Sequence[Path]) -> Exit:
        """Check all files; a program gets an answer, too, when the statements are faulty."""
        try:
            pieces = options.pieces(texts, files)
            request = replace(request, pieces=pieces, statements=parse_pieces(pieces))
        except FaultyStatementsError as error:
            with answer(aside=self.wanted.takes_answer) as out:
                self.writer.fail(out, error)
            raise
        options.refuse_overwriting(self.data, request.statements)
        inputs = [*_files_of(self.data), *files] if self.wanted.by_kind else []
        titles = [statement.identity for statement in request.statements]
        with Outputs(self.wanted, self.data, titles, inputs) as outputs:
            return self._check_all(request, outputs)

    def _check_all(self, request: Request, outputs: Outputs) -> Exit:
        """Check one file after the other, and answer for each as soon as it is known."""
        code = Exit.VALID
        aside = self.wanted.takes_answer
        with answer(aside=aside) as out:
            self.writer.begin(out)
        for place, data in enumerate(self.data):
            with Meter(name_of(data), wanted=self.shows_progress) as meter:
                verdict = check(request, data, meter.watch)
            verdict = _written(outputs, data, verdict)
            self._tell(verdict, warns=place == 0)
            with answer(aside=aside) as out:
                self.writer.add(out, verdict)
            code = worse(code, verdict.code)
        with answer(aside=aside) as out:
            self.writer.end(out, code)
        return code

    def _tell(self, verdict: Verdict, *, warns: bool) -> None:
        """Tell on standard error what the answer may have no place for."""
        for finding in verdict.findings:
            tell(finding.render())
        in_answer = self.format is Format.TEXT and verdict.valid is not None
        if verdict.error is not None and not verdict.findings and not in_answer:
            tell_error(verdict.error)
        for checked in verdict.statements if warns else ():
            for finding in checked.warnings:
                tell(finding.render())


def _files_of(data: Sequence[str]) -> list[Path]:
    """Return the files that are read; a workbook may have a sheet behind its name."""
    from preboard.readers.choose import split_sheet  # noqa: PLC0415 - only when files are written

    return [Path(split_sheet(name)[0]) for name in data]


def _written(outputs: Outputs, data: str, verdict: Verdict) -> Verdict:
    """Write what was asked for; what cannot be written makes it a check that was not made."""
    try:
        outputs.write(data, verdict)
    except OutputError as error:
        return Verdict(verdict.data, wish=verdict.wish, error=error, titles=verdict.titles)
    return verdict
