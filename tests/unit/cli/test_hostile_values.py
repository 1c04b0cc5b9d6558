"""Whatever the data holds, an answer in any format says what it says, and nothing else.

A cell cannot recolour a terminal, forge a line of an answer or a command of a build server, or make
a document that nobody can read.
"""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET

import pytest
from jsonschema import Draft7Validator
from tests.unit.cli.answers import failed, verdict, written

from preboard.cli.exit import Exit
from preboard.cli.formats import Format
from preboard.cli.visible import visible
from preboard.errors import DataError, InputError

VALUES = {
    "escape sequences": "\x1b]0;owned\x07\x1b[2J\x9b31m",
    "line ends": "a\nb.csv: valid, matched 9 of 9 lines\r\nc\rd",
    "other line ends": "a\u2028b\u2029c\x85d\x0be\x0cf",
    "a command": "\n::error file=x::forged",
    "the end of a command": "%0A::error::forged%",
    "an old command": "\n##[error]forged",
    "a stop of commands": "\n::stop-commands::forged",
    "a mask": "\n::add-mask::a",
    "markup": '</testcase><!-- ]]> &amp; <x y="z">',
    "what XML cannot hold": "\x01\x02\x0e\x1f\x7f\ufffe\uffff",
    "json": '"}],"valid":true,"x":["\\u0000',
    "formulas": "=cmd|' /C calc'!A0",
    "directions": "\u202egnp.exe\u2066\u200f",
    "tags that are not seen": "a\U000e0041\u200b\ufeffb",
    "markup of rich": "[bold red]no[/] [link=file:///etc]x[/link]",
    "a percent sign": "100 %s %(x)s {} {0}",
    "very long": "x" * 5000,
    "beyond the first plane": "\U0001f600\U0010ffff",
}
STATEMENT = (
    '$[1*][ error("this is $.headers.b") print("$.headers.b") @v = #b @t.one = #b push("s", #b) ]'
)
NO_TERMINAL = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff"
    "\U000e0000-\U000e007f]"
)


@pytest.fixture(params=list(VALUES.values()), ids=list(VALUES))
def value(request):
    return request.param


