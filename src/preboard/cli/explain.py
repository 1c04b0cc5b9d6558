"""The command `preboard explain`: why one line matched, or did not."""

from collections.abc import Sequence
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from preboard.cli import options
from preboard.cli import parameters as p
from preboard.cli.exit import Exit
from preboard.cli.formats.json_document import about, dumps
from preboard.cli.options import UsageError
from preboard.cli.output import Page, answer, has_colours
from preboard.cli.progress import Meter
from preboard.cli.request import name_of, named, source_of
from preboard.cli.shown import WIDEST, shown
from preboard.cli.statements import Piece, parse_pieces, placed
from preboard.cli.verdict import title_of
from preboard.cli.visible import cut, one_line, visible
from preboard.errors import InputError, PreboardError, StatementError

if TYPE_CHECKING:
    from preboard.engine.explanation import Explanation
    from preboard.engine.report import LineError
    from preboard.language.statement import Statement


class ExplainFormat(StrEnum):
    """What the answer is written in."""

    TEXT = "text"
    JSON = "json"


Output = Annotated[ExplainFormat, typer.Option("--format", help="How the answer is written.")]
Data = Annotated[
    str, typer.Argument(metavar="DATA", help="The file with the line; - is standard input.")
]
Line = Annotated[
    int | None,
    typer.Option(
        "--line", metavar="N", min=0, help="The line, counted from 0 as in reports of errors."
    ),
]
TextLine = Annotated[
    int | None,
    typer.Option(
        "--text-line", metavar="N", min=1, help="The line, counted from 1 as an editor does."
    ),
]
Only = Annotated[
    list[str] | None,
    typer.Option(
        "--only", metavar="IDENTITY", help="Explain this statement of several; may be repeated."
    ),
]
_Titled = tuple[Piece, str, "Statement"]
_WORDS = {
    True: ("matched", "green"),
    False: ("did not match", "bold red"),
    None: ("not looked at", "bold"),
}
_MOST_DECIDED = 5


def explain_command(  # noqa: PLR0913 - an argument for each option
    data: Data,
    *,
    line: Line = None,
    text_line: TextLine = None,
    statement: p.Statements = None,
    file: p.Files = None,
    only: Only = None,
    output: Output = ExplainFormat.TEXT,
    delimiter: p.Delimiter = None,
    quotechar: p.Quotechar = None,
    encoding: p.Encoding = None,
    member: p.Member = None,
    input_format: p.InputFormat = None,
    sheet: p.Sheet = None,
    on_error: p.OnError = "collect,fail",
    limit: p.Limit = None,
    env: p.Env = None,
    timeout: p.Timeout = None,
    no_progress: p.NoProgress = False,
) -> int:
    """Show why one line of a file matched, or did not.

    The statement is shown with each part's value and vote on that line written under it. The lines
    before it are run first, since counters and variables may decide.

    Exits with 0 when there is an answer, whatever it is, 2 when the command line is wrong, 3 when
    the file cannot be read or a statement is faulty.
    """
    options.need_all([data], statement, file)
    if (line is None) == (text_line is None):
        raise UsageError("the line to explain needs one number: --line N or --text-line N")
    told: dict[str, Any] = {
        "line": line,
        "text_line": text_line,
        "on_error": options.policy(on_error),
        "timeout_s": options.seconds(timeout),
        "limits": options.limits(limit),
        **options.reading(delimiter, quotechar, encoding, member, input_format, sheet),
    }
    if (access := options.access(env, None)) is not None:
        told["access"] = access
    writer = _write_json if output is ExplainFormat.JSON else _write_text
    name = name_of(data)
    try:
        titled = _chosen(options.pieces(statement or [], file or []), only)
        with Meter(name, wanted=not no_progress) as meter:
            found = _explained(titled, data, {"progress": meter.watch, **told})
    except PreboardError as error:
        if output is ExplainFormat.JSON:
            with answer() as out:
                out.write(dumps({"data": name, "statements": [], "error": about(error)}) + "\n")
        raise
    with answer() as out:
        writer(out, name, titled, found)
    return Exit.VALID


