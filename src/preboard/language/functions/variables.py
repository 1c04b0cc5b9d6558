"""Functions on variables: spec/functions-b.md section 11."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.language.functions.call import Fault
from preboard.language.functions.registry import function
from preboard.language.functions.signature import Anything, Text, many
from preboard.language.values import Value, is_empty, text_of

if TYPE_CHECKING:
    from preboard.language.functions.call import Call

_Name = Text.called("name")


@function(
    "push",
    group="variables",
    gives="nothing",
    args=[Anything.called("stack"), many(Anything)],
    acts=True,
    own_notnone=True,
    reports=True,
)
def push(call: Call, target: Value, *values: Value) -> None:
    """Appends values to a stack, given by name or as the stack itself; makes it if need be.

    With distinct a value already there is left out, with skipnone an empty one; with notnone an
    empty one is an error of the line, and kept.
    """
    stack = target if isinstance(target, list) else _stack_named(call, target)
    if "notnone" in call.qualifiers and any(map(is_empty, values)):
        message = f"Cannot have None in {call.chain} because it has the notnone qualifier"
        call.run.error(call, message)
    for value in values:
        if "skipnone" in call.qualifiers and is_empty(value):
            continue
        if "distinct" in call.qualifiers and value in stack:
            continue
        stack.append(value)


def _stack_named(call: Call, name: Value) -> list[Value]:
    if not isinstance(name, str) or not name:
        raise Fault(f"{call.name}() needs the name of a stack")
    stack = call.run.variables.setdefault(name, [])
    if not isinstance(stack, list):
        raise Fault(f"variable {name} must be a stack variable")
    return stack


@function("stack", group="variables", gives="value", args=[_Name])
def stack(call: Call, name: str) -> list[Value]:
    """The stack itself, live.

    A plain variable becomes a stack of one, an unknown one a new stack.
    """
    found = call.run.variables.setdefault(name, [])
    if not isinstance(found, list):
        found = call.run.variables[name] = [found]
    return found


@function(
    "put",
    group="variables",
    gives="nothing",
    forms=[[_Name.on("T")], [_Name, Anything], [_Name, Anything.called("key"), Anything]],
    acts=True,
)
def put(call: Call, name: str, *rest: Value) -> None:
    """Makes an empty dictionary, sets a variable, or sets a key of a dictionary variable."""
    variables = call.run.variables
    if not rest:
        variables[name] = {}
    elif len(rest) == 1:
        variables[name] = rest[0]
    else:
        key, value = rest
        if key is None:
            raise Fault(f"put() has no key for @{name}")
        table = variables.setdefault(name, {})
        if not isinstance(table, dict):
            raise Fault(f"@{name} is no dictionary, so it has no keys to put")
        table[text_of(key)] = value
