"""A part of a series of versions or runs, as references name it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import func

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Column, ColumnElement, ScalarSelect, Select, Table


_LAST = "\U0010ffff"
_FIRST_SURROGATE = 0xD800


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which of a series: those for which everything holds that is set.

    `under` is the beginning of the address: the path below the name's or the group's directory,
    with `_` for dots. Times are ISO texts: `since` and `until` are inside, `after` and `before`
    outside; `first` and `last` are places in the series, inside.
    """

    under: str = ""
    since: str | None = None
    after: str | None = None
    until: str | None = None
    before: str | None = None
    first: int | None = None
    last: int | None = None

    def within(self, other: Span) -> Span:
        """Return what is in both: of two bounds the narrower one holds."""
        return replace(
            self,
            under=other.under or self.under,
            since=_greater(self.since, other.since),
            after=_greater(self.after, other.after),
            until=_lesser(self.until, other.until),
            before=_lesser(self.before, other.before),
            first=_later(self.first, other.first),
            last=_earlier(self.last, other.last),
        )

    def conditions(self, table: Table) -> Iterator[ColumnElement[bool]]:
        """Give the conditions on a table with the columns address, time and seq."""
        if self.under:
            yield from begins_with(table.c.address, self.under)
        if self.since is not None:
            yield table.c.time >= self.since
        if self.after is not None:
            yield table.c.time > self.after
        if self.until is not None:
            yield table.c.time <= self.until
        if self.before is not None:
            yield table.c.time < self.before
        if self.first is not None:
            yield table.c.seq >= self.first
        if self.last is not None:
            yield table.c.seq <= self.last


def place_in(
    series: Select[tuple[object, ...]], seq: Column[int], place: int
) -> ScalarSelect[int | None]:
    """Return the query for the `seq` that stands at a place of a series; -1 is the last one.

    Only that: the rows that are gone over, and sorted, are small without their documents.
    """
    if place in (-1, 0):
        end = func.max if place else func.min
        return series.with_only_columns(end(seq)).scalar_subquery()
    order = seq if place > 0 else seq.desc()
    offset = place if place > 0 else -place - 1
    ordered = series.with_only_columns(seq).order_by(order)
    return ordered.offset(offset).limit(1).scalar_subquery()


def begins_with(column: ColumnElement[str], text: str) -> Iterator[ColumnElement[bool]]:
    """Give the conditions for a beginning: an interval, which uses the index, unlike LIKE."""
    yield column >= text
    behind = _behind(text)
    if behind:
        yield column < behind


def _behind(text: str) -> str:
    """Return the first text behind all that begin with this one, empty when there is none.

    >>> _behind("2026-1"), _behind("\U0010ffff")
    ('2026-2', '')
    """
    kept = text.rstrip(_LAST)
    if not kept:
        return ""
    after = ord(kept[-1]) + 1
    # Surrogates are no characters: no text can hold one.
    return kept[:-1] + (chr(after) if after != _FIRST_SURROGATE else "\ue000")


def _greater(one: str | None, other: str | None) -> str | None:
    return max(one, other) if one is not None and other is not None else one or other


def _lesser(one: str | None, other: str | None) -> str | None:
    return min(one, other) if one is not None and other is not None else one or other


def _later(one: int | None, other: int | None) -> int | None:
    return (
        max(one, other)
        if one is not None and other is not None
        else one
        if other is None
        else other
    )


def _earlier(one: int | None, other: int | None) -> int | None:
    return (
        min(one, other)
        if one is not None and other is not None
        else one
        if other is None
        else other
    )
