"""What can be registered, and what its path is for templates."""

import io
from pathlib import Path

import pytest

from preboard.errors import InputError, NameRefused
from preboard.staging.sources import SourceRules, arrival, is_url, path_parts, usable_name

PARTS = [
    ("in/eu/o.csv", ("in", "eu", "o.csv")),
    ("/in/eu/o.csv", ("in", "eu", "o.csv")),
    ("./in/../o.csv", ("in", "o.csv")),
    ("C:\\in\\o.csv", ("in", "o.csv")),
    ("\\\\host\\share\\in\\o.csv", ("in", "o.csv")),
    ("in\\eu/o.csv", ("in", "eu", "o.csv")),
    ("o.csv", ("o.csv",)),
    ("/", ()),
    ("", ()),
    ("..", ()),
]


@pytest.mark.parametrize(("text", "parts"), PARTS)
def test_the_parts_of_a_path_are_what_templates_can_take(text, parts):
    assert path_parts(text) == parts


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("http://a/b", True),
        ("HTTPS://a/b", True),
        ("s3://bucket/a", True),
        ("C:\\a", False),
        ("c://a", False),
        ("in/http://a", False),
        ("a:b", False),
    ],
)
def test_an_address_is_told_from_a_path(text, said):
    assert is_url(text) is said


@pytest.mark.parametrize(
    ("name", "usable"), [("o.csv", "o.csv"), ("o?a=1&b.csv", "o_a_1_b.csv"), ("é b.csv", "é b.csv")]
)
def test_signs_of_addresses_become_lines(name, usable):
    assert usable_name(name) == usable


@pytest.mark.parametrize("name", ["o.csv", "o", "book.xlsx.csv"])
def test_only_a_workbook_has_sheets(name):
    with pytest.raises(InputError, match="no workbook"):
        usable_name(name, "two")


@pytest.mark.parametrize("name", ["book.xlsx", "BOOK.XLS", "a.ods", "a.xlsb", "a.xlsm"])
def test_a_workbook_has_sheets(name):
    assert usable_name(name, "two") == name


def test_a_relative_path_is_looked_for_below_the_base(tmp_path):
    (tmp_path / "o.csv").write_bytes(b"a\n")
    with arrival("o.csv", None, SourceRules(), tmp_path) as found:
        assert found.stream.read() == b"a\n"
        assert (found.origin, found.parts) == ("o.csv", ("o.csv",))


def test_a_given_name_stands_for_that_of_the_path(tmp_path):
    (tmp_path / ".upload-7").write_bytes(b"a\n")
    with (
        pytest.raises(NameRefused, match="give another with file_name"),
        arrival(".upload-7", None, SourceRules(), tmp_path),
    ):
        pass
    with arrival(".upload-7", "o.csv", SourceRules(), tmp_path) as found:
        assert found.file_name == "o.csv"


@pytest.mark.parametrize("source", [3, None, b"bytes", io.StringIO("text"), ["o.csv"]])
def test_what_is_no_source_is_told(tmp_path, source):
    with (
        pytest.raises(InputError, match=r"can't be registered|has no name"),
        arrival(source, None, SourceRules(), tmp_path),
    ):
        pass


def test_an_object_keeps_the_path_that_it_was_opened_with(tmp_path):
    (tmp_path / "eu").mkdir()
    (tmp_path / "eu/o.csv").write_bytes(b"a\n")
    with (
        (tmp_path / "eu/o.csv").open("rb") as file,
        arrival(file, None, SourceRules(local=False), Path()) as found,
    ):
        assert found.file_name == "o.csv"
        assert found.parts[-2:] == ("eu", "o.csv")
