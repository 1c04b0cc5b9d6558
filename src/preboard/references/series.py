"""Steps over a series in time, of versions or of runs: which part of it, and which of that part."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from preboard.catalog.span import Span
from preboard.references.dates import Period, day, period_of
from preboard.references.syntax import Pointer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from preboard.references.syntax import Reference, Step

RANGES = ("before", "to", "after", "from")


@dataclass(frozen=True, slots=True)
class Choice:
    """A part of a series, and the place that is wanted of it: None for all, -1 for the last."""

    span: Span
    place: int | None = None
    directory: str = ""
    """Of runs: the beginning of the name of the directory."""


class FirstOf(Protocol):
    """Finds the place in the series of the first that a choice holds."""

    def __call__(self, choice: Choice) -> int | None:
        """Return the place, None if the choice holds nothing."""


def choose(
    reference: Reference,
    step: Step,
    before: Choice,
    now: datetime,
    first_of: FirstOf,
    with_path: Callable[[Choice, str], Choice],
) -> Choice:
    """Return what a step leaves of what there was before it.

    Raises:
        BadReference: a pointer makes no sense where it stands.
    """
    period = period_of(step.path)
    is_path = bool(step.path) and period is None
    choice = with_path(before, step.path) if is_path else before
    pointers = [Pointer(period, step.at), *step.pointers] if period else list(step.pointers)
    while pointers:
        pointer = pointers.pop(0)
        if choice.place is not None:
            raise reference.refused(pointer.at, "nothing more can be chosen of one")
        if pointer.said in RANGES:
            if not is_path:
                raise reference.refused(
                    pointer.at, f":{pointer.said} of what?", "a date or a path stands before it"
                )
            choice = _beside(choice, before, str(pointer.said), first_of)
        elif isinstance(pointer.said, Period):
            bound = pointers[0].said if pointers and pointers[0].said in RANGES else None
            span = pointer.said.bounded(str(pointers.pop(0).said)) if bound else pointer.said.span
            choice = replace(choice, span=choice.span.within(span))
        else:
            choice = _pointed(reference, pointer, choice, now)
    return choice


def _pointed(reference: Reference, pointer: Pointer, choice: Choice, now: datetime) -> Choice:
    match pointer.said:
        case int() as place:
            return replace(choice, place=place)
        case "first":
            return replace(choice, place=0)
        case "last":
            return replace(choice, place=-1)
        case "all":
            return choice
        case "today" | "yesterday":
            span = day(now, 1 if pointer.said == "yesterday" else 0).span
            return replace(choice, span=choice.span.within(span))
        case word:
            raise reference.refused(pointer.at, f":{word} can't stand here")


def _beside(choice: Choice, before: Choice, word: str, first_of: FirstOf) -> Choice:
    """Return what came before or behind the first of the choice, whatever its path."""
    place = first_of(choice)
    if place is None:
        return replace(before, span=replace(before.span, first=0, last=-1))
    match word:
        case "before":
            bound = Span(last=place - 1)
        case "to":
            bound = Span(last=place)
        case "after":
            bound = Span(first=place + 1)
        case _:
            bound = Span(first=place)
    return replace(before, span=before.span.within(bound))
