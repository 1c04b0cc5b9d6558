"""Options that the commands of a project share, and how they open it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from preboard.cli.environment import value_of
from preboard.cli.options import UsageError
from preboard.cli.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable

    from preboard.project.project import Project

PROJECT_VARIABLE = "PREBOARD_PROJECT"


def names_of(space: str) -> Callable[[typer.Context, str], list[str]]:
    """Return what completes the names of a project's named-files or groups in the shell."""

    def complete(context: typer.Context, incomplete: str) -> list[str]:
        from preboard.errors import PreboardError  # noqa: PLC0415 - only for completion

        try:
            with opened(context.params.get("project")) as project:
                names = project.catalog.files if space == "files" else project.catalog.groups
                return [name for name in names.all() if name.startswith(incomplete)]
        except (PreboardError, UsageError, OSError):
            return []

    return complete


def first_of(space: str) -> Callable[[typer.Context, str], list[str]]:
    """Return what completes the first of several words: a name, which a source follows."""
    complete = names_of(space)

    def complete_first(context: typer.Context, incomplete: str) -> list[str]:
        return [] if context.params.get("words") else complete(context, incomplete)

    return complete_first


ProjectDirectory = Annotated[
    str | None,
    typer.Option(
        "--project",
        metavar="DIR",
        help="The project; else PREBOARD_PROJECT, else the one that the working directory is in.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer with JSON, one object a line.")]
NamedFile = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        help="A named-file, whose newest version is read; or a reference to versions, or to what "
        "another run left.",
        autocompletion=names_of("files"),
    ),
]
GroupName = Annotated[
    str,
    typer.Argument(
        metavar="GROUP",
        help="A group; or a reference to some of its statements.",
        autocompletion=names_of("groups"),
    ),
]


def opened(directory: str | None) -> Project:
    """Open the project that is meant.

    Raises:
        UsageError: its name is empty.
        NotFound: there is none.
    """
    from preboard.project.layout import found_project  # noqa: PLC0415 - the project only when used
    from preboard.project.project import Project  # noqa: PLC0415

    if directory is not None:
        need_word(directory, "--project")
        return Project.open(directory)
    named = value_of(PROJECT_VARIABLE)
    return Project.open(named or found_project(Path.cwd()))


def need_word(word: str, what: str) -> str:
    """Return a word of the command line; an empty one is what an unset variable leaves.

    Raises:
        UsageError: it is empty.
    """
    if not word:
        raise UsageError(f"{what} is empty: is a variable of the shell not set?")
    return word


def told(text: object) -> str:
    """Return a text of the project as it may be shown in a line."""
    return visible(str(text))


def place_of(path: Path) -> str:
    """Return a path as it can be used from the working directory."""
    try:
        below = path.relative_to(Path.cwd())
    except (OSError, ValueError):
        return told(os.path.normpath(path))
    return told(below)
