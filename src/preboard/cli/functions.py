"""The command `preboard functions`: what the language offers."""

from difflib import get_close_matches
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated

import typer

from preboard.cli.exit import Exit
from preboard.cli.options import UsageError
from preboard.cli.output import Page, answer, has_colours
from preboard.cli.shown import WIDEST
from preboard.cli.visible import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from preboard.language.functions.registry import Example, Function

_STRONG = "bold"


def _complete(incomplete: str) -> list[str]:
    return sorted(name for name in _all() if name.startswith(incomplete))


Name = Annotated[
    str | None,
    typer.Argument(metavar="NAME", help="The function to show.", autocompletion=_complete),
]


def functions_command(name: Name = None) -> int:
    """List the functions, or show one with its forms and an example.

    Exits with 0, or 2 when no function has that name.
    """
    declared = _all()
    if name is None:
        with answer() as out:
            _write_list(Page(out, colours=has_colours(out)), declared)
        return Exit.VALID
    word = name.removesuffix("()")
    if word not in declared:
        close = get_close_matches(word, declared, n=3, cutoff=0.6)
        hint = f"; did you mean {' or '.join(f'{found}()' for found in close)}?" if close else ""
        raise UsageError(f"no function is called {visible(word)}{hint}")
    with answer() as out:
        _write_one(Page(out, colours=has_colours(out)), declared[word])
    return Exit.VALID


def _all() -> "Mapping[str, Function]":
    from preboard.language.functions.library import functions  # noqa: PLC0415 - only when used

    return functions()


def _write_list(page: Page, declared: "Mapping[str, Function]") -> None:
    from preboard.language.functions.wording import summary  # noqa: PLC0415 - as above

    own = sorted({f.name: f for f in declared.values()}.values(), key=lambda f: (f.group, f.name))
    width = max(len(function.name) for function in own) + 2
    group = ""
    for function in own:
        if function.group != group:
            if group:
                page.line()
            group = function.group
            page.line((group, _STRONG))
        page.line(f"  {function.name + '()':{width}}  {summary(function)}")


def _write_one(page: Page, function: "Function") -> None:
    from preboard.language.functions import wording  # noqa: PLC0415 - as above

    for form in wording.forms(function):
        page.line((form, _STRONG))
    page.line()
    for paragraph in function.doc.split("\n\n"):
        for line in wrap(" ".join(paragraph.split()), WIDEST):
            page.line(line)
        page.line()
    page.line(wording.vote(function))
    for name, told in wording.arguments(function):
        page.line(f"{name}: {told}.")
    page.line(f"Group: {function.group}.")
    if function.origin:
        page.line(f"From: {function.origin}.")
    if function.aliases:
        page.line(f"Also called: {', '.join(f'{alias}()' for alias in function.aliases)}.")
    if function.example:
        _write_example(page, function, function.example)


def _write_example(page: Page, function: "Function", example: "Example") -> None:
    from preboard.language.functions.registry import SAMPLE  # noqa: PLC0415 - as above

    told = function.origin is None or example.data != SAMPLE  # the sample belongs to ours
    page.line()
    page.line(f"For example{f', on lines such as those of {example.data}' if told else ''}:")
    page.line()
    for line in example.statement.split("\n"):
        page.line(f"  {line}")
