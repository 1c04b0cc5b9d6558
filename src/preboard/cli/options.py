"""What the options of the command line mean; a wrong one is told before the engine is loaded."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, cast

import typer

from preboard.cli.environment import value_of
from preboard.cli.statements import Piece, read_pieces
from preboard.cli.visible import visible
from preboard.diagnostics import FINDINGS
from preboard.language.modes import DELIMITERS, QUOTES, ErrorPolicy
from preboard.readers.dialect import Dialect, dialect_for
from preboard.readers.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from preboard.diagnostics import FindingCode
    from preboard.engine.access import Access
    from preboard.language.statement import Statement


UsageError = cast("type[typer.BadParameter]", typer.BadParameter.__mro__[1])
"""What typer raises for a wrong command line; it exports only this child of it."""


LIMITS = tuple(field.name for field in fields(Limits))
"""What `--limit` can name."""

ALL_FINDINGS = "all"
"""The word for every code; also what --fail-on-findings means without a value."""


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
    checks = next((name for name in data if name.endswith((".csvpath", ".csvpaths"))), None)
    if not texts and not files and checks is not None:
        raise UsageError(
            f"a statement is missing: did you mean --file {visible(checks)}? it is among the data"
        )
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


def access(env: Sequence[str] | None, tables: Path | None) -> Access | None:
    """Return what the statements may reach outside of their run, None if nothing was said.

    Raises:
        typer.BadParameter: a name is not set in the environment.
    """
    if not env and tables is None:
        return None
    from preboard.engine.access import TABLES, Access  # noqa: PLC0415 - only when it is asked for

    values = {name: value_of(name) for name in env or ()}
    unset = [visible(name) for name, value in values.items() if value is None]
    if unset:
        raise typer.BadParameter(
            f"{', '.join(unset)} is not set in the environment", param_hint="'--env'"
        )
    told = {name: value for name, value in values.items() if value is not None}
    return Access(env=told, tables=TABLES if tables is None else tables)


def refuse_overwriting(data: Sequence[str], statements: Sequence[Statement]) -> None:
    """Refuse several files for statements that write the same tables for each of them.

    Raises:
        UsageError: the tables of one file would take the place of those of another.
    """
    if len(data) > 1 and any(statement.writes for statement in statements):
        raise UsageError("parquet() writes the same files for each of DATA: check one at a time")


def refused_findings(words: str | None) -> frozenset[FindingCode]:
    """Return the findings that make data invalid.

    Raises:
        typer.BadParameter: there is none, or no finding has such a code.

    >>> sorted(refused_findings("one-column, header-only")), len(refused_findings("all")) > 9
    (['header-only', 'one-column'], True)
    """
    if words is None:
        return frozenset()
    said = [word.strip() for word in words.split(",") if word.strip()]
    codes: dict[str, FindingCode] = {code: code for code in FINDINGS}
    wrong = next((word for word in said if word not in codes and word != ALL_FINDINGS), None)
    if wrong is not None or not said:
        near = get_close_matches(wrong or "", codes, n=1)
        meant = f"did you mean {near[0]}? " if near else ""
        raise typer.BadParameter(
            f"no finding has the code '{visible(wrong or '')}'; {meant}"
            f"the codes are {', '.join(codes)}",
            param_hint="'--fail-on-findings'",
        )
    return frozenset(FINDINGS if ALL_FINDINGS in said else (codes[word] for word in said))


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


def limits(words: Sequence[str] | None) -> Limits:
    """Return how much may be read of a file: `NAME=N`, where N may end with K, M, G or T.

    Raises:
        typer.BadParameter: there is no such limit, or N is no number.
        ConfigError: N is not more than 0.

    >>> found = limits(["cells=20000", "unpacked_bytes=0.5T"])
    >>> found.cells, found.unpacked_bytes == 512 << 30
    (20000, True)
    """
    found: dict[str, Any] = {}
    for word in words or ():
        name, _, number = word.partition("=")
        if name not in LIMITS:
            near = get_close_matches(name, LIMITS, n=1)
            meant = f"did you mean {near[0]}? " if near else ""
            raise typer.BadParameter(
                f"no limit is called '{visible(name)}'; {meant}they are {', '.join(LIMITS)}",
                param_hint="'--limit'",
            )
        parts = _NUMBER.fullmatch(number.strip().upper())
        if parts is None:
            raise typer.BadParameter(
                f"'{visible(number)}' is no number; write it as {name}=20000 or {name}=64M",
                param_hint="'--limit'",
            )
        amount = float(parts[1]) * _UNITS[parts[2]]
        found[name] = amount if name == "unpacked_ratio" else round(amount)
    return replace(DEFAULT_LIMITS, **found)


_NUMBER = re.compile(r"([0-9]+(?:\.[0-9]+)?)([KMGT]?)B?")
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