def of(value):
    """Return the verdict for a file that holds a value in a header, a cell and its own name."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([[f"a{value}", "b"], ["1", value]])
    data = out.getvalue().encode()
    return verdict(STATEMENT, data=data, name=f"in/{value[:40]}.csv", delimiter=",")


@pytest.mark.parametrize(
    "form", [each for each in Format if each not in (Format.CSV, Format.JSON, Format.JSONL)]
)
def test_a_terminal_obeys_nothing(value, form):
    assert not NO_TERMINAL.search(written(form, of(value)))


@pytest.mark.parametrize("form", [Format.TEXT, Format.TABLE])
def test_lines_are_not_forged(value, form):
    """What was printed may have several lines, and all of them are indented."""
    plain = re.findall("(?m)^[^ \n]", written(form, of("x")))

    assert len(re.findall("(?m)^[^ \n]", written(form, of(value)))) == len(plain)


@pytest.mark.parametrize("form", [Format.JSON, Format.JSONL])
def test_json_gives_the_value_back(value, form):
    text = written(form, of(value))

    parts = [json.loads(text)] if form is Format.JSON else map(json.loads, text.splitlines())
    assert text.isascii()
    assert f"this is {value}" in [each for part in parts for each in messages_in(part)]


def messages_in(part):
    """Yield all members called message, wherever they stand."""
    if isinstance(part, dict):
        if "message" in part:
            yield part["message"]
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from messages_in(each)


def test_csv_gives_the_value_back(value):
    text = written(Format.CSV, of(value))

    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["message"] for row in rows] == [f"this is {value}"]


def test_xml_can_be_read(value):
    text = written(Format.JUNIT, of(value))

    (suite,) = ET.fromstring(text)  # noqa: S314 - our own output
    assert text.isascii()
    assert suite.tag == "testsuite"
    assert [case.tag for case in suite][:1] == ["testcase"]
    assert suite.attrib["name"] == visible(f"in/{value[:40]}.csv")


def test_a_build_server_gets_only_our_commands(value):
    plain = written(Format.GITHUB, of("x")).splitlines()

    lines = re.split(r"[\r\n\u2028\u2029\x85\x0b\x0c]", written(Format.GITHUB, of(value)))

    assert len(lines) == len(plain) + 1
    assert all(re.match(r"::(error|warning|notice) file=[^:]*::", line) for line in lines[:-1])
    assert lines[-1] == ""
    (told,) = [line for line in lines if "this is" in line]
    message = told.partition("::this is ")[2].partition("%0Aerror(")[0]
    assert unescaped(message) == visible(value, keep="\r\n")


def unescaped(text):
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def test_sarif_is_what_its_schema_wants(value):
    document = json.loads(
        written(
            Format.SARIF, of(value), failed(DataError(value)), failed(InputError(value), name=value)
        )
    )

    assert [error.message for error in SARIF.iter_errors(document)] == []
    (run,) = document["runs"]
    assert f"this is {value}" in [result["message"]["text"] for result in run["results"]]


def test_sarif_without_results_is_what_its_schema_wants():
    document = json.loads(written(Format.SARIF, failed(InputError("gone")), code=Exit.FAILED))

    assert [error.message for error in SARIF.iter_errors(document)] == []


def test_the_rules_of_sarif_find_mistakes():
    """Else the tests above would say nothing."""
    document = json.loads(written(Format.SARIF, of("x")))
    document["runs"][0]["results"][0]["level"] = "fatal"
    document["runs"][0]["results"][0]["line"] = 1
    del document["runs"][0]["tool"]["driver"]["name"]

    assert len(list(SARIF.iter_errors(document))) == 3


def an_object(required, **members):
    return {
        "type": "object", "required": required.split(), "properties": members,
        "additionalProperties": False,
    }  # fmt: skip


def many(items):
    return {"type": "array", "items": items}


TEXT = {"type": "string", "minLength": 1}
MESSAGE = an_object("text", text=TEXT)
LEVEL = {"enum": ["none", "note", "warning", "error"]}
FROM_1 = {"type": "integer", "minimum": 1}
PLACE = an_object(
    "physicalLocation",
    physicalLocation=an_object(
        "artifactLocation",
        artifactLocation=an_object(
            "uri", uri={"type": "string", "pattern": r"^[A-Za-z0-9%/.:_~!$&'()*+,;=@-]+$"}
        ),
        region=an_object("startLine", startLine=FROM_1, startColumn=FROM_1),
    ),
    logicalLocations=many(an_object("name", name={"type": "string"}, kind=TEXT)),
)
SARIF = Draft7Validator(
    # SARIF 2.1.0, sections 3.13 to 3.58: of the members that an object may have, those we write.
    {
        **an_object(
            "version runs",
            **{"$schema": {"type": "string", "format": "uri"}},
            version={"const": "2.1.0"},
            runs=many(
                an_object(
                    "tool",
                    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    tool=an_object(
                        "driver",
                        driver=an_object(
                            "name", name=TEXT, version=TEXT,
                            rules={
                                **many(an_object("id", id=TEXT, shortDescription=MESSAGE)),
                                "uniqueItems": True,
                            },
                        ),
                    ),
                    invocations=many(
                        an_object(
                            "executionSuccessful",
                            executionSuccessful={"type": "boolean"},
                            exitCode={"type": "integer"},
                            toolExecutionNotifications=many(
                                an_object(
                                    "message", message=MESSAGE, level=LEVEL,
                                    descriptor=an_object("id", id=TEXT), locations=many(PLACE),
                                )
                            ),
                        )
                    ),
                    results=many(
                        an_object(
                            "message", message=MESSAGE, level=LEVEL, ruleId=TEXT,
                            ruleIndex={"type": "integer", "minimum": 0}, locations=many(PLACE),
                        )
                    ),
                )
            ),
        ),
    }
)  # fmt: skip
