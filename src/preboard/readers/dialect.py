"""How a delimited file is written: its delimiter, its quote character and its encoding.

In: what the caller says and the name of the file. Out: `Dialect`, which is always usable: one that
could not be read with is refused when it is made.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final, Literal

from preboard.errors import ConfigError

_BY_EXTENSION: Final = {".tsv": "\t", ".tab": "\t", ".psv": "|", ".ssv": ";"}
_COMPRESSED: Final = frozenset({".gz", ".bz2", ".xz", ".zst", ".zip"})


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one file is written; `origin` says where the delimiter comes from.

    Raises:
        ConfigError: The delimiter or the quotechar is not one character that can be used as such,
            they are the same, or no text encoding has that name.
    """

    delimiter: str = ","
    quotechar: str = '"'
    encoding: str = "utf-8"
    origin: Literal["declared", "extension", "default"] = "default"
    confidence: float = 1.0

    def __post_init__(self) -> None:
        _check_character("delimiter", self.delimiter)
        _check_character("quotechar", self.quotechar)
        if self.delimiter == self.quotechar:
            raise ConfigError(
                f"delimiter and quotechar are both {self.delimiter!r}",
                hint="give two different characters",
            )
        _check_encoding(self.encoding)


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
    return next((suffix for suffix in reversed(suffixes) if suffix not in _COMPRESSED), "")


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
