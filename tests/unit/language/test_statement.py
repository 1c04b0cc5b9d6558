"""A statement as the rest of the package holds it."""

import dataclasses

import pytest

from preboard.language.statement import Statement


def test_same_text_same_object():
    """The same text gives the same statement."""
    assert Statement.parse("$[*][ yes() ]") is Statement.parse("$[*][ yes() ]")


def test_never_changed():
    """A statement is never changed."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        Statement.parse("$[*][]").text = ""  # type: ignore[misc]


def test_parts():
    """Scan part and match part are given as they are written."""
    statement = Statement.parse("~ id: a ~ $f.csv[ 1* ]  [ yes() ] ~ at: end ~")
    assert statement.scan_part == "[ 1* ]"
    assert statement.match_part == "[ yes() ]"
    assert statement.identity == "a"
    assert statement.tree.root == "f.csv"


def test_formatted():
    """A statement gives its canonical text."""
    assert Statement.parse("$[*][yes()]").formatted() == "$[*][\n    yes()\n]\n"
