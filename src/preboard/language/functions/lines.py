"""Functions that steer a run: spec/functions-a.md section 8, language.md 5.8 and 5.9."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.language.functions.registry import function
from preboard.language.functions.signature import Integer, Then, Vote, optional
from preboard.language.values import text_of

if TYPE_CHECKING:
    from preboard.language.functions.call import Call

_Condition = optional(Vote.on("FE"))


@function(
    "last", group="lines", gives="match", forms=[[], [Then.on("F")]], last_only=True, fails=False
)
def last(call: Call) -> bool:
    """Matches on the last scanned line that has data; its argument is done there.

    Example::

        $[1*][ last.nocontrib() -> print("$.csvpath.count_scans orders") ]
    """
    return call.run.is_last


@last.emit
def _(_values: object) -> str:
    return "is_last"


@function(
    "firstscan",
    aliases=("first_scan",),
    group="lines",
    gives="match",
    forms=[[], [Then.on("F")]],
    fails=False,
)
def firstscan(call: Call) -> bool:
    """Matches on the first scanned line; its argument is done there.

    Example::

        $[3*][ firstscan.nocontrib() -> @from = line_number() ]
    """
    return call.run.scans == 1


@firstscan.emit
def _(_values: object) -> str:
    return "scans == 1"


@function(
    "firstline",
    aliases=("first_line",),
    group="lines",
    gives="match",
    forms=[[], [Then.on("F")]],
    fails=False,
)
def firstline(call: Call) -> bool:
    """Matches on line 0 of the file, if it is scanned and has data; its argument is done there.

    Example::

        $[*][ firstline() -> print("the file begins with $.headers.order") ]
    """
    return call.run.line_number == 0


@firstline.emit
def _(_values: object) -> str:
    return "number == 0"


@function(
    "firstmatch",
    aliases=("first_match",),
    group="lines",
    gives="match",
    forms=[[], [Then.on("F")]],
    always_waits=True,
    fails=False,
)
def firstmatch(call: Call) -> bool:
    """Matches on the first line on which all other components match; its argument is done there.

    Example::

        $[1*][ #status == "paid" firstmatch.nocontrib() -> print("first paid: $.headers.order") ]
    """
    return call.run.match_count == 1


@function("after_blank", group="lines", gives="match", fails=False)
def after_blank(call: Call) -> bool:
    """Matches when the record before this one in the file is blank, or has only blank values.

    Example::

        $[1*][ after_blank() -> error("a blank line stands above") ]
    """
    before = call.run.previous_row
    return before is not None and not any(text_of(value).strip() for value in before)


@function(
    "stop",
    group="lines",
    gives="nothing",
    args=[_Condition],
    acts=True,
    changes_flow=True,
    fails=False,
)
def stop(call: Call, condition: bool = True) -> None:  # noqa: FBT002 - a vote
    """Ends the run after this line; with an argument only when that votes true.

    Example::

        $[1*][ stop(#order == 1003) push("read", #order) ]
    """
    if condition:
        call.run.stop()


@function(
    "stop_all",
    group="lines",
    gives="nothing",
    args=[_Condition],
    acts=True,
    changes_flow=True,
    fails=False,
)
def stop_all(call: Call, condition: bool = True) -> None:  # noqa: FBT002 - a vote
    """Ends the run after this line, as stop() does, and every statement's in a run by line.

    Example::

        $[1*][ stop_all(#order == 1003) push("read", #order) ]
    """
    if condition:
        call.run.services.stop_all()
        call.run.stop("stop_all()")


@function(
    "fail_and_stop",
    group="lines",
    gives="nothing",
    args=[_Condition],
    acts=True,
    changes_flow=True,
    fails=False,
)
def fail_and_stop(call: Call, condition: bool = True) -> None:  # noqa: FBT002 - a vote
    """Marks the data invalid and ends the run after this line; see stop().

    Example::

        $[1*][ fail_and_stop(#quantity == "two") ]
    """
    if condition:
        call.run.fail()
        call.run.stop("fail_and_stop()")


@function(
    "skip",
    group="lines",
    gives="nothing",
    args=[_Condition],
    acts=True,
    changes_flow=True,
    fails=False,
)
def skip(call: Call, condition: bool = True) -> None:  # noqa: FBT002 - a vote
    """Leaves the line, which does not match; with an argument only when that votes true.

    Example::

        $[1*][ skip(#status == "paid") push("open", #order) ]
    """
    if condition and _may_act(call):
        call.run.skip()


@function(
    "skip_all",
    group="lines",
    gives="nothing",
    args=[_Condition],
    acts=True,
    changes_flow=True,
    fails=False,
)
def skip_all(call: Call, condition: bool = True) -> None:  # noqa: FBT002 - a vote
    """Leaves the line, as skip() does, and in a run by line for the statements after this one.

    Example::

        $[1*][ skip_all(#status == "paid") push("open", #order) ]
    """
    if condition and _may_act(call):
        call.run.services.skip_all()
        call.run.skip()


@function(
    "take",
    group="lines",
    gives="nothing",
    args=[_Condition],
    acts=True,
    changes_flow=True,
    fails=False,
)
def take(call: Call, condition: bool = True) -> None:  # noqa: FBT002 - a vote
    """Leaves the line, which matches; with an argument only when that votes true.

    Example::

        $[1*][ take(#country == "US") #status == "new" ]
    """
    if condition and _may_act(call):
        call.run.skip(take=True)


def _may_act(call: Call) -> bool:
    """Say whether a function with the once qualifier may still act; it may once in a run."""
    if "once" not in call.qualifiers:
        return True
    done, call.state = call.state, True
    return not done


@function("advance", group="lines", gives="nothing", args=[Integer.on("TVF")], acts=True)
def advance(call: Call, lines: int) -> None:
    """Jumps over the next lines that would be scanned; they count as scanned.

    Example::

        $[1*][ push("read", #order) #order.nocontrib == 1002 -> advance(2) ]
    """
    call.run.advance(lines)


@function("advance_all", group="lines", gives="nothing", args=[Integer.on("TVF")], acts=True)
def advance_all(call: Call, lines: int) -> None:
    """Jumps over the next lines, as advance() does, and in a run by line for every statement.

    Example::

        $[1*][ push("read", #order) #order.nocontrib == 1002 -> advance_all(2) ]
    """
    call.run.services.advance_all(lines)
    call.run.advance(lines)
