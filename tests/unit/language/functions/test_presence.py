"""all, missing, any, empty and exists, where no recorded case tells."""

import io

import pytest

import preboard
from preboard.language.values import holds_nothing


def run(statement, text):
    return preboard.validate(statement, io.BytesIO(text.encode()), delimiter=",")


@pytest.mark.parametrize(
    "call",
    [
        "all(headers(), #a)",
        "missing(#a, variables())",
        "empty(variables())",
        "empty(headers(), #a)",
        'any("x", #a)',
    ],
)
def test_markers_that_mean_nothing_are_refused(call):
    """headers() and variables() say where to look; where that says nothing, the call is refused."""
    with pytest.raises(preboard.StatementError) as error:
        run(f"$[*][{call}]", "a,b\n")
    assert error.value.diagnostics[0].code == "argument-kind"


def test_line_of_another_width():
    """A line with too few or too many values is not all there."""
    report = run("$[1*][missing()]", "a,b\n1,2\n1\n1,2,3\n1, \n")
    assert report.lines == [["1"], ["1", "2", "3"], ["1", " "]]


def test_hidden_memories_are_no_variables():
    """A counter without a name is no variable that any() could find."""
    report = run('$[1*][counter() push("s", any(variables()))]', "a\n1\n2\n")
    assert report.variables["s"] == [False, True]


def test_list_that_holds_itself():
    """A list within itself is looked into once."""
    stack: list[object] = [None, ""]
    stack.append(stack)
    assert holds_nothing(stack)
    assert not holds_nothing([stack, 0])
