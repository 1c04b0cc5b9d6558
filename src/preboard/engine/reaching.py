"""What a reference in a statement means in the results of a group (spec/language.md 7.1)."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from preboard.language.functions.call import Fault
from preboard.language.values import tracked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from preboard.language.functions.services import Results
    from preboard.language.values import Value


def reached(results: Results, group: str, kind: str, item: str, tracking: str | None) -> Value:
    """Return the value of `$group.kind.item.tracking`, a copy that the statement may change.

    Raises:
        Fault: the results hold nothing of that name.
    """
    value = _value(results, group, kind, item, tracking)
    return copy(value) if isinstance(value, list | dict) else value


def _value(results: Results, group: str, kind: str, item: str, tracking: str | None) -> Value:
    match kind:
        case "headers":
            return results.column(item, tracking)
        case "variables":
            return _found(results.variables(), group, "variable", item, tracking)
        case "metadata":
            return _found(results.metadata(), group, "metadata", item, tracking)
        case _:
            return _found(results.fields(), group, "runtime field", item, tracking)


def _found(
    known: Mapping[str, Value], group: str, what: str, item: str, tracking: str | None
) -> Value:
    if item not in known:
        raise Fault(f"the results of {group!r} have no {what} {item!r}")
    return known[item] if tracking is None else tracked(known[item], tracking)
