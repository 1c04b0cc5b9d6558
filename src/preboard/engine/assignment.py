"""Assignments with qualifiers that decide whether the variable is set: spec/language.md 6.3.

Generated code sets plain variables itself and calls `assign` for the others. A blocked assignment
votes false and nothing of it votes true, in OR mode too (section 15 rows 11 and 12).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from preboard.language import nodes as n
from preboard.language.functions.call import Fault
from preboard.language.values import Value, decreases, increases, text_of, tracked, truth

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Target:
    """A variable, its tracking key and its qualifiers."""

    name: str
    key: str | None
    words: frozenset[str]
    default_vote: bool

    @classmethod
    def of(cls, variable: n.Variable, *, any_component: bool) -> Target:
        """Return the target that a variable on the left of `=` is."""
        return cls(variable.name, n.label(variable), n.known(variable), not any_component)

    def read(self, variables: dict[str, Value]) -> Value:
        """Return the present value, None if there is none."""
        value = variables.get(self.name)
        return value if self.key is None else tracked(value, self.key)

    def write(self, variables: dict[str, Value], value: Value) -> None:
        """Set the value; a tracking key needs a dictionary or an unset variable.

        Raises:
            Fault: the variable holds something else.
        """
        if self.key is None:
            variables[self.name] = value
            return
        table = variables.get(self.name)
        if table is None:
            table = variables[self.name] = {}
        if not isinstance(table, dict):
            raise Fault(f"@{self.name} is no dictionary, so it has no key {self.key!r} to set")
        table[self.key] = value


def assign(variables: dict[str, Value], target: Target, new: Value) -> bool:
    """Make the assignment as its qualifiers allow, and return its vote before nocontrib.

    Raises:
        Fault: the values cannot be compared, or the variable has no keys.
    """
    current = target.read(variables)
    words = target.words
    changed = not _equal(current, new)
    if "latch" in words or "onchange" in words:
        if not changed and "onchange" in words:
            return False
        if not changed or (current is not None and "latch" in words):
            return _voted(target, new)
    if _blocked(words, current, new):
        return False
    target.write(variables, new)
    return _voted(target, new)


def _blocked(words: frozenset[str], current: Value, new: Value) -> bool:
    if "notnone" in words and new is None:
        return True
    try:
        return ("increase" in words and not increases(current, new)) or (
            "decrease" in words and not decreases(current, new)
        )
    except TypeError as error:
        raise Fault(
            f"{text_of(new)!r} and {text_of(current)!r} cannot be compared: convert them with int()"
        ) from error


def _equal(current: Value, new: Value) -> bool:
    return bool(current == new)


def _voted(target: Target, new: Value) -> bool:
    """Return the vote of an assignment that was not blocked: with asbool the truth of the value."""
    return truth(new) if "asbool" in target.words else target.default_vote


def assigner(
    variables: dict[str, Value], variable: n.Variable, *, any_component: bool
) -> Callable[[Value], bool]:
    """Return the function that generated code calls with the new value."""
    target = Target.of(variable, any_component=any_component)
    return lambda new: assign(variables, target, new)
