"""The command `preboard fmt`: one canonical form for all files of statements."""

import re
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from preboard.cli import parameters as p
from preboard.cli.exit import Exit
from preboard.cli.options import UsageError, need_names
from preboard.cli.output import answer, tell, tell_error
from preboard.cli.shown import many
from preboard.cli.statements import (
    FaultyStatementsError,
    Finding,
    as_text,
    parse_pieces,
    pieces_of,
    read_bytes,
)
from preboard.cli.visible import visible
from preboard.cli.whole_file import whole_file
from preboard.errors import PreboardError
from preboard.language.pieces import SEPARATOR

Check = Annotated[
    bool, typer.Option("--check", help="Change nothing; exit with 1 where something would change.")
]
_LONE_FEED = re.compile("(?<!\r)\n")


class Outcome(Enum):
    """What became of a file."""

    SAME = "as it should be"
    CHANGED = "reformatted"
    FAULTY = "not formatted"


def fmt_command(checks: p.Checks, *, check: Check = False) -> int:
    """Write statements in their canonical form.

    Each component stands in a line of its own. A file changes as a whole or not at all: it stays
    as it is while a statement in it is wrong, or has text that belongs to nothing and would be
    lost. Several statements stay apart by lines ---- CSVPATH ----. With - the text is read from
    standard input and written to standard output.

    Exits with 0 when all is in its form, with --check 1 when something is not, 3 when a file could
    not be formatted.
    """
    need_names(checks)
    if "-" in checks:
        if len(checks) > 1:
            raise UsageError("standard input, -, is formatted alone")
        return _format_stream(check=check)
    outcomes = []
    for name in checks:
        outcome = _format_file(name, check=check)
        outcomes.append(outcome)
        if outcome is Outcome.CHANGED:
            with answer() as out:
                out.write(f"{'would reformat' if check else 'reformatted'} {visible(name)}\n")
    with answer() as out:
        out.write(_summary(outcomes, check=check))
    return _exit(outcomes, check=check)


def _summary(outcomes: list[Outcome], *, check: bool) -> str:
    words = {
        Outcome.CHANGED: "to reformat" if check else "reformatted",
        Outcome.SAME: "unchanged",
        Outcome.FAULTY: "not formatted",
    }
    told = [f"{outcomes.count(o):,} {word}" for o, word in words.items() if o in outcomes]
    return f"{many(len(outcomes), 'file')}: {', '.join(told)}\n"


def _exit(outcomes: list[Outcome], *, check: bool) -> Exit:
    if Outcome.FAULTY in outcomes:
        return Exit.FAILED
    return Exit.INVALID if check and Outcome.CHANGED in outcomes else Exit.VALID


def _format_stream(*, check: bool) -> Exit:
    before = as_text(read_bytes("-"), "<stdin>")
    after = formatted(before, "<stdin>")
    if check:
        return Exit.VALID if after == before else Exit.INVALID
    with answer() as out:
        out.write(after)
    return Exit.VALID


def _format_file(name: str, *, check: bool) -> Outcome:
    try:
        content = read_bytes(name)
        after = formatted(as_text(content, name), name)
        if after.encode() == content:
            return Outcome.SAME
        if not check:
            with whole_file(Path(name)) as out:
                out.write(after)
    except FaultyStatementsError as error:
        for finding in error.findings:
            tell(finding.render())
        return Outcome.FAULTY
    except PreboardError as error:
        tell_error(error)
        return Outcome.FAULTY
    return Outcome.CHANGED


def formatted(whole: str, name: str) -> str:
    r"""Return the canonical text of a file; line ends stay CRLF where all of them are.

    Raises:
        FaultyStatementsError: a statement is wrong, or text would be lost.

    >>> print(formatted("$[*][yes()]---- CSVPATH ----\n$[1][]".replace("]-", "]\n-"), "a"), end="")
    $[*][
        yes()
    ]
    ---- CSVPATH ----
    $[1][]
    """
    has_crlf = "\r\n" in whole and not _LONE_FEED.search(whole)
    if has_crlf:
        whole = whole.replace("\r\n", "\n")
    pieces = pieces_of(whole, name)
    statements = parse_pieces(pieces)
    lost = [
        Finding(piece, warning)
        for piece, statement in zip(pieces, statements, strict=True)
        for warning in statement.warnings
        if warning.code == "ignored-text"
    ]
    if lost:
        raise FaultyStatementsError(lost)
    texts = [statement.formatted() for statement in statements]
    for statement, text in zip(statements, texts, strict=True):
        (again,) = parse_pieces([pieces_of(text, name)[0]])
        if again.tree != statement.tree or again.metadata.values != statement.metadata.values:
            raise PreboardError(f"{name} would mean something else when formatted: a fault of ours")
    text = f"{SEPARATOR}\n".join(texts)
    return text.replace("\n", "\r\n") if has_crlf else text
