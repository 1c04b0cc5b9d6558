"""What an editor does with a TextMate grammar, as far as ours needs it.

Line by line: at each place the rule whose pattern begins first, the first of these if there are
several; the end of the open rule goes before its children. `regex` is near to Oniguruma.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Rule = dict[str, Any]


@dataclass
class Open:
    """A rule that is open, and the scopes inside of it."""

    rule: Rule
    scopes: tuple[str, ...]


@cache
def pattern(text: str) -> regex.Pattern[str]:
    """Return a pattern as Oniguruma would read it: `^` and `$` stand for the ends of the line."""
    return regex.compile(text, regex.MULTILINE)


class Colouring:
    """The scopes of each character of a text."""

    def __init__(self, grammar: Mapping[str, Any], text: str) -> None:
        self.repository = grammar["repository"]
        self.scopes: list[tuple[str, ...]] = []
        self.opened = [Open({"patterns": grammar["patterns"]}, ())]
        for line in text.splitlines(keepends=True):
            self.scopes += self.of_line(line)

    def of_line(self, line: str, at: int = 0) -> list[tuple[str, ...]]:
        """Return the scopes of each character of a line; rules stay open for the next one."""
        found: list[tuple[str, ...]] = [()] * len(line)
        while True:
            top = self.opened[-1]
            rule, match = self.first(line, at, top)
            stop = match.start() if match else len(line)
            found[at:stop] = [top.scopes] * (stop - at)
            if match is None:
                return found
            if rule is top.rule:
                self.capture(found, match, rule.get("endCaptures", {}), top.scopes)
                self.opened.pop()
            elif "begin" in rule:
                scopes = (*top.scopes, *named(rule))
                self.capture(found, match, rule.get("beginCaptures", {}), scopes)
                self.opened.append(Open(rule, scopes))
            else:
                assert match.end() > at, f"{rule} goes on for ever"
                self.capture(found, match, rule.get("captures", {}), (*top.scopes, *named(rule)))
            at = match.end()

    def first(self, line: str, at: int, top: Open) -> tuple[Rule, regex.Match[str] | None]:
        """Return the rule that comes next in a line, and what it found."""
        best: tuple[Rule, regex.Match[str] | None] = (top.rule, None)
        if "end" in top.rule:
            best = (top.rule, pattern(top.rule["end"]).search(line, at))
        for rule in self.children(top.rule):
            match = pattern(rule.get("match") or rule["begin"]).search(line, at)
            if match and (best[1] is None or match.start() < best[1].start()):
                best = (rule, match)
        return best

    def children(self, rule: Rule) -> Iterator[Rule]:
        """Return the rules that may come inside of a rule."""
        for child in rule.get("patterns", ()):
            if "include" in child:
                yield self.repository[child["include"].removeprefix("#")]
            else:
                yield child

    def capture(
        self,
        found: list[tuple[str, ...]],
        match: regex.Match[str],
        captures: Mapping[str, Rule],
        scopes: tuple[str, ...],
    ) -> None:
        """Give what was found its scopes, the parts that have rules of their own theirs."""
        found[match.start() : match.end()] = [scopes] * (match.end() - match.start())
        for number, inner in captures.items():
            start, stop = match.span(int(number))
            if start < 0:
                continue
            below = (*scopes, *named(inner))
            found[start:stop] = [below] * (stop - start)
            if "patterns" in inner:
                found[start:stop] = self.within(match.string[:stop], start, Open(inner, below))

    def within(self, line: str, at: int, part: Open) -> list[tuple[str, ...]]:
        """Return the scopes of the rest of `line` under the rules of a captured part."""
        outside, self.opened = self.opened, [part]
        found = self.of_line(line, at)[at:]
        self.opened = outside
        return found


def named(rule: Rule) -> tuple[str, ...]:
    """Return the scope of a rule, if it has one."""
    return (rule["name"],) if "name" in rule else ()
