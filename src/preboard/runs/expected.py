"""Which files an instance is to leave, and whether it did (files-mode, spec/framework.md 2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from preboard.archive.files import DATA, ERRORS, META, PRINTOUTS, UNMATCHED, VARS
from preboard.language.modes import DEFAULT_FILES

if TYPE_CHECKING:
    from collections.abc import Collection

BY_WORD = {
    "data": DATA, "unmatched": UNMATCHED, "meta": META, "vars": VARS, "errors": ERRORS,
    "printouts": PRINTOUTS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Expectation:
    """What files-mode asks for: files that must be there, and such that must not."""

    wanted: frozenset[str]
    unwanted: frozenset[str]

    @property
    def count(self) -> int:
        """Return how many files are named."""
        return len(self.wanted) + len(self.unwanted)

    def met(self, present: Collection[str]) -> bool:
        """Say whether the files that are there are those that were asked for."""
        return self.wanted <= set(present) and not self.unwanted & set(present)


def expectation(files_mode: str | None) -> Expectation:
    """Return what a files-mode asks for; `None` is that of a statement that says nothing.

    >>> expectation("data, no-unmatched").met(["data.csv", "meta.json"])
    True
    >>> expectation(None).count
    3
    """
    words = set(re.split(r"[\s,]+", files_mode.strip())) if files_mode else set(DEFAULT_FILES)
    if "all" in words:
        return Expectation(frozenset(BY_WORD.values()), frozenset())
    unwanted = {word.removeprefix("no-") for word in words if word.startswith("no-")}
    wanted = words - {f"no-{word}" for word in unwanted}
    return Expectation(
        frozenset(BY_WORD[word] for word in wanted), frozenset(BY_WORD[word] for word in unwanted)
    )


def generated(present: Collection[str]) -> int:
    """Return how many of the files are there that every instance may leave: those, and the source.

    >>> generated(["data.csv", "meta.json", "original.csv", "totals.parquet"])
    3
    """
    known = set(BY_WORD.values())
    return sum(name in known or name.partition(".")[0] == "original" for name in present)
