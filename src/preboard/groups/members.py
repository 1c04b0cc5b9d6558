"""The members of a group: the statements in a text, checked, each with its identity.

In: the texts of statements. Out: `Group`, whose `text` is what group.csvpaths holds. A group with a
statement that is wrong, or with two of one identity, is refused whole.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from unicodedata import normalize

from preboard.config.names import checked_identity, shown, storable
from preboard.errors import NameRefused, StatementError
from preboard.groups.faults import BrokenGroup, Fault
from preboard.language.comments import read_metadata
from preboard.language.outline import outline
from preboard.language.pieces import SEPARATOR, split
from preboard.language.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_MEMBERS = 1_000
MOST_BYTES = 10_000_000
"""Of a file of statements, and of a group."""


@dataclass(frozen=True, slots=True)
class Import:
    """A statement whose components were put into another one: which, and of which load."""

    group: str
    identity: str
    load: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Member:
    """A statement of a group; its identity is that of its comment, else its place."""

    identity: str
    place: int
    statement: Statement
    imports: tuple[Import, ...] = ()
    """What import() put into the statement, when a run is planned."""


@dataclass(frozen=True, slots=True)
class Group:
    """The members of a group in order; `text` is what its file holds."""

    name: str
    members: tuple[Member, ...]
    text: str

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 of the file, in hex."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def identities(self) -> list[str]:
        """Return the identities in order."""
        return [member.identity for member in self.members]

    def place_of(self, word: str) -> int | None:
        """Return the place of the member that a word names: by identity, else by index."""
        for member in self.members:
            if member.identity == word:
                return member.place
        if word.isascii() and word.isdigit() and int(word) < len(self.members):
            return int(word)
        return None


def statements_in(text: str) -> list[str]:
    """Return the statements of a text, in order; what is between them is dropped."""
    return [piece.strip() for _, piece in split(text) if piece.strip()]


def group_text(statements: Iterable[str]) -> str:
    """Return the file of a group: the separator stands before every statement (1.2)."""
    return "".join(f"\n\n{SEPARATOR}\n\n{statement.strip()}" for statement in statements)


def checked_group(name: str, statements: Sequence[str]) -> Group:
    """Return the group of some statements.

    Raises:
        BrokenGroup: a statement is wrong, two have one identity, an identity can't name a
            directory, or there are none or too many.
    """
    faults: list[Fault] = []
    if not statements:
        faults.append(Fault(None, "the group has no statement", "give at least one"))
    size = len(group_text(statements).encode(errors="replace"))
    if len(statements) > MOST_MEMBERS or size > MOST_BYTES:
        faults.append(
            Fault(
                None,
                f"the group has {len(statements):,} statements, {size:,} bytes",
                f"{MOST_MEMBERS:,} and {MOST_BYTES:,} are the most; make several groups of it",
            )
        )
        raise BrokenGroup(name, faults)
    members = [
        member
        for place, text in enumerate(statements)
        if (member := _member(place, text, faults)) is not None
    ]
    faults.extend(_same_identity(members))
    if faults:
        raise BrokenGroup(name, faults)
    return Group(name, tuple(members), group_text(statements))


def _member(place: int, text: str, faults: list[Fault]) -> Member | None:
    if storable(text) != text:
        faults.append(
            Fault(place, "the statement holds a character that no file can keep", "save as UTF-8")
        )
        return None
    try:
        statement = Statement.in_project(text)
    except StatementError as error:
        faults.append(Fault(place, error.message, error.hint, error, _called(text)))
        return None
    identity = str(place) if statement.identity is None else statement.identity
    try:
        return Member(checked_identity(identity), place, statement)
    except NameRefused as error:
        faults.append(Fault(place, error.message, error.hint))
        return None


def _called(text: str) -> str | None:
    """Return the identity of a statement that is wrong, if its comments can be read."""
    with suppress(StatementError):
        parts = outline(text)
        return read_metadata(text, [*parts.before, *parts.after]).identity
    return None


def _same_identity(members: Iterable[Member]) -> Iterable[Fault]:
    seen: dict[str, int] = {}
    for member in members:
        # Directories of results: some file systems take Orders and orders for one, and both ways
        # in which an accent can be written.
        key = normalize("NFC", member.identity).casefold()
        if key in seen:
            yield Fault(
                member.place,
                f"the statements {seen[key]} and {member.place} are both called "
                f"{shown(member.identity)}",
                "each needs an `id:` of its own in its comment",
            )
        seen.setdefault(key, member.place)
