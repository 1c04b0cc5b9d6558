"""Whatever the cells hold: a function gives a value or an error of the line, never an exception."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import preboard

ODD = [
    "", " ", "None", "nan", "NaN", "inf", "-inf", "1e400", "9" * 5000, "-" + "9" * 4200, "0", "-0",
    "007", "3.7", "-4", "1,234.50", "12,50", "$5", "€", "true", "False", "2024-01-31",
    "0001-01-01T00:00+14:00", "9999-12-31 23:59:59-12:00", "04/05/2021", "2024-01-31 10:00 XYZ",
    "1 Jan 24", "May", "12:30", "٣", "Ünïcode", "a|b", "\u2028", "'", "1_000", "0x10", "1e-400",
]  # fmt: skip
MAKE = """
    @list = stack("list")  push("list", #a)  push("list", @list)  push("empty", none())
    put("table", "k", #b)  @nan = divide(1, 0)  @day = date("2024-02-29")
    @zoned = datetime("2024-02-29T10:00:00+02:00")
"""
VALUES = [
    "#a", "#b", "#c", "#nosuch", "@a", "@list", "@empty", "@table", "@nan", "@day", "@zoned",
    "@unset", "none()", "yes()", "no()", "int(#a)", "line_number()",
]  # fmt: skip
VOTES = [*VALUES, "#a == #b", "gt(#a, #b)"]
LITERALS = ['"x"', '""', "1", "-3", "2.5", '"2024-01-01"', '"a|b"']
ANY = [*VALUES, *LITERALS]
HEADERS = ["#a", "#b", "#c", "#nosuch"]

values, anything, headers, votes = map(st.sampled_from, (VALUES, ANY, HEADERS, VOTES))
WHOLE = [
    *((name, (place,), ()) for name in ("all", "any") for place in ("headers()", "variables()")),
    ("missing", ("headers()",), ()),
    ("empty", ("headers()",), ()),
    ("any", (), ()),
]


def calls(names, *places, more=None):
    """Calls of some functions with one argument for each place, and any number from `more`."""
    several = st.just(()) if more is None else st.lists(more, max_size=3).map(tuple)
    return st.tuples(st.sampled_from(names.split()), st.tuples(*places), several)


CALLS = {
    "presence": calls("all missing", more=values),
    "presence of all": st.sampled_from(WHOLE),
    "any": calls("any", st.sampled_from([*ANY, "#a == #b"])),
    "any in": calls("any", st.sampled_from(["headers()", "variables()"]), anything),
    "empty": calls("empty", values, more=values),
    "exists": calls("exists odd even int float", values),
    "bounds": calls(
        "between inside from_to range beyond outside before_after", anything, anything, anything
    ),
    "in": calls("in", anything, anything, more=anything),
    "order": calls(
        "gt above after lt below before gte ge lte le equals eq neq not_equal_to",
        anything,
        anything,
    ),
    "arithmetic": calls(
        "add subtract minus multiply divide", values, values, more=st.sampled_from(VALUES)
    ),
    "mod": calls("mod", values, values),
    "round": calls("round", values, st.sampled_from(["0", "-400", "2", "99999", "-99999"])),
    "sum": calls("sum sum.list sum.a", values),
    "subtotal": calls("subtotal subtotal.list subtotal.table", values, values),
    "count": calls("count every.t every.list count.table", votes, more=st.just("2")).filter(
        lambda call: call[0].startswith("count") != bool(call[2]) and len(call[2]) < 2
    ),
    "increment": calls("increment increment.list", votes, st.just("2")),
    "counter": calls("counter counter.list counter.nan", values),
    "tally": calls("tally tally.list", values, more=values),
    "no arguments": calls(
        "count_bytes count_headers count_headers_in_line after_blank firstline firstmatch"
        " count_lines line_number count_scans total_lines has_matches has_dups fingerprint"
    ),
    "duplicates": calls(
        "has_dups dup_lines count_dups percent_dups fingerprint has_dups.list", more=headers
    ),
    "first": calls("first first.list first.table", headers, more=headers),
    "then": calls(
        "firstline firstmatch first_line first_match"
        " stop_all fail_and_stop skip_all stop skip take",
        st.sampled_from(["no()", "gt(#a, #b)", "exists(#a)"]),
    ),
    "advance": calls("advance advance_all", st.sampled_from(["@a", "@list", "int(#a)", "@nan"])),
}
QUALIFIERS = ["", ".onmatch", ".notnone", ".nocontrib", ".once"]

cells = st.one_of(st.sampled_from(ODD), st.text(max_size=12).filter(lambda t: "\0" not in t))
rows = st.lists(st.lists(cells, min_size=1, max_size=4), min_size=1, max_size=5)


@st.composite
def used(draw, kind):
    """A statement that uses a call, for its value and for its vote."""
    name, args, more = draw(CALLS[kind])
    call = f"{name}{draw(st.sampled_from(QUALIFIERS))}({', '.join((*args, *more))})"
    before = draw(st.sampled_from(["", MAKE, f"{MAKE} @a = #b"]))
    form = draw(st.sampled_from(["{}", 'push("out", {})', "@x = {}", "{} -> @x = #a", "not({})"]))
    return f"$[{draw(st.sampled_from('*1'))}][{before} {form.format(call)} ]"


@pytest.mark.parametrize("kind", CALLS)
@settings(max_examples=25, deadline=None)
@given(data=st.data(), table=rows)
def test_odd_cells_give_a_report(kind, data, table):
    """No value of a cell makes a run raise anything that is no error of ours."""
    statement = data.draw(used(kind))
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["a", "b", "c"], *table])
    source = io.BytesIO(text.getvalue().encode("utf-8", "replace"))
    report = preboard.validate(statement, source, delimiter=",")
    assert report.counts.scans >= report.counts.matches
    assert all("maximum recursion" not in error.message for error in report.errors)
