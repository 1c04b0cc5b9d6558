"""The same table in every format gives the same matches, variables and errors."""

import io
import sys

import pytest
from tests.integration import formats as f

import preboard
from preboard.engine.compile import bind

STATEMENTS = [
    "${scan}[ #id == 2 ]",
    "${scan}[ #price == 3.25 ]",
    '${scan}[ #note == "007" ]',
    "${scan}[ #name ]",
    "${scan}[ not(#note) ]",
    "${scan}[ @name = #name @price = #price @id = #id @ok = #ok @day = #day ]",
    "${scan}[ sum.all(#price) @most = max(#id) @least = min(#price) ]",
    "${scan}[ tally(#name) count_headers() == 6 ]",
    '${scan}[ print("$.headers.id $.headers.name") concat(#id, "-", #name) == "1-Ann" ]',
    """${scan}[ line(
        integer(#id), string(#name), decimal(#price), date(#day), boolean(#ok), string(#note)) ]""",
    """${scan}[ line(
        integer.notnone(#id, 4, 1), string.notnone(#name, 3, 3), decimal(#price, 100, 0),
        date.notnone(#day), boolean.strict.notnone(#ok), string.notnone(#note)) ]""",
    "${scan}[ line.distinct(integer(#id), string(#name), wildcard()) ]",
    "${scan}[ integer.distinct(#id) string(#id, 1) ]",
    '${scan}[ in(#name, "Ann|Dan") @n.onmatch = count() ]',
    "${scan}[ regex(#name, /^[AD]/) length(#name) == 3 ]",
    "${scan}[ #ok.asbool @t = add(#id, #price) above(#price, 2) ]",
    '${scan}[ @x.onchange = #ok push("seen", #day) ]',
    "${scan}[ last() -> @last = #id has_dups(#id, #name) ]",
    '${scan}[ replace(#name, "Z") @new = #name ]',
    '${scan}[ #0 == 1 #-1 == "x" ]',
]
NUMBERS_OF_LINES = ("line", "has_dups")  # variables that differ by the header line
WITH_HEADER_LINE = {
    "jsonl arrays": f.as_arrays,
    "xlsx": f.as_xlsx,
    "ods": f.as_ods,
}
WITH_NAMES = {
    "jsonl objects": f.as_objects,
    "parquet": f.as_parquet,
    "arrow": f.as_arrow,
}


def plain(value):
    """Return a value as delimited text would have it."""
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return "" if value is None else str(value)


def outcome(statement, source, *, header_line=True, word=None):
    """Return what a statement comes to, whether or not the headers are a line of the file."""
    source = io.BytesIO(source) if isinstance(source, bytes) else source
    scan = "[1*]" if header_line else "[*]"
    report = preboard.validate(statement.replace("{scan}", scan), source, format=word)
    first = int(header_line)
    return {
        "lines": plain(report.lines),
        "variables": plain(
            {k: v for k, v in report.variables.items() if k not in NUMBERS_OF_LINES}
        ),
        "errors": [
            (e.line - first, e.column, plain(e.value), e.message.split(" line ")[0])
            for e in report.errors
        ],
        "printouts": {name: list(texts) for name, texts in report.printouts.items()},
        "valid": report.valid,
        "headers": report.headers,
        "scans": report.counts.scans,
        "matches": report.counts.matches,
    }


@pytest.mark.parametrize("statement", STATEMENTS)
@pytest.mark.parametrize("name", WITH_HEADER_LINE)
def test_a_table_with_a_header_line_gives_what_delimited_text_gives(name, statement):
    word = "jsonl" if name == "jsonl arrays" else None  # an array may be a line of other text
    found = outcome(statement, WITH_HEADER_LINE[name](), word=word)
    assert found == outcome(statement, f.as_csv())


@pytest.mark.parametrize("statement", STATEMENTS)
@pytest.mark.parametrize("name", WITH_NAMES)
def test_a_table_that_brings_its_names_gives_what_delimited_text_gives(name, statement):
    found = outcome(statement, WITH_NAMES[name](), header_line=False)
    assert found == outcome(statement, f.as_csv())


