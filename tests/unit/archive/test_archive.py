"""Runs on disk: what a process that dies leaves, what is verified, what can be changed."""

from __future__ import annotations

import io
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from preboard.archive import runs as archived
from preboard.archive import sweep as swept
from preboard.catalog.database import Database, sqlite_url
from preboard.catalog.runs import Runs
from preboard.errors import StoreError
from preboard.project.project import Project
from preboard.storage.local import make_new_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

DIED = "its process died"
LEFT = "source-mode: preceding"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("filled") / "acme"
    with Project.create(root) as project:
        project.register("six", io.BytesIO(b"a,b\n1,x\n2,y\n"), file_name="six.csv")
        project.load_group("checks", ['~ id: one ~ $[1*][ #b == "x" ]', "~ id: two ~ $[*][ no() ]"])
        project.load_group(
            "steps", ["~ id: one ~ $[*][ yes() ]", f"~ id: two {LEFT} ~ $[*][ no() ]"]
        )
    return root


@pytest.fixture
def project(filled: Path, tmp_path: Path) -> Iterator[Project]:
    with Project.open(shutil.copytree(filled, tmp_path / "acme")) as opened:
        yield opened


class Died(BaseException):
    """Stands for kill -9: nothing behind it is done, not even what tidies up."""


def died_in(
    project: Project, monkeypatch: pytest.MonkeyPatch, owner: object, name: str, *, behind: bool
) -> None:
    """Run, and let the process die before or behind a call of a function."""
    plain: Callable[..., object] = getattr(owner, name)

    def last(*args: object, **options: object) -> None:
        if behind:
            plain(*args, **options)
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(owner, name, last)
        patched.setattr(archived.OpenRun, "fail", last_words)
        with pytest.raises(Died):
            project.run("six", "steps" if name == "start" else "checks")
    project.close()


def last_words(*_: object) -> None:
    raise Died


INSTANTS = [
    (archived, "make_new_directory", False, "aborted"),
    (archived, "make_new_directory", True, "aborted"),
    (archived, "write_document", False, "aborted"),
    (archived, "write_document", True, "aborted"),
    (archived.OpenRun, "open", False, "aborted"),
    (archived.OpenRun, "open", True, "aborted"),
    (archived.OpenRun, "start", False, "aborted"),
    (archived.OpenRun, "start", True, "aborted"),
    (archived.OpenRun, "settle", False, "aborted"),
    (archived, "sync_run", False, "complete"),
    (archived.OpenRun, "settle", True, "complete"),
    (archived.Archive, "end", False, "complete"),
    (archived.Archive, "end", True, "complete"),
]


@pytest.mark.parametrize(("owner", "name", "behind", "state"), INSTANTS)
def test_a_process_that_dies_leaves_a_run_that_is_ended_by_the_next(
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    owner: object,
    name: str,
    behind: bool,
    state: str,
) -> None:
    died_in(project, monkeypatch, owner, name, behind=behind)
    with Project.open(project.root) as again:
        assert again.catalog.runs.going_on() == []
        visible = list(again.catalog.runs.each())
        assert [row.state for row in visible] == ["complete"] * (state == "complete")
        assert again.verify() == []
        left = sorted(
            path.relative_to(again.root).as_posix() for path in (again.root / "archive").rglob("*")
        )
        if state == "aborted":
            assert all(path.endswith(("manifest.json", "checks", "steps")) or path.count("/") == 2
                       for path in left), left  # fmt: skip
            for path in (again.root / "archive").glob("*/*/manifest.json"):
                manifest = json.loads(path.read_text())
                assert (manifest["status"], manifest["reason"]) == ("aborted", DIED)
        assert again.run("six", "checks").state == "complete"


