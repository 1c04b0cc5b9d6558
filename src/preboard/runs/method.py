"""The ways to run a group over a file (spec/framework.md 2)."""

from __future__ import annotations

from enum import Enum
from typing import Self

from preboard.config.names import shown
from preboard.errors import ConfigError


class Method(Enum):
    """A way to run a group; the value is the reference's name of it."""

    COLLECT_PATHS = "collect_paths"
    FAST_FORWARD_PATHS = "fast_forward_paths"
    NEXT_PATHS = "next_paths"
    COLLECT_BY_LINE = "collect_by_line"
    FAST_FORWARD_BY_LINE = "fast_forward_by_line"
    NEXT_BY_LINE = "next_by_line"

    @classmethod
    def of(cls, word: str | Self) -> Self:
        """Return the method of a word.

        Raises:
            ConfigError: there is none of that name.
        """
        try:
            return cls(word)
        except ValueError as error:
            raise ConfigError(
                f"there is no method {shown(str(word))}",
                hint="one of " + ", ".join(method.value for method in cls),
            ) from error

    @property
    def by_line(self) -> bool:
        """Whether each line goes through every statement before the next line is read."""
        return self.value.endswith("by_line")

    @property
    def collects(self) -> bool:
        """Whether the lines are kept in data.csv without being asked."""
        return self.value.startswith("collect")
