"""The functions that generated code calls: checks and conversions around `evaluate`."""

from dataclasses import replace
from typing import Any

import pytest

from preboard.diagnostics import Span
from preboard.engine.binding import bound
from preboard.language import nodes as n
from preboard.language.functions.call import Call, Fault
from preboard.language.functions.library import functions
from preboard.language.functions.signature import Param, Refused, Signature

HERE = Span(0, 1)
NO_RUN: Any = None
"""The functions of these tests look at no run."""


class Seen:
    """A place that notes what it converts, and refuses the text `no`."""

    def __init__(self):
        self.values = []

    def __call__(self, value):
        """Return the value in capitals."""
        self.values.append(value)
        if value == "no":
            raise ValueError(value)
        return value.upper()


def made(*args, gives="value", qualifiers=(), body=None, **options):
    """Return a function bound to these arguments, and the place that converts the first."""
    seen = Seen()
    places = (Param("word", convert=seen), *(Param(f"more{i}") for i in args[1:]))
    function = replace(
        functions()["upper"],
        gives=gives,
        signatures=(Signature(places),),
        evaluate=body or (lambda _call, *values: values),
        **options,
    )
    node = n.Call(HERE, "f", args, tuple(qualifiers))
    call = Call(
        node, NO_RUN, label=None, qualifiers=n.known(node), chain="f[0]", component=0, state=None
    )
    return bound(function, call), seen


TERM, REFUSED = n.Term(HERE, "yes"), n.Term(HERE, "no")
HEADER = n.Header(HERE, "h")


class TestLiterals:
    def test_converted_once(self):
        """What a literal is converted to is the same on every line."""
        call, seen = made(TERM)
        assert [call("yes"), call("yes")] == [("YES",), ("YES",)]
        assert seen.values == ["yes"]

    def test_refused_on_every_line(self):
        """A literal that is not taken is an error of each line, not of the start."""
        call, _ = made(REFUSED)
        for _ in range(2):
            with pytest.raises(Refused):
                call("no")

    def test_others_are_converted_each_time(self):
        """A cell is converted on every line."""
        call, seen = made(HEADER)
        assert [call("a"), call("b")] == [("A",), ("B",)]
        assert seen.values == ["a", "b"]


class TestTrimming:
    @pytest.mark.parametrize("count", range(4))
    def test_text_is_trimmed(self, count):
        """A text that comes out is trimmed, whatever the number of arguments."""
        call, _ = made(*[HEADER] * count, body=lambda _call, *_: " x ")
        assert call(*["a"] * count) == "x"

    def test_kept(self):
        """A function that keeps blanks gives its text as it is."""
        call, _ = made(HEADER, body=lambda _call, _: " x ", keeps_blanks=True)
        assert call("a") == " x "


class TestNotNone:
    @pytest.mark.parametrize("value", [None, "", "none"])
    def test_asked(self, value):
        """An empty argument is an error, before it is converted."""
        call, seen = made(HEADER, qualifiers=["notnone"])
        with pytest.raises(Fault, match="notnone"):
            call(value)
        assert seen.values == []

    def test_the_first_only(self):
        """Where only the first argument counts, others may be empty."""
        call, _ = made(HEADER, HEADER, qualifiers=["notnone"], first_notnone=True)
        assert call("a", None) == ("A", None)

    def test_no_fast_way(self):
        """The fast way of a function is not taken under notnone."""
        quick, _ = made(HEADER, preparer=lambda _call, _exact: lambda *_: "quick")
        exact, _ = made(
            HEADER, qualifiers=["notnone"], preparer=lambda _call, _exact: lambda *_: "quick"
        )
        assert quick("a") == "quick"
        assert exact("a") == ("A",)

    def test_no_fast_way_for_this_call(self):
        """A function may have none for an occurrence; then the exact way is taken."""
        call, _ = made(HEADER, preparer=lambda _call, _exact: None)
        assert call("a") == ("A",)
