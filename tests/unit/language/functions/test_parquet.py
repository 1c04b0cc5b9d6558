"""parquet(): what the file holds, which lines are in it, what becomes of it when a run fails."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import preboard

TYPED = """name,n,d,when,at,ok,mail
Ann,1,1.5,2024-01-02,2024-01-02 03:04:05,true,a@example.com
Bob,,2,,,false,
Cy,x,3,2024-02-30,2024-01-01,maybe,bad
Dee,"1,200",,2024-03-04,2024-03-04T01:00:00.5,0,dee@example.com
"""
ALL = """parquet.p(string.who(#name), integer(#n), decimal(#d), date(#when), datetime.ts(#at),
    boolean(#ok), email(#mail))"""
UTC = dt.UTC


def at(*parts):
    """Return a point in time without a zone."""
    return dt.datetime(*parts)  # noqa: DTZ001 - as the data has it


@pytest.fixture
def run(tmp_path):
    """Run a statement whose tables lie in the test's own directory; return report and table."""

    def run_it(statement, text=TYPED, name="p", **options):
        source = io.BytesIO(text.encode()) if isinstance(text, str) else text
        access = preboard.Access(tables=tmp_path / "out")
        report = preboard.validate(statement, source, access=access, **options)
        path = tmp_path / "out" / f"{name}.parquet"
        return report, pq.read_table(path) if path.exists() else None

    return run_it


def test_each_type_has_a_column_of_its_own(run):
    """Empty cells are null, other than those of string()."""
    report, table = run(f"$[1*][ {ALL} ]")

    assert [(field.name, str(field.type)) for field in table.schema] == [
        ("who", "string"), ("n", "int64"), ("d", "double"), ("when", "date32[day]"),
        ("ts", "timestamp[us]"), ("ok", "bool"), ("mail", "string"),
    ]  # fmt: skip
    assert [list(row.values()) for row in table.to_pylist()] == [
        ["Ann", 1, 1.5, dt.date(2024, 1, 2), at(2024, 1, 2, 3, 4, 5), True,
         "a@example.com"],
        ["Bob", None, 2.0, None, None, False, None],
        ["Dee", 1200, None, dt.date(2024, 3, 4), at(2024, 3, 4, 1, 0, 0, 500_000), False,
         "dee@example.com"],
    ]  # fmt: skip
    assert [(e.line, e.column, e.value, e.expected) for e in report.errors] == [
        (3, "n", "x", "integer"), (3, "when", "2024-02-30", "date"),
        (3, "ok", "maybe", "boolean"), (3, "mail", "bad", "email"),
    ]  # fmt: skip
    assert report.variables == {}


def test_text_members_and_wildcards(run):
    """Text is as it stands, a wildcard moves nothing, a none() column holds nulls."""
    text = "id,site,x,y,note\n6f0c1a52-1c1e-4b39-9d3a-2a1f6a6a0b11,https://a.example,1,2,\n"
    statement = "$[1*][ parquet.p(uuid(#id), url(#site), wildcard(2), none.gone(#note)) ]"
    _, table = run(statement, text)
    assert table.to_pylist() == [
        {"id": "6f0c1a52-1c1e-4b39-9d3a-2a1f6a6a0b11", "site": "https://a.example", "gone": None}
    ]
    assert str(table.schema.field("gone").type) == "null"

    _, table = run("$[1*][ parquet.q(wildcard(2), blank(), wildcard(1), blank.n()) ]", text, "q")
    assert table.to_pylist() == [{"x": "1", "n": ""}]


def test_headers_of_one_name_or_none_get_columns_of_their_own(run):
    _, table = run("$[1*][ parquet.p(blank(), blank(), blank()) ]", "a,a,\n1,2,3\n")
    assert table.to_pylist() == [{"a": "1", "a_2": "2", "c2": "3"}]


def test_a_date_in_a_format_of_its_own(run):
    text = "day,form\n31.12.24,%d.%m.%y\n2024/02/03,%Y/%m/%d\n"
    _, table = run("$[1*][ parquet.p(date(#day, #form), blank()) ]", text, delimiter=",")
    assert table["day"].to_pylist() == [dt.date(2024, 12, 31), dt.date(2024, 2, 3)]


def test_times_with_a_zone_are_kept_in_utc_and_do_not_mix(run):
    """The first value says whether a column has zones; another kind of time is one error."""
    text = "at\n\n2024-01-02T03:00:00+02:00\n2024-01-02T03:00:00Z\n2024-01-02T03:00:00\n"
    report, table = run("$[1*][ parquet.p(datetime(#at)) ]", text, delimiter=",")
    assert str(table.schema.field("at").type) == "timestamp[us, tz=UTC]"
    assert table["at"].to_pylist() == [
        dt.datetime(2024, 1, 2, 1, tzinfo=UTC), dt.datetime(2024, 1, 2, 3, tzinfo=UTC)
    ]  # fmt: skip
    (error,) = report.errors
    assert (error.line, error.column, error.value) == (4, "at", "2024-01-02T03:00:00")
    assert error.expected == "a time with a zone, as before,"
    assert not report.valid


def test_a_number_that_fits_no_column_is_an_error_of_its_cell(run):
    text = f"n,m\n{2**63 - 1},1\n{2**63},2\n{-(2**63)},3\n"
    report, table = run("$[1*][ parquet.p(integer(#n), integer(#m)) ]", text)
    assert table["n"].to_pylist() == [2**63 - 1, -(2**63)]
    (error,) = report.errors
    assert (error.line, error.column, error.value) == (2, "n", str(2**63))
    assert report.counts.matches == 2


def test_values_of_a_parquet_file_come_through(run, tmp_path):
    """Nested values and decimals come as text, dictionaries of values as the values."""
    table = pa.table(
        {
            "price": pa.array([Decimal("1.10"), None], pa.decimal128(10, 2)),
            "day": pa.array([dt.date(2024, 2, 29), None]),
            "at": pa.array([dt.datetime(2024, 1, 1, 12, tzinfo=UTC), None],
                           pa.timestamp("ns", "Europe/Oslo")),
            "kind": pa.array(["cat", None]).dictionary_encode(),
            "raw": pa.array([b"\xff\x00", None], pa.binary()),
            "many": pa.array([[1, 2], None], pa.list_(pa.int64())),
            "flag": pa.array([True, None]),
            "n": pa.array([7, None], pa.uint8()),
            "f": pa.array([2.5, None], pa.float32()),
        }
    )  # fmt: skip
    pq.write_table(table, tmp_path / "in.parquet")
    statement = """$[*][ parquet.p(decimal(#price), date(#day), datetime(#at), string(#kind),
        string(#raw), string(#many), boolean(#flag), integer(#n), decimal(#f)) ]"""
    report, written = run(statement, tmp_path / "in.parquet")
    assert list(report.errors) == []
    assert [list(row.values()) for row in written.to_pylist()] == [
        [1.1, dt.date(2024, 2, 29), dt.datetime(2024, 1, 1, 12, tzinfo=UTC), "cat", "ff00",
         "[1, 2]", True, 7, 2.5],
        [None] * 9,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("other", "names"),
    [
        ('#ok == "true"', ["Ann"]),
        ('skip(#n == "")', ["Ann", "Cy", "Dee"]),
        ('stop(#name == "Bob")', ["Ann", "Bob"]),
        ('no() print.onmatch("x")', []),
        ("gt.onmatch(count_lines(), 4)", ["Dee"]),
        ("integer(#n)", ["Ann", "Bob", "Dee"]),
    ],
)
def test_only_lines_that_match_as_a_whole_are_written(other, names, run):
    """What stands behind parquet() counts as what stands before it, and what has onmatch, too."""
    report, table = run(f"$[1*][ parquet.p(string(#name), wildcard()) {other} ]")
    assert ([] if table is None else table["name"].to_pylist()) == names
    assert [line[0] for line in report.lines] == names


def test_lines_of_a_schema_with_nocontrib_are_those_that_keep_to_it(run):
    _, table = run("$[1*][ parquet.nocontrib.p(integer.notnone.num(#n), wildcard()) no() ]",
                   "n,m\n1,a\n,b\nx,c\n4,d\n")  # fmt: skip
    assert table["num"].to_pylist() == [1, 4]


def test_no_line_no_file(run):
    report, table = run('$[1*][ #name == "nobody" parquet.p(string(#name), wildcard()) ]')
    assert report.valid
    assert table is None


def test_many_rows_are_several_row_groups(run, tmp_path):
    text = "n\n" + "".join(f"{number}\n" for number in range(60_000))
    _, table = run("$[1*][ parquet.p(integer(#n)) ]", text, collect=False)
    assert table["n"].to_pylist() == list(range(60_000))
    assert pq.ParquetFile(tmp_path / "out" / "p.parquet").num_row_groups == 3


def test_a_run_that_ends_badly_leaves_the_file_before_it(run, tmp_path):
    run("$[1*][ parquet.p(string(#a)) ]", "a\nold\n")
    many = "a\n" + "1\n" * 30_000 + "x\n"
    with pytest.raises(preboard.DataError):
        run("$[1*][ parquet.p(integer(#a)) ]", many, on_error=["raise"])
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["p.parquet"]
    assert pq.read_table(tmp_path / "out" / "p.parquet").to_pylist() == [{"a": "old"}]


def test_a_directory_that_cannot_be_written_is_an_error_of_the_run(tmp_path):
    (tmp_path / "out").write_text("in the way")
    with pytest.raises(preboard.PreboardError, match=r"p\.parquet cannot be written"):
        preboard.validate(
            "$[1*][ parquet.p(string(#a)) ]", io.BytesIO(b"a\n1\n"),
            access=preboard.Access(tables=tmp_path / "out"),
        )  # fmt: skip


def test_a_run_may_be_kept_from_writing():
    report = preboard.validate(
        "$[1*][ parquet.p(string(#a)) ]", io.BytesIO(b"a\n1\n"),
        access=preboard.Access(tables=None),
    )  # fmt: skip
    assert [error.message for error in report.errors] == [
        "parquet() cannot write 'p': this run writes no files"
    ]


def test_statements_of_one_run_write_tables_of_their_own(tmp_path):
    statements = [f"$[1*][ parquet.{name}(string(#a)) ]" for name in ("p", "q", "p")]
    *good, last = preboard.validate_all(
        statements, io.BytesIO(b"a\n1\n"), access=preboard.Access(tables=tmp_path)
    )
    assert all(report.valid for report in good)
    assert [error.message for error in last.errors] == [
        "another statement of this run writes p.parquet"
    ]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("parquet(string(#a))", "needs a name qualifier"),
        ("parquet.p()", "has no column"),
        ("parquet.p(wildcard())", "has no column"),
        ("parquet.p(length(#a))", "is no type"),
        ("parquet.p(string.x(#a), string.x(#b))", "two columns are called x"),
        ("parquet.p(string(#a)) parquet.p(string(#a))", r"two parquet\(\) are called p"),
    ],
)
def test_what_can_never_be_written_is_refused(call, message):
    with pytest.raises(preboard.StatementError, match=message):
        preboard.Statement.parse(f"$[*][ {call} ]")
