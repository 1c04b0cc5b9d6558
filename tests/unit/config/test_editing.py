"""config.ini changed in place: what is not meant stays, byte for byte."""

from __future__ import annotations

import pytest

from preboard.config.editing import clean_text, edited, sections_in
from preboard.errors import ConfigError

TEXT = """\
; of the project
[results]
; where they go
archive = archive
transfers : transfers

[errors]
csvpath = collect,
    fail

    ; and so on
    stop
; behind

[empty]
"""


@pytest.mark.parametrize(
    ("values", "left_out", "before", "after"),
    [
        ({("results", "archive"): "out"}, (), "archive = archive\n", "archive = out\n"),
        ({("results", "transfers"): ""}, (), "transfers : transfers\n", "transfers =\n"),
        (
            {("errors", "csvpath"): "stop"},
            (),
            "csvpath = collect,\n    fail\n\n    ; and so on\n    stop\n",
            "csvpath = stop\n",
        ),
        ({("empty", "x"): "1"}, (), "[empty]\n", "[empty]\nx = 1\n"),
        (
            {("results", "x"): "1"},
            (),
            "transfers : transfers\n",
            "transfers : transfers\nx = 1\n",
        ),
        ({}, [("results", "archive")], "archive = archive\n", "; archive = archive\n"),
        ({}, [("results", "nosuch")], "", ""),
    ],
)
def test_one_place_is_another(values, left_out, before, after):
    assert edited(TEXT, values, left_out) == TEXT.replace(before, after, 1)


def test_sections_that_were_not_there_come_last():
    changed = edited(TEXT, {("new", "a"): "1", ("newer", "b"): "2", ("new", "c"): "3"})
    assert changed == f"{TEXT}\n[new]\na = 1\nc = 3\n\n[newer]\nb = 2\n"
    assert edited("", {("new", "a"): "1"}) == "[new]\na = 1\n"


def test_what_can_not_be_changed_in_place_is_written_anew():
    """A value that would look like a head of a section is kept as its further line."""
    text = "[a]\nx = 1\n [b]\n y = 2\n"
    assert sections_in(text) == {"a": {"x": "1\n[b]\ny = 2"}}
    changed = edited(text, {("b", "y"): "3\n[c]\nz = 4"})
    assert sections_in(changed) == {"a": {"x": "1\n[b]\ny = 2"}, "b": {"y": "3\n[c]\nz = 4"}}


def test_every_kind_of_line_end_is_one():
    assert clean_text("\ufeffa\r\nb\rc\n", 100) == "a\nb\nc\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\nb" + " \t" * 51 + "c", "line 2 .* more than 100 blanks"),
        ("a\0", "line 1 holds a NUL"),
        ("\udc80", "no text"),
        ("é" * 101, "larger than 200 bytes"),
    ],
)
def test_what_is_no_text_is_refused(text, message):
    with pytest.raises(ConfigError, match=message):
        clean_text(text, 200)
