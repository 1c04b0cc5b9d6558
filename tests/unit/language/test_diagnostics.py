"""How findings are placed and drawn."""

import pytest

from preboard.diagnostics import Diagnostic, Span
from preboard.errors import StatementError
from preboard.language.statement import Statement


def drawn(source, start, end, hint=None):
    return Diagnostic("code", "message", Span(start, end), hint=hint).render(source).split("\n")


class TestPlace:
    @pytest.mark.parametrize(
        ("source", "start", "place"),
        [
            ("", 0, (1, 1)),
            ("abc", 0, (1, 1)),
            ("abc", 2, (1, 3)),
            ("abc", 3, (1, 4)),
            ("a\nbc", 1, (1, 2)),
            ("a\nbc", 2, (2, 1)),
            ("a\r\nbc", 4, (2, 2)),
            ("é𝄞a", 2, (1, 3)),
        ],
    )
    def test_line_and_column(self, source, start, place):
        """Lines and columns are counted from 1, in characters."""
        assert Span(start, start + 1).place(source) == place


class TestDrawing:
    def test_caret_under_the_span(self):
        """The line is drawn with a caret under each character of the span."""
        assert drawn("one two three", 4, 7) == [
            "1:5 error[code]: message",
            "  one two three",
            "      ^^^",
        ]

    def test_line_of_several(self):
        """Only the line where the span begins is drawn, without its line end."""
        assert drawn("one\r\ntwo\r\n", 5, 8)[1:] == ["  two", "  ^^^"]

    def test_span_over_lines(self):
        """A span of several lines is drawn to the end of the first."""
        assert drawn("one two\nthree", 4, 13)[1:] == ["  one two", "      ^^^"]

    def test_tab_stays_a_tab(self):
        """Tabs before the caret stay tabs, so that it stands right however wide they are."""
        assert drawn("\tone\ttwo", 5, 8)[1:] == ["  \tone\ttwo", "  \t   \t^^^"]

    def test_hint(self):
        """A hint stands below."""
        assert drawn("a", 0, 1, "do it")[-1] == "  hint: do it"

    @pytest.mark.parametrize("source", ["", "a", "a\n"])
    def test_span_at_the_end(self, source):
        """Behind the last character there is one caret."""
        assert drawn(source, len(source), len(source))[-1].strip() == "^"

    @pytest.mark.parametrize("start", [0, 100, 5_000, 9_990])
    def test_long_line(self, start):
        """Of a very long line only the part around the caret is drawn."""
        source = "".join(chr(ord("a") + i % 26) for i in range(10_000))
        _, text, caret = drawn(source, start, start + 5)
        assert len(text) < 200
        begin = caret.index("^")
        assert text[begin : begin + 5] == source[start : start + 5]


class TestStatementError:
    def test_every_finding_is_drawn(self):
        """An error tells its first finding, and draws all of them."""
        with pytest.raises(StatementError) as error:
            Statement.parse("$[*][\n  lenght(#a)\n  yes(1)\n]")
        assert str(error.value) == (
            "no function is called lenght at line 2, column 3 (did you mean length()?)"
        )
        assert error.value.render().split("\n") == [
            "2:3 error[unknown-function]: no function is called lenght",
            "    lenght(#a)",
            "    ^^^^^^",
            "  hint: did you mean length()?",
            "3:3 error[argument-count]: yes() takes no arguments, not 1",
            "    yes(1)",
            "    ^^^",
            "  hint: use yes()",
        ]

    def test_source(self):
        """The error keeps the text as it was given."""
        with pytest.raises(StatementError) as error:
            Statement.parse(" nothing ")
        assert error.value.source == " nothing "
