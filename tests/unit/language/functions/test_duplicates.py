"""Duplicates, where no recorded case tells."""

import io
from hashlib import sha256

import preboard
from preboard.language.functions.duplicates import digest


def run(statement, text):
    return preboard.validate(statement, io.BytesIO(text.encode()), delimiter=",")


def test_digest_is_of_the_tuple():
    """Which value ends where counts, and a missing value is no empty one."""
    tuples = [("1", "23"), ("12", "3"), ("123",), ("123", ""), ("123", None), ("", "123"), ()]
    assert len({digest(values) for values in tuples}) == len(tuples)
    assert digest(["x"]) == sha256(b"x").hexdigest()
    assert len(digest(["\ud800", 7, [1]])) == 64


def test_occurrences_that_share_a_variable_count_a_line_once():
    """has_dups.k() and count_dups.k() over the same headers see each line once."""
    report = run('$[1*][@d = has_dups.k(#a) push("n", count_dups.k(#a))]', "a\nx\nx\ny\nx\n")
    assert report.variables["n"] == [1, 2, 1, 3]
    assert sorted(report.variables["k"].values()) == [[1, 2, 4], [3]]


def test_first_tells_joined_values_apart():
    """Values whose texts join to the same text are kept under other keys."""
    report = run("$[1*][first(#a, #b)]", "a,b\n1,23\n12,3\n1,23\n,123\n")
    assert report.counts.matches == 3
    assert report.variables["first"] == {"123": 1, "12|3": 2, "|123": 4}
