"""A statement, parsed and checked: what the engine runs and the front doors hold."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from preboard.errors import StatementError
from preboard.language.check import check
from preboard.language.comments import read_metadata
from preboard.language.format import format_tree
from preboard.language.functions.library import functions
from preboard.language.members import with_named_headers
from preboard.language.modes import Modes, read_modes
from preboard.language.nodes import Call, walk
from preboard.language.parser import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from preboard.diagnostics import Diagnostic, Span
    from preboard.language.comments import Metadata
    from preboard.language.nodes import Component, Tree

NEEDS_PROJECT = "needs-project"
"""The code of findings about what only a statement of a project can reach."""
MOST_FINDINGS = 100
"""So many findings are told; nobody reads more, and each costs a look at the text."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One csvpath statement that passed every check.

    Made by `Statement.parse(text)`, and never changed. `warnings` are findings that refuse nothing.
    """

    text: str
    tree: Tree
    components: tuple[Component, ...]
    """What is evaluated: the tree's components, literal header names of schemas made headers."""
    metadata: Metadata
    modes: Modes
    scan_span: Span
    match_span: Span
    warnings: tuple[Diagnostic, ...]
    needs_project: tuple[Diagnostic, ...] = ()
    """What it reaches that only a project has: other groups, their results, connections."""

    @staticmethod
    def parse(text: str) -> Statement:
        """Return the statement that `text` holds; the same text gives the same object.

        Raises:
            StatementError: the text is no statement, or one that could never work; its
                `diagnostics` say where and why.
        """
        statement = _parse(text)
        if statement.needs_project:
            raise StatementError(list(statement.needs_project[:MOST_FINDINGS]), text)
        return statement

    @staticmethod
    def in_project(text: str) -> Statement:
        """Return the statement that `text` holds, which may reach what a project has.

        Raises:
            StatementError: as for `parse`.
        """
        try:
            return _parse(text)
        except StatementError as error:
            wrong = [each for each in error.diagnostics if each.code != NEEDS_PROJECT]
            raise StatementError(wrong, text) from None

    @property
    def identity(self) -> str | None:
        """Return the value of `id` or `name` in the comment, None without one (2.3)."""
        return self.metadata.identity

    @property
    def scan_part(self) -> str:
        """Return the text of the scan part, brackets included."""
        return self.text[self.scan_span.start : self.scan_span.end]

    @property
    def match_part(self) -> str:
        """Return the text of the match part, brackets included."""
        return self.text[self.match_span.start : self.match_span.end]

    @property
    def writes(self) -> bool:
        """Say whether the statement writes files of its own, as parquet() does."""
        known = functions()
        parts = (part for component in self.components for part in walk(component))
        return any(isinstance(p, Call) and known[p.name].keep is not None for p in parts)

    def formatted(self) -> str:
        """Return the canonical text of the statement."""
        return format_tree(self.tree)


@lru_cache(maxsize=256)
def _parse(text: str) -> Statement:
    tree, outline = parse(text)
    components = with_named_headers(tree.components)
    metadata = read_metadata(text, [*outline.before, *outline.after])
    modes, of_modes = read_modes(metadata)
    findings = sorted([*of_modes, *check(components)], key=lambda finding: finding.span.start)
    errors = [finding for finding in findings if finding.severity == "error"]
    needs = tuple(finding for finding in errors if finding.code == NEEDS_PROJECT)
    if len(errors) > len(needs):
        raise StatementError(_first(errors), text)
    return Statement(
        text=text,
        tree=tree,
        components=components,
        metadata=metadata,
        modes=modes,
        scan_span=outline.scan,
        match_span=outline.match,
        warnings=(*outline.warnings, *(each for each in findings if each.severity != "error")),
        needs_project=needs,
    )


def _first(errors: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Return as many errors as are told; one that is wrong everywhere is among them."""
    told = list(errors[:MOST_FINDINGS])
    if all(error.code == NEEDS_PROJECT for error in told):
        told.append(next(error for error in errors if error.code != NEEDS_PROJECT))
    return told
