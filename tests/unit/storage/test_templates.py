"""Templates: directories from the parts of a path and from the time."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preboard.errors import NameRefused
from preboard.storage.local import confined
from preboard.storage.templates import LONGEST_TEMPLATE, checked_template

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
SOURCE = ("in", "eu", "b", "orders.csv")

FILLED = [
    ("", ()),
    (":1/:filename", ("eu",)),
    (":1/:2/:filename", ("eu", "b")),
    (":3/:filename", ("orders.csv",)),
    ("fixed/:filename", ("fixed",)),
    ("in-:year/:filename", ("in-2026",)),
    (":year/:month/:day/:filename", ("2026", "3", "4")),
    (":month_name/:hour/:hour_24/:minute/:second/:filename", ("March", "5", "05", "6", "7")),
    (":0-:1/:filename", ("in-eu",)),
    (":0:1/:filename", ("ineu",)),
    (":1x/:filename", ("eux",)),
    ("été/:filename", ("été",)),
]

REFUSED = [
    (":filename", "has no directory before :filename"),
    (":1/:file", "does not end in"),
    (":1/:filename/", "does not end in"),
    ("/:1/:filename", "has an empty part"),
    (":1//:filename", "has an empty part"),
    ("/:filename", "has an empty part"),
    (":century/:filename", "unknown token :century"),
    (":Year/:filename", "colon that begins no token"),
    ("a:/:filename", "colon that begins no token"),
    ("../:filename", "holds ."),
    (":1/./:filename", "holds ."),
    ("a\\b/:filename", "holds \\"),
    ("a[0]/:filename", "holds ["),
    ("{a}/:filename", "holds {"),
    ("$a/:filename", "holds $"),
    ("a\0b/:filename", "control"),
    ("a\nb/:filename", "control"),
    ("a\udce9/:filename", "control"),
    ("x" * LONGEST_TEMPLATE + "/:filename", "is longer than"),
    (":run_dir/:filename", "unknown token :run_dir"),
]


@pytest.mark.parametrize(("text", "directories"), FILLED)
def test_tokens_are_filled_in(text, directories):
    assert checked_template(text, "filename").directories(SOURCE, NOW) == directories


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_what_breaks_a_rule_is_refused(text, message):
    with pytest.raises(NameRefused) as refused:
        checked_template(text, "filename")

    assert message in refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize(
    "text", [":4/:filename", ":9/:filename", ":12/:filename", ":999999999999/:filename"]
)
def test_a_part_that_the_path_lacks_is_refused(text):
    """`:12` is part twelve, not part one and a 2; the reference leaves `:9` in the path."""
    with pytest.raises(NameRefused, match="asks for part"):
        checked_template(text, "filename").directories(SOURCE, NOW)


@pytest.mark.parametrize(
    "part", ["..", ".", "a/b", "a\\b", "a\0b", "a\nb", "é" * 101, " ", "a\udce9"]
)
def test_a_part_of_the_path_that_can_name_no_directory_is_refused(part):
    with pytest.raises(NameRefused, match="can't name a directory"):
        checked_template(":0/:filename", "filename").directories((part,), NOW)


def test_a_run_template_has_its_own_end():
    assert checked_template(":1/:run_dir", "run_dir").directories(SOURCE, NOW) == ("eu",)
    with pytest.raises(NameRefused, match="does not end in /:run_dir"):
        checked_template(":1/:filename", "run_dir")
    with pytest.raises(NameRefused, match="has no directory before :run_dir"):
        checked_template(":run_dir", "run_dir")


pieces = st.sampled_from(
    [":filename", ":1", ":12", ":year", "/", "..", ".", ":", "a", "é", " ", "\0", "\n"]
)
names = st.text(max_size=12) | st.sampled_from(["..", ".", "", "a/b", "/etc", "C:\\x", "eu", "~"])


@given(
    st.lists(pieces, max_size=6).map("".join) | st.text(max_size=30), st.lists(names, max_size=4)
)
def test_whatever_a_template_says_its_directories_stay_inside(text, source):
    """Nothing that a template is accepted for, or a path brings, leads out of the directory."""
    try:
        parts = checked_template(f"{text}/:filename", "filename").directories(source, NOW)
    except NameRefused:
        return

    root = Path("/project/inputs")
    assert confined(root, *parts).parts[: len(root.parts)] == root.parts
    assert len(confined(root, *parts).parts) == len(root.parts) + len(parts)
    assert all(part and part.encode() and part not in (".", "..") for part in parts)


@given(st.lists(names, min_size=1, max_size=4))
def test_a_confined_path_is_inside_or_refused(parts):
    root = Path("/project/inputs")
    try:
        path = confined(root, *parts)
    except NameRefused:
        return

    assert os.path.normpath(path) == str(path)
    assert path == root or root in path.parents
