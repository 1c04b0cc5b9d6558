"""print() and error(): spec/language.md section 8 and 9.3, spec/functions-b.md section 6."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.language.functions.call import UserFault
from preboard.language.functions.registry import function
from preboard.language.functions.signature import Literal_, Then

if TYPE_CHECKING:
    from preboard.language.functions.call import Call

DEFAULT_STREAM = "default"


@function(
    "print",
    group="printing",
    gives="nothing",
    forms=[[Literal_], [Literal_, Literal_.called("stream")], [Literal_, Then]],
    acts=True,
    fails=False,
)
def print_(call: Call, text: str, stream: str = "") -> None:
    """Prints a text with its references filled in, to the default stream or a named one.

    With once it prints the first time it is reached, with onchange when the text is another than
    the last time. A second argument that is a function or equality is done afterwards.
    """
    filled = call.run.fill(text)
    if _is_due(call, filled):
        call.run.print(filled, stream or DEFAULT_STREAM)


@function(
    "error", group="printing", gives="nothing", forms=[[Literal_], [Literal_, Then]], acts=True
)
def error(call: Call, text: str) -> None:
    """Reports an error of this line with a text whose references are filled in."""
    filled = call.run.fill(text)
    if _is_due(call, filled):
        raise UserFault(filled)


def _is_due(call: Call, filled: str) -> bool:
    """Say whether once and onchange let the text out; state holds (was out, last text)."""
    was_out, last = call.state or (False, None)
    due = not (was_out and "once" in call.qualifiers) and not (
        last == filled and "onchange" in call.qualifiers
    )
    call.state = (was_out or due, filled)
    return due
