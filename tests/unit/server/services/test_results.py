"""What came of runs: just the run and the file that are asked for, and nothing else."""

from __future__ import annotations

import time
from io import BytesIO

import pytest

from preboard.errors import BadReference, InputError, NameRefused, NotFound, Refused
from preboard.project.project import Project
from preboard.server.services import results

CHECK = '~ id: one ~ $[1*][ integer(#amount) print("row $.headers.id") @n = #id ]'


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project with a file and a group."""
    with Project.create(tmp_path_factory.mktemp("acme")) as project:
        project.register("orders", BytesIO(b"id,amount\n1,3\n2,x\n"), file_name="orders.csv")
        project.load_group("check", [CHECK])
        project.load_group("strict", ["~ validation-mode: raise ~ $[1*][ integer(#amount) ]"])
        yield project


@pytest.fixture(scope="module")
def run(project):
    """A run that ended."""
    return project.run("orders", "check")


@pytest.fixture(scope="module")
def twins(project, run):
    """Two runs under different templates whose directories have one name, that of no other."""
    for _ in range(30):
        pair = [project.run("orders", "check", template=f"{each}/:run_dir") for each in "ab"]
        if pair[0].home.name == pair[1].home.name != run.home.name:
            return pair
        time.sleep(0.2)
    pytest.fail("no two runs began in one second")


class TestARun:
    def test_is_found_by_its_directory_and_by_the_path_to_it(self, project, run, twins):
        assert results.run_in(project, "check", run.home.name).id == run.id
        for each in twins:
            path = each.reference.removeprefix("$check.results.")
            assert results.run_in(project, "check", path).id == each.id

    def test_is_not_guessed_when_two_have_directories_of_one_name(self, project, twins):
        with pytest.raises(InputError, match="2 runs of 'check'") as raised:
            results.run_in(project, "check", twins[0].home.name)
        assert f"a/{twins[0].home.name}" in str(raised.value.hint)

    @pytest.mark.parametrize("name", ["1999-01-01_00-00-00", "2", "", "..", ":last", "nosuch/x"])
    def test_that_there_is_not_is_not_found(self, project, run, name):
        assert name not in run.home.name or name in ("", "2")
        with pytest.raises(NotFound):
            results.run_in(project, "check", name)

    def test_of_another_group_is_not_found(self, project, run):
        with pytest.raises(NotFound):
            results.run_in(project, "strict", run.home.name)

    def test_that_failed_is_no_completed_one(self, project):
        with pytest.raises(Exception, match=r"integer|x"):
            project.run("orders", "strict")
        assert results.completed_runs(project, "$strict.results.:all") == []
        assert results.meant_by(project, "$strict.results.:last").run.state == "failed"

    def test_is_one_or_it_is_refused(self, project, run, twins):
        assert results.meant_by(project, run.reference).home == run.home
        assert results.first_meant_by(project, "$check.results.:all").run.id == run.id
        with pytest.raises(InputError, match="1 and only 1"):
            results.meant_by(project, "$check.results.:all")
        assert len(twins) == 2

    def test_is_named_by_a_text_that_can_be_looked_up(self, project):
        for text in ("$check.results.\ud800", "$check.results.\0"):
            with pytest.raises(BadReference):
                results.meant_by(project, text)
        with pytest.raises(NameRefused):
            results.meant_by(project, "a/b")


class TestAFile:
    def test_of_an_instance_is_found_by_its_path(self, run):
        instance = run.instances[0]
        assert results.file_in(instance, "vars.json") == instance.home / "vars.json"

    @pytest.mark.parametrize(
        "path", ["../manifest.json", "/etc/passwd", "a/../../manifest.json", "..", "..\\x"]
    )
    def test_outside_its_directory_is_refused(self, run, path):
        with pytest.raises(NameRefused):
            results.file_in(run.instances[0], path)

    @pytest.mark.parametrize("path", ["nosuch.csv", "", ".", "vars.json/x"])
    def test_that_there_is_not_is_not_found(self, run, path):
        with pytest.raises(NotFound):
            results.file_in(run.instances[0], path)

    def test_behind_a_symbolic_link_is_refused(self, run, tmp_path):
        (tmp_path / "secret").write_text("no")
        link = run.instances[0].home / "link.txt"
        link.symlink_to(tmp_path / "secret")
        with pytest.raises((NameRefused, NotFound)):
            results.file_in(run.instances[0], "link.txt")
        link.unlink()

    def test_that_is_too_large_for_one_answer_is_refused_before_it_is_read(
        self, project, run, monkeypatch
    ):
        monkeypatch.setattr(results, "MOST_IN_JSON", 3)
        meant = results.meant_by(project, run.reference)
        for asked in (
            results.errors_of, results.variables_of, results.metadata_of, results.printouts_of,
        ):  # fmt: skip
            with pytest.raises(Refused, match="larger than 3 bytes"):
                asked(meant.instances)
        with pytest.raises(Refused):
            results.data_text(meant)