def test_a_failed_run_whose_process_died_stays_failed(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its errors were on disk, and its manifest said so; only the catalog was not told."""
    end = archived.Archive.end

    def dies(*_: object, **__: object) -> None:
        raise Died

    monkeypatch.setattr(archived.Archive, "end", dies)
    with pytest.raises(Died):
        project.run("six", "checks", progress=lambda _: False)
    project.close()
    monkeypatch.setattr(archived.Archive, "end", end)
    with Project.open(project.root) as again:
        run = again.result("checks")
        assert run.state == "failed"
        assert "cancelled" in (run.reason or "")
        assert again.verify() == []


def test_the_directory_of_another_program_is_left_alone(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was made in the moment between the catalog's entry and the directory."""
    made: list[Path] = []

    def taken(path: Path) -> bool:
        path.mkdir(parents=True)
        (path / "results.csv").write_text("of another program")
        made.append(path)
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(archived, "make_new_directory", taken)
        with pytest.raises(Died):
            project.run("six", "checks")
    project.close()
    with Project.open(project.root) as again:
        assert list(again.catalog.runs.each()) == []
        assert [path.name for path in made[0].iterdir()] == ["results.csv"]


def test_a_directory_that_is_taken_in_just_that_moment_is_left_for_another(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run that had it is over; what is asked for gets a run with a directory of its own."""
    made: list[Path] = []

    def taken(path: Path) -> bool:
        if not made:
            path.mkdir(parents=True)
        made.append(path)
        return make_new_directory(path)

    with monkeypatch.context() as patched:
        patched.setattr(archived, "make_new_directory", taken)
        run = project.run("six", "checks")
    assert run.home == made[1] != made[0]
    assert list(made[0].iterdir()) == []
    assert [row.id for row in project.catalog.runs.each()] == [run.id]
    assert project.catalog.runs.going_on() == []
    assert project.verify() == []


def test_a_whole_run_is_on_disk_before_it_is_published_for_a_dead_process(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have died before the disk had it, though its manifests say that it is whole."""
    died_in(project, monkeypatch, archived, "sync_run", behind=False)
    synced: list[str] = []

    def noted(paths: Iterable[str]) -> None:
        database = Database(sqlite_url(project.root / ".preboard/catalog.db"))
        assert Runs(database, project.catalog.project).going_on() != []
        database.close()
        synced.extend(path.rpartition("/")[2] for path in paths)

    monkeypatch.setattr(archived, "sync_all", noted)
    with Project.open(project.root) as again:
        assert again.result("checks").state == "complete"
    assert {"one", "data.csv", "meta.json", "manifest.json", "checks"} <= set(synced)


def test_a_run_that_a_power_cut_left_in_part_is_aborted(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its manifest may be on disk, and the end of a file not."""
    died_in(project, monkeypatch, archived, "sync_run", behind=False)
    (data,) = (project.root / "archive").rglob("one/data.csv")
    data.chmod(0o644)
    data.write_bytes(b"")
    with Project.open(project.root) as again:
        assert list(again.catalog.runs.each()) == []
        assert again.verify() == []


def test_two_may_tidy_up_at_once(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    died_in(project, monkeypatch, archived.OpenRun, "settle", behind=True)
    with Project.open(project.root) as one, Project.open(project.root) as other:
        for each in (one, other):
            each.repair()
            assert each.verify() == []


def test_another_that_tidies_up_may_take_away_what_is_not_renamed_yet(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    died_in(project, monkeypatch, archived.OpenRun, "start", behind=False)
    plain = os.replace
    met: list[str] = []

    def meet_the_other(source: str, target: str) -> None:
        if not met:
            met.append(source)
            swept._empty(Path(source).parent)
        plain(source, target)

    monkeypatch.setattr("os.replace", meet_the_other)
    with Project.open(project.root) as again:
        assert [run.state for run in again.catalog.runs.going_on()] == []
        assert again.verify() == []
    assert ".manifest.json-" in met[0]


def test_a_disk_that_takes_nothing_more_fails_the_run(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(archived, "sync_all", full)
    with pytest.raises(StoreError, match="disk is full"):
        project.run("six", "checks")
    (row,) = project.catalog.runs.each()
    assert row.state == "failed"
    assert "disk is full" in (row.reason or "")


class TestVerify:
    def test_what_was_published_cannot_be_written_to(self, project: Project) -> None:
        run = project.run("six", "checks")
        for path in run.home.rglob("*"):
            if path.is_file():
                assert path.stat().st_mode & 0o222 == 0, path
        assert project.verify() == []

    @pytest.mark.parametrize(
        "name", ["one/data.csv", "one/errors.json", "one/manifest.json", "manifest.json"]
    )
    def test_each_change_is_found(self, project: Project, name: str) -> None:
        run = project.run("six", "checks")
        path = run.home / name
        content = path.read_bytes()
        path.chmod(0o644)
        (writable,) = project.verify()
        assert (writable.fault, writable.path) == ("writable", f"{run.manifest.run_home}/{name}")
        path.write_bytes(content.replace(b"1", b"2") if b"1" in content else content + b" {}")
        assert [each.fault for each in project.verify()] == ["changed"]
        path.unlink()
        assert [each.fault for each in project.verify()] == ["missing"]
        path.symlink_to("/etc/hostname")
        assert [each.fault for each in project.verify()] == ["missing"]

    def test_a_file_that_nobody_published_is_found(self, project: Project) -> None:
        run = project.run("six", "checks")
        (run.home / "one" / "data2.csv").write_text("1,x\n")
        (run.home / "three").mkdir()
        found = project.verify()
        assert [each.fault for each in found] == ["unknown", "unknown"]
        assert {each.path.rpartition("/")[2] for each in found} == {"data2.csv", "three"}


def test_the_ledger_names_each_instance_as_it_starts(project: Project) -> None:
    run = project.run("six", "checks")
    ledger = json.loads((project.root / "archive/manifest.json").read_text())
    assert [entry["identity"] for entry in ledger] == ["one", "two"]
    assert {entry["run_uuid"] for entry in ledger} == {run.id}
    assert [entry["uuid"] for entry in ledger] == [each.manifest.uuid for each in run.instances]
