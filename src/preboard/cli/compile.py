"""The command `preboard compile`: the Python that a statement becomes."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from preboard.cli import options
from preboard.cli import parameters as p
from preboard.cli.exit import Exit
from preboard.cli.output import answer
from preboard.cli.request import name_of, named, source_of
from preboard.cli.shown import many
from preboard.cli.statements import parse_pieces
from preboard.cli.verdict import title_of
from preboard.cli.visible import visible
from preboard.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from preboard.language.statement import Statement

Show = Annotated[bool, typer.Option("--show", help="Print the generated Python.")]


def compile_command(  # noqa: PLR0913 - an argument for each option
    data: p.OneData,
    *,
    statement: p.Statements = None,
    file: p.Files = None,
    show: Show = False,
    delimiter: p.Delimiter = None,
    quotechar: p.Quotechar = None,
    encoding: p.Encoding = None,
    member: p.Member = None,
    input_format: p.InputFormat = None,
    sheet: p.Sheet = None,
) -> int:
    """Show the Python that statements become.

    They are compiled for the headers of DATA; nothing is checked.

    Exits with 0, 2 when the command line is wrong, 3 when a statement is wrong or DATA cannot be
    read.
    """
    options.need_all([data], statement, file)
    reading = options.reading(delimiter, quotechar, encoding, member, input_format, sheet)
    statements = parse_pieces(options.pieces(statement or [], file or []))
    from preboard.engine.compile import compiled  # noqa: PLC0415 - the engine only when used
    from preboard.engine.generate import Options  # noqa: PLC0415

    headers = _headers_of(data, statements, reading)
    for number, (each, names) in enumerate(zip(statements, headers, strict=True), 1):
        source, _ = compiled(each.text, tuple(names), Options())
        title = visible(title_of(each, number))
        with answer() as out:
            if show:
                out.write(f"# {title}\n{visible(source, keep=_KEPT)}\n")
            else:
                size = many(source.count("\n"), "line")
                out.write(f"{title}: {size} of Python for {many(len(names), 'header')}\n")
    return Exit.VALID


_KEPT = "\n"


def _headers_of(
    data: str, statements: "Sequence[Statement]", reading: dict[str, Any]
) -> list[list[str]]:
    """Return the headers of a file as each of the statements reads it.

    Raises:
        InputError: the file cannot be read.
    """
    from preboard.engine.validate import validate_all  # noqa: PLC0415 - the engine only when used
    from preboard.language.statement import Statement  # noqa: PLC0415

    first = Statement.parse("$[*][ stop() ]")  # reads up to the first line with a field
    readers = [
        replace(first, modes=replace(first.modes, delimiter=m.delimiter, quotechar=m.quotechar))
        for m in (statement.modes for statement in statements)
    ]
    try:
        reports = validate_all(readers, source_of(data), collect=False, **reading)
    except (InputError, OSError) as error:
        raise named(error, name_of(data)) from error
    return [report.headers for report in reports]
