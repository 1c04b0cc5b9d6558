"""Stacks: variables that hold a list: spec/functions-b.md section 11."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from preboard.language.functions.call import Fault
from preboard.language.functions.registry import Voted, function
from preboard.language.functions.signature import (
    Anything,
    Integer,
    Literal_,
    Text,
    many,
    optional,
)
from preboard.language.values import Value, is_empty, truth

if TYPE_CHECKING:
    from collections.abc import Iterable

    from preboard.language.functions.call import Call

_Name = Text.called("name")
_Stack = Anything.called("stack")


class Stack(list[Any]):
    """A list that can say in constant time whether it holds a value."""

    __slots__ = ("_known", "_size")

    def __init__(self, items: Iterable[Value] = ()) -> None:
        super().__init__(items)
        self._known: set[Value] = set()
        self._size = -1

    def push(self, value: Value, *, distinct: bool = False) -> None:
        """Append a value; with `distinct` only one that is not there."""
        if distinct and self._holds(value):
            return
        self.append(value)
        if self._size == len(self) - 1 and _is_hashable(value):
            self._known.add(value)
            self._size += 1

    def pop_last(self) -> Value:
        """Remove the last value and return it, None if there is none."""
        self._size = -1
        return self.pop() if self else None

    def _holds(self, value: Value) -> bool:
        if not _is_hashable(value):
            return value in self
        if self._size != len(self):
            self._known = {item for item in self if _is_hashable(item)}
            self._size = len(self)
        return value in self._known


def _is_hashable(value: Value) -> bool:
    return not isinstance(value, list | dict | set)


def named_stack(call: Call, name: str) -> list[Value]:
    """Return the stack variable of that name, made when first asked for or after a None.

    Raises:
        Fault: the variable holds something else.
    """
    found = call.run.variables.get(name)
    if found is None:
        found = call.run.variables[name] = Stack()
    if not isinstance(found, list):
        raise Fault(f"@{name} is no stack, so {call.name}() cannot use it")
    return found


def refuse_ring(holder: Value, value: Value) -> None:
    """Refuse a value that holds what shall hold it: such a value has no end.

    Raises:
        Fault: it is, or holds, `holder`.
    """
    if not isinstance(value, list | dict):
        return
    waiting, seen = [value], {id(value)}
    while waiting:
        found = waiting.pop()
        if found is holder:
            raise Fault("a list or a dictionary cannot be put into itself")
        for item in found.values() if isinstance(found, dict) else found:
            if isinstance(item, list | dict) and id(item) not in seen:
                seen.add(id(item))
                waiting.append(item)


def _stack_of(call: Call, target: Value) -> list[Value]:
    """Return the stack that an argument gives: itself, or its name."""
    if isinstance(target, list):
        return target
    if not isinstance(target, str) or not target:
        raise Fault(f"{call.name}() needs a stack or the name of one, not {target!r}")
    return named_stack(call, target)


def _push(call: Call, target: Value, values: tuple[Value, ...], *, distinct: bool) -> None:
    stack = _stack_of(call, target)
    if "notnone" in call.qualifiers and any(map(is_empty, values)):
        message = f"Cannot have None in {call.chain} because it has the notnone qualifier"
        call.run.error(call, message)
    for value in values:
        if "skipnone" in call.qualifiers and (is_empty(value) or value in ([], {})):
            continue
        refuse_ring(stack, value)
        if isinstance(stack, Stack):
            stack.push(value, distinct=distinct)
        elif not (distinct and value in stack):
            stack.append(value)


@function(
    "push",
    group="variables",
    gives="nothing",
    args=[_Stack, many(Anything)],
    acts=True,
    own_notnone=True,
    reports=True,
)
def push(call: Call, target: Value, *values: Value) -> None:
    """Appends values to a stack, given by name or as the stack itself; makes it if need be.

    With distinct a value already there is left out, with skipnone an empty one; with notnone an
    empty one is an error of the line, and kept.

    Example::

        $[1*][ #country == "DE" push.onmatch("german", #order) ]
    """
    _push(call, target, values, distinct="distinct" in call.qualifiers)


@function(
    "push_distinct",
    group="variables",
    gives="nothing",
    args=[_Stack, many(Anything)],
    acts=True,
    own_notnone=True,
    reports=True,
)
def push_distinct(call: Call, target: Value, *values: Value) -> None:
    """Appends values that are not there yet to a stack: push() with the qualifier distinct.

    Example::

        $[1*][ push_distinct("countries", #country) ]
    """
    _push(call, target, values, distinct=True)


@function("pop", group="variables", gives="value", args=[_Stack], acts=True, returns_vote=True)
def pop(call: Call, target: Value) -> Voted:
    """Removes the last value of a stack and gives it; None from an empty one.

    With asbool it matches when the value is true.

    Example::

        $[1-3][ push("orders", #order) #quantity.nocontrib == "two" -> pop("orders") ]
    """
    stack = _stack_of(call, target)
    if isinstance(stack, Stack):
        return _voted(call, stack.pop_last())
    return _voted(call, stack.pop() if stack else None)


@function(
    "peek",
    group="variables",
    gives="value",
    args=[_Stack, Integer.on("T").called("index")],
    returns_vote=True,
)
def peek(call: Call, target: Value, index: int) -> Voted:
    """The value at an index of a stack, which stays; -1 is the last, None is beyond the ends.

    With asbool it matches when the value is true.

    Example::

        $[1-3][ push("orders", #order) @newest = peek("orders", -1) ]
    """
    stack = _stack_of(call, target)
    return _voted(call, stack[index] if -len(stack) <= index < len(stack) else None)


def _voted(call: Call, value: Value) -> Voted:
    if isinstance(value, str):
        value = value.strip()
    return Voted(value, truth(value) if "asbool" in call.qualifiers else call.run.default_vote)


@function("stack", group="variables", gives="value", args=[_Name])
def stack(call: Call, name: str) -> list[Value]:
    """The stack itself, live.

    A plain variable becomes a stack of one, an unknown one a new stack. As a component of its own
    it makes none: nobody asks for the stack.

    Example::

        $[1*][ @orders = stack("seen") push("seen", #order) ]
    """
    if call.vote_only and not isinstance(call.run.variables.get(name), list):
        return []
    found = call.run.variables.setdefault(name, Stack())
    if isinstance(found, list):
        return found
    made = call.run.variables[name] = Stack([found])
    return made


@function("peek_size", aliases=("size",), group="variables", gives="value", args=[_Stack])
def peek_size(call: Call, target: Value) -> int:
    """The number of values in a stack, given by name or as the stack itself.

    Example::

        $[1*][ push.distinct("customers", #customer) @customers_so_far = peek_size("customers") ]
    """
    return 0 if target is None else len(_stack_of(call, target))


@function(
    "index_of",
    group="variables",
    gives="value",
    args=[_Stack.on("TV"), Anything],
    votes=lambda value: value is not None and value >= 0,
)
def index_of(call: Call, target: Value, value: Value) -> int:
    """The index of the first such value in a stack, -1 without one; matches when it is there.

    In a stack that is not there yet there is no value.

    Example::

        $[1-3][ push("countries", #country) @at = index_of("countries", "FR") ]
    """
    if isinstance(target, str) and target and call.run.variables.get(target) is None:
        return -1
    try:
        return _stack_of(call, target).index(value)
    except ValueError:
        return -1


def _known_stack(call: Call, target: Value) -> list[Value]:
    """Return the stack that an argument gives; one that is not there is a Fault."""
    if isinstance(target, str) and target not in call.run.variables:
        raise Fault(f"there is no variable {target}")
    return _stack_of(call, target)


@function(
    "slice",
    group="variables",
    gives="value",
    args=[_Name.on("T"), Integer.called("from"), optional(Integer.called("to"))],
)
def slice_(call: Call, name: str, first: int, last: int | None = None) -> list[Value]:
    """The values of a stack from one index to another, both included; without `to` to the end.

    Example::

        $[1*][ push("orders", #order) last.nocontrib() -> @first_three = slice("orders", 0, 2) ]
    """
    stack = _known_stack(call, name)
    if first < 0:
        raise Fault("a slice cannot start at a negative index")
    if last is None:
        return stack[first:]
    if last < first:
        raise Fault(f"the slice stops at {last}, before it starts at {first}")
    if last >= len(stack):
        raise Fault(f"the slice stops at {last}, behind the last value of @{name}")
    return stack[first : last + 1]


@function(
    "sort",
    group="variables",
    gives="nothing",
    args=[_Name.on("T"), optional(Literal_.called("order"))],
    acts=True,
    acts_for_value=True,
)
def sort(call: Call, name: str, order: str = "") -> None:
    """Sorts a stack in place, text as text; with "desc" or "true" the greatest comes first.

    Example::

        $[1*][ push.distinct("countries", #country) last.nocontrib() -> sort("countries") ]
    """
    if name not in call.run.variables:
        return
    stack = named_stack(call, name)
    try:
        stack[:] = sorted(stack, reverse=order.strip().lower() in ("desc", "true"))
    except TypeError as error:
        kinds = sorted({type(value).__name__ for value in stack})
        raise Fault(
            f"the values of @{name} cannot be put in order: they are {', '.join(kinds)}"
        ) from error
