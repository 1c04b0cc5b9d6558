"""`preboard remove`: a named-file or a group goes, what was made of it stays."""

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from preboard.cli.exit import Exit
from preboard.cli.formats.json_document import dumps
from preboard.cli.options import UsageError
from preboard.cli.output import answer, tell
from preboard.cli.projects import parameters as p
from preboard.cli.shown import many
from preboard.config.names import did_you_mean, shown
from preboard.errors import NotFound

if TYPE_CHECKING:
    from preboard.project.project import Project


class Kind(StrEnum):
    """What can be removed."""

    FILE = "file"
    GROUP = "group"


Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def remove_command(
    kind: Annotated[Kind, typer.Argument(metavar="file|group", help="What it is.")],
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The name of the named-file or the group.")
    ],
    *,
    yes: Yes = False,
    project: p.ProjectDirectory = None,
    as_json: p.AsJson = False,
) -> int:
    """Remove a named-file with all its versions, or a group with its statements.

    Results that were made with it stay, and so does what they say about it. It asks before; where
    there is no terminal to ask at, --yes must be given.

    Exits with 0 when it is removed, 1 when you said no, 3 when there is no such thing.
    """
    p.need_word(name, "the name of what is to be removed")
    with p.opened(project) as opened:
        count = _versions_of(opened, name) if kind is Kind.FILE else _statements_of(opened, name)
        what = many(count, "version" if kind is Kind.FILE else "statement")
        if not yes and not _agreed(f"remove the {_word(kind)} {p.told(name)} with {what}?"):
            tell("nothing is removed")
            return Exit.INVALID
        if kind is Kind.FILE:
            opened.remove_named_file(name)
        else:
            opened.remove_group(name)
    with answer() as out:
        if as_json:
            counted = "versions" if kind is Kind.FILE else "statements"
            out.write(dumps({"removed": kind.value, "name": name, counted: count}) + "\n")
        else:
            out.write(f"{_word(kind)} {p.told(name)} is removed, with {what}; {_stays(kind)}\n")
    return Exit.VALID


def _versions_of(project: "Project", name: str) -> int:
    """Return how many versions a named-file has.

    Raises:
        NotFound: there is no such named-file.
    """
    files = project.catalog.files
    if not files.exists(name):
        hint = did_you_mean(name, files.all())
        raise NotFound(f"there is no named-file {shown(name)}", hint=hint)
    return project.catalog.versions.count(name)


def _statements_of(project: "Project", name: str) -> int:
    """Return how many statements a group has, as it was loaded last.

    Raises:
        NotFound: there is no such group.
    """
    load = project.catalog.loads.latest(name)
    if load is None:
        hint = did_you_mean(name, project.catalog.groups.all())
        raise NotFound(f"there is no group {shown(name)}", hint=hint)
    return load.entry.named_paths_count


def _agreed(question: str) -> bool:
    """Ask at the terminal.

    Raises:
        UsageError: there is none.
    """
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr)):
        raise UsageError("what is removed does not come back: give --yes where nobody can be asked")
    return typer.confirm(question, err=True)


def _word(kind: Kind) -> str:
    return "named-file" if kind is Kind.FILE else "group"


def _stays(kind: Kind) -> str:
    if kind is Kind.FILE:
        return "results that were made of it stay, with what they say about it"
    return "its results stay, with the texts of the statements that made them"
