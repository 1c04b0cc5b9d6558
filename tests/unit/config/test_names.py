"""Names: what a reference can address, and what a file can be called."""

import pytest

from preboard.config.names import (
    LONGEST_IDENTITY,
    LONGEST_NAME,
    can_name_a_file,
    checked_identity,
    checked_name,
    shown,
    storable,
)
from preboard.errors import NameRefused

NAMES = ["orders", "_x", "Orders 2-eu", "a", "manifest", "a__b", "a" * LONGEST_NAME]
NO_NAMES = [
    "", " ", "a ", " a", "1a", "-a", "a/b", "a\\b", "a.b", ".", "..", "$a", "a#b", "a:b", "é",
    "a\n", "a\nb", "a\0", "a\u202e", "a\udce9", "a" * (LONGEST_NAME + 1), "a\u00a0b", "../etc", "~",
]  # fmt: skip
IDENTITIES = ["one", "1", "été", "a b", "_", "x-y", "a" * LONGEST_IDENTITY]
NO_IDENTITIES = ["", "a/b", "a.b", "..", "a ", " a", "-a", "a\0", "a\n", "$a", "a:b", "a#b", "a\\b"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_a_reference_can_address_is_one(name):
    assert checked_name(name, "named-file") == name


@pytest.mark.parametrize("name", NO_NAMES)
def test_a_name_that_no_reference_can_address_is_refused(name):
    with pytest.raises(NameRefused, match="can't be the name of a group") as refused:
        checked_name(name, "group")
    assert refused.value.hint
    assert len(refused.value.message) < 120


@pytest.mark.parametrize("identity", IDENTITIES)
def test_an_identity_names_a_directory(identity):
    assert checked_identity(identity) == identity


@pytest.mark.parametrize("identity", [*NO_IDENTITIES, "a" * (LONGEST_IDENTITY + 1)])
def test_an_identity_that_can_name_no_directory_is_refused(identity):
    with pytest.raises(NameRefused, match="identity"):
        checked_identity(identity)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a.csv", True),
        ("été", True),
        ("..a", True),
        ("é" * 10, True),
        ("é" * 11, False),  # 22 bytes
        ("", False),
        (".", False),
        ("..", False),
        ("a.", False),
        ("a ", False),
        ("a/b", False),
        ("a\\b", False),
        ("a\0", False),
        ("a\x7f", False),
        ("a\udce9", False),
    ],
)
def test_a_file_can_be_called_so_on_every_system(text, said):
    assert can_name_a_file(text, 20) is said


@pytest.mark.parametrize(
    ("text", "stored"),
    [("é", "é"), ("a\udce9", "a\\udce9"), ("a\0", "a\\x00"), ("", "")],
)
def test_a_text_from_outside_can_be_stored(text, stored):
    assert storable(text) == stored
    stored.encode()


def test_a_text_in_a_message_is_quoted_and_cut():
    assert shown("a\n\x1b[31m") == "'a\\n\\x1b[31m'"
    assert shown("x" * 100) == "'" + "x" * 57 + "...'"
