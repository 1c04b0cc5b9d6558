"""What the options of the command line mean; a wrong one is told before the engine is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import typer

from preboard.cli.statements import Piece, read_pieces
from preboard.language.modes import DELIMITERS, QUOTES, ErrorPolicy
from preboard.readers.dialect import Dialect, dialect_for

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


def need_all(
    data: Sequence[str], texts: Sequence[str] | None, files: Sequence[Path] | None
) -> None:
    """Refuse a command line without a statement, or with names that are none.

    Raises:
        UsageError: something is missing.
    """
    need_statements(texts, files)
    need_names(data)


def need_names(names: Sequence[str]) -> None:
    """Refuse names of files that are none: empty ones, and standard input for the second time.

    Raises:
        UsageError: there is one.
    """
    if "" in names:
        raise UsageError("the name of a file is empty: is a variable of the shell not set?")
    if names.count("-") > 1:
        raise UsageError("standard input, -, can be read only once")


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


def dialect(delimiter: str | None, quotechar: str | None) -> dict[str, str | None]:
    r"""Return the characters that words stand for, as the directives of a statement say them.

    Raises:
        ConfigError: they are no delimiter and quotechar.

    >>> dialect("tab", None)
    {'delimiter': '\t', 'quotechar': None}
    """
    if delimiter is not None:
        delimiter = {"\\t": "\t", **DELIMITERS}.get(delimiter, delimiter)
    if quotechar is not None:
        quotechar = QUOTES.get(quotechar, quotechar)
    dialect_for(None, delimiter=delimiter, quotechar=quotechar)
    return {"delimiter": delimiter, "quotechar": quotechar}


def reading(
    delimiter: str | None,
    quotechar: str | None,
    encoding: str | None,
    member: str | None,
    input_format: str | None,
    sheet: str | None,
) -> dict[str, Any]:
    """Return what the engine is told of how a file is written.

    Raises:
        ConfigError: an option has no such value.
    """
    told: dict[str, Any] = dialect(delimiter, quotechar)
    if encoding is not None:
        Dialect(encoding=encoding)  # refuses what is no encoding
        told["encoding"] = encoding
    if member is not None:
        told["member"] = member
    if input_format is not None:
        from preboard.readers.choose import kind_of  # noqa: PLC0415 - only when it is given

        kind_of(b"", None, input_format)
        told["format"] = input_format
    if sheet is not None:
        told["sheet"] = int(sheet) if sheet.isdecimal() else sheet
    return told


def policy(words: str) -> list[str]:
    """Return the words of an error policy.

    An error makes the data invalid unless that was refused in words: with `collect` alone the
    errors would be told, and the exit code would still read as "valid".

    Raises:
        typer.BadParameter: there is none, which would pass any data.
        ConfigError: one of them does not exist.

    >>> policy("collect"), policy("collect, no-fail")
    (['collect', 'fail'], ['collect'])
    """
    found = [word.strip() for word in words.split(",") if word.strip()]
    if not found:
        raise typer.BadParameter("needs at least one word", param_hint="'--on-error'")
    wanted = [word for word in found if word != "no-fail"]
    if "no-fail" in found and "fail" in found:
        raise typer.BadParameter("cannot have both fail and no-fail", param_hint="'--on-error'")
    ErrorPolicy.of(wanted)
    return wanted if "no-fail" in found or "fail" in wanted else [*wanted, "fail"]


def seconds(timeout: float | None) -> float | None:
    """Return the time a run may take.

    Raises:
        typer.BadParameter: it is not more than 0.
    """
    if timeout is not None and not timeout > 0:
        raise typer.BadParameter("must be more than 0", param_hint="'--timeout'")
    return timeout
