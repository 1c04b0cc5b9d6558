"""The command `preboard sniff`: how files are written, how sure that is, and why."""

from contextlib import ExitStack
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, TextIO, cast

import typer

from preboard.cli import options
from preboard.cli import parameters as p
from preboard.cli.exit import Exit
from preboard.cli.formats.json_document import about, dumps
from preboard.cli.output import Page, answer, has_colours, tell_error
from preboard.cli.request import name_of, named, source_of
from preboard.cli.shown import WIDEST
from preboard.cli.visible import one_line, visible
from preboard.errors import InputError, PreboardError

if TYPE_CHECKING:
    from preboard.readers.choose import Source
    from preboard.readers.dialect import Dialect
    from preboard.readers.limits import Limits


class SniffFormat(StrEnum):
    """What the answer is written in."""

    TEXT = "text"
    JSON = "json"


Output = Annotated[SniffFormat, typer.Option("--format", help="How the answer is written.")]
_UNSURE = 0.5


@dataclass(frozen=True, slots=True)
class _Sniffed:
    """How one file is written, or why that is not known."""

    data: str
    kind: str = ""
    dialect: "Dialect | None" = None
    headers: tuple[str, ...] = ()
    error: PreboardError | None = None


def sniff_command(  # noqa: PLR0913 - an argument for each option
    data: p.Data,
    *,
    output: Output = SniffFormat.TEXT,
    delimiter: p.Delimiter = None,
    quotechar: p.Quotechar = None,
    encoding: p.Encoding = None,
    member: p.Member = None,
    input_format: p.InputFormat = None,
    sheet: p.Sheet = None,
    limit: p.Limit = None,
) -> int:
    """Say how files are written.

    That is how validate would read them: what is given as an option is taken, and all else is told
    from the first bytes, with how sure it is and why. A confidence below 50 % is a guess.

    Exits with 0, 2 when the command line is wrong, 3 when a file cannot be read.
    """
    options.need_names(data)
    reading = options.reading(delimiter, quotechar, encoding, member, input_format, sheet)
    limits = options.limits(limit)
    found = [_sniff(name, reading, limits) for name in data]
    for each in found:
        if each.error is not None:
            tell_error(each.error)
    with answer() as out:
        if output is SniffFormat.JSON:
            _write_json(out, found)
        else:
            _write_text(out, [each for each in found if each.error is None])
    return Exit.FAILED if any(each.error for each in found) else Exit.VALID


def _sniff(data: str, reading: dict[str, Any], limits: "Limits") -> _Sniffed:
    from preboard.engine.loop import opened  # noqa: PLC0415 - the engine only when used
    from preboard.readers.choose import choose, split_sheet  # noqa: PLC0415
    from preboard.readers.declared import Declared  # noqa: PLC0415

    name = name_of(data)
    path, sheet = split_sheet(data)
    declared = Declared(**reading)
    try:
        with ExitStack() as stack:
            source = path if sheet else source_of(data)
            file = stack.enter_context(opened(source, again=False))
            chosen = choose(file, path, declared, sheet=sheet or declared.sheet, limits=limits)
            if chosen.file is not file:
                stack.callback(cast("BinaryIO", chosen.file).close)
            return _Sniffed(name, chosen.kind, chosen.dialect, tuple(_headers(chosen)))
    except (InputError, OSError) as error:
        return _Sniffed(name, error=named(error, name))


def _headers(source: "Source") -> list[str]:
    """Return the names in force at the first record; what is behind it may be broken."""
    from preboard.language.values import clean_headers  # noqa: PLC0415 - only when used

    for batch in source.reader():
        first = batch.headers or next((row for row in batch.rows if row), None)
        if first is not None:
            return clean_headers(first)
    return []


def _write_json(out: TextIO, found: list[_Sniffed]) -> None:
    told = [
        {
            "data": each.data,
            "format": each.kind or None,
            "headers": list(each.headers),
            "dialect": asdict(each.dialect) if each.dialect else None,
            "error": about(each.error) if each.error else None,
        }
        for each in found
    ]
    lines = ",\n".join(map(dumps, told))
    out.write(f'{{"files": [\n{lines}\n]}}\n')


def _write_text(out: TextIO, found: list[_Sniffed]) -> None:
    page = Page(out, colours=has_colours(out))
    for place, each in enumerate(found):
        if place:
            page.line()
        page.line((f"{visible(each.data)}: {each.kind}", "bold"))
        assert each.dialect is not None  # noqa: S101 - there is one where there is no error
        facts = _facts(each.kind, each.dialect)
        if each.headers:
            facts.append(("headers", one_line(", ".join(each.headers), WIDEST)))
        for word, fact in facts:
            page.line(f"  {word:<12}{fact}")
        for reason in each.dialect.reasons:
            page.line((f"    {one_line(reason, WIDEST)}", "dim"))


def _facts(kind: str, dialect: "Dialect") -> list[tuple[str, str]]:
    """Return what is known, in the order of reading."""
    facts = []
    if dialect.compression:
        member = f", member {visible(dialect.member)}" if dialect.member else ""
        facts.append(("compression", f"{dialect.compression}{member}"))
    if kind == "delimited":
        encoding = _sure(dialect.encoding_origin, dialect.encoding_confidence)
        facts += [
            ("encoding", f"{dialect.encoding} ({encoding})"),
            ("delimiter", f"{dialect.delimiter!r} ({_sure(dialect.origin, dialect.confidence)})"),
            ("quotechar", f"{dialect.quotechar!r} ({dialect.quotechar_confidence:.0%})"),
        ]
        if dialect.has_header is not None:
            word = "yes" if dialect.has_header else "no"
            facts.append(("header", f"{word} ({dialect.header_confidence or 0:.0%})"))
        if dialect.columns is not None:
            facts.append(("columns", f"{dialect.columns:,}"))
        if dialect.preamble_lines:
            facts.append(("preamble", f"{dialect.preamble_lines:,} lines before the table"))
        if dialect.has_sep_line:
            facts.append(("first line", "Excel's sep=, which is no record"))
    return facts


def _sure(origin: str, confidence: float) -> str:
    """Return where something is known from, and how sure it is.

    >>> _sure("declared", 1.0), _sure("sniffed", 0.42)
    ('declared', 'a guess, 42%')
    """
    if origin in ("declared", "extension", "default"):
        return origin
    return f"{origin}, {confidence:.0%}" if confidence >= _UNSURE else f"a guess, {confidence:.0%}"
