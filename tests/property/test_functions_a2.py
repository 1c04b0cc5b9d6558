"""Whatever the cells hold: a function gives a value or an error of the line, never an exception."""

import csv
import io
import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import preboard

ODD = [
    "", " ", "None", "nan", "NaN", "inf", "-inf", "1e400", "9" * 5000, "-" + "9" * 4200, "0", "-0",
    "3.7", "-4", "1,234.50", "$5", "€", "true", "False", "2024-01-31", "0001-01-01", "9999-12-31",
    "0001-01-01T00:00+14:00", "9999-12-31 23:59:59-12:00", "2024-01-31 10:00 XYZ", "May", "12:30",
    "٣", "Ünïcode ß", "a|b", "\u2028", "'", "{0.__class__}", "{", "{}{}", "{:999999999}", "%", "%Q",
    "/(a+)+$/", "/(/", "//", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", '{"a": [1, {"b": null}]}', "[[",
    "$..*", "$[?(@.a == 'x')]", "[" * 3000, "{a: 1, /* b */}", "id", "-1", "1e3", "Schmidt-O'Neil",
]  # fmt: skip
MAKE = """
    @list = stack("list")  push("list", #a)  push("list", @list)  put("table", "k", #b)
    @day = date("2024-02-29")  @zoned = datetime("2024-02-29T10:00:00+02:00")  @n = 5
"""
VALUES = [
    "#a", "#b", "#c", "#nosuch", "@list", "@table", "@day", "@zoned", "@n", "@unset", "none()",
    "yes()", "no()", "int(#a)", "float(#b)",
]  # fmt: skip
ANY = [*VALUES, '"x"', '"a b"', "1", "-3", "2.5", '"2024-01-01"']
NAMED = ["#a", "#b", "#c", '"a"', '"b"', "0", "-1", "7", '"nosuch"']

values, anything, named = map(st.sampled_from, (VALUES, ANY, NAMED))
units = st.sampled_from(['"years"', '"month"', '"days"', '"hours"', '"seconds"'])
which = st.sampled_from(['"line"', '"scan"', '"match"', "#b"])
texts = st.sampled_from(['"{}"', '"{0:>9} {0}"', '"{:.2f}"', "#a", "#b", "@list"])
paths = st.sampled_from(['"$"', '"$..*"', "\"$[?(@.a == 'x')]\"", "#a", "#b", "@n"])
patterns = st.sampled_from(["/a+/", "/(a|b)*$/", "#b", '"/x/"', "@n"])


def calls(names, *places, more=None):
    """Calls of some functions with one argument for each place, and any number from `more`."""
    several = st.just(()) if more is None else st.lists(more, max_size=3).map(tuple)
    return st.tuples(st.sampled_from(names.split()), st.tuples(*places), several)


CALLS = {
    "no arguments": calls("now thisyear thismonth today headers headers_stack empty_stack end"),
    "dates": calls("year month day", anything),
    "now": calls("now", st.sampled_from(["#a", "@list", "@n", '"%Y"'])),
    "format_date": calls("format_date", anything, st.sampled_from(["#b", "@n", '"%Y %j %e"'])),
    "roll": calls("roll", values, st.sampled_from([*VALUES, "1", "-999999"]), units),
    "columns": calls("collect remove", named, more=named),
    "replace": calls("replace", named, anything),
    "append": calls("append", st.just('"x"'), anything),
    "append to headers": calls("append", st.just('"x"'), anything, st.sampled_from(["yes()"])),
    "insert": calls("insert", st.sampled_from("0129"), st.just('"x"'), anything),
    "rename": calls("rename", named, st.sampled_from(['"x"', "#a", "@n", "@list"])),
    "rename by stack": calls("rename", st.sampled_from(["@list", "@table", "@unset", "@n"])),
    "line_before": calls("line_before line_before.list", named),
    "empty_stack": calls("empty_stack", st.sampled_from(["#a", "@list", "@table"])),
    "end": calls("end", anything.filter(lambda a: '"' not in a)),
    "header": calls(
        "header_name header_index headers", st.sampled_from(["@list", "@n", "int(#a)", '"a"'])
    ),
    "header with expected": calls(
        "header_name header_index", st.sampled_from(["@n", "int(#a)"]), st.sampled_from(["1"])
    ),
    "names": calls("header_names_match header_names_mismatch", st.just('"a|b|c"')),
    "mismatch": calls("mismatch", st.sampled_from(["no()", '"signed"', "int(#a)"])),
    "jsonpath": calls("jsonpath", anything, paths),
    "jsonpath of the file": calls("jsonpath", st.sampled_from(["@n", "@list", '"$.a"'])),
    "jsonschema": calls("jsonschema", st.sampled_from(["@n", "@list", '"no.json"'])),
    "text": calls("length lower upper caps metaphone", anything),
    "strip": calls("strip", values),
    "caps": calls("caps", anything, st.sampled_from(["yes()", "@list", "@n", '"false"'])),
    "two texts": calls(
        "contains find starts_with startswith ends_with endswith", anything, anything
    ),
    "alter": calls("alter", anything, anything, anything),
    "concat": calls("concat", anything, anything, more=anything),
    "substring": calls("substring", anything, values),
    "bounds": calls("min_length too_long max_length too_short", anything, st.just("3")),
    "format": calls("format", anything, st.sampled_from(['".2f"', '"%Y"', '">5"', "#b", "@list"])),
    "interpolate": calls("interpolate", anything, texts),
    "regex": calls("regex exact", anything, patterns),
    "regex with group": calls("regex", anything, st.just("/(a)/"), values),
    "means": calls("average median average.list", values),
    "means by": calls("average median", values, which),
    "extremes": calls("max min max.list max.n", values),
    "percent": calls("percent", st.sampled_from(['"line"', '"scan"', '"match"'])),
    "percent_unique": calls("percent_unique percent_unique.list", st.sampled_from(["#a", "#c"])),
    "deviations": calls("stdev pstdev", st.sampled_from(["@list", "@table", '"list"', "@n"])),
}  # fmt: skip

REFUSALS = {"argument-value", "argument-kind"}

rows = st.lists(st.lists(st.sampled_from(ODD), min_size=1, max_size=3), min_size=1, max_size=4)


def data_of(lines):
    """The lines as a CSV file with the headers a, b, c."""
    text = io.StringIO()
    csv.writer(text).writerows([["a", "b", "c"], *lines])
    return io.BytesIO(text.getvalue().encode())


def outcome(statement, source):
    """The codes of a refusal, and the messages of a run."""
    try:
        report = preboard.validate(statement, source, timeout_s=10)
    except preboard.StatementError as error:
        return {finding.code for finding in error.diagnostics}, []
    return set(), [error.message for error in report.errors]


@pytest.mark.parametrize("kind", CALLS)
def test_function_never_raises(kind):
    @settings(max_examples=25, deadline=None, derandomize=True)
    @given(CALLS[kind], rows, st.sampled_from(["*", "1*"]), st.booleans())
    def check(call, lines, scan, assigned):
        name, places, several = call
        text = f"{name}({', '.join([*places, *several])})"
        made = f"@v = {text}" if assigned else f'{text}  push("seen", {text})'
        refused, errors = outcome(f"$[{scan}][{MAKE} {made} ]", data_of(lines))
        assert refused <= REFUSALS, text
        unforeseen = f"{name.partition('.')[0]}(): "  # how the engine words other exceptions
        assert not [message for message in errors if message.startswith(unforeseen)], text

    check()


@given(st.lists(st.floats(-1e9, 1e9).map(lambda x: round(x, 3)), min_size=1, max_size=40))
def test_running_statistics_are_those_of_the_values(numbers):
    """Average, median, extremes and deviations so far are what the standard library computes."""
    statement = """$[1*][
        @a = average(#a)  @m = median(#a)  @most = max(#a)  @least = min(#a)
        push("all", #a)  @s = stdev("all")  @p = pstdev("all")
    ]"""
    found = preboard.validate(statement, data_of([[x] for x in numbers])).variables
    assert found["a"] == pytest.approx(statistics.fmean(numbers), abs=1e-6)
    assert found["m"] == pytest.approx(statistics.median(numbers), abs=1e-6)
    assert (found["most"], found["least"]) == (max(numbers), min(numbers))
    assert found["p"] == pytest.approx(statistics.pstdev(numbers), abs=0.02)
    if len(numbers) > 1:
        assert found["s"] == pytest.approx(statistics.stdev(numbers), abs=0.02)
    else:
        assert found["s"] is None
