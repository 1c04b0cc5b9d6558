"""Why a group is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from preboard.config.names import shown
from preboard.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from preboard.errors import StatementError


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a group.

    `place` is that of the statement, None for the group itself; `called` is its identity, where
    its comment can be read.
    """

    place: int | None
    message: str
    hint: str | None = None
    error: StatementError | None = None
    called: str | None = None

    @property
    def where(self) -> str:
        """Return which statement it is about, empty for the group."""
        if self.place is None:
            return ""
        called = "" if self.called is None else f" ({shown(self.called)})"
        return f"statement {self.place}{called}: "

    def render(self) -> str:
        """Return the fault, with the text and a caret where there is a place in it."""
        if self.error is not None:
            return f"{self.where.rstrip()}\n{self.error.render()}"
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.where}{self.message}{hint}"


class BrokenGroup(StoreError):  # noqa: N818 - says what it is
    """A group that can't be loaded; `faults` says all that is wrong with it.

    `others` are further groups that were to be loaded with it, and can't be either.
    """

    code = "group"

    def __init__(
        self,
        name: str,
        faults: Sequence[Fault],
        others: Sequence[BrokenGroup] = (),
        *,
        where: str | None = None,
    ) -> None:
        """Tell of the first fault; `where` the text lies, if it is not what the caller gave."""
        first = faults[0]
        more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
        more += f"; {len(others)} more groups are broken" if others else ""
        source = f" from {where}" if where else ""
        super().__init__(
            f"the group {shown(name)} can't be loaded{source}: {first.where}{first.message}{more}",
            hint=first.hint,
        )
        self.name = name
        self.faults = tuple(faults)
        self.others = tuple(others)

    def render(self) -> str:
        """Return every fault, drawn."""
        if not self.others:
            return "\n".join(fault.render() for fault in self.faults)
        return "\n".join(
            f"group {group.name}:\n" + "\n".join(fault.render() for fault in group.faults)
            for group in (self, *self.others)
        )
