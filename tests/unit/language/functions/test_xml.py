"""XML where no recorded case tells: what is bounded, and what is refused."""

import io
import time
from contextlib import suppress

import pytest

import preboard
from preboard.language.functions.call import Fault
from preboard.language.functions.xml_paths import read_document, select

DOCUMENT = (
    "<r x='9'><!-- c --><a i='1'>one<b> two </b></a><a i='2'>3</a><k xmlns:n='u'><n:z/></k></r>"
)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("//a[@i=1]", ["one two "]),
        ("a", ["one two ", "3"]),
        ("//*[@x > 8.5]/@x", ["9"]),
        (".//*", ["one two ", " two ", "3", "", ""]),
        ("//a[2] + 1", 4.0),
        ("'x' < 1", False),
        ("1 div 0", float("inf")),
        ("//n:z", [""]),
        ("//comment()", [" c "]),
        ("concat('x:y', //b)", "x:y two "),
    ],
)  # fmt: skip
def test_paths(path, expected):
    assert select(read_document(DOCUMENT), path) == expected


@pytest.mark.parametrize(
    "path",
    [
        "//*[count(//*) > 1]", "//*/preceding::*", "//*/following::*", "//*/following-sibling::*",
        "//a[@q = //a/@q]", "//a/@q = //r/@q",
    ],
)  # fmt: skip
def test_no_path_takes_long(path):
    """A path that multiplies a document with itself is given up."""
    document = read_document("<r>" + "<a q='1'/>" * 20_000 + "</r>")
    began = time.perf_counter()
    with suppress(Fault):
        select(document, path)
    assert time.perf_counter() - began < 20


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE r [<!ENTITY e 'x'>]><r>&e;</r>",
        "<!DOCTYPE r [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><r>&e;</r>",
        "<r>&e;</r>",
        "<r",
        "",
        "\0",
        "\ud800",
    ],
)
def test_what_is_not_read(text):
    with pytest.raises(Fault):
        read_document(text)


def test_a_text_is_read_whatever_encoding_it_names():
    assert select(read_document("<?xml version='1.0' encoding='latin-1'?><r>é</r>"), "/r") == ["é"]


@pytest.mark.parametrize(
    ("path", "matches"),
    [
        ("//empty", True), ("//nosuch", False), ("count(//nosuch)", True), ("number('x')", False),
        ("string(//empty)", False), ("boolean(//empty)", True), ("//nosuch = 1", False),
    ],
)  # fmt: skip
def test_what_is_selected_matches(path, matches):
    """A node is selected whatever its text is; a number is, unless it is none."""
    statement = f'$[1][ xpath(#a, "{path}") ]'
    report = preboard.validate(statement, io.BytesIO(b"a\n<r><empty/></r>\n"), delimiter=",")
    assert bool(report.counts.matches) is matches


def test_a_document_is_read_though_its_text_is_no_table(tmp_path):
    path = tmp_path / "d.xml"
    path.write_text('<?xml version="1.0"?>\n<orders>\n<order/>\n</orders>\n')
    statement = '$[0][ xpath.nocontrib("/orders/order[not(sku)]") -> print("no sku", fail()) ]'
    report = preboard.validate(statement, path)
    assert not report.valid
    assert list(report.printouts["default"]) == ["no sku"]


@pytest.mark.parametrize("path", ["//[", "doc('/etc/hostname')", "unparsed-text('x')", "'"])
def test_what_is_no_path_is_told_before_a_line_is_read(path):
    with pytest.raises(preboard.StatementError) as told:
        preboard.validate(f'$[*][ xpath(#a, "{path}") ]', io.BytesIO(b"a\n"))
    assert told.value.diagnostics[0].code == "bad-path"


SCHEMA = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{}
    <xs:element name="r" type="{}"/></xs:schema>"""


def of_schema(folder, schema, data="<r>7</r>"):
    (folder / "s.xsd").write_text(schema)
    (folder / "d.xml").write_text(data + "\n")
    statement = '$[*][ @v = xsd("s.xsd") ]'
    report = preboard.validate(statement, folder / "d.xml", delimiter=",")
    return report.variables["v"], [error.message for error in report.errors]


def test_a_schema_finds_what_it_includes(tmp_path):
    (tmp_path / "t.xsd").write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:simpleType name="t">'
        '<xs:restriction base="xs:integer"/></xs:simpleType></xs:schema>'
    )
    including = SCHEMA.format('<xs:include schemaLocation="t.xsd"/>', "t")
    assert of_schema(tmp_path, including) == (True, [])
    assert of_schema(tmp_path, including, "<r>x</r>")[0] is False


def test_a_data_file_with_entities_is_not_accepted(tmp_path):
    data = "<!DOCTYPE r [<!ENTITY e '7'>]><r>&e;</r>"
    fits, told = of_schema(tmp_path, SCHEMA.format("", "xs:integer"), data)
    assert not fits
    assert len(told) == 1


def test_what_is_no_schema_is_an_error_of_the_line(tmp_path):
    fits, told = of_schema(tmp_path, "<r/>")
    assert not fits
    assert "no XML Schema" in told[0]
