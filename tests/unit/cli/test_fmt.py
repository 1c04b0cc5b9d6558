"""Rules of preboard.cli.fmt: one form, and nothing lost on the way."""

import pytest

from preboard.cli.fmt import formatted
from preboard.cli.statements import FaultyStatementsError

SEPARATOR = "---- CSVPATH ----\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("$[*][yes()]", "$[*][\n    yes()\n]\n"),
        (f"$[1][]\n  {SEPARATOR}\n$[2][]", f"$[1][]\n{SEPARATOR}$[2][]\n"),
        (f"{SEPARATOR}$[1][]\n{SEPARATOR}\n{SEPARATOR}", "$[1][]\n"),
        ("~ a ~ ~ b ~ $[1][] ~ c ~", "~ a ~\n~ b ~\n$[1][]\n~ c ~\n"),
        ("$[1][~ inside ~ yes()]", "$[1][\n    ~ inside ~\n    yes()\n]\n"),
        ('$[*][ print("two\nlines") ]', '$[*][\n    print("two\nlines")\n]\n'),
        ("~ a:\r\n b ~\r\n$[1][]\r\n", "~ a:\r\n b ~\r\n$[1][]\r\n"),
        (f"$[1][]\r\n{SEPARATOR[:-1]}\r\n$[2][]", f"$[1][]\r\n{SEPARATOR[:-1]}\r\n$[2][]\r\n"),
    ],
)
def test_the_form_is_one_component_a_line(before, after):
    assert formatted(before, "checks") == after
    assert formatted(after, "checks") == after


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("$[*][ xyzzy() ]", "unknown-function"),
        (f"$[*][]\n{SEPARATOR}$[*", "unclosed"),
        ("~ a ~ stray $[*][]", "ignored-text"),
        ("", "no-statement"),
    ],
)
def test_what_is_wrong_or_would_be_lost_is_not_formatted(text, code):
    with pytest.raises(FaultyStatementsError) as caught:
        formatted(text, "checks")

    assert caught.value.findings[0].diagnostic.code == code
