"""Where a result comes from."""

from __future__ import annotations

import json

import pytest

from preboard.errors import BadReference, NotFound
from preboard.project.project import Project

KEEP = "~ id: keep ~ $[*][ yes() ]"
LATER = "~ id: later ~ $[1*][ yes() ]"


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "d.csv").write_text("a\n1\n2\n", encoding="utf-8")
    with Project.create(tmp_path / "p") as made:
        made.register("d", "d.csv")
        made.load_group("g", [KEEP, LATER])
        yield made


def test_a_run_leads_to_the_version_and_the_text_that_were_in_force(project):
    run = project.run("d", "g")
    project.load_group("g", LATER)
    trace = project.trace(run.reference)
    assert trace.reference == run.reference
    assert trace.run == run.manifest
    assert trace.version.entry.origin == "d.csv"
    assert trace.version.fingerprint == trace.run.named_file_fingerprint
    assert trace.load.entry.named_paths == [KEEP, LATER]
    assert (trace.instance, trace.source) == (None, None)


def test_an_instance_leads_to_its_statement(project):
    run = project.run("d", "g")
    trace = project.trace(f"{run.reference}.later")
    assert trace.instance.instance_identity == "later"
    assert trace.reference == f"{run.reference}.later"


def test_a_run_over_results_leads_back_through_them(project):
    first = project.run("d", "g")
    second = project.run(f"{first.reference}.keep", "$g.csvpaths.later:from")
    third = project.run(f"{second.reference}.later", "g")
    trace = project.trace("g")
    steps = [trace, trace.source, trace.source.source]
    assert [step.run.uuid for step in steps] == [third.id, second.id, first.id]
    assert [step.instance and step.instance.instance_identity for step in steps] == [
        None, "later", "keep",
    ]  # fmt: skip
    assert [step.version is None for step in steps] == [True, True, False]
    assert steps[2].source is None


def test_what_was_removed_is_found_all_the_same(project):
    run = project.run("d", "g")
    project.remove_group("g")
    project.remove_named_file("d")
    trace = project.trace(run.reference)
    assert trace.load.entry.named_paths_count == 2
    assert trace.version.name == "d"


def test_it_can_be_told_as_json(project):
    first = project.run("d", "g")
    project.run(f"{first.reference}.keep", "g")
    told = json.loads(json.dumps(project.trace("g").to_json()))
    assert told["version"] is None
    assert told["source"]["version"]["from"] == "d.csv"
    assert told["source"]["instance"]["instance_identity"] == "keep"
    assert told["load"]["named_paths_identities"] == ["keep", "later"]


def test_what_is_no_run_cannot_be_traced(project):
    with pytest.raises(NotFound):
        project.trace("g")
    with pytest.raises(BadReference):
        project.trace("$d.files.:last")