@pytest.mark.parametrize("statement", STATEMENTS)
def test_an_old_workbook_gives_what_delimited_text_gives(statement):
    xlwt = pytest.importorskip("xlwt")
    assert outcome(statement, f.as_xls(xlwt)) == outcome(statement, f.as_csv())


@pytest.mark.parametrize("statement", STATEMENTS)
@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_data_frame_of_a_library_gives_what_delimited_text_gives(library, statement):
    module = pytest.importorskip(library)
    table = f.as_arrow()
    frame = table.to_pandas() if library == "pandas" else module.from_arrow(table)
    assert outcome(statement, frame, header_line=False) == outcome(statement, f.as_csv())


def test_text_values_of_json_lines_stay_text():
    """spec/language.md section 15 row 31: `"1"` is no date, and `1` is a number."""
    lines = b'{"a": "1", "b": 1, "c": 2.5, "d": "2024-01-02", "e": "32", "f": null, "g": [1]}\n'
    report = preboard.validate("$[*][ @a = #a @b = #b @d = #d ]", io.BytesIO(lines))
    assert report.lines == [["1", 1, 2.5, "2024-01-02", "32", None, [1]]]
    assert report.variables == {"a": "1", "b": 1, "d": "2024-01-02"}


def test_a_null_is_no_value_and_prints_nothing():
    statement = '$[*][ @a = #a @b = empty(#a) @c = exists(#a) print("<$.headers.a>") ]'
    report = preboard.validate(statement, io.BytesIO(b'{"a": null}\n'))
    assert report.variables == {"a": None, "b": True, "c": False}
    assert list(report.printouts["default"]) == ["<>"]


def test_values_keep_their_types():
    for source in (f.as_xlsx(), f.as_parquet()):
        report = preboard.validate("$[*][ #id == 1 ]", io.BytesIO(source))
        assert report.lines == [f.ROWS[0]]
        assert list(map(type, report.lines[0])) == list(map(type, f.ROWS[0]))


