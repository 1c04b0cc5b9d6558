"""Where the parts of a statement stand, and what is said when one is missing."""

import pytest

from preboard.errors import StatementError
from preboard.language.outline import DEEPEST, MOST_BYTES, outline


def cut(text):
    """Return the text of root, scan part and match part."""
    found = outline(text)
    return tuple(text[s.start : s.end] for s in (found.root, found.scan, found.match))


def comments(text):
    """Return the texts of the comments before and after the statement."""
    found = outline(text)
    return (
        [text[s.start : s.end] for s in found.before],
        [text[s.start : s.end] for s in found.after],
    )


def refused(text):
    """Return code and place of the finding for which the text is refused."""
    with pytest.raises(StatementError) as error:
        outline(text)
    (finding,) = error.value.diagnostics
    return finding.code, finding.span.start


class TestParts:
    def test_parts_touch_or_stand_apart(self):
        """Whitespace between the parts and around them is free, newlines included."""
        assert cut("$[*][yes()]") == ("$", "[*]", "[yes()]")
        assert cut(" \n$ [1\n] \n\t [ yes() ]\n") == ("$ ", "[1\n]", "[ yes() ]")

    def test_root_holds_the_path(self):
        """Whatever stands between the dollar sign and the first bracket is the root."""
        assert cut("$in/my file.csv#sheet[*][]")[0] == "$in/my file.csv#sheet"

    def test_empty_match_part(self):
        """A match part may be empty."""
        assert cut("$[*][]")[2] == "[]"

    @pytest.mark.parametrize(
        "inside",
        [
            '#a == "]"',
            '#a == "["',
            '#"a]b"',
            "~ ] ~ yes()",
            "regex(#a, /[a-z]+/)",
            r"regex(#a, /a\/]b/)",
            'print("~") print("x]y")',
            '~ " ~ yes()',
            '"/" == #a print("]")',
            "regex(#a, /~/) regex(#b, /]/)",
            "#a == $g.variables.a/b ~ / ~",
            'regex(#a, /"/)',
        ],
    )
    def test_bracket_that_ends_nothing(self, inside):
        """Brackets in strings, comments, regexes and quoted headers do not end the match part."""
        assert cut(f"$[*][ {inside} ] ~ after ~")[2] == f"[ {inside} ]"


class TestComments:
    def test_any_number_on_both_sides(self):
        """Comments may stand before and after the statement, any number of them."""
        assert comments("~ a ~ ~b~ $[*][] ~c~~ d ~") == ([" a ", "b"], ["c", " d "])

    @pytest.mark.parametrize("inside", ["[ ] $ #", '"', "$[*][ yes() ]", "\n", ""])
    def test_any_character_but_a_tilde(self, inside):
        """An outer comment holds any character but a tilde, brackets and dollar signs too."""
        assert comments(f"~{inside}~ $[*][] ~{inside}~") == ([inside], [inside])

    def test_inner_comment_is_no_outer_comment(self):
        """A comment inside the match part belongs to the match part."""
        assert comments("$[*][ ~ id: no ~ yes() ]") == ([], [])

    def test_text_outside_of_comments_is_noted(self):
        """Text between comment and root, and behind the statement, is dropped with a warning."""
        text = "~ a ~ lost $[*][] also lost ~ b ~ end"
        warnings = outline(text).warnings
        words = [text[w.span.start : w.span.end] for w in warnings]
        assert words == ["lost", "also lost", "end"]
        assert {(w.code, w.severity) for w in warnings} == {("ignored-text", "warning")}


class TestRefusals:
    @pytest.mark.parametrize(
        ("text", "code", "start"),
        [
            ("[*][ yes() ]", "no-root", 0),
            ("  orders.csv", "no-root", 2),
            ("~ only a comment ~ [*][]", "no-root", 24),
            ("$orders.csv", "no-scan", 0),
            ("$[*] where [ yes() ]", "no-match", 5),
            ("$[*] ~ between ~ [ yes() ]", "no-match", 5),
            ("$[*", "unclosed", 1),
            ("$[*][ yes()", "unclosed", 4),
            ("~ id: a $[*][ yes() ]", "unclosed", 0),
            ("$[*][ yes() ] ~ id: a", "unclosed", 14),
            ("$[*][ ~ yes() ]", "unclosed", 6),
            ('$[*][ #a == "b ]', "unclosed", 12),
            ("$[*][ regex(#a, /b) ]", "unclosed", 16),
            ('$[*][ #"First Name ]', "unclosed", 7),
            ("$[*][ yes() ][ no() ]", "after-end", 13),
        ],
    )
    def test_place(self, text, code, start):
        """What is missing or never closed is named where it begins."""
        assert refused(text) == (code, start)

    def test_nesting(self):
        """Calls may be nested a hundred deep and no deeper; side by side they may be many."""
        outline(f"$[*][ {'not(' * DEEPEST}#a{')' * DEEPEST} ]")
        outline(f"$[*][ {'not(#a) ' * 200} ]")
        deep = f"$[*][ {'not(' * (DEEPEST + 1)}#a{')' * (DEEPEST + 1)} ]"
        assert refused(deep) == ("too-deep", 6 + 4 * DEEPEST + 3)

    def test_parentheses_in_quotes_are_no_nesting(self):
        """Only parentheses that are tokens count."""
        outline(f'$[*][ print("{"(" * 200}") ~ {"(" * 200} ~ regex(#a, /{"(" * 200}/) ]')

    def test_length_is_in_bytes(self):
        """The limit of 1 MB counts bytes, not characters."""
        room = MOST_BYTES - len("$[*][]~~")
        outline(f"$[*][]~{'x' * room}~")
        assert refused(f"$[*][]~{'x' * (room + 1)}~")[0] == "too-long"
        assert refused(f"$[*][]~{'é' * (room // 2 + 1)}~")[0] == "too-long"
