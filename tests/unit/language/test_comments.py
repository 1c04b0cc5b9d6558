"""What outer comments say: metadata and identity (section 2, with the rule of its divergence)."""

import pytest

from preboard.diagnostics import Span
from preboard.language.comments import read_metadata
from preboard.language.statement import Statement


def fields(comment):
    """Return keys and values of one comment, without the whole text."""
    values = dict(read_metadata(f"~{comment}~", [Span(1, 1 + len(comment))]).values)
    values.pop("original_comment", None)
    return values


class TestFields:
    @pytest.mark.parametrize(
        ("comment", "expected"),
        [
            ("title: My Path a: 1", {"title": "My Path", "a": "1"}),
            ("title:My Path a:1", {"title": "My Path", "a": "1"}),
            (
                "lead title: Declaration : DRAFT a: 2",
                {"title": "Declaration", "": "DRAFT", "a": "2"},
            ),
            ("title: one\n   two", {"title": "one\n   two"}),
            ("title: a: 2", {"title": "", "a": "2"}),
            ("a:title:x", {"a": "", "title": "x"}),
            ('title: Hi, there. (x) "q"', {"title": 'Hi, there. (x) "q"'}),
            ("title : My Path", {"": "My Path"}),
            ("título: x", {"título": "x"}),
            ("just words", {}),
            ("", {}),
            ("  \n ", {}),
        ],
    )
    def test_as_recorded(self, comment, expected):
        """Keys and values are read as the table of section 2.1 has them."""
        assert fields(comment) == expected

    @pytest.mark.parametrize(
        ("comment", "expected"),
        [
            ("title: (x) y a: |z", {"title": "(x) y", "a": "|z"}),
            ("title: see http://x.y a: 1", {"title": "see http://x.y", "a": "1"}),
            ("title: at 10:30", {"title": "at 10:30"}),
            ("(title: x", {}),
        ],
    )
    def test_as_users_want(self, comment, expected):
        """Leading punctuation is kept; a colon inside a word begins no key."""
        assert fields(comment) == expected

    def test_last_of_equal_keys_wins(self):
        """A later equal key overwrites."""
        assert fields("a: 1 b: 2 a: 3") == {"a": "3", "b": "2"}

    def test_value_that_never_began(self):
        """The value of a last key without text is None."""
        assert fields("a: 1 b:") == {"a": "1", "b": None}

    def test_lone_colon_at_the_end(self):
        """A lone colon that ends the comment stores nothing."""
        assert fields("a: 1 :") == {"a": "1"}

    def test_comments_are_joined(self):
        """Comments before and after the statement are one text, without a separator."""
        values = Statement.parse("~ a: 1 ~ ~ b: 2 ~ $[*][] ~ c: 3 ~").metadata.values
        assert values == {"original_comment": "a: 1  b: 2  c: 3", "a": "1", "b": "2", "c": "3"}

    def test_inner_comments_say_nothing(self):
        """A comment inside the match part has no metadata."""
        assert Statement.parse("$[*][ ~ a: 1 ~ yes() ]").metadata.values == {}

    def test_places(self):
        """Every key knows where it stands in the statement, in whichever comment."""
        text = "~ a: 1 ~ text ~ bé: 2 ~ $[*][] ~ c: 3 ~"
        spans = Statement.parse(text).metadata.spans
        assert {key: text[s.start : s.end] for key, s in spans.items()} == {
            "a": "a",
            "bé": "bé",
            "c": "c",
        }


class TestIdentity:
    @pytest.mark.parametrize("key", ["id", "Id", "ID", "name", "Name", "NAME"])
    def test_keys(self, key):
        """Six spellings of id and name give a statement its identity."""
        assert Statement.parse(f"~ {key}: two words ~ $[*][]").identity == "two words"

    def test_order_of_keys(self):
        """The first of the spellings counts, not the first in the text."""
        assert Statement.parse("~ name: b ID: c id: a ~ $[*][]").identity == "a"

    @pytest.mark.parametrize("comment", ["", "~ iD: x ~", "~ nAME: x ~", "~ id : x ~"])
    def test_none(self, comment):
        """Without one of the keys a statement has no identity."""
        assert Statement.parse(f"{comment} $[*][]").identity is None
