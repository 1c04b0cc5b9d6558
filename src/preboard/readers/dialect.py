"""How a delimited file is written: its delimiter, its quote character and its encoding.

In: what the caller says and the name of the file. Out: `Dialect`, which is always usable: one that
could not be read with is refused when it is made.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Final, Literal

from preboard.diagnostics import Finding
from preboard.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

UNSURE: Final = 0.5
"""A confidence below this is a guess."""

_SURE: Final = 0.8
_BY_EXTENSION: Final = {".tsv": "\t", ".tab": "\t", ".psv": "|", ".ssv": ";"}
COMPRESSED: Final = frozenset({".gz", ".bz2", ".xz", ".zst", ".zip"})
"""The extensions of compressed files."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one file is written, and how that is known.

    `origin` and `confidence` are those of the delimiter; a confidence below 0.5 is a guess. Where
    nothing was sniffed, `has_header` and `columns` are None. With `has_sep_line` the first line is
    Excel's `sep=;`, which is no record.

    Raises:
        ConfigError: The delimiter or the quotechar is not one character that can be used as such,
            they are the same, or no text encoding has that name.
    """

    delimiter: str = ","
    quotechar: str = '"'
    encoding: str = "utf-8"
    origin: Literal["declared", "extension", "sniffed", "default"] = "default"
    confidence: float = 1.0
    quotechar_confidence: float = 1.0
    encoding_origin: Literal["declared", "guessed", "default"] = "default"
    encoding_confidence: float = 1.0
    has_header: bool | None = None
    header_confidence: float | None = None
    columns: int | None = None
    preamble_lines: int = 0
    has_sep_line: bool = False
    compression: str | None = None
    member: str | None = None
    reasons: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_character("delimiter", self.delimiter)
        _check_character("quotechar", self.quotechar)
        if self.delimiter == self.quotechar:
            raise ConfigError(
                f"delimiter and quotechar are both {self.delimiter!r}",
                hint="give two different characters",
            )
        _check_encoding(self.encoding)


def doubts(dialect: Dialect) -> Iterator[Finding]:
    """Yield what is unsure about a dialect that was guessed, and odd about the table it shows."""
    if dialect.encoding_origin == "guessed" and dialect.encoding_confidence < UNSURE:
        yield Finding(
            "unsure-encoding",
            f"the encoding is a guess: {dialect.encoding}",
            hint="say which one it is, if cells look odd",
        )
    if dialect.origin != "sniffed":
        return
    if dialect.confidence < UNSURE:
        yield Finding(
            "unsure-delimiter",
            f"the delimiter is a guess: {dialect.delimiter!r}",
            hint="say which one it is",
        )
    if dialect.preamble_lines:
        lines = dialect.preamble_lines
        yield Finding(
            "preamble",
            f"the table seems to begin behind {lines} line{'s' * (lines > 1)}",
            hint="the headers are those of the first line with text, until reset_headers()",
            count=lines,
        )
    sure = dialect.header_confidence or 0
    if dialect.has_header is False and sure >= _SURE and not dialect.preamble_lines:
        yield Finding(
            "no-header",
            "the first line looks like data, not like headers",
            hint="cells can be named by their index, such as #0",
        )


def dialect_for(name: str | None, *, delimiter: str | None, quotechar: str | None) -> Dialect:
    r"""Return how the file called `name` is written: an argument wins, then the extension.

    The extension of a compressed file is the one before `.gz` and the like.

    Raises:
        ConfigError: The arguments are no delimiter and quotechar.

    >>> dialect_for("orders.tsv.gz", delimiter=None, quotechar=None).delimiter
    '\t'
    >>> dialect_for("orders.tsv", delimiter=";", quotechar=None).origin
    'declared'
    """
    quote = '"' if quotechar is None else quotechar
    if delimiter is not None:
        return Dialect(delimiter=delimiter, quotechar=quote, origin="declared")
    known = _BY_EXTENSION.get(_extension(name))
    if known is not None:
        return Dialect(delimiter=known, quotechar=quote, origin="extension")
    return Dialect(quotechar=quote)


def _extension(name: str | None) -> str:
    """Return the extension of `name` in lower case, that of a compression left out."""
    suffixes = [suffix.lower() for suffix in PurePath(name or "").suffixes]
    return next((suffix for suffix in reversed(suffixes) if suffix not in COMPRESSED), "")


def _check_character(what: str, value: str) -> None:
    """Refuse a delimiter or a quotechar that is not one character, or that ends lines."""
    if len(value) != 1:
        raise ConfigError(
            f"{what} {value!r} has {len(value)} characters", hint="give exactly one character"
        )
    if value in "\r\n\0":
        raise ConfigError(
            f"{what} can not be {value!r}", hint="line ends and NUL have a meaning of their own"
        )


def _check_encoding(name: str) -> None:
    """Refuse a name that no text encoding has."""
    try:
        codecs.getincrementaldecoder(name)
        "".encode(name)  # a LookupError for codecs that are not text, such as "hex"
    except (LookupError, ValueError) as error:
        raise ConfigError(
            f"no text encoding called {name!r}", hint="for example utf-8, cp1252 or utf-16"
        ) from error
