"""Lines and values that were seen before: spec/functions-a.md section 8, has_dups to first.

What was seen is kept as the SHA-256 of the values together, each with its length, so that 1|23 and
12|3 differ. One value alone has the SHA-256 of its text.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from preboard.language.functions.registry import Voted, function
from preboard.language.functions.signature import Anything, many
from preboard.language.values import Value, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from preboard.language.functions.call import Call

_HEADERS = [many(Anything.on("H").called("header"))]


def digest(values: Sequence[Value]) -> str:
    """Return the SHA-256 of some values as 64 hexadecimal digits.

    >>> digest(["1", "23"]) == digest(["12", "3"]), digest([None]) == digest([""])
    (False, False)
    """
    if len(values) == 1 and values[0] is not None:
        return sha256(_bytes(values[0])).hexdigest()
    found = sha256(b"\xff")  # no text begins so: a tuple is never taken for a single value
    for value in values:
        if value is None:
            found.update(b"-;")
        else:
            text = _bytes(value)
            found.update(b"%d;" % len(text))
            found.update(text)
    return found.hexdigest()


def _bytes(value: Value) -> bytes:
    return text_of(value).encode("utf-8", "surrogatepass")


def _seen(call: Call, values: tuple[Value, ...]) -> list[int]:
    """Return the numbers of the lines with these values so far, noting the current one."""
    table, key = call.table(call.name), digest(values or call.run.row)
    return _noted(table, key, call.run.line_number)


def _noted(table: dict[Value, Value], key: str, line: int) -> list[int]:
    lines: list[int] | None = table.get(key)
    if lines is None:
        lines = table[key] = [line]  # as small as a list can be: most have one item
    elif not lines or lines[-1] != line:
        lines.append(line)
    return lines


@function("has_dups", group="lines", gives="match", args=_HEADERS, acts=True, default=False)
def has_dups(call: Call, *values: Value) -> bool:
    """Matches when the line, or its values of the given headers, was seen before.

    The line numbers of what was seen are in the variable of the name qualifier, else has_dups, by a
    digest of the values. Only lines on which it runs are known.

    Example::

        $[1*][ has_dups(#order, #customer) -> error("order $.headers.order was here before") ]
    """
    return len(_seen(call, values)) > 1


@has_dups.prepare
def _(call: Call, exact: Callable[..., Any]) -> Callable[..., Any] | None:
    if len(call.node.args) != 1:
        return None
    run, variables, name = call.run, call.run.variables, call.variable_name(call.name)

    def seen(value: Value) -> Any:
        table = variables.get(name)
        if value.__class__ is not str or table.__class__ is not dict:
            return exact(value)
        key = sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
        return len(_noted(table, key, run.line_number)) > 1

    return seen


@function("dup_lines", group="lines", gives="value", args=_HEADERS, acts=True, returns_vote=True)
def dup_lines(call: Call, *values: Value) -> Voted:
    """The numbers of the lines like this one, with this one, if there are several; else none.

    Matches when there are several. It keeps them as has_dups() does, in the variable dup_lines.

    Example::

        $[1-6][ @alike = dup_lines(#order, #customer) ]
    """
    lines = _seen(call, values)
    repeated = len(lines) > 1
    return Voted(list(lines) if repeated and not call.vote_only else [], vote=repeated)


@function("count_dups", group="lines", gives="value", args=_HEADERS, acts=True)
def count_dups(call: Call, *values: Value) -> int:
    """How often the line, or its values of the given headers, was seen, this line counted.

    It keeps what it saw as has_dups() does, in the variable count_dups.

    Example::

        $[1*][ gt(count_dups.seen(#order), 1) -> error("order $.headers.order again") ]
    """
    return len(_seen(call, values))


@function("percent_dups", group="lines", gives="value", args=_HEADERS, acts=True)
def percent_dups(call: Call, *values: Value) -> float:
    """How many percent of the data lines so far repeat this line, or its values of the headers.

    It keeps what it saw as has_dups() does, in the variable percent_dups.

    Example::

        $[1-6][ @repeated = round(percent_dups(#order), 1) ]
    """
    repeats = len(_seen(call, values)) - 1
    return repeats / call.run.data_lines * 100 if repeats else 0.0


@function("fingerprint", group="lines", gives="value", args=_HEADERS)
def fingerprint(call: Call, *values: Value) -> str:
    """The digest that has_dups() and its kin keep of the line, or of the values of the headers.

    Example::

        $[1][ @digest = fingerprint(#order, #customer) ]
    """
    return digest(values or call.run.row)


@function(
    "first",
    group="lines",
    gives="value",
    args=[Anything.on("H").called("header"), many(Anything.on("H").called("header"))],
    acts=True,
    returns_vote=True,
)
def first(call: Call, *values: Value) -> Voted:
    """Matches the first line that has these values; on a later one the value is the first's number.

    The number of the first line of each value is in the variable of the name qualifier, else
    `first`; several values are joined.

    Example::

        $[1*][ first(#country) ]
    """
    table, here = call.table("first"), call.run.line_number
    line = table.setdefault(_key(call, table, values), here)
    return Voted(None if line == here else line, vote=line == here)


def _key(call: Call, table: dict[Value, Value], values: tuple[Value, ...]) -> str:
    """Return the key of some values in the table of first().

    Several are joined as they are; where that is the key of other values, by `|`, and where that is
    too, they have their digest.
    """
    texts = tuple(map(text_of, values))
    if len(texts) == 1:
        return texts[0]
    keys = call.memory()
    if texts not in keys:
        candidates = ("".join(texts), "|".join(texts))
        free = (key for key in candidates if key not in table)
        keys[texts] = next(free, digest(texts))
    return str(keys[texts])
