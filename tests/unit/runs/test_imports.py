"""import(): what a statement takes from others, and what can't be (spec/functions-b.md 5)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from preboard.errors import StatementError
from preboard.groups.faults import BrokenGroup
from preboard.language.statement import Statement
from preboard.runs import imports

if TYPE_CHECKING:
    from collections.abc import Callable

    from preboard.project.project import Project
    from preboard.runs.result import Run

    Start = Callable[..., Run]

LIBRARY = [
    '~ id: first return-mode: no-matches ~ $[5][ push("o", "first") ~ inner ] ~ #b == "x" ]',
    '~ id: second ~ $[*][ push("o", "second") ]',
    "~ id: empty ~ $[*][ ]",
]


def test_what_is_imported_stands_where_the_import_stood(start: Start, project: Project) -> None:
    project.load_group("lib", LIBRARY)
    run = start('$[1][ push("o", "before") import("lib#first") push("o", "after") ]')
    (instance,) = run.instances
    assert instance.variables == {"o": ["before", "first", "after"]}
    assert list(instance.lines()) == [["1", "x"]]  # neither the scan nor the modes are imported


def test_the_run_says_what_was_imported_and_of_which_load(start: Start, project: Project) -> None:
    first = project.load_group("lib", LIBRARY)
    run = start('$[1][ import("lib#second") import($lib.csvpaths.second) import("lib#empty") ]')
    found = run.instances[0].manifest.imports
    assert isinstance(found, list)
    assert [(each.named_paths_name, each.identity) for each in found] == [
        ("lib", "second"), ("lib", "empty"),
    ]  # fmt: skip
    assert {each.named_paths_uuid for each in found} == {first.id}
    assert {each.named_paths_fingerprint for each in found} == {first.fingerprint}
    assert run.instances[0].variables == {"o": ["second", "second"]}


def test_a_group_is_imported_whole_and_an_index_is_a_name(start: Start, project: Project) -> None:
    project.load_group("lib", LIBRARY)
    project.load_group("more", ['~ id: m ~ $[*][ import("lib#1") import("lib") ]'])
    run = start('$[1][ import("more#m") ]')
    assert run.instances[0].variables == {"o": ["second", "first", "second"]}


def test_the_text_that_the_group_has_when_it_is_run_counts(start: Start, project: Project) -> None:
    project.load_group("lib", LIBRARY)
    start('$[1][ import("lib#second") ]')
    project.load_group("lib", ['~ id: second ~ $[*][ push("o", "new") ]'])
    assert project.run("six", "checks").instances[0].variables == {"o": ["new"]}


def test_errors_of_lines_tell_the_imported_rule(start: Start, project: Project) -> None:
    project.load_group("lib", ["~ id: shape ~ $[*][ line(integer(#a), string(#b)) ]"])
    run = start('$[1*][ import("lib#shape") ]', data="a,b\n1,x\nq,y\n")
    (error,) = run.instances[0].errors()
    assert (error.line_count, error.column, error.rule) == (2, "a", "integer(#a)")


REFUSED = [
    ('import("nosuch")', "there is no group 'nosuch'", '"nosuch"'),
    ('import("libs#first")', "there is no group 'libs'", '"libs#first"'),
    ('import("lib#frist")', "the group 'lib' has no statement 'frist'", '"lib#frist"'),
    ('import("checks#0")', "imports lead in a circle: checks#0 -> checks#0", '"checks#0"'),
    ('import("round#a")', "imports lead in a circle: round#a -> round#b -> round#a", None),
    ('import("labels#a") parquet.x(string(#b))', "imported from labels#a: two parquet()", None),
]


@pytest.mark.parametrize(("text", "message", "shown"), REFUSED)
def test_what_cannot_be_imported_is_refused_before_the_run(
    start: Start, project: Project, text: str, message: str, shown: str | None
) -> None:
    project.load_group("lib", LIBRARY)
    project.load_group("labels", ["~ id: a ~ $[*][ parquet.x(string(#a)) parquet.y(string(#b)) ]"])
    project.load_group(
        "round",
        ['~ id: a ~ $[*][ import("round#b") ]', "~ id: b ~ $[*][ import($round.csvpaths.a) ]"],
    )
    if "parquet" in text:
        text = f"parquet.x(string(#b)) {text.partition(' ')[0]}"
    with pytest.raises(BrokenGroup) as caught:
        start(f"~ id: 0 ~ $[1][ {text} ]")
    (fault,) = caught.value.faults
    assert message in fault.message
    assert fault.error is not None
    if shown is not None:
        (finding,) = fault.error.diagnostics
        assert fault.error.source[finding.span.start : finding.span.end] == shown
    assert list(project.catalog.runs.each()) == []


def test_a_finding_behind_an_import_is_shown_where_it_was_written(
    start: Start, project: Project
) -> None:
    project.load_group("lib", ["~ id: a ~ $[*][ parquet.x(string(#a)) ]"])
    with pytest.raises(BrokenGroup) as caught:
        start('$[1][ import("lib#a") yes() parquet.x(string(#b)) ]')
    error = caught.value.faults[0].error
    assert error is not None
    (finding,) = error.diagnostics
    shown = error.source[finding.span.start : finding.span.end]
    assert shown == "parquet.x(string(#b))"


def test_a_statement_that_does_not_run_may_import_nothing_that_is_there(start: Start) -> None:
    run = start("~ id: a ~ $[1][ yes() ]", '~ id: b run-mode: no-run ~ $[1][ import("nosuch") ]')
    assert [each.identity for each in run.instances] == ["a"]


def test_imports_of_imports_do_not_grow_without_end(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve statements, each of which imports the one before it twice: 4,096 times the first."""
    monkeypatch.setattr(imports, "MOST_CHARACTERS", 20_000)
    project.register("six", io.BytesIO(b"a,b\n1,x\n"), file_name="six.csv")
    texts = ["~ id: s0 run-mode: no-run ~ $[*][ yes() yes() ]"]
    for n in range(1, 13):
        twice = f'import("bomb#s{n - 1}") ' * 2
        mode = "" if n == 12 else "run-mode: no-run"
        texts.append(f"~ id: s{n} {mode} ~ $[*][ {twice}]")
    project.load_group("bomb", texts)
    with pytest.raises(BrokenGroup, match="more than 20,000 characters"):
        project.run("six", "bomb")


