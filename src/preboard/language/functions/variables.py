"""Variables by their names: spec/functions-b.md section 11."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.language import nodes as n
from preboard.language.functions.call import Fault
from preboard.language.functions.registry import function
from preboard.language.functions.signature import Anything, Text, optional
from preboard.language.functions.stacks import refuse_ring
from preboard.language.values import Value, text_of, to_int, tracked

if TYPE_CHECKING:
    from preboard.language.functions.call import Call

_Name = Text.called("name")


@function("variables", group="variables", gives="value", reads_run=False, fails=False)
def variables(_call: Call) -> None:
    """As an argument of all(), missing() and any(): all variables; its value is None.

    Example::

        $[1*][
            @email = #email @status = #status
            missing(variables()) -> error("email or status is missing")
        ]
    """
    return


@function(
    "put",
    group="variables",
    gives="nothing",
    forms=[[_Name.on("T")], [_Name, Anything], [_Name, Anything.called("key"), Anything]],
    acts=True,
    acts_for_value=True,
)
def put(call: Call, name: str, *rest: Value) -> None:
    """Makes an empty dictionary, sets a variable, or sets a key of a dictionary variable.

    Example::

        $[1*][ put("price_of", #order, #price) ]
    """
    variables = call.run.variables
    if not rest:
        variables[name] = {}
    elif len(rest) == 1:
        variables[name] = rest[0]
    else:
        key, value = rest
        if key is None:
            raise Fault(f"put() has no key for @{name}")
        table = variables.get(name)
        if table is None:
            table = variables[name] = {}
        if not isinstance(table, dict):
            raise Fault(f"@{name} is no dictionary, so it has no keys to put")
        refuse_ring(table, value)
        table[text_of(key)] = value


@function(
    "get",
    group="variables",
    gives="value",
    args=[
        Anything.called("name"),
        optional(Anything.called("key")),
        optional(Anything.called("default")),
    ],
    votes=lambda value: value is not None,
)
def get(call: Call, target: Value, *rest: Value) -> Value:
    """A variable by its name, or what stands under a key of a dictionary or an index of a stack.

    The dictionary or stack may be given itself. Where nothing is found the value is the default,
    else None; asking an unknown variable for a key makes it an empty dictionary. Matches when the
    value is not None.

    Example::

        $[1*][ tally(#country) @german = get("tally_country", "DE", 0) ]
    """
    variables = call.run.variables
    if isinstance(target, list | dict):
        found: Value = target
    elif target is None:
        found = None
    elif rest:
        found = variables.setdefault(text_of(target), {})
    else:
        return variables.get(text_of(target))
    if not rest:
        return found
    value = _at(found, rest[0])
    return rest[1] if value is None and len(rest) > 1 else value


def _at(holder: Value, key: Value) -> Value:
    """Return what stands under a key or at an index, None if nothing does."""
    if isinstance(holder, list):
        try:
            index = to_int(key)
        except ValueError:
            return None
        return holder[index] if key is not None and 0 <= index < len(holder) else None
    if not isinstance(holder, dict) or isinstance(key, list | dict):
        return None
    return holder[key] if key in holder else tracked(holder, text_of(key))


@function(
    "clear",
    group="variables",
    gives="nothing",
    args=[Anything.on("TVHF")],
    acts=True,
    acts_for_value=True,
)
def clear(call: Call, name: Value) -> None:
    """Deletes a variable, given by its name or as itself; `clear(@name.key)` deletes the key.

    Example::

        $[1*][ push("open", #order) #status.nocontrib == "shipped" -> clear("open") ]
    """
    node = call.node.args[0]
    if not isinstance(node, n.Variable):
        call.run.variables.pop(text_of(name), None)
        return
    key = n.label(node)
    if key is None:
        call.run.variables.pop(node.name, None)
        return
    table = call.run.variables.get(node.name)
    if isinstance(table, dict):
        table.pop(key, None)
