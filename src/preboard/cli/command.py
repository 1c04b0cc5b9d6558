"""What all commands have beyond those of typer: options whose value may be left out, plain help."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand

from preboard.cli.options import ALL_FINDINGS

if TYPE_CHECKING:
    from collections.abc import Iterable

OPTIONAL_VALUES = {"--fail-on-findings": ALL_FINDINGS}
"""What such an option means alone; a value stands behind `=`, never in a word of its own."""


_TYPES = re.compile(r" <(?:str|path|list\[str\])>")


class Command(TyperCommand):
    """A command of ours."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the words behind the name of the command.

        A value that was left out is put in: the parser would take the next word for it.
        """
        return super().parse_args(ctx, with_values(args))

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the words of the usage: without braces, with dots behind what may be repeated.

        A metavar of several words says already how they stand.
        """
        pieces = super().collect_usage_pieces(ctx)
        repeated = {param.metavar for param in self.params if param.nargs == -1}

        def plain(found: re.Match[str]) -> str:
            name = found[1]
            return f"{name}..." if name in repeated and " " not in name else name

        return [_BRACES.sub(plain, piece) for piece in pieces]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments and options, without the names of Python's types behind theirs."""
        write = formatter.write_dl

        def write_plain(rows: Iterable[tuple[str, str]]) -> None:
            write([(_TYPES.sub("", name), told) for name, told in rows])

        formatter.write_dl = write_plain
        super().format_options(ctx, formatter)
        formatter.write_dl = write


_BRACES = re.compile(r"\{([^{}|]+)\}(?:\.\.\.)?")
"""Around the name of what must be given; those around a choice stay."""


def with_values(args: list[str]) -> list[str]:
    """Return the words with the values that were left out.

    >>> with_values(["--fail-on-findings", "a.csv", "--", "--fail-on-findings"])
    ['--fail-on-findings=all', 'a.csv', '--', '--fail-on-findings']
    """
    end = args.index("--") if "--" in args else len(args)
    told = [f"{word}={OPTIONAL_VALUES[word]}" if word in OPTIONAL_VALUES else word for word in args]
    return told[:end] + args[end:]
