"""The words for a declaration: what a reader of the reference pages is told."""

import pytest

from preboard.language.functions import wording
from preboard.language.functions.library import functions


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("count", ["count()", "count(value)"]),
        ("tally", ["tally(value, [value, ...])"]),
        ("round", ["round(value, [places])"]),
    ],
)
def test_forms_show_what_may_be_left_out_and_repeated(name, expected):
    assert wording.forms(functions()[name]) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("count", []),  # any value at all
        ("add", [("number", "a number")]),
        ("lower", [("text", "a string")]),
        ("empty", [("value", "a variable, a header or a function")]),
        ("boolean", [("value", "a literal, a variable, a header, a function or a reference")]),
        ("min_length", [("text", "a string"), ("length", "an integer, given as a literal")]),
        ("collect", [("header", "a header, or its name or index as a literal")]),
        ("line", [("type", "a type, such as string() or wildcard()")]),
    ],
)
def test_an_argument_is_told_where_it_is_not_just_any_value(name, expected):
    assert wording.arguments(functions()[name]) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gt", "It votes; its value is its vote."),
        ("add", "It gives a value; its vote decides nothing."),
        ("length", "It gives a value, and votes."),  # by a rule of its own
        ("date", "It gives a value, and votes."),  # both apart
        ("push", "It acts; it has no value, and its vote decides nothing."),
    ],
)
def test_the_vote_is_told_as_it_is_declared(name, expected):
    assert wording.vote(functions()[name]) == expected


def test_a_summary_is_one_line():
    assert wording.summary(functions()["caps"]) == (
        "The text with its first letter in upper case, or with true that of every word."
    )
