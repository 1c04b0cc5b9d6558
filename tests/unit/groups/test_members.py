"""The members of a group, and the text that its file holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preboard.groups.faults import BrokenGroup
from preboard.groups.members import MOST_BYTES, MOST_MEMBERS, checked_group, group_text
from preboard.groups.members import statements_in as pieces
from preboard.language.pieces import SEPARATOR

YES = "$[*][ yes() ]"
LINES = st.text(st.characters(exclude_categories=["Cs"]), max_size=30).filter(
    lambda line: line.strip() != SEPARATOR
)


@given(st.lists(st.lists(LINES, min_size=1).map("\n".join)))
def test_what_was_written_is_read_again(texts):
    """Statements come out of a group's file as they went in, but for the space around them."""
    wanted = [text.strip() for text in texts if text.strip()]
    # A line of a statement that is the separator parts it: that is what the separator does.
    wanted = [text for text in wanted if pieces(text) == [text]]
    assert pieces(group_text(wanted)) == wanted


@given(st.text())
def test_a_file_that_was_read_once_does_not_change_any_more(text):
    once = group_text(pieces(text))
    assert group_text(pieces(once)) == once


def test_the_separator_stands_before_each_statement():
    assert group_text(["a", " b\n"]) == ("\n\n---- CSVPATH ----\n\na\n\n---- CSVPATH ----\n\nb")


def test_a_statement_without_an_identity_is_called_by_its_index():
    group = checked_group("g", ["~ id: one ~ $[*][ yes() ]", YES, "~ name: three ~ $[*][ yes() ]"])
    assert group.identities == ["one", "1", "three"]
    assert [group.place_of(word) for word in ("one", "1", "2", "three", "3", "²")] == [
        0, 1, 2, 2, None, None,
    ]  # fmt: skip


BROKEN = {
    "no statement": ([], [(None, "no statement")]),
    "does not parse": (["$[*][ yes( ]"], [(0, "")]),
    "an unknown function": ([YES, "$[*][ lenght(#0) ]"], [(1, "lenght")]),
    "each that is wrong": (["$[*][ a( ]", YES, "$[*][ b( ]"], [(0, ""), (2, "")]),
    "one identity twice": (["~ id: x ~ $[*][ yes() ]"] * 2, [(1, "both called 'x'")]),
    "an index as identity": (["~ id: 1 ~ $[*][ yes() ]", YES], [(1, "both called '1'")]),
    "other case": (
        ["~ id: Orders ~ $[*][ yes() ]", "~ id: orders ~ $[*][ yes() ]"],
        [(1, "both called")],
    ),
    "an accent in two ways": (
        ["~ id: caf\u00e9 ~ $[*][ yes() ]", "~ id: cafe\u0301 ~ $[*][ yes() ]"],
        [(1, "")],
    ),
    "a lone surrogate": (["~ \udc80 ~ $[*][ yes() ]"], [(0, "no file can keep")]),
    "a NUL": (["~ \0 ~ $[*][ yes() ]"], [(0, "no file can keep")]),
    "a separator": (["~ id: a/b ~ $[*][ yes() ]"], [(0, "can't be the identity")]),
    "the other separator": (["~ id: a\\b ~ $[*][ yes() ]"], [(0, "can't be the identity")]),
    "a way up": (["~ id: .. ~ $[*][ yes() ]"], [(0, "can't be the identity")]),
    "a document": (["~ id: manifest.json ~ $[*][ yes() ]"], [(0, "can't be the identity")]),
    "what lies beside": (["~ id: _extra_data ~ $[*][ yes() ]"], [(0, "can't be the identity")]),
    "longer than a name of a file may be": (
        [f"~ id: {'ü' * 110} ~ $[*][ yes() ]"],
        [(0, "can't be the identity")],
    ),
}


@pytest.mark.parametrize(("statements", "faults"), BROKEN.values(), ids=BROKEN)
def test_a_group_is_refused_with_all_that_is_wrong(statements, faults):
    with pytest.raises(BrokenGroup) as caught:
        checked_group("g", statements)
    assert [fault.place for fault in caught.value.faults] == [place for place, _ in faults]
    for fault, (_, told) in zip(caught.value.faults, faults, strict=True):
        assert told in fault.message


def test_the_faults_of_a_statement_are_drawn():
    with pytest.raises(BrokenGroup) as caught:
        checked_group("g", [YES, "$[*][ lenght(#0) ]"])
    assert "statement 1:\n1:7 error[unknown-function]" in caught.value.render()
    assert "^" in caught.value.render()


def test_a_statement_that_is_wrong_is_called_by_its_identity():
    with pytest.raises(BrokenGroup, match=r"statement 1 \('sizes'\): no function is called lenght"):
        checked_group("g", [YES, "~ id: sizes ~ $[*][ lenght(#0) ]"])


def test_a_group_has_an_end():
    with pytest.raises(BrokenGroup, match="make several groups"):
        checked_group("g", [YES] * (MOST_MEMBERS + 1))
    with pytest.raises(BrokenGroup, match="make several groups"):
        checked_group("g", [f"~ {'x' * MOST_BYTES} ~ {YES}"])
