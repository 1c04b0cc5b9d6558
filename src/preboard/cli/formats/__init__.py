"""How an answer is written: one module a format, found by the name that `--format` takes.

A writer gets the verdicts one by one, as the files are checked, so that nothing is held back.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from preboard.cli.exit import Exit
    from preboard.cli.verdict import Verdict
    from preboard.errors import PreboardError


class Format(StrEnum):
    """What the answer is written in."""

    TEXT = "text"
    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    JUNIT = "junit"
    SARIF = "sarif"
    GITHUB = "github"


@dataclass(frozen=True, slots=True)
class Manner:
    """How answers are written, in the formats that know of it."""

    most_errors: int = 20
    """Of a statement, in the formats for people."""
    escapes_formulas: bool = False
    """Cells of CSV that a spreadsheet would take for formulas are made text."""


class Writer(Protocol):
    """Writes an answer: `begin`, `add` for each file, `end`. No method may be left out."""

    def begin(self, out: TextIO) -> None:
        """Write what stands before the first file."""

    def add(self, out: TextIO, verdict: Verdict) -> None:
        """Write what the check of one file came to."""

    def end(self, out: TextIO, code: Exit) -> None:
        """Write what stands behind the last file; `code` is how the program will exit."""

    def fail(self, out: TextIO, error: PreboardError) -> None:
        """Write why nothing could be checked; called alone, instead of the other three."""


_MODULES = {
    Format.TEXT: "text", Format.TABLE: "table", Format.JSON: "json_document",
    Format.JSONL: "json_lines", Format.CSV: "csv_rows", Format.JUNIT: "junit",
    Format.SARIF: "sarif", Format.GITHUB: "github",
}  # fmt: skip


def writer_for(wanted: Format, manner: Manner = Manner()) -> Writer:
    """Return the writer of a format."""
    made: Writer = import_module(f"preboard.cli.formats.{_MODULES[wanted]}").writer(manner)
    return made
