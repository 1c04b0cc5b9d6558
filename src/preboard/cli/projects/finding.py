"""`preboard find` and `get`: what a reference leads to."""

import sys
from typing import Annotated

import typer

from preboard.cli.exit import Exit
from preboard.cli.formats.json_document import dumps
from preboard.cli.output import answer, tell
from preboard.cli.projects import parameters as p

Ref = Annotated[
    str,
    typer.Argument(
        metavar="REFERENCE",
        help="Such as '$orders.files.:last' or '$checks.results.2026-11:last.rules:errors'; the "
        "name of a named-file is its newest version.",
    ),
]


def find_command(
    reference: Ref, *, project: p.ProjectDirectory = None, as_json: p.AsJson = False
) -> int:
    """List what a reference leads to: versions, statements, runs, results.

    Each line has the reference of one thing, a tab, and where it lies in the project.

    Exits with 0 when there is something, 1 when there is nothing, 3 when it is no reference or
    there is no such named-file or group.
    """
    p.need_word(reference, "the reference")
    with p.opened(project) as opened:
        found = opened.find(reference)
    with answer() as out:
        for each in found:
            if as_json:
                out.write(dumps(each.to_json()) + "\n")
            else:
                out.write(f"{p.told(each.reference)}\t{p.told(each.shown)}\n")
    if not found:
        tell("error: there is nothing there")
    return Exit.VALID if found else Exit.INVALID


def get_command(reference: Ref, *, project: p.ProjectDirectory = None) -> int:
    """Write what a reference leads to, byte by byte: a version, a statement, a file of a run.

    Of a run or an instance it is the manifest. Several things follow one another.

    Exits with 0 when there is something, 1 when there is nothing, 3 when it is no reference or
    there is no such named-file or group.
    """
    from preboard.project.found import content  # noqa: PLC0415 - only when used

    p.need_word(reference, "the reference")
    with p.opened(project) as opened:
        found = opened.find(reference)
    with answer() as out:
        out.flush()
        for each in found:
            for block in content(each):
                if sys.stdout is not None:
                    sys.stdout.buffer.write(block)
        if sys.stdout is not None:
            sys.stdout.buffer.flush()
    if not found:
        tell("error: there is nothing there")
    return Exit.VALID if found else Exit.INVALID
