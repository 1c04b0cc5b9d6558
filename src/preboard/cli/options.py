"""What the options of the command line mean; a wrong one is told before the engine is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import typer

from preboard.cli.statements import Piece, read_pieces
from preboard.language.modes import DELIMITERS, QUOTES, ErrorPolicy
from preboard.readers.dialect import dialect_for

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


UsageError = cast("type[typer.BadParameter]", typer.BadParameter.__mro__[1])
"""What typer raises for a wrong command line; it exports only this child of it."""


def need_statements(texts: Sequence[str] | None, files: Sequence[Path] | None) -> None:
    """Refuse a command line without a statement.

    Raises:
        UsageError: there is neither a text nor a file.
    """
    if not texts and not files:
        raise UsageError("a statement is missing: give --statement TEXT or --file CHECKS")


def pieces(texts: Sequence[str], files: Sequence[Path]) -> list[Piece]:
    """Return the statements that `--statement` and `--file` give.

    Raises:
        typer.BadParameter: a file cannot be read.
        FaultyStatementsError: a file holds no statements.
    """
    try:
        return read_pieces(texts, files)
    except OSError as error:
        raise typer.BadParameter(
            f"{error.filename} cannot be read: {error.strerror}", param_hint="'--file'"
        ) from error


def dialect(
    data: str, delimiter: str | None, quotechar: str | None
) -> tuple[str | None, str | None]:
    r"""Return the characters that words stand for, as the directives of a statement say them.

    Raises:
        ConfigError: they are no delimiter and quotechar.

    >>> dialect("orders.csv", "tab", None)
    ('\t', None)
    """
    if delimiter is not None:
        delimiter = {"\\t": "\t", **DELIMITERS}.get(delimiter, delimiter)
    if quotechar is not None:
        quotechar = QUOTES.get(quotechar, quotechar)
    dialect_for(data, delimiter=delimiter, quotechar=quotechar)
    return delimiter, quotechar


def policy(words: str) -> list[str]:
    """Return the words of an error policy.

    Raises:
        typer.BadParameter: there is none, which would pass any data.
        ConfigError: one of them does not exist.
    """
    found = [word.strip() for word in words.split(",") if word.strip()]
    if not found:
        raise typer.BadParameter("needs at least one word", param_hint="'--on-error'")
    ErrorPolicy.of(found)
    return found


def seconds(timeout: float | None) -> float | None:
    """Return the time a run may take.

    Raises:
        typer.BadParameter: it is not more than 0.
    """
    if timeout is not None and not timeout > 0:
        raise typer.BadParameter("must be more than 0", param_hint="'--timeout'")
    return timeout
