"""line(): one error for one failing cell, whatever refuses it; lines of another width."""

from __future__ import annotations

import csv
import io

import pytest

import preboard

UUID = "6f0c1a52-1c1e-4b39-9d3a-2a1f6a6a0b11"
GOOD = {
    "string": "x", "integer": "1", "decimal": "1.5", "boolean": "true", "date": "2024-01-01",
    "datetime": "2024-01-01 10:00", "email": "a@b.com", "url": "http://a.example", "uuid": UUID,
    "blank": "x",
}  # fmt: skip
BAD = {
    "string(#v, 3)": "abcd", "string(#v, 9, 3)": "ab", "string(#v, none(), 3)": "ab",
    "integer(#v)": "x", "integer(#v, 5)": "7", "integer.strict(#v)": "1.0",
    "decimal(#v)": "x", "decimal(#v, 5, 1)": "0", "decimal(#v, 5, 1.0)": "nan",
    "decimal.strict(#v)": "1", "boolean(#v)": "maybe", "boolean.strict(#v)": "1",
    "date(#v)": "x", 'date(#v, "%Y")': "x", "date.strict(#v)": "2024-01-01 10:00",
    "date.strict(#v, none())": "2024-01-01 10h15", "datetime(#v)": "x",
    "datetime.strict(#v)": "2024-01-01", 'datetime.strict(#v, "%Y%m%d")': "20240101",
    "email(#v)": "x", "url(#v)": "file:///x", "uuid(#v)": "x", "none(#v)": "x",
    **{f"{name}.notnone(#v)": "" for name in GOOD},
}  # fmt: skip
REPEATED = [
    (f"{name}.{words}(#v)", value)
    for name, value in GOOD.items()
    for words in ("distinct", "notnone.distinct.k")
]


def run(statement, *lines, headers=("id", "v", "w"), **options):
    text = io.StringIO(newline="")
    csv.writer(text).writerows([headers, *lines])
    source = io.BytesIO(text.getvalue().encode())
    return preboard.validate(statement, source, delimiter=",", **options)


def the_error(report, member, line, value):
    """Say that there is this one error, and that the line does not match."""
    (error,) = report.errors
    assert (error.line, error.column, error.value) == (line, "v", value)
    assert error.expected == member.partition("(")[0].partition(".")[0]
    assert error.rule == member
    assert report.counts.matches == line - 1
    assert not report.valid


@pytest.mark.parametrize(("member", "value"), BAD.items())
def test_one_failing_cell_is_one_error(member, value):
    report = run(f"$[1*][ line(blank(#id), {member}, wildcard()) ]", ["1", value, "z"])
    the_error(report, member, 1, value)


@pytest.mark.parametrize(("member", "value"), REPEATED)
def test_one_repeated_cell_is_one_error(member, value):
    lines = [["1", value, "z"], ["2", value, "z"]]
    report = run(f"$[1*][ line(blank(#id), {member}, wildcard()) ]", *lines)
    the_error(report, member, 2, value)


@pytest.mark.parametrize(
    ("schema", "column", "value"),
    [
        ("none(), wildcard()", "id", "1"),
        ("wildcard(), none()", "w", "z"),
        ("wildcard(1), none(), blank()", "v", "x"),
        ("wildcard(), blank(), none(#w)", "w", "z"),
    ],
)
def test_a_member_without_a_header_tells_the_one_at_its_place(schema, column, value):
    report = run(f"$[1*][ line({schema}) ]", ["1", "x", "z"])
    (error,) = report.errors
    assert (error.column, error.value, error.expected) == (column, value, "none")


@pytest.mark.parametrize(
    "schema",
    ["string(#id), string(#v), string(#w)", "string(#id), wildcard()", "wildcard()",
     "wildcard(1), string(#v), wildcard(1)"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["strict", "strict.order", "order.strict"])
def test_strict_refuses_lines_that_are_wider_or_narrower(schema, name):
    lines = [["1", "a", "b"], ["2", "a"], ["3", "a", "b", "c"], ["4", "", ""], ["5"]]
    report = run(f"$[1*][ line.{name}({schema}) push('in', #id) ]".replace("'", '"'), *lines)
    assert [(e.line, e.column, e.value, e.expected) for e in report.errors] == [
        (2, None, 2, "3 values"), (3, None, 4, "3 values"), (5, None, 1, "3 values"),
    ]  # fmt: skip
    assert report.errors[0].message == "the line has 2 values where the schema has 3"
    assert report.variables["in"] == ["1", "2", "3", "4", "5"]
    assert [line[0] for line in report.lines] == ["1", "4"]


def test_without_strict_the_width_of_a_line_does_not_matter():
    report = run("$[1*][ line(string(#id), wildcard()) ]", ["1"], ["2", "a", "b", "c"])
    assert report.valid
    assert report.counts.matches == 2


def test_strict_counts_under_the_headers_in_force():
    """After reset_headers() the new ones count; what append() adds to a line counts, too."""
    lines = [["1", "a", "b"], ["x", "y"], ["2", "c"], ["3", "d", "e"]]
    statement = """$[1*][
        #id == "x" -> reset_headers()
        line.strict.nocontrib(wildcard()) yes()
    ]""".replace('#id == "x"', 'eq.nocontrib(#0, "x")')
    assert [e.line for e in run(statement, *lines).errors] == [4]

    report = run('$[1*][ append("z", 1) line.strict(wildcard()) ]', ["1", "a", "b"], ["2", "a"])
    assert [(e.line, e.value, e.expected) for e in report.errors] == [(2, 3, "4 values")]


def test_an_error_of_the_shape_is_not_told_twice():
    """Where the schema does not fit the headers, the width of each line says nothing more."""
    report = run("$[1*][ line.strict(string(#id)) ]", ["1", "a"])
    assert len(report.errors) == 1
    assert "Headers are wrong" in report.errors[0].message
