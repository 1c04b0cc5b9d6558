"""What a run is going to do: which statements, over which bytes, in which way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from preboard.engine.compile import plan_of
from preboard.errors import ConfigError, InputError
from preboard.language.modes import ErrorPolicy
from preboard.runs.method import Method
from preboard.runs.own_group import looks_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import Any

    from preboard.catalog.loads import Load
    from preboard.catalog.versions import Version
    from preboard.groups.members import Group, Member
    from preboard.readers.declared import Declared

FOR_ALL = frozenset({"stop_all", "fail_all", "skip_all", "advance_all"})
"""Functions by which one statement acts on the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """The bytes that a run reads.

    `name` is what the caller named, `shown` the path as documents write it, `version` None for the
    result of another run, `parts` those of the source's path, for templates. `fingerprint` is that
    of the bytes when they were stored; `written` how a result was written.
    """

    name: str
    path: Path
    shown: str
    fingerprint: str
    sheet: str = ""
    version: Version | None = None
    written: Declared | None = None
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A group, or a part of one, over a source; `paths_name` is what the caller named."""

    group: Group
    load: Load
    members: tuple[Member, ...]
    paths_name: str
    reads: Reads
    method: Method
    template: str = ""
    transfers: Mapping[str, Any] = field(default_factory=dict)
    """Of the group's definition.json."""
    delimiter: str | None = None
    quotechar: str | None = None
    policy: ErrorPolicy = field(default_factory=ErrorPolicy)

    @property
    def active(self) -> list[Member]:
        """Return the members that run: those without run-mode no-run."""
        return [member for member in self.members if member.statement.modes.runs]

    def check(self) -> None:
        """Refuse what can't be run.

        Raises:
            InputError: no member runs, or one with source-mode preceding is to run by lines.
        """
        if not self.active:
            raise InputError(f"no statement of the group {self.group.name!r} is to run")
        if self.method.by_line:
            for member in self.active:
                if member.statement.modes.source_preceding:
                    raise InputError(
                        f"{member.identity!r} reads what the statement before it left, "
                        "which a run by lines does not have yet",
                        hint="run it with collect_paths, or take source-mode: preceding out",
                    )

    def advances_all(self, member: Member) -> bool:
        """Say whether a member may let the others jump over lines."""
        return any(call.name == "advance_all" for call in plan_of(member.statement.text).calls)

    def policy_of(self, member: Member) -> ErrorPolicy:
        """Return the error policy of a member: the project's, its own validation-mode over it."""
        own = member.statement.modes.validation
        return self.policy.overridden(own) if own else self.policy

    def segments(self, *, collects: bool) -> list[list[Member]]:
        """Return the members that share one reading of the file, in the order of the group.

        A member is alone when it reads what another left or looks at what the others have so far,
        when an error of its would end the run, or when it may act on the others: then those behind
        it must not have begun. `collects` says that members leave lines that others can read.
        """
        found: list[list[Member]] = []
        open_for_more = False
        for member in self.active:
            alone = (
                self.method is Method.NEXT_PATHS
                or (collects and member.statement.modes.source_preceding)
                or looks_at(member.statement, self.group.name)
                or self.policy_of(member).raises
                or any(call.name in FOR_ALL for call in plan_of(member.statement.text).calls)
            )
            if open_for_more and not alone and _same_dialect(found[-1][0], member):
                found[-1].append(member)
            else:
                found.append([member])
            open_for_more = not alone
        return found


def _same_dialect(one: Member, other: Member) -> bool:
    mine, yours = one.statement.modes, other.statement.modes
    return (mine.delimiter, mine.quotechar) == (yours.delimiter, yours.quotechar)


def check_dialects(members: Sequence[Member]) -> None:
    """Refuse members that read one line in different ways, which a run by lines can't.

    Raises:
        ConfigError: two of them say different delimiters or quote characters.
    """
    for member in members[1:]:
        if not _same_dialect(members[0], member):
            raise ConfigError(
                f"{members[0].identity!r} and {member.identity!r} read the file with different "
                "delimiters, which a run by lines can't",
                hint="run them with collect_paths",
            )
