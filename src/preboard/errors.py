"""Every error this package raises.

PreboardError
├── StatementError           a csvpath statement is wrong, before any data is read
│                            (.diagnostics: syntax, unknown names, arity, kinds)
├── InputError               the data cannot be read as declared (.line, .byte_offset)
│   └── NotUnderstood        a document from outside is not of its form (.pointer)
├── DataError                a line broke a rule and the policy is to raise (.error)
├── RunInterrupted           the run was cancelled or took longer than it may
├── StoreError               the project can't take it or does not have it
│   ├── NotFound             no such project, named-file, group, run or reference
│   ├── BadReference         a text that is no reference (.at)
│   ├── NameRefused          what can't be a name, a template or a path inside the project
│   ├── Refused              the project's settings don't allow it
│   ├── Conflict             the name or the id is taken
│   ├── Tampered             stored bytes are no longer what was stored
│   ├── Superseded           another attempt of the job took over, or it was cancelled
│   └── PartlyRegistered     some of several files were refused (.versions, .failures)
└── ConfigError              a setting has no such value

Data that breaks a rule is not an error: it is a result (see `preboard.Report`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from preboard.diagnostics import Diagnostic

_LONGEST_SHOWN = 200


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


class NotUnderstood(InputError):  # noqa: N818 - says what happened
    """A document from outside is not of its form; `pointer` is the JSON pointer of the place."""

    code = "not-understood"

    def __init__(self, message: str, *, pointer: str = "", hint: str | None = None) -> None:
        super().__init__(f"{pointer or 'the document'} {message}", hint=hint)
        self.pointer = pointer


class DataError(PreboardError):
    """A line broke a rule and the error policy is to raise; `line` is its 0-based number."""

    code = "data"

    def __init__(self, message: str, *, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


class RunInterrupted(PreboardError):  # noqa: N818 - says what happened, as KeyboardInterrupt does
    """The run was cancelled, or took longer than it may: nothing can be said of the data."""

    code = "interrupted"


class StoreError(PreboardError):
    """A project can't take what it is given, or does not have what it is asked for."""

    code = "store"


class Unavailable(StoreError):  # noqa: N818 - says what happened
    """The database of the catalog can't be used now, or is busy: it is worth another try."""


class NotFound(StoreError):  # noqa: N818 - says what happened
    """There is no such project, named-file, group, run, or nothing behind the reference."""

    code = "not-found"


class BadReference(StoreError):  # noqa: N818
    """A text that is no reference; `at` is the 0-based place where it stops to be one."""

    code = "reference"

    def __init__(self, text: str, at: int, message: str, *, hint: str | None = None) -> None:
        shown = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."
        super().__init__(f"{shown!r}, character {at + 1}: {message}", hint=hint)
        self.text = text
        self.at = at


class NameRefused(StoreError):  # noqa: N818
    """What can't be a name, a template, or a path inside the project."""

    code = "name"


class Refused(StoreError):  # noqa: N818
    """The project's settings don't allow it."""

    code = "refused"


class Conflict(StoreError):  # noqa: N818
    """The name or the id is taken, or something else was done in the meantime."""

    code = "conflict"


class Tampered(StoreError):  # noqa: N818
    """Stored bytes are no longer what was stored: their fingerprint is another."""

    code = "tampered"


class Superseded(StoreError):  # noqa: N818
    """The job of this run is in other hands, or was cancelled: its results are not published."""

    code = "superseded"


class PartlyRegistered(StoreError):  # noqa: N818
    """Of several files some were refused: `failures` says which and why, `versions` was made."""

    code = "partly-registered"

    def __init__(
        self, versions: Sequence[object], failures: Sequence[tuple[str, PreboardError]]
    ) -> None:
        source, first = failures[0]
        count = len(versions) + len(failures)
        more = f", and {len(failures) - 1} more" if len(failures) > 1 else ""
        super().__init__(
            f"{len(failures)} of {count} files were not registered: {source!r}: "
            f"{first.message}{more}",
            hint=first.hint,
        )
        self.versions = tuple(versions)
        self.failures = tuple(failures)


class ConfigError(PreboardError):
    """A setting or an option has a value that does not exist."""

    code = "config"
