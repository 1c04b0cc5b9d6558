"""What helps to find out what a statement does: spec/functions-b.md section 12."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from preboard.diagnostics import Diagnostic
from preboard.language import nodes as n
from preboard.language.functions.call import Fault
from preboard.language.functions.printing import DEFAULT_STREAM
from preboard.language.functions.registry import function
from preboard.language.functions.signature import Anything, Literal_, optional
from preboard.language.values import Value, text_of

if TYPE_CHECKING:
    from preboard.language.functions.call import Call

_LEVELS: Final = {
    "debug": logging.DEBUG, "info": logging.INFO, "warn": logging.WARNING,
    "warning": logging.WARNING, "error": logging.ERROR,
}  # fmt: skip


@function(
    "log",
    group="testing",
    gives="nothing",
    forms=[[Literal_], [Literal_, Literal_.called("level")]],
    acts=True,
    fails=False,
)
def log(call: Call, text: str, level: str = "info") -> None:
    """Writes a text to the log: as info, or as debug, warn, warning or error.

    Example::

        $[1*][ empty(#email) -> log("an order without an e-mail address", "warn") ]
    """
    call.run.log.log(_LEVELS.get(level.strip().lower(), logging.INFO), "%s", text)


def _check_level(node: n.Call) -> list[Diagnostic]:
    """Return a finding for a literal that is no level."""
    level = node.args[0] if node.args else None
    if not isinstance(level, n.Term) or _level(level.value) is not None:
        return []
    message = f"{level.value!r} is no level of the log"
    hint = f"one of {', '.join(_LEVELS)}"
    return [Diagnostic("argument-value", message, level.span, hint=hint)]


def _level(value: Value) -> int | None:
    return _LEVELS.get(text_of(value).strip().lower())


@function(
    "debug",
    group="testing",
    gives="nothing",
    args=[optional(Anything.called("level"))],
    acts=True,
    check=_check_level,
)
def debug(call: Call, level: Value = "debug") -> None:
    """Sets the level of this statement's log: debug, info, warn, warning or error.

    Example::

        $[1][ debug("debug") log("a first order was read", "debug") ]
    """
    found = _level(level)
    if found is None:
        raise Fault(f"{level!r} is no level of the log; one of {', '.join(_LEVELS)}")
    call.run.log.setLevel(found)


@function(
    "brief_stack_trace",
    group="testing",
    gives="nothing",
    args=[optional(Anything.called("where"))],
    acts=True,
    fails=False,
)
def brief_stack_trace(call: Call, where: Value = "print") -> None:
    """Tells where the run is: the line, the component, and the functions around this one.

    It is printed, or with another word than "print" written to the log.

    Example::

        $[1*][ not(#status) -> brief_stack_trace() ]
    """
    place = f"line {call.run.line_number}, component {call.component}: {call.chain}"
    if where == "print":
        call.run.print(place, DEFAULT_STREAM)
    else:
        call.run.log.info("%s", place)


@function("vote_stack", group="testing", gives="value", reads_votes=True, fails=False)
def vote_stack(call: Call) -> list[bool | None]:
    """The votes of the components on this line in order, None for those not evaluated yet.

    The component that asks counts with the vote that decides nothing: true, in OR mode false.

    Example::

        $[2][ #country == "DE" #status == "new" @votes = vote_stack() ]
    """
    votes = list(call.run.votes)
    votes[call.component] = call.run.default_vote
    return votes


@function(
    "do_when_stack",
    aliases=("when_do_stack",),
    group="testing",
    gives="value",
    reads_votes=True,
    fails=False,
)
def do_when_stack(call: Call) -> list[bool]:
    """Whether each `->` of the statement fired on this line, in order; false for those to come.

    Example::

        $[1-2][
            #country.nocontrib == "SE" -> counter.swedish()
            #status.nocontrib == "paid" -> counter.paid()
            @done = do_when_stack()
        ]
    """
    return list(call.run.whens)
