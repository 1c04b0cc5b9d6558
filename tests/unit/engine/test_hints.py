"""Rules of preboard.engine.hints: what a refused value tells of how it came about."""

import io

import pytest

import preboard

CASES = [
    ("integer", "1 000", "thousands are set apart"),
    ("integer", "1\u00a0000", "thousands are set apart"),
    ("decimal", "1'234.50", "thousands are set apart"),
    ("decimal", "1.234,50", "a comma stands before the decimals"),
    ("one of: an integer, a decimal", "1.234,50", "a comma stands before the decimals"),
    ("integer", "7.00", "decimal() accepts"),
    ("integer", "31.12.2025", "looks like a date"),
    ("integer", "7.50", None),
    ("decimal", "7.00", None),
    ("integer", "two", None),
    ("integer", "1 00", None),
    ("date", "31.12.2025", "the format %d.%m.%Y"),
    ("date", "2025-12-31", "the format %Y-%m-%d"),
    ("date", "31/12/2025", "the format %d/%m/%Y"),
    ("date", "12/31/2025", "the format %m/%d/%Y"),
    ("datetime", "1/2/2025", "the format %d/%m/%Y or %m/%d/%Y"),
    ("date", "31/31/2025", None),
    ("date", "soon", None),
    ("date", "9" * 10_000, None),
    ("boolean", "31.12.2025", None),
    (None, "31.12.2025", None),
    ("integer", 7.5, None),
]


@pytest.mark.parametrize(("expected", "value", "hint"), CASES)
def test_a_hint_needs_a_sign_in_the_value(expected, value, hint):
    error = preboard.LineError(1, 2, "it is wrong", value=value, expected=expected)

    assert (hint or "") in (error.hint or "")
    assert (hint is None) == (error.hint is None)


@pytest.mark.parametrize(
    ("rule", "cell", "hint"),
    [
        ("integer.notnone(#n)", "", None),
        ("integer(#n, 100, 1)", "500", "the largest value first"),
        ('date(#n, "%Y-%m-%d")', "31.12.2025", "%d.%m.%Y"),
        ("integer(#n)", "two", None),
        ('#n == "x" -> error("is x")', "x", None),
    ],
)
def test_the_errors_of_a_run_have_hints(rule, cell, hint):
    data = f"n,m\n{cell},1\n".encode()
    (error,) = preboard.validate(f"$[1*][ {rule} ]", io.BytesIO(data), delimiter=",").errors

    assert (hint or "") in (error.hint or "")
    assert (hint is None) == (error.hint is None)
