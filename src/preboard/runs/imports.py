"""import(): the components of other statements, put in its place before a run (functions-b 5).

In: a statement of a group. Out: the same with every import() replaced by the text between the match
brackets of the statements it names, so that they are checked, run and explained as if they had been
written there. Scan part, comment and modes of an imported statement mean nothing. What is imported
is the text that its group has when the run is planned, and the run says which that was.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from preboard.config.names import did_you_mean, shown
from preboard.diagnostics import Diagnostic, Span
from preboard.errors import NotFound, StatementError
from preboard.groups.faults import BrokenGroup, Fault
from preboard.groups.members import Import
from preboard.language import nodes as n
from preboard.language.functions.groups import imported_name
from preboard.language.functions.library import functions
from preboard.language.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from preboard.catalog.loads import Load
    from preboard.groups.loading import Groups
    from preboard.groups.members import Group, Member

MOST_CHARACTERS = 1_000_000
"""Of a statement with all that it imports: one that imports another twice doubles it."""
DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Piece:
    """What was put in the place of an import(): from `start` to `end` of the new text."""

    start: int
    end: int
    call: Span
    name: str


class Importer:
    """Puts imports in their places, for the statements of one group; each group is read once."""

    def __init__(self, groups: Groups, group: Group, load: Load) -> None:
        self._groups = groups
        self._own = group.name
        self._known: dict[str, tuple[Load, Group]] = {group.name: (load, group)}

    def prepare(self, members: Sequence[Member]) -> tuple[Member, ...]:
        """Return the members with everything imported that those which run import.

        Raises:
            BrokenGroup: an import leads nowhere or to itself, or what comes of it can't work.
        """
        prepared, faults = [], []
        for member in members:
            if not member.statement.modes.runs:
                prepared.append(member)
                continue
            try:
                prepared.append(self._prepared(member))
            except StatementError as error:
                faults.append(Fault(member.place, error.message, error.hint, error))
        if faults:
            raise BrokenGroup(self._own, faults)
        return tuple(prepared)

    def _prepared(self, member: Member) -> Member:
        imports: list[Import] = []
        text, pieces = self._expanded(member, [(self._own, member.identity)], imports)
        if not pieces:
            return member
        try:
            statement = Statement.in_project(text)
        except StatementError as error:
            told = [_at_home(each, pieces) for each in error.diagnostics]
            raise StatementError(told, member.statement.text) from error
        return replace(member, statement=statement, imports=tuple(dict.fromkeys(imports)))

    def _expanded(
        self, member: Member, chain: list[tuple[str, str]], imports: list[Import]
    ) -> tuple[str, list[Piece]]:
        """Return the text of a member with its imports in place; `chain` leads to it."""
        source, text, at = member.statement.text, "", 0
        pieces: list[Piece] = []
        for call in _imports(member.statement):
            text += source[at : call.span.start]
            start, at = len(text), call.span.end
            name, bodies = "", []
            for load, imported in self._named(call, source):
                name = f"{load.name}#{imported.identity}"
                link = (load.name, imported.identity)
                if link in chain or len(chain) > DEEPEST:
                    raise _refused(call, source, "bad-import", _circle([*chain, link]))
                imports.append(Import(*link, load.id, load.fingerprint))
                bodies.append(self._body(imported, [*chain, link], imports))
            text += "\n".join(bodies)
            pieces.append(Piece(start, len(text), call.span, name))
            if len(text) > MOST_CHARACTERS:
                message = f"with its imports it has more than {MOST_CHARACTERS:,} characters"
                raise _refused(call, source, "too-large", message)
        return text + source[at:], pieces

    def _body(self, member: Member, chain: list[tuple[str, str]], imports: list[Import]) -> str:
        """Return what stands between the match brackets of a member, its own imports in place."""
        text, pieces = self._expanded(member, chain, imports)
        span = member.statement.match_span
        grown = sum(piece.end - piece.start - (piece.call.end - piece.call.start)
                    for piece in pieces)  # fmt: skip
        return text[span.start + 1 : span.end - 1 + grown]

    def _named(self, call: n.Call, source: str) -> list[tuple[Load, Member]]:
        """Return the statements that an import means."""
        named = imported_name(call)
        assert named is not None  # noqa: S101 - the statement was checked
        name, identity = named
        try:
            load, group = self._group(name)
        except NotFound as error:
            raise _refused(call, source, "unknown-import", error.message, error.hint) from error
        except BrokenGroup as error:
            raise _refused(call, source, "bad-import", error.message, error.hint) from error
        if identity is None:
            return [(load, member) for member in group.members]
        place = group.place_of(identity)
        if place is None:
            message = f"the group {shown(name)} has no statement {shown(identity)}"
            hint = did_you_mean(identity, group.identities)
            raise _refused(call, source, "unknown-import", message, hint)
        return [(load, group.members[place])]

    def _group(self, name: str) -> tuple[Load, Group]:
        if name not in self._known:
            load = self._groups.current(name)
            self._known[name] = load, self._groups.group(load)
        return self._known[name]


def _imports(statement: Statement) -> Iterator[n.Call]:
    """Go over the imports of a statement, in the order of the text."""
    for component in statement.tree.components:
        if isinstance(component, n.Call) and functions()[component.name].name == "import":
            yield component


def _refused(
    call: n.Call, source: str, code: str, message: str, hint: str | None = None
) -> StatementError:
    return StatementError([Diagnostic(code, message, call.args[0].span, hint=hint)], source)


def _circle(chain: Sequence[tuple[str, str]]) -> str:
    if chain[-1] not in chain[:-1]:
        return f"imports lead through more than {DEEPEST} statements"
    begin = chain.index(chain[-1])
    return "imports lead in a circle: " + " -> ".join(f"{g}#{i}" for g, i in chain[begin:])


def _at_home(finding: Diagnostic, pieces: Sequence[Piece]) -> Diagnostic:
    """Return a finding about the text with imports as one about the text that was written.

    What is wrong within an import is shown at its call.
    """
    grown = 0
    for piece in pieces:
        if finding.span.end <= piece.start:
            break
        if finding.span.start < piece.end:
            message = f"imported from {piece.name}: {finding.message}"
            return replace(finding, message=message, span=piece.call)
        grown += piece.end - piece.start - (piece.call.end - piece.call.start)
    span = Span(finding.span.start - grown, finding.span.end - grown)
    return replace(finding, span=span)
