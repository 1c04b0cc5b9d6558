"""The command `preboard validate`."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from preboard.cli import json_output, options, text
from preboard.cli.exit import Exit
from preboard.cli.output import Page, answer, has_colours, tell
from preboard.cli.statements import parse_pieces, placed
from preboard.cli.verdict import Checked, Verdict
from preboard.errors import ConfigError, DataError, InputError, PreboardError, StatementError

STANDARD_INPUT = "-"


class Format(StrEnum):
    """What the answer is written in."""

    TEXT = "text"
    JSON = "json"


Data = Annotated[
    str, typer.Argument(metavar="DATA", help="The file to check; - is standard input.")
]
Statements = Annotated[
    list[str] | None, typer.Option(metavar="TEXT", help="A statement; may be repeated.")
]
Files = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="CHECKS",
        help="A file of statements, with lines ---- CSVPATH ---- between them; may be repeated.",
    ),
]
Output = Annotated[Format, typer.Option("--format", help="How the answer is written.")]
Delimiter = Annotated[
    str | None,
    typer.Option(
        metavar="CHARACTER",
        help="What stands between fields: a character, or a word such as tab, semi or pipe. "
        "Without it the extension of the file says, else it is a comma.",
    ),
]
Quotechar = Annotated[
    str | None,
    typer.Option(
        metavar="CHARACTER",
        help='What stands around fields: a character, or a word such as single. Without it a ".',
    ),
]
OnError = Annotated[
    str,
    typer.Option(
        metavar="WORDS",
        help="What an error does: raise, collect, stop, fail, print or quiet, "
        "several with commas between them.",
    ),
]
FailOnUnmatched = Annotated[
    bool, typer.Option("--fail-on-unmatched", help="A line that does not match is a fault, too.")
]
MaxErrors = Annotated[
    int, typer.Option(metavar="N", min=0, help="How many errors of a statement the text shows.")
]
Timeout = Annotated[
    float | None, typer.Option(metavar="SECONDS", help="Give up when it takes longer.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the command line asks for, checked."""

    data: str
    statements: Sequence[str]
    files: Sequence[Path]
    delimiter: str | None
    quotechar: str | None
    on_error: Sequence[str]
    timeout_s: float | None
    all_must_match: bool

    @property
    def data_name(self) -> str:
        """Return what the data is called in the answer."""
        return "<stdin>" if self.data == STANDARD_INPUT else self.data


def validate_command(  # noqa: PLR0913 - an argument for each option
    data: Data,
    *,
    statement: Statements = None,
    file: Files = None,
    output: Output = Format.TEXT,
    delimiter: Delimiter = None,
    quotechar: Quotechar = None,
    on_error: OnError = "collect,fail",
    fail_on_unmatched: FailOnUnmatched = False,
    max_errors: MaxErrors = 20,
    timeout: Timeout = None,
) -> int:
    """Check DATA against one or more statements.

    All statements run over one reading of the data.

    Exits with 0 when the data is valid, 1 when it is not, 2 when the command line is wrong, 3 when
    the check could not be made.
    """
    options.need_statements(statement, file)
    delimiter, quotechar = options.dialect(data, delimiter, quotechar)
    request = Request(
        data=data,
        statements=statement or [],
        files=file or [],
        delimiter=delimiter,
        quotechar=quotechar,
        on_error=options.policy(on_error),
        timeout_s=options.seconds(timeout),
        all_must_match=fail_on_unmatched,
    )
    if output is Format.JSON:
        return _answer_json(request)
    return _answer_text(request, max_errors)


def _answer_text(request: Request, max_errors: int) -> Exit:
    """Check, and write the answer for people."""
    try:
        verdict = check(request)
    except DataError as error:
        with answer() as out:
            page = Page(out, colours=has_colours(out))
            text.write_data_error(page, request.data_name, error.message)
        return Exit.INVALID
    _tell_warnings(verdict)
    with answer() as out:
        text.write_verdict(Page(out, colours=has_colours(out)), verdict, max_errors)
    return _exit(verdict)


def _answer_json(request: Request) -> Exit:
    """Check, and write the answer for programs; there is one, too, when the check failed."""
    try:
        verdict = check(request)
    except DataError as error:
        with answer() as out:
            json_output.write_failure(out, request.data_name, error, valid=False)
        return Exit.INVALID
    except ConfigError:
        raise
    except PreboardError as error:
        with answer() as out:
            json_output.write_failure(out, request.data_name, error, valid=None)
        raise
    _tell_warnings(verdict)
    with answer() as out:
        json_output.write_verdict(out, verdict)
    return _exit(verdict)


def _exit(verdict: Verdict) -> Exit:
    return Exit.VALID if verdict.valid else Exit.INVALID


def _tell_warnings(verdict: Verdict) -> None:
    for checked in verdict.statements:
        for finding in checked.warnings:
            tell(finding.render())


def check(request: Request) -> Verdict:
    """Run all statements over the data.

    Raises:
        typer.BadParameter: a checks file cannot be read.
        FaultyStatementsError: a statement is wrong; raised before the data is opened.
        InputError: the data cannot be read.
        DataError, RunInterrupted, ConfigError: as the engine says.
    """
    pieces = options.pieces(request.statements, request.files)
    statements = parse_pieces(pieces)
    from preboard.engine.validate import validate_all  # noqa: PLC0415 - the engine only when used

    try:
        reports = validate_all(
            statements,
            _source(request.data),
            collect=False,
            delimiter=request.delimiter,
            quotechar=request.quotechar,
            on_error=request.on_error,
            timeout_s=request.timeout_s,
        )
    except StatementError as error:
        raise placed(error, pieces) from error
    except InputError as error:
        raise _named(error, request.data_name) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"{request.data_name} cannot be read: {reason}") from error
    checked = map(Checked, pieces, statements, reports)
    return Verdict(request.data_name, tuple(checked), request.all_must_match)


def _source(data: str) -> str | BinaryIO:
    if data != STANDARD_INPUT:
        return data
    if sys.stdin is None:
        raise InputError("standard input is closed")
    return sys.stdin.buffer


def _named(error: InputError, name: str) -> InputError:
    """Return the error with the name of the data, if its message does not say it."""
    if name in error.message:
        return error
    return InputError(
        f"{name}: {error.message}", hint=error.hint, line=error.line, byte_offset=error.byte_offset
    )
