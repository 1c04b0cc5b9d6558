"""Lines and values that were seen before: spec/functions-a.md section 8, has_dups to first.

What was seen is kept as the SHA-256 of the values together, each with its length, so that 1|23 and
12|3 differ. One value alone has the SHA-256 of its text.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from preboard.language.functions.registry import Voted, function
from preboard.language.functions.signature import Anything, many
from preboard.language.values import Value, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    table = call.table(call.name)
    lines: list[int] = table.setdefault(digest(values or call.run.row), [])
    if not lines or lines[-1] != call.run.line_number:
        lines.append(call.run.line_number)
    return lines


@function("has_dups", group="lines", gives="match", args=_HEADERS, acts=True, default=False)
def has_dups(call: Call, *values: Value) -> bool:
    """Matches when the line, or its values of the given headers, was seen before.

    The line numbers of what was seen are in the variable of the name qualifier, else has_dups, by a
    digest of the values. Only lines on which it runs are known.
    """
    return len(_seen(call, values)) > 1


@function("dup_lines", group="lines", gives="value", args=_HEADERS, acts=True, returns_vote=True)
def dup_lines(call: Call, *values: Value) -> Voted:
    """The numbers of the lines like this one, with this one, if there are several; else none.

    Matches when there are several. It keeps them as has_dups() does, in the variable dup_lines.
    """
    lines = _seen(call, values)
    repeated = len(lines) > 1
    return Voted(list(lines) if repeated and not call.vote_only else [], vote=repeated)


@function("count_dups", group="lines", gives="value", args=_HEADERS, acts=True)
def count_dups(call: Call, *values: Value) -> int:
    """How often the line, or its values of the given headers, was seen, this line counted.

    It keeps what it saw as has_dups() does, in the variable count_dups.
    """
    return len(_seen(call, values))


@function("percent_dups", group="lines", gives="value", args=_HEADERS, acts=True)
def percent_dups(call: Call, *values: Value) -> float:
    """How many percent of the data lines so far repeat this line, or its values of the headers.

    It keeps what it saw as has_dups() does, in the variable percent_dups.
    """
    repeats = len(_seen(call, values)) - 1
    return repeats / call.run.data_lines * 100 if repeats else 0.0


@function("fingerprint", group="lines", gives="value", args=_HEADERS)
def fingerprint(call: Call, *values: Value) -> str:
    """The digest that has_dups() and its kin keep of the line, or of the values of the headers."""
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
