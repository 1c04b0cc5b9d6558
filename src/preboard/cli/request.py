"""What the command line asks of each data file, and how one of them is checked."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, BinaryIO

from preboard.cli.parameters import STANDARD_INPUT
from preboard.cli.statements import placed
from preboard.cli.verdict import Checked, Verdict, Wish, title_of
from preboard.errors import InputError, PreboardError, StatementError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from preboard.cli.statements import Piece
    from preboard.engine.access import Access
    from preboard.engine.loop import Progress
    from preboard.language.statement import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked of each file: the statements, and how they run."""

    pieces: Sequence[Piece] = ()
    statements: Sequence[Statement] = ()
    on_error: Sequence[str] = ("collect", "fail")
    wish: Wish = field(default_factory=Wish)
    reading: dict[str, Any] = field(default_factory=dict)
    """The options of `validate_all` that say how a file is written."""
    access: Access | None = None
    """What the statements may reach outside of their run; None: what a run may without options."""
    timeout_s: float | None = None
    collects: bool = False
    """Lines are kept, to be written to files."""

    @property
    def titles(self) -> tuple[str, ...]:
        """Return what the statements are called."""
        return tuple(title_of(s, number) for number, s in enumerate(self.statements, 1))


def name_of(data: str) -> str:
    """Return what a file is called in answers."""
    return "<stdin>" if data == STANDARD_INPUT else data


def check(
    request: Request, data: str, progress: Callable[[Progress], bool | None] | None = None
) -> Verdict:
    """Run all statements over one file; what keeps it from being checked is in the verdict."""
    name = name_of(data)
    try:
        checked = _checked(request, data, name, progress)
    except PreboardError as error:
        return Verdict(name, wish=request.wish, error=error, titles=request.titles)
    return Verdict(name, checked, request.wish, titles=request.titles)


def _checked(
    request: Request,
    data: str,
    name: str,
    progress: Callable[[Progress], bool | None] | None,
) -> tuple[Checked, ...]:
    from preboard.engine.access import DEFAULT_ACCESS  # noqa: PLC0415 - as below
    from preboard.engine.validate import validate_all  # noqa: PLC0415 - the engine only when used

    statements = [kept(s) if request.collects else s for s in request.statements]
    try:
        reports = validate_all(
            statements,
            source_of(data),
            collect=request.collects,
            on_error=request.on_error,
            progress=progress,
            timeout_s=request.timeout_s,
            access=request.access or DEFAULT_ACCESS,
            **request.reading,
        )
    except StatementError as error:
        raise placed(error, request.pieces) from error
    except (InputError, OSError) as error:
        raise named(error, name) from error
    numbers = range(1, len(reports) + 1)
    return tuple(map(Checked, request.pieces, request.statements, reports, numbers))


def kept(statement: Statement) -> Statement:
    """Return the statement with an unmatched-mode that keeps lines: the command line asks for them.

    >>> from preboard.language.statement import Statement
    >>> kept(Statement.parse("$[*][]")).modes.keeps_unmatched
    True
    """
    return replace(statement, modes=replace(statement.modes, keeps_unmatched=True))


def source_of(data: str) -> str | BinaryIO:
    """Return what the engine reads.

    Raises:
        InputError: it is standard input, which is closed.
    """
    if data != STANDARD_INPUT:
        return data
    if sys.stdin is None:
        raise InputError("standard input is closed")
    return sys.stdin.buffer


def named(error: InputError | OSError, name: str) -> InputError:
    """Return the error with the name of the data, if its message does not say it."""
    if isinstance(error, OSError):
        return InputError(f"{name} cannot be read: {error.strerror or error}")
    if name in error.message:
        return error
    return InputError(
        f"{name}: {error.message}", hint=error.hint, line=error.line, byte_offset=error.byte_offset
    )
