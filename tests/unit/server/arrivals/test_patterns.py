"""Patterns of paths: what they take, what they refuse, and that no name makes them slow."""

from __future__ import annotations

import time
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preboard.errors import NameRefused
from preboard.server.arrivals.patterns import path_pattern


@pytest.mark.parametrize(
    ("pattern", "path", "taken"),
    [
        ("/orders/*.csv", "/orders/a.csv", {}),
        ("orders/*.csv", "/orders/a.csv", {}),
        ("/orders/*.csv", "orders/a.csv", {}),
        ("/orders/*.csv", "/orders/eu/a.csv", None),
        ("/orders/*.csv", "/orders/a.csv.gz", None),
        ("/orders/*.csv", "/Orders/a.csv", None),
        ("/orders/**", "/orders/a.csv", {}),
        ("/orders/**", "/orders/eu/x/a.csv", {}),
        ("/orders/**", "/order/a.csv", None),
        ("**", "a.csv", {}),
        ("**/a.csv", "/a.csv", {}),
        ("**/a.csv", "/x/y/a.csv", {}),
        ("**/a.csv", "/x/y/aa.csv", None),
        ("/x/**/y/*.csv", "/x/y/a.csv", {}),
        ("/x/**/y/*.csv", "/x/1/y/2/y/a.csv", {}),
        ("/x/**/y/*.csv", "/x/1/y/2/a.csv", None),
        ("**/in/**/a.csv", "/in/x/in/a.csv", {}),
        ("/a?.csv", "/ab.csv", {}),
        ("/a?.csv", "/a.csv", None),
        ("/[a-c]*.csv", "/b1.csv", {}),
        ("/[!a-c]*.csv", "/b1.csv", None),
        ("/[]]x", "/]x", {}),
        ("/a[+.]b", "/a+b", {}),
        ("/a.csv", "/aXcsv", None),
        ("/{feed}.csv", "/orders.csv", {"feed": "orders"}),
        ("/{feed}.csv", "/.csv", None),
        ("/{feed}_{day}.csv", "/orders_eu_21.csv", {"feed": "orders", "day": "eu_21"}),
        ("/{feed}_[0-9][0-9].csv", "/orders_eu_21.csv", {"feed": "orders_eu"}),
        ("/*-{feed}.csv", "/a-b-c.csv", {"feed": "b-c"}),
        ("/{partner}/in/*", "/alder/in/a.csv", {"partner": "alder"}),
        ("/in/{rest:**}", "/in/a/b/c.csv", {"rest": "a/b/c.csv"}),
        ("/{top:**}/in/{rest:**}", "/a/b/in/c/in/d", {"top": "a/b", "rest": "c/in/d"}),
        ("/{top:**}/in/*.csv", "/in/c.csv", {"top": ""}),
        ("/{top:**}/{x}/in/*.csv", "/in/in/in/c.csv", {"top": "in", "x": "in"}),
        ("/in/{rest:**}", "/in", {"rest": ""}),
        ("/a\nb*", "/a\nbc", {}),
    ],
)
def test_pattern(pattern, path, taken):
    assert path_pattern(pattern).match(path) == taken


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("", "empty"),
        ("/", "empty"),
        ("/a//b", "empty part"),
        ("/a/", "empty part"),
        ("/**/**/a", "two [*][*]"),
        ("/a**b", "two of"),
        ("/{a}{b}", "two of"),
        ("/*{b}", "two of"),
        ("/{a}/{a}", "twice"),
        ("/x{a:**}", "stands for whole parts"),
        ("/{A}", "belongs to nothing"),
        ("/{a", "belongs to nothing"),
        ("/a]", "belongs to nothing"),
        ("/[a", "belongs to nothing"),
        ("/[]", "which is none"),
        ("/[z-a]", "which is none"),
        ("/[a--b]", "which is none"),
        ("/" + "a" * 500, "longer than 500"),
    ],
)
def test_no_pattern(pattern, reason):
    with pytest.raises(NameRefused, match=reason):
        path_pattern(pattern)


@given(
    st.lists(st.sampled_from(["a", "b", "*", "?", "[ab]", "[!a]"]), min_size=1, max_size=8),
    st.text("ab", min_size=1, max_size=8),
)
def test_within_a_part_a_pattern_means_what_shells_mean(pieces, text):
    pattern = "".join(pieces)
    while "**" in pattern:
        pattern = pattern.replace("**", "*")

    assert (path_pattern(pattern).match(text) is not None) == fnmatchcase(text, pattern)


@given(
    st.lists(st.sampled_from(["a", "b", "**"]), min_size=1, max_size=6),
    st.lists(st.sampled_from(["a", "b"]), min_size=1, max_size=6),
)
def test_two_stars_stand_for_any_number_of_parts(wanted, steps):
    parts = [
        part for at, part in enumerate(wanted) if part != "**" or wanted[at - 1 : at] != ["**"]
    ]

    def fits(pattern, rest):
        if not pattern:
            return not rest
        if pattern[0] == "**":
            return any(fits(pattern[1:], rest[at:]) for at in range(len(rest) + 1))
        return bool(rest) and rest[0] == pattern[0] and fits(pattern[1:], rest[1:])

    assert (path_pattern("/".join(parts)).match("/".join(steps)) is not None) == fits(parts, steps)


def test_no_name_makes_a_pattern_slow():
    """A pattern that goes back and forth in it would take years."""
    pattern = path_pattern("**/" + "{x}a".replace("x", "y") + "*a" * 200 + "b")
    begin = time.perf_counter()

    assert pattern.match("/".join(["a" * 2_000] * 2)) is None
    assert path_pattern("**/a/" * 60 + "b").match("/".join(["a"] * 256)) is None
    assert time.perf_counter() - begin < 30
