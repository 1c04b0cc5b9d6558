"""The command `preboard test`: each statement on the file that its comment names."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from preboard.cli import options
from preboard.cli import parameters as p
from preboard.cli.exit import Exit
from preboard.cli.formats.text import write_verdict
from preboard.cli.output import Page, answer, has_colours, tell, tell_error
from preboard.cli.request import Request, check
from preboard.cli.shown import many
from preboard.cli.statements import (
    FaultyStatementsError,
    Finding,
    Piece,
    parse_pieces,
    read_checks,
)
from preboard.cli.verdict import Wish, title_of
from preboard.cli.visible import visible
from preboard.diagnostics import Diagnostic, Span
from preboard.errors import ConfigError, PreboardError

if TYPE_CHECKING:
    from preboard.language.statement import Statement

STANDARD_INPUT = p.STANDARD_INPUT
DATA, DELIMITER, QUOTECHAR = "test-data", "test-delimiter", "test-quotechar"


@dataclass(frozen=True, slots=True)
class _Case:
    """One statement of a checks file."""

    checks: str
    piece: Piece
    statement: "Statement"
    title: str


Outcome = Literal["passed", "FAILED", "skipped", "not tested"]
_OUTCOMES: dict[bool | None, Outcome] = {True: "passed", False: "FAILED", None: "not tested"}
_STYLES = {"passed": "green", "FAILED": "bold red", "not tested": "bold red"}


def run_tests_command(
    checks: p.Checks,
    *,
    on_error: p.OnError = "collect,fail",
    allow_empty: p.AllowEmpty = False,
    max_errors: p.MaxErrors = 20,
    env: p.Env = None,
    tables: p.Tables = None,
    timeout: p.Timeout = None,
) -> int:
    """Run each statement on its test data.

    Its comment names the file as test-data: a path that counts from the directory of CHECKS and
    stays inside of it. test-delimiter and test-quotechar say how the file is written. Statements
    without test-data are skipped. If all are, nothing was tested, and that is no success.

    Exits with 0 when all tests pass, 1 when the data of one is invalid, 2 when the command line is
    wrong, 3 when a statement is wrong or could not be tested.
    """
    options.need_names(checks)
    base = Request(
        on_error=options.policy(on_error),
        wish=Wish(allows_empty=allow_empty),
        access=options.access(env, tables),
        timeout_s=options.seconds(timeout),
    )
    outcomes: list[Outcome] = []
    unread = 0
    for name in checks:
        try:
            cases = _cases(name)
        except PreboardError as error:
            _tell(error)
            unread += 1
            continue
        outcomes.extend(_run(case, base, max_errors) for case in cases)
    with answer() as out:
        out.write(_summary(outcomes, unread) + "\n")
    return _exit(outcomes, unread)


def _exit(outcomes: list[Outcome], unread: int) -> Exit:
    if set(outcomes) == {"skipped"} and not unread:
        tell(f"error: nothing was tested\n  hint: name a file in a comment: ~ {DATA}: FILE ~")
        return Exit.FAILED
    if unread or "not tested" in outcomes:
        return Exit.FAILED
    return Exit.INVALID if "FAILED" in outcomes else Exit.VALID


def _cases(name: str) -> list[_Case]:
    """Return the statements of a checks file.

    Raises:
        PreboardError: it cannot be read, or one of them is wrong.
    """
    pieces = read_checks(name)
    return [
        _Case(name, piece, statement, title_of(statement, number))
        for number, (piece, statement) in enumerate(
            zip(pieces, parse_pieces(pieces), strict=True), 1
        )
    ]


def _run(case: _Case, base: Request, max_errors: int) -> Outcome:
    """Run one test and answer for it."""
    if DATA not in case.statement.metadata.values:
        _answer("skipped", case, f"its comment names no {DATA}")
        return "skipped"
    try:
        data, reading = _data_of(case), _reading_of(case)
    except FaultyStatementsError as error:
        _tell(error)
        _answer("not tested", case, "see the error")
        return "not tested"
    request = replace(base, pieces=[case.piece], statements=[case.statement], reading=reading)
    verdict = check(request, str(data))
    outcome = _OUTCOMES[verdict.valid]
    if verdict.error is not None and verdict.valid is None:
        _tell(verdict.error)
    _answer(outcome, case, f"on {visible(str(data))}")
    if outcome == "FAILED":
        with answer() as out:
            page = Page(out, colours=has_colours(out))
            page.line()
            write_verdict(page, verdict, max_errors)
            page.line()
    return outcome


def _data_of(case: _Case) -> Path:
    """Return the file that a comment names.

    Raises:
        FaultyStatementsError: it names none, or one outside of the directory of the checks.
    """
    named = case.statement.metadata.values[DATA]
    if not named:
        raise _fault(case, DATA, f"{DATA} names no file")
    directory = Path() if case.checks == STANDARD_INPUT else Path(case.checks).parent
    try:
        inside = (directory / named).resolve().is_relative_to(directory.resolve())
    except (OSError, ValueError, RuntimeError):  # no path at all, or links in a ring
        inside = False
    if not inside:
        raise _fault(
            case, DATA, f"{DATA} {named!r} leads out of the directory of the checks",
            "tests stay beside their statements",
        )  # fmt: skip
    return directory / named


def _reading_of(case: _Case) -> dict[str, str | None]:
    """Return how the comment says that the file is written.

    Raises:
        FaultyStatementsError: it says something that is no delimiter or quotechar.
    """
    values = case.statement.metadata.values
    try:
        return options.dialect(values.get(DELIMITER), values.get(QUOTECHAR))
    except ConfigError as error:
        key = DELIMITER if "delimiter" in error.message else QUOTECHAR
        raise _fault(case, key, error.message, error.hint) from error


def _fault(case: _Case, key: str, message: str, hint: str | None = None) -> FaultyStatementsError:
    span = case.statement.metadata.spans.get(key, Span(0, 1))
    return FaultyStatementsError([Finding(case.piece, Diagnostic(key, message, span, hint=hint))])


def _answer(outcome: Outcome, case: _Case, words: str) -> None:
    with answer() as out:
        page = Page(out, colours=has_colours(out))
        name = visible(f"{case.checks}: {case.title}")
        page.line((f"{outcome:10}", _STYLES.get(outcome, "")), f"  {name}, {words}")


def _tell(error: PreboardError) -> None:
    if not isinstance(error, FaultyStatementsError):
        tell_error(error)
        return
    for finding in error.findings:
        tell(finding.render())


def _summary(outcomes: list[Outcome], unread: int) -> str:
    """Return how many statements there were of each outcome, and how many files were no use.

    >>> _summary(["passed", "skipped", "passed"], 1)
    '3 statements: 2 passed, 1 skipped; 1 file not tested'
    """
    words: list[Outcome] = ["passed", "FAILED", "not tested", "skipped"]
    told = [f"{outcomes.count(word):,} {word}" for word in words if word in outcomes]
    parts = [f"{many(len(outcomes), 'statement')}: {', '.join(told)}"] if outcomes else []
    return "; ".join([*parts, f"{many(unread, 'file')} not tested"] if unread else parts)