MALFORMED = [
    ('import("lib#")', "bad-import"),
    ('import("#first")', "bad-import"),
    ("import(/x/)", "bad-import"),
    ("import($lib.variables.first)", "bad-import"),
    ('@x = import("lib")', "misplaced-function"),
    ('yes() -> import("lib")', "misplaced-function"),
    ('not(import("lib"))', "misplaced-function"),
]


@pytest.mark.parametrize(("text", "code"), MALFORMED)
def test_what_names_nothing_is_refused_when_it_is_loaded(text: str, code: str) -> None:
    with pytest.raises(StatementError) as caught:
        Statement.in_project(f"$[1][ {text} ]")
    assert code in {finding.code for finding in caught.value.diagnostics}


def test_only_a_project_imports() -> None:
    text = '$[1][ import("lib") @x = $lib.variables.x ]'
    assert [each.code for each in Statement.in_project(text).needs_project] == ["needs-project"] * 2
    with pytest.raises(StatementError) as caught:
        Statement.parse(text)
    assert len(caught.value.diagnostics) == 2
    with pytest.raises(StatementError) as both:
        Statement.parse(f"{text[:-1]} nosuch() ]")
    assert [each.code for each in both.value.diagnostics] == [
        "needs-project", "needs-project", "unknown-function",
    ]  # fmt: skip
    with pytest.raises(StatementError) as one:
        Statement.in_project(f"{text[:-1]} nosuch() ]")
    assert [each.code for each in one.value.diagnostics] == ["unknown-function"]