def _chosen(pieces: Sequence[Piece], only: Sequence[str] | None) -> list[_Titled]:
    """Return the statements that are asked for, each with what it is called.

    Raises:
        FaultyStatementsError: one is wrong.
        UsageError: none is called so.
    """
    parsed = enumerate(zip(pieces, parse_pieces(pieces), strict=True), 1)
    titled = [(piece, title_of(each, number), each) for number, (piece, each) in parsed]
    if not only:
        return titled
    titles = [title for _, title, _ in titled]
    for wanted in only:
        if wanted not in titles:
            near = get_close_matches(wanted, titles, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there is {', '.join(titles[:5])}"
            raise UsageError(f"no statement is called {visible(wanted)}; {visible(hint)}")
    return [each for each in titled if each[1] in only]


def _explained(titled: Sequence[_Titled], data: str, told: dict[str, Any]) -> "list[Explanation]":
    from preboard.engine.explain import explain_all  # noqa: PLC0415 - the engine only when used

    try:
        return explain_all([each for _, _, each in titled], source_of(data), **told)
    except StatementError as error:
        raise placed(error, [piece for piece, _, _ in titled]) from error
    except (InputError, OSError) as error:
        raise named(error, name_of(data)) from error


def _write_json(
    out: TextIO, name: str, titled: Sequence[_Titled], found: "Sequence[Explanation]"
) -> None:
    told = [
        {
            "source": piece.name,
            "source_line": piece.whole.count("\n", 0, piece.offset) + 1,
            "statement": piece.text,
            **explanation.to_json(),
        }
        for (piece, _, _), explanation in zip(titled, found, strict=True)
    ]
    lines = ",\n".join(map(dumps, told))
    out.write(f'{{"data": {dumps(name)}, "statements": [\n{lines}\n]}}\n')


def _write_text(
    out: TextIO, name: str, titled: Sequence[_Titled], found: "Sequence[Explanation]"
) -> None:
    page = Page(out, colours=has_colours(out))
    for place, ((piece, title, statement), explanation) in enumerate(
        zip(titled, found, strict=True)
    ):
        if place:
            page.line()
        known = f" ({one_line(title, WIDEST)})" if statement.identity or len(titled) > 1 else ""
        _write_head(page, name, known, explanation)
        _write_tree(page, piece, explanation)


def _write_head(page: Page, name: str, known: str, explanation: "Explanation") -> None:
    outcome, style = _WORDS[explanation.matched]
    reason = one_line(explanation.reason, 3 * WIDEST)
    page.line(f"{visible(name)}, {_place(explanation)}: ", (outcome, style), f"{known}: {reason}")
    if explanation.cells:
        page.line(f"  {cut(_cells(explanation), 2 * WIDEST)}")
    for error in explanation.errors:
        page.line("  ", ("error", "bold red"), f": {_about(error)}")


def _place(explanation: "Explanation") -> str:
    if explanation.line is None:
        return f"text line {explanation.text_line}"
    if explanation.text_line is None:
        return f"line {explanation.line}"
    return f"line {explanation.line} (text line {explanation.text_line})"


def _cells(explanation: "Explanation") -> str:
    """Return the cells of the line under their headers, those without one under their index."""
    headers = explanation.headers
    told = []
    for index, cell in enumerate(explanation.cells):
        header = headers[index] if index < len(headers) else ""
        told.append(f"{one_line(header, WIDEST) or index} = {shown(cell)}")
        if len(told) >= WIDEST:
            break
    return ", ".join(told)


def _about(error: "LineError") -> str:
    message = one_line(error.message, 3 * WIDEST)
    if error.column is None:
        return message
    return f"{one_line(str(error.column), WIDEST)} = {shown(error.value)}: {message}"


def _write_tree(page: Page, piece: Piece, explanation: "Explanation") -> None:
    from preboard.cli.annotated import annotated  # noqa: PLC0415 - only for text

    if not explanation.parts:
        return
    decided = [explanation.parts[place] for place in explanation.decided_by]
    if len(decided) < len(explanation.parts):
        before = piece.whole.count("\n", 0, piece.offset)
        for part in decided[:_MOST_DECIDED]:
            page.line(f"  decided by line {before + part.line}: {one_line(part.text, WIDEST)}")
    page.line()
    for words in annotated(piece, explanation):
        page.line(*words)
