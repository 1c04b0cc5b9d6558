"""print() and error(): spec/language.md section 8 and 9.3, spec/functions-b.md section 6."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.language.functions.call import UserFault
from preboard.language.functions.registry import function
from preboard.language.functions.signature import Literal_, Then
from preboard.language.values import text_of

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

    Example::

        $[1*][ gt(#price, 100) -> print("$.headers.order costs $.headers.price") ]
    """
    put_out(call, call.run.fill(text), stream=stream)


@function(
    "error", group="printing", gives="nothing", forms=[[Literal_], [Literal_, Then]], acts=True
)
def error(call: Call, text: str) -> None:
    """Reports an error of this line with a text whose references are filled in.

    Example::

        $[1*][ empty(#email) -> error("order $.headers.order has no e-mail address") ]
    """
    filled = call.run.fill(text)
    if _is_due(call, filled):
        raise UserFault(filled)


_STREAM = Literal_.called("stream")
_QUOTES = {"quotes": '"', "single": "'"}


@function(
    "print_line",
    group="printing",
    gives="nothing",
    forms=[
        [],
        [_STREAM],
        [_STREAM, Literal_.called("delimiter")],
        [_STREAM, Literal_.called("delimiter"), Literal_.called("quotes")],
    ],
    acts=True,
    fails=False,
)
def print_line(call: Call, stream: str = "", delimiter: str = ",", quotes: str = "") -> None:
    """Prints the current line as delimited data, to the default stream or a named one.

    It prints what collect() and its kin leave, with the values that functions put there. A value
    that holds the delimiter, a quote or a line end is quoted; the third argument quotes every
    value: "quotes" with ", "single" with '.

    Example::

        $[1*][ #status == "paid" print_line.onmatch("paid", ";") ]
    """
    always = _QUOTES.get(quotes.strip().lower())
    values = ["" if value is None else text_of(value) for value in call.run.returned_row()]
    put_out(call, (delimiter or ",").join(_cells(values, delimiter or ",", always)), stream=stream)


def _cells(values: list[str], delimiter: str, always: str | None) -> list[str]:
    """Return the values with quotes where they are needed to tell them apart."""
    if always is not None:
        return [f"{always}{value.replace(always, always * 2)}{always}" for value in values]
    return [
        '"{}"'.format(value.replace('"', '""'))
        if delimiter in value or '"' in value or "\n" in value or "\r" in value
        else value
        for value in values
    ]


@function("print_queue", group="printing", gives="value", fails=False)
def print_queue(call: Call) -> int:
    """The number of printouts so far, over all streams.

    Example::

        $[1*][ #country.nocontrib == "DE" -> print("$.headers.order") @printed = print_queue() ]
    """
    return call.run.printed


def put_out(call: Call, *texts: str, stream: str = "") -> None:
    """Print texts, one printout each, unless once or onchange hold them back."""
    if _is_due(call, "\n".join(texts)):
        for text in texts:
            call.run.print(text, stream or DEFAULT_STREAM)


def _is_due(call: Call, filled: str) -> bool:
    """Say whether once and onchange let the text out; state holds (was out, last text)."""
    was_out, last = call.state or (False, None)
    due = not (was_out and "once" in call.qualifiers) and not (
        last == filled and "onchange" in call.qualifiers
    )
    call.state = (was_out or due, filled)
    return due
