"""Formats reach the value and nothing else; patterns and texts stay within bounds."""

import io
import time

import pytest

import preboard


def run(statement, text):
    return preboard.validate(statement, io.BytesIO(text.encode()), delimiter=",")


def value(call, cell):
    report = run(f"$[1][@v = {call}]", f'a,b\n"{cell}",x\n')
    return report.variables.get("v"), [error.message for error in report.errors]


@pytest.mark.parametrize(
    "template",
    ["{0.__class__}", "{0[0]}", "{a}", "{1}", "{0:{0}}", "{0!x}", "{", "{} {}", "{} {0}"],
)
def test_templates_reach_only_the_value(template):
    """Whether it stands in the statement or in a cell."""
    with pytest.raises(preboard.StatementError) as error:
        value(f'interpolate(#b, "{template}")', "")
    assert error.value.diagnostics[0].code == "bad-template"
    found, errors = value("interpolate(#b, #a)", template)
    assert found is None
    assert len(errors) == 1


@pytest.mark.parametrize(
    ("call", "cell", "expected"),
    [
        ('format(#a, ".2f")', "9.5", "9.50"),
        ('format(#a, "06d")', "12", "000012"),
        ('format(#a, ">5")', "ab", "   ab"),
        ('format(#a, "5")', "ab", "ab   "),
        ('interpolate(#a, "{:.1f} EUR")', "1,234.56", "1234.6 EUR"),
        ('interpolate(#a, "{{{0}}} {0}")', "x", "{x} x"),
        ('caps(#a, "false")', "red fish", "Red fish"),
        ('caps(#a, "true")', "red  fish", "Red  Fish"),
        ('metaphone("Schmidt")', "", "XMT"),
        ("regex(/usr/, #a)", "/usr/", "usr"),
        ("substring(#a, #b)", "abc", None),
    ],
)
def test_values(call, cell, expected):
    assert value(call, cell)[0] == expected


@pytest.mark.parametrize(
    ("call", "cell"),
    [
        ('format(#a, "99999d")', "1"),
        ('interpolate(#a, "{:>9999}")', "1"),
        ("exact(#a, /(a|aa)+/)", "a" * 60 + "b"),
        ("regex(#a, /^(a|aa)+$/)", "a" * 60 + "b"),
        ('alter(#a, "", interpolate(#a, "{0}{0}{0}{0}"))', "a" * 9000),
        ("metaphone(#a)", "a" * 50_000),
    ],
)
def test_what_would_take_too_much_is_an_error(call, cell):
    began = time.perf_counter()
    _, errors = value(call, cell)
    assert errors
    assert time.perf_counter() - began < 5
