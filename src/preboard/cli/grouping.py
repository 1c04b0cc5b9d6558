"""Errors by the rule that was broken: 100,000 of them stay readable.

Each rule has its count and its first errors; the errors that may be shown are shared out so that no
rule crowds out another.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from preboard.cli.shown import WIDEST, shown
from preboard.cli.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from preboard.engine.report import LineError


@dataclass(slots=True)
class Rule:
    """The errors of one component of the statement: how many, and the first ones."""

    text: str
    count: int = 0
    examples: list[LineError] = field(default_factory=list)


def by_rule(errors: Iterable[LineError], most: int) -> list[Rule]:
    """Return the rules that were broken, the most frequent first."""
    rules: dict[str, Rule] = {}
    for error in errors:
        text = error.rule or error.source or "the statement"
        rule = rules.setdefault(text, Rule(text))
        rule.count += 1
        if len(rule.examples) < most:
            rule.examples.append(error)
    return sorted(rules.values(), key=lambda rule: -rule.count)


def grouped(errors: Sequence[LineError], most: int) -> list[tuple[Rule, int]]:
    """Return the broken rules, each with the number of its examples that may be shown."""
    rules = by_rule(errors, most)
    shares = shares_of([rule.count for rule in rules], most)
    return list(zip(rules, shares, strict=True))


def shares_of(counts: Sequence[int], most: int) -> list[int]:
    """Return how many errors each rule may show, so that no rule crowds out another.

    >>> shares_of([50, 1, 7], 10)
    [5, 1, 4]
    """
    shares = [0] * len(counts)
    left = most
    while left > 0:
        hungry = [i for i, count in enumerate(counts) if shares[i] < count][:left]
        if not hungry:
            break
        each = left // len(hungry)
        for i in hungry:
            step = min(each, counts[i] - shares[i])
            shares[i] += step
            left -= step
    return shares


def example(error: LineError) -> str:
    """Return an error in one line: where, what stood there, what is wrong."""
    where = f"line {error.line} (text line {error.text_line})"
    if error.column is None or _says_it_all(error):
        return f"{where}: {_message(error)}"
    column = error.column if isinstance(error.column, str) else f"column {error.column}"
    return f"{where}, {one_line(column, WIDEST)} = {shown(error.value)}: {_message(error)}"


def _says_it_all(error: LineError) -> bool:
    """Say whether the message names the column and its value already."""
    column, value, message = str(error.column), error.value, error.message
    return isinstance(value, str) and bool(value) and column in message and value in message


def _message(error: LineError) -> str:
    message = one_line(error.message, 3 * WIDEST)
    if not error.expected or error.expected in error.message:
        return message
    return f"{message} (expected {one_line(error.expected, WIDEST)})"
