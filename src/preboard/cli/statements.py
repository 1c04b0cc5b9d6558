"""Statements of the command line: what is given as text, and what checks files hold.

A checks file holds several statements between lines `---- CSVPATH ----`. Findings are drawn at
their place in the file, with its name.
"""

from __future__ import annotations

import sys
from codecs import BOM_UTF8
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from preboard.cli.visible import HARMFUL, NO_TEXT, visible
from preboard.diagnostics import Diagnostic, Span
from preboard.errors import PreboardError, StatementError
from preboard.language.pieces import split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from preboard.language.statement import Statement


@dataclass(frozen=True, slots=True)
class Piece:
    """The text of one statement and where it stands: `offset` characters into `whole`."""

    text: str
    name: str
    whole: str
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """A diagnostic of one piece."""

    piece: Piece
    diagnostic: Diagnostic

    @property
    def shifted(self) -> Diagnostic:
        """Return the diagnostic with its place in the whole text."""
        span, offset = self.diagnostic.span, self.piece.offset
        return replace(self.diagnostic, span=Span(span.start + offset, span.end + offset))

    @property
    def place(self) -> tuple[int, int]:
        """Return line and column in the whole text, counted from 1."""
        return self.shifted.span.place(self.piece.whole)

    def render(self) -> str:
        """Return `name:line:column severity[code]: message`, the source line, caret and hint."""
        head, *drawing = self.shifted.render(_harmless(self.piece.whole)).split("\n")
        if not self.piece.whole.strip():  # there is nothing to point at
            drawing = drawing[2:]
        return "\n".join(
            visible(line, keep="\t") for line in [f"{self.piece.name}:{head}", *drawing]
        )


def _harmless(text: str) -> str:
    """Put one harmless character for each harmful one, so that a caret stays under its place."""
    return HARMFUL.sub(lambda found: found[0] if found[0] in "\t\n\r" else "\ufffd", text)


class FaultyStatementsError(PreboardError):
    """At least one statement of the command line is wrong; `findings` says all that is."""

    code = "statement"

    def __init__(self, findings: Sequence[Finding]) -> None:
        count = len(findings)
        super().__init__(f"{count} mistake{'s' * (count > 1)} in the statements")
        self.findings = tuple(findings)


class ChecksError(PreboardError):
    """A file of statements could not be read."""

    code = "checks"


def read_pieces(texts: Sequence[str], files: Sequence[Path]) -> list[Piece]:
    """Return the statements given as text, then those of the files.

    Raises:
        FaultyStatementsError: a file is not UTF-8, or holds no statement.
        OSError: a file cannot be read.
    """
    names = (
        ["<statement>"] if len(texts) == 1 else [f"<statement {n + 1}>" for n in range(len(texts))]
    )
    pieces = [
        Piece(_decoded(text, name), name, text) for name, text in zip(names, texts, strict=True)
    ]
    for path in files:
        pieces.extend(pieces_of(as_text(path.read_bytes(), str(path)), str(path)))
    return pieces


def _decoded(text: str, name: str) -> str:
    """Return a text of the command line, if all of its bytes were text.

    Raises:
        FaultyStatementsError: Python carries a byte in it that is none: a rule with it never holds.
    """
    odd = NO_TEXT.search(text)
    if odd is None:
        return text
    finding = Diagnostic(
        "encoding", f"{visible(odd[0])} is not {sys.getfilesystemencoding().upper()}",
        Span(odd.start(), odd.start() + 1), hint="put the statement in a file, as UTF-8",
    )  # fmt: skip
    raise FaultyStatementsError([Finding(Piece("", name, text), finding)])


def read_checks(name: str) -> list[Piece]:
    """Return the statements of one file; - is standard input.

    Raises:
        FaultyStatementsError: it is not UTF-8, or holds no statement.
        ChecksError: it cannot be read.
    """
    shown = "<stdin>" if name == "-" else name
    return pieces_of(as_text(read_bytes(name), shown), shown)


def read_bytes(name: str) -> bytes:
    """Return what a file of statements holds; - is standard input.

    Raises:
        ChecksError: it cannot be read.
    """
    try:
        if name != "-":
            return Path(name).read_bytes()
        if sys.stdin is None:
            raise ChecksError("standard input is closed")
        return sys.stdin.buffer.read()
    except FileNotFoundError as error:
        raise ChecksError(f"there is no file {name}") from error
    except IsADirectoryError as error:
        raise ChecksError(f"{name} is a directory", hint="give a file") from error
    except PermissionError as error:
        raise ChecksError(f"{name} may not be read", hint="check its permissions") from error
    except (OSError, ValueError) as error:
        raise ChecksError(f"{name} cannot be read: {error}") from error


def pieces_of(whole: str, name: str) -> list[Piece]:
    """Return the statements of a text.

    Raises:
        FaultyStatementsError: it holds none.
    """
    pieces = [Piece(text, name, whole, offset) for offset, text in split(whole) if text.strip()]
    if not pieces:
        finding = Diagnostic(
            "no-statement", "the file holds no statement", Span(0, 1),
            hint="for example: $[*][ yes() ]",
        )  # fmt: skip
        raise FaultyStatementsError([Finding(Piece("", name, whole), finding)])
    return pieces


def as_text(content: bytes, name: str) -> str:
    """Return the text of a checks file, without a byte order mark.

    Raises:
        FaultyStatementsError: it is not UTF-8.
    """
    content = content.removeprefix(BOM_UTF8)
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        bad = len(content[: error.start].decode())
        finding = Diagnostic(
            "encoding", f"byte 0x{content[error.start]:02x} is not UTF-8", Span(bad, bad + 1),
            hint="save the file as UTF-8",
        )  # fmt: skip
        whole = content.decode(errors="replace")
        raise FaultyStatementsError([Finding(Piece("", name, whole), finding)]) from error


def parse_pieces(pieces: Sequence[Piece]) -> list[Statement]:
    """Return the statements of all pieces.

    Raises:
        FaultyStatementsError: with the findings of every piece that is wrong.
    """
    from preboard.language.statement import Statement  # noqa: PLC0415 - the parser only when used

    statements: list[Statement] = []
    findings: list[Finding] = []
    for piece in pieces:
        try:
            statements.append(Statement.parse(piece.text))
        except StatementError as error:
            findings.extend(Finding(piece, diagnostic) for diagnostic in error.diagnostics)
    if findings:
        raise FaultyStatementsError(findings)
    return statements


def findings_of(piece: Piece) -> list[Finding]:
    """Return what is wrong or odd in one piece: mistakes, else warnings."""
    try:
        (statement,) = parse_pieces([piece])
    except FaultyStatementsError as error:
        return list(error.findings)
    return [Finding(piece, diagnostic) for diagnostic in statement.warnings]


def placed(error: StatementError, pieces: Sequence[Piece]) -> FaultyStatementsError:
    """Return a statement's error with the place of the piece that has its text."""
    other = Piece(error.source, "<statement>", error.source)
    piece = next((piece for piece in pieces if piece.text == error.source), other)
    return FaultyStatementsError([Finding(piece, each) for each in error.diagnostics])
