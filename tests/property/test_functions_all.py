"""Every function of the registry, each form of its call, on odd values: none can be left out.

The calls are made from the declarations. A statement is refused before a line is read, or it runs
to its end and its errors are errors of lines; a new function is tried without being named here.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import preboard
from preboard.language.functions.library import functions

ODD = [
    "", " ", "None", "nan", "NaN", "inf", "-inf", "1e400", "9" * 5000, "-" + "9" * 4200, "0", "-0",
    "007", "3.7", "-4", "1e-400", "1,234.50", "12,50", "$5", "€", "true", "False", "2024-01-31",
    "0001-01-01T00:00+14:00", "9999-12-31 23:59:59-12:00", "04/05/2021", "May", "12:30", "٣",
    "Ünïcode ß", "a|b", "\u2028", "'", '"', "{0.__class__}", "{}{}", "%Q", "$..*", "[" * 3000,
    "/(a+)+$/", "<r><a>1</a></r>", "//a", '{"a": [1]}', "@a", "$.variables.a", "x@y.example",
    "https://a.example/", "6f0c1a52-1c1e-4b39-9d3a-2a1f6a6a0b11", "id", "a" * 40 + "b",
]  # fmt: skip
MAKE = """
    @list = stack("list")  push("list", #a)  push("list", @list)  push("both", @list, @table)
    put("table", "k", #b)  @day = date("2024-02-29")  @number = int(#a)  @nan = divide(1, 0)
    @zoned = datetime("2024-02-29T10:00:00+02:00")
"""
KINDS = {
    "V": ["@a", "@list", "@both", "@table", "@day", "@zoned", "@number", "@nan", "@unset"],
    "H": ["#a", "#b", "#c", "#nosuch", "#0", "#-1"],
    "F": ["none()", "yes()", "int(#a)", "line_number()", "concat(#a, #b)", "stack(@list)",
          "headers()", "variables()"],
    "E": ["#a == #b"],
    "T": ['"x"', '""', '"list"', '"a"', '"2024-01-31"', '"1"', '"{}"', '"%Y"', '"$"', '"//a"',
          '"true"', '"days"', '"line"', '"signed"', '"add"', '"collect"', "0", "1", "-3", "2.5",
          "99999999999999999999", "/a+/"],
    "R": ["$orders.variables.total"],
}  # fmt: skip
"""Arguments by their kind; a reference stands only where nothing else may: it needs a project."""

MEMBERS = [
    "string(#a)", "integer(#a, 5)", "decimal.strict(#a)", "boolean(#b)", "date.distinct(#b)",
    "datetime(#b)", "email(#c)", "url(#c)", "uuid(#c)", "none(#c)", "blank()", "wildcard()",
]  # fmt: skip
FRAMES = ["{}", 'push("out", {})', "@x = {}", "{} -> @x = #a", "{} yes.onmatch()"]
QUALIFIERS = ["", "", ".onmatch", ".notnone", ".nocontrib", ".once", ".onchange", ".distinct"]
ONLY_MEMBERS = {"blank", "wildcard"}
NEED_A_PROJECT = {("import", 0), ("metaphone", 1)}
"""Forms that are refused where there is no project."""

NEED_A_NAME = {"parquet"}

RUNS, TRIES = 6, 600
INTERNAL = ("(): ", "object has no attribute", "unexpected keyword", "maximum recursion",
            "positional", "list index", "Traceback")  # fmt: skip

EVERY = {function.name: function for function in functions().values()}
FORMS = [(name, form) for name, each in EVERY.items() for form in range(len(each.signatures))]


def argument(chance, place):
    """Return something that may stand at a place."""
    if place.use == "member":
        return chance.choice(MEMBERS)
    kinds = place.nodes.replace("R", "") or place.nodes
    return chance.choice(KINDS[chance.choice(kinds)])


def call(chance, function, signature):
    """Return a call of the form, under one of the function's names."""
    places = [place for place in signature.params if place.required]
    places += [place for place in signature.params if not place.required and chance.random() < 0.5]
    if places and places[-1].many:
        places += [places[-1]] * chance.randrange(3)
    name = chance.choice((function.name, *function.aliases))
    label = ".mine" if function.name in NEED_A_NAME else ""
    text = ", ".join(argument(chance, place) for place in places)
    made = f"{name}{label}{chance.choice(QUALIFIERS)}({text})"
    return f"line({made}, wildcard())" if function.name in ONLY_MEMBERS else made


UTC = dt.UTC
TYPED = [
    {
        "a": [None, 1, -5, 2**40, 0],
        "b": [None, float("nan"), float("inf"), -0.0, 1e300],
        "c": ["x", "", None, "2024-01-31", "true"],
    },
    {
        "a": [dt.date(2024, 1, 31), None, dt.date(1, 1, 1), dt.date(9999, 12, 31), None],
        "b": [dt.datetime(2024, 1, 1, tzinfo=UTC), None, dt.datetime(9999, 12, 31, tzinfo=UTC),
              None, None],
        "c": [True, False, None, None, True],
    },
    {
        "a": [[1, 2], None, [], [3], None],
        "b": [{"x": 1}, None, {"x": None}, {"x": 2}, None],
        "c": [Decimal("1.10"), None, Decimal("-3.00"), Decimal(0), None],
    },
    {
        "a": [dt.time(1, 2), None, dt.time(3), None, dt.time(23, 59)],
        "b": [b"\xff", b"ab", None, b"", None],
        "c": [dt.timedelta(seconds=5), None, dt.timedelta(days=9), None, None],
    },
]  # fmt: skip
"""Columns of a Parquet file: cells that are no text."""


@pytest.fixture(scope="module")
def typed_files(tmp_path_factory):
    """Return the paths of Parquet files with odd values."""
    folder = tmp_path_factory.mktemp("typed")
    paths = [folder / f"{number}.parquet" for number in range(len(TYPED))]
    for path, columns in zip(paths, TYPED, strict=True):
        pq.write_table(pa.table(columns), path)
    return paths


def table(chance):
    """Return a file of odd cells, short lines and long ones among them."""
    text = io.StringIO(newline="")
    rows = [chance.choices(ODD, k=chance.choice((1, 2, 3, 3, 3, 4))) for _ in range(6)]
    csv.writer(text).writerows([["a", "b", "c"], *rows])
    return io.BytesIO(text.getvalue().encode())


@pytest.mark.parametrize(("name", "form"), FORMS, ids=[f"{n}-{f}" for n, f in FORMS])
def test_odd_values_give_a_report(name, form, tmp_path, typed_files):
    """No value makes a run raise anything, and no error of a line tells of our own code."""
    chance = random.Random(f"{name} {form}")  # noqa: S311 - no secret
    function = EVERY[name]
    access = preboard.Access(tables=tmp_path)
    typed = [] if function.whole_file else typed_files
    ran = 0
    for _ in range(TRIES):
        made = call(chance, function, function.signatures[form])
        before = chance.choice(["", MAKE, f"{MAKE} @a = #b"])
        scan = chance.choice("*1")
        statement = f"$[{scan}{'*' if scan == '1' else ''}][{before} "
        statement += f"{chance.choice(FRAMES).format(made)} ]"
        try:
            is_typed = typed and chance.random() < 0.4
            source = chance.choice(typed) if is_typed else table(chance)
            report = preboard.validate(
                statement, source, delimiter=None if is_typed else ",", timeout_s=20, access=access
            )
        except preboard.StatementError as error:
            codes = {finding.code for finding in error.diagnostics}
            assert "unknown-function" not in codes, statement
            continue
        told = [error.message for error in report.errors]
        wrong = [message for message in told if any(word in message for word in INTERNAL)]
        assert not wrong, f"{statement}\n{wrong}"
        assert report.counts.scans >= report.counts.matches
        assert bool(told) <= (not report.valid)
        ran += 1
        if ran == RUNS:
            break
    assert ran == (0 if (name, form) in NEED_A_PROJECT else RUNS)


def test_every_function_is_tried():
    """A function of the registry that no form above calls would be left out."""
    assert {name for name, _ in FORMS} == {function.name for function in functions().values()}
    assert len(EVERY) > 150
