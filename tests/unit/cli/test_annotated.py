"""An explanation drawn under the text of its statement."""

import io

import pytest

import preboard
from preboard.cli.annotated import annotated
from preboard.cli.statements import Piece

DATA = b"id,town,n\n1,Oslo,5\n2,Rom\x1be,x\n"


def drawn(statement, line=2, data=DATA, before=""):
    """Return the drawing as text, without the blanks at the ends of its lines."""
    piece = Piece(statement, "checks", before + statement, len(before))
    found = preboard.explain(statement, io.BytesIO(data), line=line, delimiter=",")
    lines = [
        "".join(word if isinstance(word, str) else word[0] for word in words)
        for words in annotated(piece, found)
    ]
    return [line.rstrip() for line in lines]


def test_each_part_is_underlined_where_it_stands_the_innermost_first():
    assert drawn('$[1*][ not(#n == "x") -> @y = #id ]', line=1) == [
        '  1 | $[1*][ not(#n == "x") -> @y = #id ]',
        "    |            ^^ '5'",
        "    |            ^^^^^^^^^ false",
        "    |        ^^^^^^^^^^^^^^ true",
        "    |                          ^^ '1'",
        "    |                               ^^^ '1'",
        "    |                          ^^^^^^^^ votes true",
        "    |        ^^^^^^^^^^^^^^^^^^^^^^^^^^ votes true",
    ]


def test_what_is_not_evaluated_says_why_and_is_not_gone_into():
    assert drawn("$[1*][ no() -> add(#n, 1) ]") == [
        "  1 | $[1*][ no() -> add(#n, 1) ]",
        "    |        ^^^^ false",
        "    |                ^^^^^^^^^^ not evaluated: the left side is not true",
        "    |        ^^^^^^^^^^^^^^^^^^ votes false",
    ]


def test_a_part_of_several_lines_is_named_where_it_ends():
    """The numbers are those of the file in which the statement stands."""
    statement = "$[1*][\n  line(\n    integer(#id),\n    blank(), string(#n)\n  ) ]"

    assert drawn(statement, before="~ a ~\n\n") == [
        "  4 |   line(",
        "  5 |     integer(#id),",
        "    |     ^^^^^^^^^^^^ id = '2', accepted",
        "  6 |     blank(), string(#n)",
        "    |     ^^^^^^^ town = 'Rom\\x1be', accepted",
        "    |              ^^^^^^^^^^ n = 'x', accepted",
        "  7 |   ) ]",
        "    |   ^ line(...): votes true",
    ]


@pytest.mark.parametrize(
    ("component", "note"),
    [
        ("#town", "'Rom\\x1be', votes true"),
        ("int(#n)", "error: "),
        ("#zz", "none, votes false"),
        ('print("x")', "done, votes true"),
        ("yes()", "votes true"),
    ],
)
def test_what_is_said(component, note):
    assert note in drawn(f"$[1*][ {component} ]")[-1]


def test_a_long_line_is_cut_between_words():
    lines = drawn(f"$[1*][ {'yes() ' * 60}]")

    assert max(map(len, lines)) < 140
    assert sum("votes true" in line for line in lines) == 60
    text = "".join(line[6:] for line in lines if "yes" in line)
    assert text.count("yes()") == 60


def test_what_is_wide_or_not_seen_keeps_the_marks_in_place():
    found = drawn('$[1*][\n\t"東" == #n "\x1b" == #id ]')

    assert found[0] == '  2 | \t"東" == #n "\ufffd" == #id ]'
    assert found[1] == "    | \t        ^^ 'x'"
    assert found[2] == "    | \t^^^^^^^^^^ votes false"
