"""Stacks and variables where no recorded case tells."""

import io
import time

import pytest

import preboard
from preboard.language.functions.stacks import Stack


def run(statement, text="a\nx\n", **options):
    return preboard.validate(statement, io.BytesIO(text.encode()), delimiter=",", **options)


def value_of(statement, text="a\nx\n"):
    report = run(statement, text)
    return report.variables.get("v"), [error.message for error in report.errors]


def test_distinct_takes_no_longer_on_a_long_stack():
    text = "a\n" + "".join(f"{n}\n" for n in range(60_000))

    began = time.perf_counter()
    report = run('$[1*][ push.distinct("s", #a) push_distinct("s", #a) ]', text)

    assert len(report.variables["s"]) == 60_000
    assert time.perf_counter() - began < 5


def test_a_stack_knows_what_others_did_to_it():
    """What is popped may come again, and what anyone appended is known."""
    stack = Stack(["a"])
    stack.push("b", distinct=True)
    stack.pop_last()
    stack.append("c")
    for value in ("b", "c", "a", ["a"], ["a"], 1, 1.0, True):
        stack.push(value, distinct=True)

    assert stack == ["a", "c", "b", ["a"], 1]


@pytest.mark.parametrize(
    "statement",
    [
        '$[1][ push("s", stack("s")) ]',
        '$[1][ push("s", 1) push("t", @s) push("s", @t) ]',
        '$[1][ put("d", "k", "v") put("d", "k", @d) ]',
        '$[1][ track.d("k", "v") track.d("j", @d) ]',
    ],
)
def test_nothing_holds_itself(statement):
    """What holds itself has no end: neither text nor JSON can be made of it."""
    report = run(statement)

    assert [error.message for error in report.errors] == [
        "a list or a dictionary cannot be put into itself"
    ]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ('$[1][ push("s", 1, 2) @v = peek("s", -3) ]', None),
        ('$[1][ push("s", 1, 2) @v = slice("s", 7) ]', []),
        ('$[1][ push("s", "a", 4) @v = index_of("s", 4) ]', 1),
        ('$[1][ put("d", 5, "x") @v = get("d", 5) ]', "x"),
        ('$[1][ put("d", yes(), "x") @v = get("d", "True") ]', "x"),
        ('$[1][ put("d", "k", "x") @v = get("d", "k", "y") ]', "x"),
        ('$[1][ push("s", " padded ") @v = pop("s") ]', "padded"),
        ("$[1][ @d.a = 1 @d.b = 2 clear(@d.a) @v = @d ]", {"b": 2}),
        ('$[1][ track_any("k", "1,200") @v = get("track_any", "k") ]', 1200.0),
        ('$[1][ track_any("k", "TRUE") @v = get("track_any", "k") ]', True),
    ],
)  # fmt: skip
def test_values(statement, expected):
    assert value_of(statement) == (expected, [])


def test_index_of_matches_when_the_value_is_there():
    report = run('$[1*][ push("s", "y") index_of("s", "x") ]', "a\nx\n")
    assert report.counts.matches == 0


def test_reading_an_unknown_variable_makes_none():
    assert "nosuch" not in run('$[1][ @v = get("nosuch") ]').variables


def test_pop_votes_the_default_vote():
    """Under logic-mode OR a stack that gives a value makes no line match."""
    report = run('~ logic-mode: OR ~ $[1][ push("s", 1) pop("s") ]')
    assert report.counts.matches == 0
