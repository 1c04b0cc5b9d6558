"""Members of a schema that ask for no type: spec/functions-b.md section 3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.diagnostics import Diagnostic
from preboard.language.functions.call import Fault
from preboard.language.functions.registry import Voted, function
from preboard.language.functions.signature import Anything
from preboard.language.functions.types import GROUP, distinct, named_cell
from preboard.language.values import Value, is_empty, text_of

if TYPE_CHECKING:
    from preboard.language import nodes as n
    from preboard.language.functions.call import Call


@function(
    "none",
    group=GROUP,
    gives="value",
    refusal="is not empty",
    forms=[[], [Anything]],
    returns_vote=True,
    member=True,
)
def none(call: Call, *given: Value) -> Voted:
    """The value None; with an argument it matches when that is empty. A literal names a header.

    Example::

        $[1*][ none(#email) ]
    """
    if not given:
        return Voted(None, vote=True)
    return Voted(None, vote=is_empty(named_cell(call, given[0])))


def _members_only(node: n.Call) -> list[Diagnostic]:
    message = f"{node.name}() can only be used as a member of line()"
    return [Diagnostic("not-a-member", message, node.span, hint="for example line(wildcard())")]


@function(
    "blank", aliases=("nonspecific", "unspecified"), group=GROUP, gives="match",
    forms=[[], [Anything.on("HT")]], default=False, own_notnone=True, member=True,
    check_alone=_members_only,
)  # fmt: skip
def blank(call: Call, value: Value = None) -> bool:
    """As a member of line(): a header with any content; notnone refuses empty, distinct repeats.

    Example::

        $[1*][ line(blank.distinct(#order), wildcard()) ]
    """
    if "notnone" in call.qualifiers and is_empty(value):
        raise Fault("the value cannot be empty because notnone is set")
    distinct(call, "" if value is None else text_of(value).strip())
    return True


@function(
    "wildcard", group=GROUP, gives="match", forms=[[], [Anything.on("T").called("count")]],
    reads_run=False, fails=False, member=True, check_alone=_members_only,
)  # fmt: skip
def wildcard(_call: Call, _count: Value = None) -> bool:
    """As a member of line(): any number of headers, or so many.

    Example::

        $[1*][ line(integer(#order), wildcard(4), integer(#quantity), wildcard()) ]
    """
    return True