class TestHeadersOfEachRecord:
    def test_records_set_the_headers_anew(self):
        lines = b'{"a": 1}\n{"b": 2, "a": 3}\n\n{"c": 4}\n{"a": 5}\n'
        report = preboard.validate(
            '$[*][ push("a", #a) push("n", count_headers()) ]', io.BytesIO(lines)
        )
        assert report.variables == {"a": [1, 3, None, 5], "n": [1, 2, 1, 1]}
        assert report.headers == ["a"]

    def test_counters_and_memories_outlive_a_change(self):
        lines = b"".join(b'{"k%d": 0, "a": %d}\n' % (at % 3, at // 2) for at in range(1000))
        report = preboard.validate(
            "$[*][ @n = count() @i = every(#a, 2) tally(#a) integer.distinct(#a) ]",
            io.BytesIO(lines),
        )
        assert report.counts.scans == 1000
        assert len(report.errors) == 500
        assert report.variables["tally_a" if "tally_a" in report.variables else "a"]["7"] == 2

    def test_many_changes_generate_code_once(self, monkeypatch):
        bound = []

        def binding(*args):
            bound.append(args)
            return bind(*args)

        monkeypatch.setattr("preboard.engine.runner.bind", binding)
        lines = b"".join(b'{"k%d": %d}\n' % (at, at) for at in range(500))
        preboard.validate("$[*][ @x = #k7 ]", io.BytesIO(lines))
        assert len(bound) == 2

    def test_the_last_line_is_seen_under_its_own_headers(self):
        lines = b'{"a": 1}\n{"b": 2}\n{"c": 3}\n'
        report = preboard.validate("$[*][ last() -> @c = #c ]", io.BytesIO(lines))
        assert report.variables == {"c": 3}

    def test_a_change_of_the_headers_holds_for_its_record(self):
        lines = b'{"a": 1}\n' * 3
        report = preboard.validate('$[*][ append("n", "z") push("n", #n) ]', io.BytesIO(lines))
        assert report.lines == [[1, "z"]] * 3
        assert report.headers == ["a", "n"]

    def test_an_array_behind_objects_has_their_headers(self):
        lines = b'{"a": 1}\n[2]\n'
        report = preboard.validate('$[*][ push("a", #a) ]', io.BytesIO(lines))
        assert report.variables == {"a": [1, 2]}


class TestTotals:
    @pytest.mark.parametrize(
        ("source", "total", "word"),
        [
            (f.as_csv(), 7, None),
            (f.as_arrays(), 7, "jsonl"),
            (f.as_objects(), 6, None),
            (f.as_xlsx(), 7, None),
            (f.as_parquet(), 6, None),
            (f.as_arrow(), 6, None),
            (f.as_arrow().to_reader(max_chunksize=2), 6, None),
        ],
    )
    def test_the_lines_are_known_before_the_run(self, source, total, word):
        source = io.BytesIO(source) if isinstance(source, bytes) else source
        report = preboard.validate("$[*][ @t = total_lines() ]", source, format=word)
        assert report.variables == {"t": total}
        assert report.counts.lines == total


class TestWhichReader:
    def test_the_bytes_tell_and_not_the_name(self, tmp_path):
        path = tmp_path / "orders.csv"
        for content in (f.as_xlsx(), f.as_parquet(), f.as_ods()):
            path.write_bytes(content)
            assert preboard.validate("$[*][ #id == 1 ]", path).counts.matches == 1

    def test_the_extension_tells_what_text_is(self, tmp_path):
        path = tmp_path / "orders.jsonl"
        path.write_bytes(b'["id", "n"]\n[1, 2]\n')
        assert preboard.validate("$[1*][ #n == 2 ]", path).lines == [[1, 2]]

    def test_what_is_declared_wins(self, tmp_path):
        path = tmp_path / "orders.txt"
        path.write_bytes(b'["id", "n"]\n[1, 2]\n')
        assert preboard.validate("$[1*][ #n == 2 ]", path, format="jsonl").lines == [[1, 2]]

    def test_a_sheet_is_named_in_the_path_or_by_argument(self, tmp_path):
        book = f.as_xlsx(
            sheets=[("two", "visible", [["id"], [22]]), ("#3", "hidden", [["id"], [33]])]
        )
        path = tmp_path / "b.xlsx"
        path.write_bytes(book)
        found = {
            "path": preboard.validate("$[1][ yes() ]", f"{path}#two"),
            "root": preboard.validate(f"${path}#two[1][ yes() ]"),
            "name": preboard.validate("$[1][ yes() ]", path, sheet="two"),
            "index": preboard.validate("$[1][ yes() ]", path, sheet=1),
        }
        assert all(report.lines == [[22]] for report in found.values())
        assert preboard.validate("$[1][ yes() ]", path, sheet="#3").lines == [[33]]

    @pytest.mark.parametrize(
        ("name", "content", "options", "told"),
        [
            ("a.xlsx", b"id,n\n1,2\n", {}, "is named like a workbook but is none"),
            ("a.parquet", b"id,n\n1,2\n", {}, "is named like a Parquet file but is none"),
            ("a.xlsx", f.as_xlsx(), {"sheet": "two"}, "has no sheet 'two'"),
            ("a.csv", b"id,n\n1,2\n", {"format": "excel"}, "no workbook"),
            ("a.csv", b"id,n\n1,2\n", {"format": "parquet"}, "no Parquet file"),
            ("a.csv", b"id,n\n1,2\n", {"format": "jsonl"}, "the line is no record"),
        ],
    )
    def test_what_is_not_what_it_should_be_is_refused(self, tmp_path, name, content, options, told):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(preboard.InputError, match=told):
            preboard.validate("$[*][ yes() ]", path, **options)

    @pytest.mark.parametrize("options", [{"format": "nope"}, {"sheet": "two"}, {"sheet": 0}])
    def test_what_cannot_be_declared_is_refused(self, options):
        with pytest.raises(preboard.ConfigError):
            preboard.validate("$[*][ yes() ]", io.BytesIO(b"id\n1\n"), **options)

    @pytest.mark.parametrize("source", [5, ["a"], object(), {"a": 1}])
    def test_what_cannot_be_read_is_refused(self, source):
        with pytest.raises(preboard.InputError):
            preboard.validate("$[*][ yes() ]", source)

    def test_a_missing_extra_names_the_command(self, monkeypatch):
        for module, name, content in (
            ("preboard.readers.excel.reader", "excel", f.as_xlsx()),
            ("preboard.readers.columns.arrow", "parquet", f.as_parquet()),
        ):
            monkeypatch.setattr(sys.modules[module], "find_spec", lambda _name: None)
            with pytest.raises(preboard.ConfigError, match=f"pip install 'preboard.{name}.'"):
                preboard.validate("$[*][ yes() ]", io.BytesIO(content))


class TestFindings:
    @pytest.mark.parametrize(
        ("content", "codes"),
        [
            (b"", ["empty-file"]),
            (b"\n\n", ["only-blank-lines"]),
            (b"a,b\n", ["header-only"]),
            (b"a,b\n1,2\n", []),
            (b"a\n1\n", ["one-column"]),
            (b"a,b\n1,2\n\n\n", ["blank-lines-at-end"]),
            (b"a,b,a\n1,2,3\n", ["duplicate-headers"]),
            (b"a,,b\n1,2,3\n", ["blank-headers"]),
            (b"a,b\n1\n1,2,3\n1,2\n\n1,2\n", ["narrow-lines", "wide-lines"]),
            (b'{"a": 1}\n{"b": 1}\n', ["changing-keys"]),
            (f.as_parquet([], f.HEADERS), ["header-only"]),
            (f.as_xlsx([]), ["empty-file"]),
            (f.as_xlsx([["a", "b"]]), ["header-only"]),
            (f.as_xlsx(sheets=[("two", "hidden", [])]), ["other-sheets"]),
        ],
    )
    def test_what_is_odd_about_a_file_is_said(self, content, codes):
        report = preboard.validate("$[*][ yes() ]", io.BytesIO(content), delimiter=",")
        assert [finding.code for finding in report.findings] == codes
        assert report.valid

    def test_one_column_asks_for_another_delimiter(self):
        report = preboard.validate("$[*][ yes() ]", io.BytesIO(b"a;b\n1;2\n"), delimiter=",")
        assert report.findings[0].hint == "another delimiter? a semicolon stands in each line"

    def test_ragged_lines_are_counted_from_the_first(self):
        lines = [b"a,b,c\n"] + [b"1,2,3\n"] * 5000
        lines[1234] = lines[4000] = b"1,2\n"
        lines[2000] = b"1,2,3,4\n"
        report = preboard.validate("$[*][ no() ]", io.BytesIO(b"".join(lines)))
        assert [(x.code, x.line, x.count) for x in report.findings] == [
            ("narrow-lines", 1234, 2),
            ("wide-lines", 2000, 1),
        ]

    def test_very_wide_lines_are_counted_too(self):
        line = b",".join([b"1"] * 300) + b"\n"
        header = b",".join(b"h%d" % at for at in range(300)) + b"\n"
        report = preboard.validate("$[*][ no() ]", io.BytesIO(header + line * 3 + b"1\n"))
        assert [(x.code, x.line, x.count) for x in report.findings] == [("narrow-lines", 4, 1)]

    def test_a_run_that_ends_early_says_nothing_of_the_end(self):
        data = b"a,b\n" + b"1,2\n" * 5000 + b"\n\n"
        report = preboard.validate("$[1][ yes() ]", io.BytesIO(data))
        assert report.findings == ()
