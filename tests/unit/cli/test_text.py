"""Rules of preboard.cli.text: what is shown of errors and values, and what is left out."""

import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

import preboard
from preboard.cli.formats.text import write_verdict
from preboard.cli.grouping import shares_of
from preboard.cli.output import Page
from preboard.cli.shown import shown as shown_value
from preboard.cli.statements import Piece
from preboard.cli.verdict import Checked, Verdict, Wish
from preboard.language.statement import Statement


def shown(*texts, data=b"a,b\n1,x\n2,y\n", most_errors=20, all_must_match=False):
    """Return what is written of some statements over some data."""
    statements = [Statement.parse(text) for text in texts]
    checked = tuple(
        Checked(
            Piece(s.text, "s", s.text),
            s,
            preboard.validate(s, io.BytesIO(data), collect=False),
            number,
        )
        for number, s in enumerate(statements, 1)
    )
    out = io.StringIO()
    verdict = Verdict("data.csv", checked, Wish(all_must_match))
    write_verdict(Page(out, colours=False), verdict, most_errors)
    return out.getvalue()


@given(st.lists(st.integers(1, 60), max_size=12), st.integers(0, 100))
def test_shares_are_all_that_may_beshown_value(counts, most):
    shares = shares_of(counts, most)

    assert sum(shares) == min(most, sum(counts))
    assert all(0 <= share <= count for share, count in zip(shares, counts, strict=True))


@given(st.lists(st.integers(1, 60), min_size=1, max_size=12), st.integers(0, 100))
def test_no_rule_crowds_out_another(counts, most):
    shares = shares_of(counts, most)

    unserved = [share for share, count in zip(shares, counts, strict=True) if share < count]
    assert not unserved or max(shares) <= min(unserved) + 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "none"),
        (True, "True"),
        ("two  words\x1b", "'two  words\\x1b'"),
        ("x" * 200, "'" + "x" * 95 + "...'"),
        (date(2026, 10, 31), "2026-10-31"),
        ({}, "{}"),
        ({"\x1b": ["a", None]}, "{\\x1b: ['a', none]}"),
        (list(range(10)), "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]"),
        (list(range(11)), "11 entries"),
        ({"table": dict.fromkeys(range(2995))}, "{table: 2,995 entries}"),
        pytest.param(2**100_000, "a number of 100,001 bits", id="long"),
    ],
)
def test_values_are_short(value, text):
    assert shown_value(value).startswith(text)
    assert len(shown_value(value)) <= 100


class TestHead:
    def test_a_lone_statement_without_identity_needs_no_name(self):
        assert shown("$[*][ yes() ]") == "data.csv: valid, matched 3 of 3 lines\n"

    def test_several_are_told_apart(self):
        assert shown("$[*][ yes() ]", "~ id: two ~ $[1][ yes() ]") == (
            "data.csv: valid (statement 1), matched 3 of 3 lines\n"
            "\n"
            "data.csv: valid (two), matched 1 of 1 line\n"
        )

    @pytest.mark.parametrize(
        ("text", "note"),
        [
            ("~ run-mode: no-run ~ $[*][ yes() ]", "did not run"),
            ("$[50*][ yes() ]", "selected none of the lines"),
            ("$[*][ stop() ]", "stopped before the end of the file by stop()"),
            ("$[*][ fail() ]", "no errors to show"),
        ],
    )
    def test_what_could_be_misread_is_explained(self, text, note):
        assert note in shown(text)

    def test_a_finished_scan_is_no_surprise(self):
        assert shown("$[0-1][ yes() ]").count("\n") == 1


class TestErrors:
    def test_frequent_rules_come_first(self):
        text = shown('$[*][ #a == "1" -> error("rare") error("often") ]')

        assert text.index('3 x error("often")') < text.index('1 x #a == "1"')

    def test_more_errors_than_may_be_shown_are_counted(self):
        text = shown('$[*][ error("often") ]', data=b"a\n" * 1500, most_errors=2)

        assert "1,500 errors in 1 rule (2 shown, see --max-errors)" in text
        assert text.count("(text line ") == 2
        assert "1,498 more\n" in text

    def test_column_and_value_are_told_once(self):
        """Many messages name them already."""
        told = shown("$[1][ error(\"b '$.headers.b' is odd\") #b ]")
        needed = shown("$[1][ @n = add(#b, 1) ]")

        assert "b 'x' is odd" in told
        assert "b = 'x'" not in told
        assert "line 1 (text line 2), b = 'x': " in needed

    def test_a_message_is_one_line(self):
        text = shown('$[1][ error("$.headers.b") ]', data=b'a,b\n1,"two\nlines"\n')

        assert "line 1 (text line 2): two lines\n" in text


class TestPrintouts:
    def test_lines_of_a_printout_stay_lines(self):
        text = shown('$[1][ print("$.headers.b") ]', data=b'a,b\n1,"two\nlines\x1b"\n')

        assert text.endswith("\n  printed\n    two\n    lines\\x1b\n")

    def test_other_streams_have_their_name(self):
        assert "\n  printed to log\n    hello\n" in shown('$[1][ print("hello", "log") ]')
