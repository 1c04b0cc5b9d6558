"""References in statements to the results of groups (spec/language.md 7.1, 8.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from preboard.project.project import Project
    from preboard.runs.result import Instance, Run

    Start = Callable[..., Run]

FIRST = '~ id: one owner: Ann ~ $[1*][ @x = 1 tally(#b) #b == "x" ]'
SECOND = "~ id: two owner: Bo ~ $[1-3][ @x = 2 @d = count_lines() ]"


@pytest.fixture
def other(start: Start, project: Project) -> Run:
    """Return a run of a group that others refer to."""
    start("$[*][ yes() ]")
    project.load_group("other", [FIRST, SECOND])
    return project.run("six", "other")


def look(project: Project, *statements: str, method: str = "collect_paths") -> list[Instance]:
    project.load_group("looking", list(statements))
    return list(project.run("six", "looking", method=method).instances)


VALUES = [
    ("variables.x", 2),  # the last statement's
    ("variables.tally_b", {"x": 2, "y": 2, "z": 1}),
    ("variables.tally_b.y", 2),
    ("variables.tally_b.nosuch", None),
    ("headers.a.one", ["1", "2"]),
    ("headers.a.two", ["1", "2", "3"]),
    ("metadata.owner", "Bo"),
    ("csvpath.count_matches.one", 2),
    ("csvpath.count_matches", {"one": 2, "two": 3}),
    ("csvpath.delimiter", ","),
    ("csvpath.total_lines", 6),
    ("csvpaths.one", "other#one"),
]


@pytest.mark.parametrize(("reference", "value"), VALUES)
def test_a_reference_leads_to_the_last_run_of_a_group(
    other: Run, project: Project, reference: str, value: object
) -> None:
    (found,) = look(project, f"$[1][ @v = $other.{reference} ]")
    assert found.variables == {"v": value}
    assert list(found.errors()) == []
    looked = [] if reference.startswith("csvpaths") else [other.reference]
    assert (found.manifest.referenced_runs or []) == looked


FAULTS = [
    ("nosuch.variables.x", "the group 'nosuch' has no results yet"),
    ("othr.variables.x", "the group 'othr' has no results yet; did you mean other?"),
    ("other.variables.y", "the results of 'other' have no variable 'y'"),
    ("other.metadata.y", "the results of 'other' have no metadata 'y'"),
    ("other.csvpath.y", "the results of 'other' have no runtime field 'y'"),
    ("other.headers.a", "say behind the header which one is meant, of one, two"),
    ("other.headers.a.three", "'other' has no results of 'three', only of one, two"),
    ("other.headers.q.one", "the results of 'other' have no header 'q'"),
]


@pytest.mark.parametrize(("reference", "message"), FAULTS)
@pytest.mark.usefixtures("other")
def test_what_is_not_there_is_an_error_of_the_line(
    project: Project, reference: str, message: str
) -> None:
    (found,) = look(project, f"$[1][ @v = ${reference} ]")
    (error,) = found.errors()
    assert message in error.message
    assert error.source.startswith(f"${reference.rpartition('.')[0]}"[:8])
    assert found.variables == {"v": None}
    assert not found.valid


@pytest.mark.usefixtures("other")
def test_a_reference_alone_asks_whether_there_is_something(project: Project) -> None:
    (found,) = look(project, "$[1*][ $other.variables.tally_b.q -> @no = 1 $other.variables.x ]")
    assert found.variables == {}
    (found,) = look(project, "$[1*][ $other.variables.x -> @yes = 1 in(#a, $other.headers.a.two) ]")
    assert found.variables == {"yes": 1}
    assert [line[0] for line in found.lines()] == ["1", "2", "3"]


@pytest.mark.usefixtures("other")
def test_a_value_that_a_statement_changes_is_its_own(project: Project) -> None:
    """Each look is a new one: what the first line pushed is not there on the second."""
    (found,) = look(project, '$[1-2][ @l = $other.headers.a.one push("l", "new") ]')
    assert found.variables == {"l": ["1", "2", "new"]}


def test_a_run_that_failed_or_a_changed_file_is_not_the_latest(
    other: Run, project: Project
) -> None:
    variables = other.instances[1].home / "vars.json"
    variables.chmod(0o644)
    variables.write_text('{"x": 99}', encoding="utf-8")
    (found,) = look(project, "$[1][ @v = $other.variables.x ]")
    (error,) = found.errors()
    assert "vars.json of $other.results." in error.message
    assert "is no longer what was published" in error.message


PRINTED = [
    ("$other.variables.x", "2"),
    ("$other.variables.tally_b.y", "2"),
    ("$other.metadata.owner", "Bo"),
    ("$other.csvpath.count_matches.one", "2"),
    ("$other.headers.a.two", "3"),
    ("$other.variables.nosuch", "nosuch"),
    ("$nosuch.variables.x", "x"),
]


@pytest.mark.parametrize(("reference", "text"), PRINTED)
@pytest.mark.usefixtures("other")
def test_print_shows_what_is_there_and_the_name_of_what_is_not(
    project: Project, reference: str, text: str
) -> None:
    (found,) = look(project, f'$[1][ print("<{reference}>") ]')
    assert found.printouts == {"default": [f"<{text}>"]}
    assert found.valid


def test_the_own_group_is_what_it_has_so_far(start: Start) -> None:
    seen = 'push("seen", $checks.variables.n)'
    one = start("~ id: a ~ $[1*][ @n = count_lines() ]", f"~ id: b ~ $[1*][ {seen} ]",
                method="collect_by_line")  # fmt: skip
    assert one.instance("b").variables["seen"] == [2, 3, 4, 5, 6]
    after = start("~ id: a ~ $[1*][ @n = count_lines() ]",
                  f"~ id: b source-mode: preceding ~ $[0][ {seen} ]")  # fmt: skip
    assert after.instance("b").variables["seen"] == [6]


def test_lines_of_the_own_group_are_there_when_a_statement_has_ended(start: Start) -> None:
    ids = "@ids = $checks.headers.a.a"
    run = start('~ id: a ~ $[1*][ #b == "x" ]', f"~ id: b source-mode: preceding ~ $[0][ {ids} ]")
    assert run.instance("b").variables == {"ids": ["1", "2"]}
    run = start(
        '~ id: a ~ $[1*][ #b == "x" ]', f"~ id: b ~ $[1][ {ids} ]", method="collect_by_line"
    )
    (error,) = run.instance("b").errors()
    assert error.message == "the lines of 'a' can be reached when it has ended"


OWN = [
    'push("seen", $checks.variables.n)',
    'print("$checks.variables.n")',
    'print("n", push("seen", $checks.csvpath.count_matches.a))',
]


@pytest.mark.parametrize("text", OWN)
def test_statements_before_one_that_looks_at_its_group_have_ended(start: Start, text: str) -> None:
    """However many lines are read at once: not what the others had when the first of them began."""
    run = start("~ id: a ~ $[1*][ @n = count() ]", f"~ id: b ~ $[1][ {text} ]",
                "~ id: c ~ $[*][ @n = 99 ]", data="a,b\n" + "1,x\n" * 20_000)  # fmt: skip
    found = run.instance("b")
    assert found.variables.get("seen", found.printouts.get("default")) in ([20_000], ["20000"])
