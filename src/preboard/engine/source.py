"""The text of generated Python, line by line.

Conditions nest by indentation down to a depth, and by guard variables below it: CPython refuses
code that is indented too deep.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEEPEST = 40


class Source:
    """Collects statements at the present depth and hands out names of temporaries."""

    def __init__(self, depth: int = 0) -> None:
        self._lines: list[str] = []
        self._depth = depth
        self._guard: str | None = None
        self._count = 0

    def fresh(self, prefix: str = "t") -> str:
        """Return a name that was not used before."""
        self._count += 1
        return f"{prefix}{self._count}"

    def add(self, *lines: str) -> None:
        """Add one statement; lines after the first bring their own indentation relative to it."""
        depth = self._depth
        if self._guard:
            self._lines.append(f"{'    ' * depth}if {self._guard}:")
            depth += 1
        self._lines.extend(f"{'    ' * depth}{line}" for line in lines)

    def assign(self, expression: str, prefix: str = "t") -> str:
        """Add `name = expression` and return the name."""
        name = self.fresh(prefix)
        self.add(f"{name} = {expression}")
        return name

    @contextmanager
    def when(self, condition: str) -> Iterator[None]:
        """Make what is added inside depend on a condition."""
        if self._depth < _DEEPEST:
            self.add(f"if {condition}:")
            self._depth += 1
            begun = len(self._lines)
            yield
            if len(self._lines) == begun:
                self.add("pass")
            self._depth -= 1
            return
        outer = self._guard
        both = f"{outer} and {condition}" if outer else condition
        self._guard = None
        guard = self.assign(both, "g")
        self._guard = guard
        yield
        self._guard = outer

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Add a compound statement whose body is added inside."""
        self.add(head)
        self._depth += 1
        yield
        self._depth -= 1

    def __str__(self) -> str:
        return "\n".join(self._lines) + "\n"
