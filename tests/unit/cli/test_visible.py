"""Rules of preboard.cli.visible."""

import pytest

from preboard.cli.visible import as_unicode, cut, one_line, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, 'quoted' and Zürich", "plain, 'quoted' and Zürich"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("a\tb\nc\rd", "a\\tb\\nc\\rd"),
        ("\x9b31m", "\\x9b31m"),
        ("\x7f\x00", "\\x7f\\x00"),
        ("two\xa0", "two\\xa0"),
        ("\u202eabc\u2069", "\\u202eabc\\u2069"),
        ("\udcff", "\\xff"),
        ("\ud83d", "\\ud83d"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_harmful_characters_are_written_out(text, shown):
    assert visible(text) == shown


def test_what_is_kept_stays():
    assert visible("a\tb\x1b", keep="\t") == "a\tb\\x1b"


def test_one_line_is_never_longer_than_asked():
    assert one_line("word " * 1000, 20) == "word word word wo..."
    assert one_line(" a \n\t b ", 20) == "a b"


def test_a_text_of_the_right_length_is_not_cut():
    assert cut("12345", 5) == "12345"
    assert cut("123456", 5) == "12..."


def test_as_unicode_changes_only_what_is_no_unicode():
    assert as_unicode("a\x1b\n\udce4") == "a\x1b\n\\xe4"
