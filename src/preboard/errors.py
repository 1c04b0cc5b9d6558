"""Every error this package raises.

PreboardError
├── StatementError           a csvpath statement is wrong, before any data is read
│                            (.diagnostics: syntax, unknown names, arity, kinds)
├── InputError               the data cannot be read as declared (.line, .byte_offset)
├── DataError                a line broke a rule and the policy is to raise (.error)
├── RunInterrupted           the run was cancelled or took longer than it may
└── ConfigError              a setting has no such value

Data that breaks a rule is not an error: it is a result (see `preboard.Report`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from preboard.diagnostics import Diagnostic


class PreboardError(Exception):
    """Base of all our errors; `code` is stable and safe to match on."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class StatementError(PreboardError):
    """A statement is wrong: every finding is in `diagnostics`, in the order of the text.

    `source` is the statement as it was given, so that a finding can be drawn with its caret:
    `error.render()`.
    """

    code = "statement"

    def __init__(self, diagnostics: Sequence[Diagnostic], source: str) -> None:
        first = diagnostics[0]
        line, column = first.span.place(source)
        super().__init__(f"{first.message} at line {line}, column {column}", hint=first.hint)
        self.diagnostics = tuple(diagnostics)
        self.source = source

    def render(self) -> str:
        """Return every finding with its source line, a caret and its hint."""
        return "\n".join(diagnostic.render(self.source) for diagnostic in self.diagnostics)


class InputError(PreboardError):
    """The data cannot be read as declared.

    `line` is the 0-based record number and `byte_offset` the offset in the (decompressed) bytes,
    each None where it is not known.
    """

    code = "input"

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        line: int | None = None,
        byte_offset: int | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.line = line
        self.byte_offset = byte_offset


class DataError(PreboardError):
    """A line broke a rule and the error policy is to raise; `line` is its 0-based number."""

    code = "data"

    def __init__(self, message: str, *, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


class RunInterrupted(PreboardError):  # noqa: N818 - says what happened, as KeyboardInterrupt does
    """The run was cancelled, or took longer than it may: nothing can be said of the data."""

    code = "interrupted"


class ConfigError(PreboardError):
    """A setting or an option has a value that does not exist."""

    code = "config"
