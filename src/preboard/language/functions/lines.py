"""Functions that steer a run: spec/functions-a.md section 8, language.md 5.8 and 5.9."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.language.functions.registry import function
from preboard.language.functions.signature import Integer, Then, Vote, optional

if TYPE_CHECKING:
    from preboard.language.functions.call import Call

_Condition = optional(Vote.on("FE"))


@function(
    "last", group="lines", gives="match", forms=[[], [Then.on("F")]], last_only=True, fails=False
)
def last(call: Call) -> bool:
    """Matches on the last scanned line that has data; its argument is done there."""
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
    """Matches on the first scanned line; its argument is done there."""
    return call.run.scans == 1


@firstscan.emit
def _(_values: object) -> str:
    return "scans == 1"


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
    """Ends the run after this line; with an argument only when that votes true."""
    if condition:
        call.run.stop()


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
    """Leaves the line, which does not match; with an argument only when that votes true."""
    if condition and _may_act(call):
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
    """Leaves the line, which matches; with an argument only when that votes true."""
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
    """Jumps over the next lines that would be scanned; they count as scanned."""
    call.run.advance(lines)
