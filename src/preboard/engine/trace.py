"""Who follows the evaluation of a line, step by step.

Generated code that was made with `Options.explains` tells every step to `RunState.explain`, which
hands it to the followers of the run: `Log` writes the log of explain-mode (spec/language.md 10),
`Trace` keeps what the parts of a statement came to on one line, from which `engine.explanation`
makes the tree that users see. Code made without it knows nothing of followers.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from preboard.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preboard.engine.context import RunState
    from preboard.engine.report import LineError
    from preboard.language import nodes as n
    from preboard.language.values import Value

EXPLANATIONS = logging.getLogger("preboard.explain")
_LOGGED = frozenset({"matching", "equality", "assign", "when/do", "value"})
_DEEPEST = 20

Place = tuple[int, int]
"""Where a part stands in the statement's text: no two parts have the same start and end."""


class Follower:
    """Follows a run; what a follower does not care for passes it by."""

    def begin(self, number: int) -> None:
        """Take note that the components of a line are evaluated now."""

    def step(self, place: Place, action: str, left: Value, right: Value, result: Value) -> None:
        """Take one step of the evaluation."""

    def failed(self, node: n.Node, error: LineError) -> None:
        """Take an error where it happens; or() may forgive it."""

    def reported(self, error: LineError) -> None:
        """Take an error of the line that stands."""


class Log(Follower):
    """Writes the log of explain-mode."""

    def __init__(self, text: str) -> None:
        self._text = text

    def begin(self, number: int) -> None:
        """Head the explanation of a line."""
        EXPLANATIONS.info("Dumping explanation: line %d", number)

    def step(self, place: Place, action: str, left: Value, right: Value, result: Value) -> None:
        """Log one step, if it is of those that the log has."""
        if action not in _LOGGED:
            return
        because = {"equality": "their texts or values are the same" if result else "they differ"}
        EXPLANATIONS.info(
            "%s did %s between %r and %r because %s resulting in %r",
            self._text[slice(*place)], action, left, right, because.get(action, "of its rule"),
            result,
        )  # fmt: skip


@dataclass(slots=True)
class Seen:
    """What one part came to; `order` counts the parts in the order of their last steps."""

    order: int = 0
    has_value: bool = False
    value: Value = None
    vote: bool | None = None
    cell: Value = None
    column: int | str | None = None
    why_not: str | None = None
    """Why the part was not evaluated though it has a value or a vote."""
    failures: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Left:
    """Where a line was left before its last component, and how: STOP, SKIP or TAKE.

    `waited` says that all that decides had been asked then: in pass 2 of the line.
    """

    place: Place
    how: int
    waited: bool


class Trace(Follower):
    """Keeps what the parts of a statement came to on line `line`."""

    def __init__(self, line: int) -> None:
        self.line = line
        self.text_line: int | None = None
        self.row: list[Value] | None = None
        """The record as it was before it was evaluated; None while it was not reached."""
        self.headers: list[str] = []
        self.began = False
        """Its components were evaluated."""
        self.matched = False
        self.left: Left | None = None
        self.raised: DataError | None = None
        self.seen: dict[Place, Seen] = {}
        self.errors: list[LineError] = []
        self._steps = 0

    @contextmanager
    def follow(self, run: RunState) -> Iterator[None]:
        """Follow a run while it is on the line; an error that ends it is kept, too."""
        run.followers.append(self)
        try:
            yield
        except DataError as error:
            self.raised = error
            raise
        finally:
            run.followers.remove(self)

    def begin(self, number: int) -> None:
        """Take note that the line is evaluated."""
        self.began = self.began or number == self.line

    def step(self, place: Place, action: str, left: Value, _right: Value, result: Value) -> None:
        """Keep the value or vote of a part as it is now: lists and dictionaries change."""
        if action == "left":
            self.left = Left(place, result, bool(left))
            return
        if action == "early" and result:
            return
        seen = self._at(place)
        match action:
            case "value":
                seen.has_value, seen.value = True, snapshot(result)
            case "equality":
                seen.has_value, seen.value, seen.vote = True, result, bool(result)
            case "vote" | "matching" | "when/do":
                seen.vote = bool(result)
            case "default":
                seen.why_not = "an argument failed, so its default stands in for it"
            case "early":
                seen.vote, seen.why_not = False, "its value failed, so the line cannot match"
            case "cell":
                seen.column, seen.cell = left, result

    def failed(self, node: n.Node, error: LineError) -> None:
        """Keep the error at its part."""
        failures = self._at((node.span.start, node.span.end)).failures
        if error.message not in failures:
            failures.append(error.message)

    def reported(self, error: LineError) -> None:
        """Keep an error of the line."""
        self.errors.append(error)

    def of(self, node: n.Node) -> Seen:
        """Return what was seen of a part; nothing of one that was not evaluated."""
        return self.seen.get((node.span.start, node.span.end)) or Seen()

    def has(self, node: n.Node) -> bool:
        """Say whether something was seen of a part."""
        return (node.span.start, node.span.end) in self.seen

    def vote_of(self, node: n.Node) -> bool | None:
        """Return the vote of a part, None where it was not asked for."""
        return self.of(node).vote

    def is_at(self, place: Place, node: n.Node) -> bool:
        """Say whether a part stands at a place."""
        return place == (node.span.start, node.span.end)

    def _at(self, place: Place) -> Seen:
        self._steps += 1
        seen = self.seen.setdefault(place, Seen())
        seen.order = self._steps
        return seen


def snapshot(value: Any, above: tuple[int, ...] = ()) -> Any:
    """Return a value as it is now; a list that holds itself ends in dots.

    >>> holds_itself = [1]
    >>> holds_itself.append(holds_itself)
    >>> snapshot(holds_itself)
    [1, '...']
    """
    if not isinstance(value, Mapping | list | tuple | set | frozenset):
        return value
    if id(value) in above or len(above) > _DEEPEST:
        return "..."
    above = (*above, id(value))
    if isinstance(value, Mapping):
        return {key: snapshot(item, above) for key, item in value.items()}
    return [snapshot(item, above) for item in value]
