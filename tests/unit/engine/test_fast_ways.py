"""Fast ways do what the exact ways do: those of single functions, and the tests of schema cells."""

import csv
import io
import itertools
import random

import pytest

import preboard
from preboard.engine import compile as compiling
from preboard.engine.schemas import SchemaWriter
from preboard.language.functions.library import functions
from preboard.language.values import is_empty, quick_decimal, to_number

CELLS = [
    "", " ", "0", "7", "7", "-7", "-", "--7", "+7", "007", "12.5", "12.", ".5", "-12.5", "1,200",
    "12,50", "$5", "1e3", "1e999", "-1e999", "1_000", "nan", "NaN", "-nan", "inf", "-inf", "none",
    "None", "NONE", " none ", "null", "abc", "Ab", "a b", " 7 ", "7 ", "\u0663", "\u00b2", "true",
    "x" * 45, "9" * 45, "2024-02-29", "2023-02-29", "0099-01-01", "2024-1-5", "2024-01-05 ",
    "20240105", "2024-W01-1", "2024-01-05T10:00", "a@example.com", "A@example.com", "a@example",
    "a.b+c@mail.example.org", "a..b@example.com", "a@b@example.com", "a" * 61 + "@example.com",
    "a" * 70 + "@example.com", "a@" + "b" * 63 + ".com", "a@" + "bc." * 60 + "com", "@example.com",
    "a@" + "bc." * 85 + "com",
]  # fmt: skip
"""Cells as they come, and every kind of trap among them."""

STATEMENTS = [
    "sum(#a)", "sum.total(#a)", "@t = sum.total(#a)", "@s = 5 sum.s(#a)",
    "tally(#a)", "tally.seen(#a)", "tally(#a, #b)", "tally.x(#a) @x_a = none()",
    "has_dups(#a)", "has_dups.ids(#a)", "has_dups.ids(#a, #b)", "has_dups()",
    "@d = has_dups.ids(#a) @d.asbool.nocontrib -> sum.dup(#b)",
    "@v = average(#a)", '@v = average.run(#a, "line")', '@v = average.run(#a, "scan")',
    '@v = average.run(#a, "match")', "@v = max.top(#a)", "@v = min.low(#a)", "@v = max(#a)",
    "@w = 3 @v = max.w(#a) @w = min.w(#b)", "max.onmatch(#a) #b", "sum.notnone(#a)",
]  # fmt: skip
"""Every function that has a fast way, with and without it."""

MEMBERS = [
    "string(#a)", "string.notnone(#a)", "string.notnone(#a, 4)", "string.notnone(#a, 4, 4)",
    "string.notnone(#a, 3, 3)", "string.notnone(#a, 2, 2)", "string(#a, 5, 2)",
    "string.notnone(#a, 60, 1)", "integer(#a)", "integer.notnone(#a)", "integer(#a, 10, 0)",
    "decimal(#a)", "decimal.notnone(#a)", "decimal.strict(#a)", "decimal(#a, 10)", "boolean(#a)",
    "email(#a)", "email.notnone(#a)", 'date(#a, "%Y-%m-%d")', "date(#a)", "datetime(#a)",
    'date.notnone(#a, "%d.%m.%Y")',
]  # fmt: skip
"""Members of a schema whose cells are tested first, or whose accepted cells are kept."""


TAME = [cell for cell in CELLS if "inf" not in cell and "999" not in cell]
"""Cells without those that make every sum infinite."""


def table(cells, seed=1):
    """Return a file with all pairs of neighbours in a random order, and a few short lines."""
    rows = [*itertools.pairwise(cells * 2)]
    random.Random(seed).shuffle(rows)  # noqa: S311 - an order, no secret
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["a", "b"])
    for number, row in enumerate(rows):
        writer.writerow(row[:1] if number % 17 == 0 else row)
    return text.getvalue().encode()


def outcome(statement, cells=CELLS):
    """Return all that a run comes to."""
    report = preboard.validate(statement, io.BytesIO(table(cells)), delimiter=",")
    errors = [(e.line, e.source, e.message, repr(e.value)) for e in report.errors]
    return repr(report.variables), errors, report.lines, report.valid


@pytest.mark.parametrize("cells", [CELLS, TAME], ids=["all", "tame"])
@pytest.mark.parametrize("components", STATEMENTS)
def test_functions(components, cells, monkeypatch):
    """A function with a fast way gives, keeps and reports what it does without."""
    statement = f"$[1*][ {components} ]"
    quick = outcome(statement, cells)
    prepared = {id(f): f for f in functions().values() if f.preparer}
    for function in prepared.values():
        monkeypatch.setattr(function, "preparer", None)
    assert prepared
    assert quick == outcome(statement, cells)


@pytest.mark.parametrize("member", MEMBERS)
def test_members(member, monkeypatch):
    """A cell that a fast test accepts is one that the exact rule accepts."""
    statement = f"$[1*][ line({member}, wildcard()) ]"
    quick = outcome(statement)
    compiling.compiled.cache_clear()
    monkeypatch.setattr(SchemaWriter, "_accept", lambda _self, _member: None)
    exact = outcome(statement)
    compiling.compiled.cache_clear()
    assert quick == exact


def test_plain_numbers():
    """The quick reading of a number is that of to_number, or none."""
    taken = [cell for cell in CELLS if quick_decimal(cell) is not None]
    assert len(taken) > 5
    for cell in taken:
        assert quick_decimal(cell) == float(to_number(cell))
        assert not is_empty(cell)


@pytest.mark.parametrize("name", ["sum", "tally", "has_dups", "average", "max", "min"])
def test_all_are_tried(name):
    """The functions with a fast way are those that the statements above name."""
    assert functions()[name].preparer
    assert sum(1 for f in {id(f): f for f in functions().values()}.values() if f.preparer) == 6
