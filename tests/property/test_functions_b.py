"""Whatever the cells hold: a function gives a value or an error of the line, never an exception."""

import csv
import io
import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import preboard

ODD = [
    "", " ", "None", "nan", "NaN", "inf", "-inf", "1e400", "9" * 5000, "-" + "9" * 4200, "0", "-0",
    "007", "3.7", "-4", "1,234.50", "12,50", "$5", "true", "False", "2024-01-31", "May",
    "0001-01-01T00:00+14:00", "9999-12-31 23:59:59-12:00", "٣", "Ünïcode", "a|b", "\u2028", "'",
    '"', "$.variables.a", "@a", "<r><a>1</a><a/></r>", "<r", "//a", "count(//*)", "//*[", "$v",
    "<!DOCTYPE r [<!ENTITY e 'x'>]><r>&e;</r>", "line_number", "total_lines", "list", "table",
]  # fmt: skip
MAKE = """
    @list = stack("list")  push("list", #a)  push("list", @list)  push("both", @list, @table)
    put("table", "k", #b)  @day = date("2024-02-29")  @number = int(#a)  line_fingerprint.print()
"""
VALUES = [
    "#a", "#b", "#c", "#nosuch", "@a", "@list", "@both", "@table", "@day", "@number", "@unset",
    "@print", "none()", "yes()", "line_number()",
]  # fmt: skip
LITERALS = ['"x"', "1", "-3", "2.5", '"list"', '"table"', '"number"']
NAMES = ['"list"', '"table"', '"number"', '"nosuch"', '"print"']
INDEXES = ["0", "-1", "2", "99999999999999999999"]

values, names, indexes = map(st.sampled_from, (VALUES, NAMES, INDEXES))
anything = st.sampled_from([*VALUES, *LITERALS])


def calls(words, *places, more=None, most=3):
    """Calls of some functions with one argument for each place, and any number from `more`."""
    several = st.just(()) if more is None else st.lists(more, max_size=most).map(tuple)
    return st.tuples(st.sampled_from(words.split()), st.tuples(*places), several)


CALLS = {
    "push": calls("push push.distinct push.skipnone push_distinct", anything, more=anything),
    "put": calls("put", anything, anything, more=anything, most=1),
    "get": calls("get", anything, more=anything, most=2),
    "stack": calls(
        "pop pop.asbool peek_size size stack clear",
        anything.filter(lambda v: v[0] not in "-0123456789"),
    ),
    "peek": calls("peek peek.asbool", anything, indexes),
    "index_of": calls("index_of", names, anything),
    "slice": calls(
        "slice",
        names,
        anything.filter(lambda v: v not in LITERALS or v in ("1", "-3", "2.5")),
        more=values,
        most=1,
    ),
    "sort": calls("sort", names, more=st.sampled_from(['"desc"', '"x"'])).filter(
        lambda c: len(c[2]) < 2
    ),
    "track": calls("track track.list track_any track_any.table", anything, anything),
    "collect": calls("track track_any", anything, anything, st.just('"collect"')),
    "add": calls("track_any track_any.table", anything, anything, st.just('"add"')),
    "validity": calls(
        "fail fail_all valid failed matches percent_matching vote_stack do_when_stack"
    ),
    "datatype": calls("datatype", values),
    "print": calls(
        "print error",
        st.sampled_from(['"$.variables.list $.variables.both.0"', '"$.headers.a $.csvpath.valid"']),
    ),
    "lines": calls("print_line print_queue header_table run_table row_table var_table"),
    "print_line": calls(
        "print_line",
        st.just('"s"'),
        st.sampled_from(['";"', '"\t"', '""']),
        more=st.just('"quotes"'),
        most=1,
    ),
    "row_table": calls("row_table", indexes, more=indexes, most=1),
    "var_table": calls("var_table", names, more=names),
    "log": calls("log", st.just('"x"'), more=st.just('"debug"'), most=1),
    "debug": calls("debug brief_stack_trace", more=values, most=1),
    "misc": calls("env runtime metadata", anything),
    "random": calls("random shuffle shuffle.list", values, values),
    "fingerprints": calls(
        "line_fingerprint line_fingerprint.list store_line_fingerprint file_fingerprint"
        " collect_original shuffle"
    ),
    "xpath": calls(
        "xpath",
        anything,
        more=st.sampled_from([*VALUES, '"//a"', '"count(/r/a) + 1"', '"/r/a[1] = //a"']),
        most=1,
    ).filter(lambda c: c[2] or c[1][0] not in LITERALS),
    "select": calls(
        "select select.hits",
        values,
        st.sampled_from(['"t"', "#b"]),
        st.sampled_from(["#a", '"k = @a"', '"k in @list"', '"n > @number"', "none()"]),
        st.just('"sqlite:///CONNECT"'),
    ),
    "sql_in": calls(
        "sql_in",
        anything,
        st.sampled_from(['"t"', "#b"]),
        st.sampled_from(['"k"', '"n"', "#a"]),
        st.just('"sqlite:///CONNECT"'),
        more=st.sampled_from(["yes()", '"false"', "@a"]),
        most=1,
    ),
    "jinja": calls("jinja", values, values, more=values),
}
QUALIFIERS = ["", ".onmatch", ".notnone", ".nocontrib", ".once", ".onchange"]

cells = st.one_of(st.sampled_from(ODD), st.text(max_size=12).filter(lambda t: "\0" not in t))
rows = st.lists(st.lists(cells, min_size=1, max_size=4), min_size=1, max_size=4)


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    path = tmp_path_factory.mktemp("sql") / "t.db"
    connection = sqlite3.connect(path)
    connection.execute("create table t(k text, n integer)")
    connection.execute("insert into t values('a', 1), (null, 2)")
    connection.commit()
    connection.close()
    return path


@st.composite
def used(draw, kind):
    """A statement that uses a call, for its value and for its vote."""
    name, args, more = draw(CALLS[kind])
    call = f"{name}{draw(st.sampled_from(QUALIFIERS))}({', '.join((*args, *more))})"
    before = draw(st.sampled_from(["", MAKE, f"{MAKE} @a = #b"]))
    form = draw(st.sampled_from(["{}", 'push("out", {})', "@x = {}", "{} -> @x = #a"]))
    return f"$[{draw(st.sampled_from('*1'))}][{before} {form.format(call)} ]"


@pytest.mark.parametrize("kind", CALLS)
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), table=rows)
def test_odd_cells_give_a_report(kind, data, table, database):
    """No value of a cell makes a run raise anything that is no error of ours."""
    statement = data.draw(used(kind)).replace("CONNECT", str(database))
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["a", "b", "c"], *table])
    source = io.BytesIO(text.getvalue().encode("utf-8", "replace"))
    try:
        report = preboard.validate(statement, source, delimiter=",")
    except preboard.StatementError as error:
        codes = {finding.code for finding in error.diagnostics}
        assert codes <= {"argument-value", "bad-path", "bad-condition"}, str(error)  # noqa: PT017
        return
    except preboard.InputError:  # the odd cells look like a file that is no table
        return
    assert report.counts.scans >= report.counts.matches
    told = [error.message for error in report.errors]
    internal = (
        "(): ",
        "object has no attribute",
        "unexpected keyword",
        "maximum recursion",
        "positional",
    )
    assert not [message for message in told if any(word in message for word in internal)]
