"""The command `preboard check`: are the statements right?"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, TextIO

import typer

from preboard.cli import parameters as p
from preboard.cli.exit import Exit
from preboard.cli.formats.github import command, finding_command
from preboard.cli.formats.json_document import about, dumps, finding_object
from preboard.cli.options import need_names
from preboard.cli.output import answer, tell_error
from preboard.cli.shown import many
from preboard.cli.statements import (
    FaultyStatementsError,
    Finding,
    findings_of,
    read_checks,
)
from preboard.errors import PreboardError


class CheckFormat(StrEnum):
    """What the answer is written in."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


Output = Annotated[CheckFormat, typer.Option("--format", help="How the answer is written.")]


@dataclass(slots=True)
class _File:
    """What is known of one file of statements."""

    name: str
    statements: int = 0
    findings: list[Finding] = field(default_factory=list)
    error: PreboardError | None = None

    @property
    def mistakes(self) -> int:
        return sum(finding.diagnostic.severity == "error" for finding in self.findings)

    @property
    def is_right(self) -> bool:
        return self.error is None and not self.mistakes


def check_command(checks: p.Checks, *, output: Output = CheckFormat.TEXT) -> int:
    """Check statements without data.

    Every mistake and every warning is shown at its place.

    Exits with 0 when all statements are right, 3 when one is not or a file cannot be read.
    """
    need_names(checks)
    files = [_look(name) for name in checks]
    for file in files:
        if file.error is not None:
            tell_error(file.error)
    with answer() as out:
        _WRITERS[output](out, files)
    return Exit.VALID if all(file.is_right for file in files) else Exit.FAILED


def _look(name: str) -> _File:
    file = _File(name)
    try:
        pieces = read_checks(name)
    except FaultyStatementsError as error:
        file.findings.extend(error.findings)
    except PreboardError as error:
        file.error = error
    else:
        file.statements = len(pieces)
        for piece in pieces:
            file.findings.extend(findings_of(piece))
    return file


def _write_text(out: TextIO, files: list[_File]) -> None:
    for file in files:
        out.writelines(f"{finding.render()}\n" for finding in file.findings)
    mistakes = sum(file.mistakes for file in files)
    warnings = sum(len(file.findings) for file in files) - mistakes
    unread = sum(file.error is not None for file in files)
    told = [many(mistakes, "mistake") if mistakes else "no mistakes"]
    told += [many(warnings, "warning")] if warnings else []
    told += [f"{many(unread, 'file')} not read"] if unread else []
    statements = many(sum(file.statements for file in files), "statement")
    out.write(f"{statements} in {many(len(files), 'file')}: {', '.join(told)}\n")


def _write_json(out: TextIO, files: list[_File]) -> None:
    told = [
        {
            "file": file.name,
            "valid": file.is_right,
            "statements": file.statements,
            "diagnostics": [finding_object(finding) for finding in file.findings],
            "error": about(file.error) if file.error else None,
        }
        for file in files
    ]
    lines = ",\n".join(map(dumps, told))
    right = all(file.is_right for file in files)
    out.write(f'{{"valid": {dumps(right)}, "files": [\n{lines}\n]}}\n')


def _write_github(out: TextIO, files: list[_File]) -> None:
    for file in files:
        out.writelines(finding_command(finding) for finding in file.findings)
        if file.error is not None:
            out.write(command("error", file.error.message, file=file.name, title="not read"))


_WRITERS = {
    CheckFormat.TEXT: _write_text,
    CheckFormat.JSON: _write_json,
    CheckFormat.GITHUB: _write_github,
}
