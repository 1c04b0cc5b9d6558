"""Findings about a text: where they are, what they say, and how they are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text: characters `start` up to, not including, `end`."""

    start: int
    end: int

    def place(self, source: str) -> tuple[int, int]:
        """Return line and column of the start, both counted from 1."""
        line = source.count("\n", 0, self.start) + 1
        return line, self.start - source.rfind("\n", 0, self.start)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding of the parser or the checker."""

    code: str
    message: str
    span: Span
    severity: Literal["error", "warning"] = "error"
    hint: str | None = None

    def render(self, source: str) -> str:
        """Return the finding with its source line, a caret under the span, and the hint.

        >>> d = Diagnostic("unknown-function", "no function named 'lenght'", Span(2, 8))
        >>> print(d.render("[ lenght(#name) ]"))
        1:3 error[unknown-function]: no function named 'lenght'
          [ lenght(#name) ]
            ^^^^^^
        """
        line, column = self.span.place(source)
        begin = self.span.start - (column - 1)
        stop = source.find("\n", begin)
        text = source[begin : stop if stop >= 0 else len(source)].rstrip("\r")
        head = f"{line}:{column} {self.severity}[{self.code}]: {self.message}"
        width = max(1, min(self.span.end - self.span.start, len(text) - column + 1))
        text, before = _window(text, column - 1)
        lines = [
            head,
            f"  {text}",
            f"  {before}{'^' * min(width, max(1, len(text) - len(before)))}",
        ]
        if self.hint:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(lines)


FindingCode = Literal[
    "blank-headers", "blank-lines-at-end", "changing-keys", "duplicate-headers", "empty-file",
    "error-cells", "formulas-without-value", "header-only", "late-encoding", "mixed-line-ends",
    "narrow-lines", "no-header", "one-column", "only-blank-lines", "other-sheets", "preamble",
    "unclosed-quote", "unsure-delimiter", "unsure-encoding", "wide-lines",
]  # fmt: skip
"""The codes that a `Finding` may have; each has its meaning in `FINDINGS`."""

FINDINGS: Final[dict[FindingCode, str]] = {
    "blank-headers": "a header has no name",
    "blank-lines-at-end": "the file ends with blank lines",
    "changing-keys": "a record has other keys than the one before",
    "duplicate-headers": "a name stands twice or more among the headers",
    "empty-file": "the file holds nothing",
    "error-cells": "cells of a workbook hold an error such as #REF!",
    "formulas-without-value": "cells of a workbook hold a formula that was never computed",
    "header-only": "the file holds headers and no data",
    "late-encoding": "the encoding was told by a character far behind the beginning",
    "mixed-line-ends": "records end in different ways: LF, CRLF or CR",
    "narrow-lines": "a line has fewer cells than there are headers",
    "no-header": "the first line looks like data",
    "one-column": "there is only one column: often another delimiter",
    "only-blank-lines": "the file holds nothing but blank lines",
    "other-sheets": "a workbook holds other sheets than the one that was read",
    "preamble": "the table seems to begin behind other lines",
    "unclosed-quote": "a quote in the last line is never closed",
    "unsure-delimiter": "the delimiter is a guess",
    "unsure-encoding": "the encoding is a guess",
    "wide-lines": "a line has more cells than there are headers",
}
"""What may be odd about a data file."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a data file that a reader of its report wants to know.

    It changes no verdict by itself. `line` is the 0-based number of the first record it is about,
    `count` how many there are, each None where there is no such thing.
    """

    code: FindingCode
    message: str
    hint: str | None = None
    line: int | None = None
    count: int | None = None


_WIDEST = 160


def _window(text: str, column: int) -> tuple[str, str]:
    """Cut a long line to the part around `column`; tabs before the caret stay tabs."""
    first = 0 if len(text) <= _WIDEST else max(0, column - _WIDEST // 2)
    cut = text[first : first + _WIDEST]
    before = "".join("\t" if c == "\t" else " " for c in text[first:column])
    return cut, before
