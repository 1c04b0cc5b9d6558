"""What one statement of a run tells the others: stop_all(), fail_all(), skip_all(), advance_all().

stop_all() and fail_all() mean every statement of the run, however it goes through the file; the
other two the line that all of them are at, so only a run by lines (spec/framework.md 2).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Signals:
    """What was said so far; a run by lines looks at it behind each statement on each line."""

    stopped: bool = False
    failed: bool = False
    skips_line: bool = False
    to_jump: int = 0

    def take_line(self) -> tuple[bool, int]:
        """Return what was said of the current line, and forget it: skip it, and lines to jump."""
        said = self.skips_line, self.to_jump
        self.skips_line, self.to_jump = False, 0
        return said
