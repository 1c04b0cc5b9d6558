"""JSON where no recorded case tells: what is bounded, and what is refused before a run."""

import gzip
import io
import json
import time
import zipfile

import pytest

import preboard

DOCUMENT = {"orders": [{"sku": "a", "qty": 2}, {"sku": "b", "qty": 0}]}


def run(statement, text="d\nx\n", **options):
    return preboard.validate(statement, io.BytesIO(text.encode()), delimiter=",", **options)


def of_cell(path, document):
    cell = json.dumps(json.dumps(document)).replace('\\"', '""')
    report = run(f'$[1][@v = jsonpath(#d, "{path}")]', f"d\n{cell}\n")
    return report.variables.get("v", "nothing"), [error.message for error in report.errors]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.orders[?(@.qty < 1)].sku", "b"),
        ("$.orders[?(@.sku == 'a')].qty", 2),
        ("$.orders[?match(@.sku, '[ab]')].sku", ["a", "b"]),
        ("$..sku", ["a", "b"]),
        ("$.orders[-1].sku", "b"),
        ("$.none", []),
    ],
)
def test_paths(path, expected):
    assert of_cell(path, DOCUMENT) == (expected, [])


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("$..*..*..*..*", [[[[[[[[[[[[[1] * 3] * 3] * 3] * 3] * 3] * 3] * 3]]]]]] * 3),
        ("$..[?count($..*) > 1]", [[1] * 30] * 60),
        ("$[?match(@, '^(a|aa)+$')]", ["a" * 60 + "b"]),
        ("$[?@ =~ /(a|aa)+/]", ["a" * 60 + "b"]),
        ("$" + "[*,*]" * 25, [[[[1]]]] * 2),
        ("$..a", json.loads("[" * 150 + "]" * 150)),
    ],
)
def test_no_path_takes_long(path, document):
    """A path that multiplies the document, or a pattern that backtracks, is given up."""
    began = time.perf_counter()
    of_cell(path, document)
    assert time.perf_counter() - began < 10


def test_what_is_no_json_leaves_the_variable_alone():
    report = run(
        '$[1*][@v = jsonpath(#d, "$.a") push("all", jsonpath(#d, "$.a"))]', "d\n{a:1}\n{\n"
    )
    assert report.variables == {"v": 1, "all": [1]}
    assert [error.line for error in report.errors] == [2, 2]


def test_a_bad_path_is_refused_before_the_run():
    with pytest.raises(preboard.StatementError) as error:
        run('$[1][jsonpath(#d, "$[[")]')
    assert error.value.diagnostics[0].code == "bad-path"


def test_the_file_as_document_comes_from_an_object_too():
    report = run('$[0][@v = jsonpath("$.orders[0].sku")]', json.dumps(DOCUMENT))
    assert report.variables == {"v": "a"}


@pytest.mark.parametrize("member", [None, "a.json"])
def test_the_file_as_document_may_be_packed(member):
    """Its plain bytes are the document, those of the named member of a zip."""
    text = json.dumps(DOCUMENT).encode()
    source = io.BytesIO(gzip.compress(text))
    if member:
        with zipfile.ZipFile(source, "w") as archive:
            archive.writestr("a.json", text)
            archive.writestr("b.json", b"{}")
        source.seek(0)
    report = preboard.validate('$[0][@v = jsonpath("$.orders[0].sku")]', source, member=member)
    assert report.variables == {"v": "a"}


@pytest.fixture
def check(tmp_path):
    pytest.importorskip("jsonschema")

    def checked(schema, document, statement='$[*][jsonschema("rules.json")]'):
        (tmp_path / "rules.json").write_text(
            schema if isinstance(schema, str) else json.dumps(schema)
        )
        (tmp_path / "data.json").write_text(json.dumps(document))
        return preboard.validate(statement, tmp_path / "data.json")

    return checked


class TestJsonschema:
    """The schema stands beside the data file."""

    def test_says_where_and_why(self, check):
        rules = {"properties": {"orders": {"items": {"properties": {"qty": {"minimum": 1}}}}}}
        report = check(rules, DOCUMENT)
        assert not report.valid
        assert "$.orders[1].qty: 0 is less than the minimum of 1" in report.errors[0].message

    @pytest.mark.parametrize(
        ("rules", "expected"),
        [
            ({"$ref": "http://localhost:9/x.json"}, "which is not in its file"),
            ({"type": 5}, "the schema is wrong"),
            ({"additionalProperties": {"pattern": "^(a|aa)+$"}}, "longer than"),
            ({"patternProperties": {"^(a|aa)+$": True}}, "longer than"),
            ({"patternProperties": {"(": True}}, "wrong"),
            ("[" * 100_000, "nested too deeply"),
            ({"$ref": "#"}, "nested too deeply"),
            ("nothing", "no JSON"),
        ],
    )
    def test_schemas_that_cannot_be_used(self, check, rules, expected):
        report = check(rules, {"a" * 60 + "b": "a" * 60 + "b"})
        assert not report.valid
        assert expected in report.errors[0].message

    def test_properties_that_are_not_expected(self, check):
        rules = {"properties": {"a": True}, "patternProperties": {"^x-": {"type": "string"}}}
        assert check({**rules, "additionalProperties": False}, {"a": 1, "x-b": "c"}).valid
        assert not check({**rules, "additionalProperties": False}, {"a": 1, "c": 1}).valid
        assert not check({**rules, "additionalProperties": {"type": "null"}}, {"c": 1}).valid
