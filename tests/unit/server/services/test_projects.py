"""Projects made and removed by a server, and what dies half way."""

from __future__ import annotations

import os
import time
from uuid import uuid4

import pytest

from preboard.catalog.service.hosting import Hosted
from preboard.config.ini import CONFIG_FILE
from preboard.errors import Conflict, NotFound, Refused, StoreError
from preboard.server.service import Service
from preboard.server.services import configs, projects
from preboard.server.services.config_rules import LOCAL_FILES
from preboard.server.settings import read_settings


@pytest.fixture
def service(tmp_path):
    """Give the service of a home of the test's own."""
    roots = tmp_path / "drop"
    roots.mkdir()
    service = Service(read_settings(tmp_path / "home", local_roots=(str(roots),)))
    yield service
    service.close()


@pytest.fixture
def acme(service):
    """Make a project."""
    return projects.create_project(service, "ann", "acme", None)


def directories(service):
    return sorted(path.name for path in service.settings.projects.iterdir())


def old(path):
    """Make a directory look as if it had been made long ago."""
    then = time.time() - 2 * projects._OLD_S  # noqa: TID251 - what the files of the test say
    os.utime(path, (then, then))


def test_who_comes_second_leaves_nothing(service, acme, monkeypatch):
    """Both saw that the name is free: the catalog says who was first."""
    monkeypatch.setattr(service.hosting, "by_name", lambda _owner, _name: None)
    with pytest.raises(Conflict, match=r"^Config 'acme' already exists for key"):
        projects.create_project(service, "ann", "acme", None)
    assert directories(service) == [acme.project]


def test_a_disk_that_is_full_leaves_nothing(service, monkeypatch):
    def full(_root, _text):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(projects, "keep_config", full)
    with pytest.raises(StoreError, match="the disk is full"):
        projects.create_project(service, "ann", "acme", None)
    assert directories(service) == []


def test_a_removed_project_is_moved_aside_then_deleted(service, acme):
    projects.remove_project(service, acme)
    assert directories(service) == [f".removed-{acme.project}"]
    with pytest.raises(NotFound):
        service.project(acme.project)
    with pytest.raises(NotFound):
        projects.remove_project(service, acme)
    projects.finish_removal(service, acme)
    assert directories(service) == []


def test_what_the_catalog_could_not_forget_goes_with_the_next_sweep(service, acme, monkeypatch):
    def busy(_project):
        raise StoreError("the catalog can't be used: it is busy")

    projects.remove_project(service, acme)
    with monkeypatch.context() as context:
        context.setattr(service.hosting, "forget", busy)
        projects.finish_removal(service, acme)
    assert directories(service) == [f".removed-{acme.project}"]
    projects.sweep_projects(service)
    assert directories(service) == []


def test_the_sweep_finishes_what_died(service, acme):
    """A removal that died before it moved the directory, one behind that, and a making."""
    gone = projects.create_project(service, "ann", "gone", None)
    moved = projects.create_project(service, "ann", "moved", None)
    service.hosting.remove(gone.project, "2026-11-21T07:03:14.266583+00:00")
    projects.remove_project(service, moved)
    home = service.settings.projects
    for name in (".new-old", ".new-young"):
        (home / name).mkdir()
    old(home / ".new-old")
    projects.sweep_projects(service)
    assert directories(service) == [".new-young", acme.project]


def test_the_sweep_leaves_what_it_can_not_know_to_be_nothing(service, acme):
    """After a restore of the catalog there may be projects that it does not know yet."""
    home = service.settings.projects
    ids = [str(uuid4()) for _ in range(4)]
    for project in ids:
        (home / project / "config").mkdir(parents=True)
        (home / project / CONFIG_FILE).write_text("x")
    held, empty, young, linked = ids
    (home / held / "inputs").mkdir()
    (home / held / "inputs/a.csv").write_text("a")
    (home / linked / "a").symlink_to("nowhere")
    (home / "not-ours").mkdir()
    for name in (held, empty, linked, "not-ours", acme.project):
        old(home / name)
    projects.sweep_projects(service)
    assert directories(service) == sorted(["not-ours", acme.project, held, young, linked])


def test_open_jobs_of_a_removed_project_are_cancelled(service, acme, monkeypatch):
    """More than are looked at at once, some of which have ended in the meantime."""
    monkeypatch.setattr(projects, "_JOBS_AT_ONCE", 2)
    cancelled = []

    class Job:
        def __init__(self, seq):
            self.seq, self.id = seq, f"j{seq}"

    class Queue:
        def cancel(self, job, by):
            cancelled.append((job, by))
            if job == "j2":
                raise Conflict("it has ended")

    def page(wanted, most, *, before, newest_first):
        assert (list(wanted.projects), newest_first) == ([acme.project], False)
        return [Job(seq) for seq in range(1, 6) if seq > (before or 0)][:most]

    monkeypatch.setattr(service.jobs, "page", page)
    monkeypatch.setattr(service, "_queue", Queue())
    projects.remove_project(service, acme)
    assert cancelled == [(f"j{seq}", "the project was removed") for seq in range(1, 6)]


def test_local_files_are_told_in_the_config_as_they_are_switched(service, acme):
    def told():
        return configs.get_field(service, acme, *LOCAL_FILES)

    assert told() == "no"
    service.switches.set_local_files(allowed=True)
    configs.set_field(service, acme, "inputs", "max_file_bytes", "10")
    assert told() == "no"
    configs.switch_local_files(service, acme, allowed=True)
    assert told() == "yes"
    configs.set_config(service, acme, "[inputs]\nallow_local_files = off\n")
    assert told() == "no"
    configs.set_config(service, acme, "[inputs]\nallow_local_files = true\n")
    assert told() == "true"
    configs.switch_all_local_files(service, allowed=False)
    assert told() == "no"
    assert not service.allows_local_files(acme.project)
    configs.switch_all_local_files(service, allowed=True)
    assert not service.allows_local_files(acme.project)


def test_a_project_takes_local_files_of_the_roots_alone_and_never_of_the_home(tmp_path):
    """Weakness A5: three say so, the settings of the server, its switch and the project's."""
    home = tmp_path / "home"
    (tmp_path / "a.csv").write_text("a\n1\n")
    (tmp_path / "home.csv").write_text("a\n1\n")
    service = Service(read_settings(home, local_roots=(str(tmp_path),)))
    acme = projects.create_project(service, "ann", "acme", None)
    (home / "own.csv").write_text("a\n1\n")
    (tmp_path / "link.csv").symlink_to(home / "own.csv")

    def register(path):
        return service.project(acme.project).register("orders", str(path))

    def refused(path):
        with pytest.raises(Refused):
            register(path)

    refused(tmp_path / "a.csv")
    service.switches.set_local_files(allowed=True)
    refused(tmp_path / "a.csv")
    configs.switch_local_files(service, acme, allowed=True)
    assert register(tmp_path / "a.csv").size == 4
    for path in (
        "/etc/passwd", home / "preboard.db", home / "own.csv", tmp_path / "link.csv",
        tmp_path / "home/../home/own.csv", home / "projects" / acme.project / CONFIG_FILE,
    ):  # fmt: skip
        refused(path)
    configs.set_field(service, acme, "inputs", "csvpaths", "groups")
    assert register(tmp_path / "home.csv").size == 4
    configs.switch_local_files(service, acme, allowed=False)
    refused(tmp_path / "a.csv")
    configs.switch_local_files(service, acme, allowed=True)
    configs.set_config(service, acme, "[inputs]\nallow_local_files = no\n")
    refused(tmp_path / "a.csv")
    service.close()


def test_every_process_of_a_server_sees_what_one_of_them_changes(service, acme):
    """Weakness B12: a second one over the same home stands for another process."""
    other = Service(service.settings)

    def roots():
        found = other.project(acme.project).staging.rules.roots
        assert found is not None
        return found.allowed

    assert other.project(acme.project) is other.project(acme.project)
    configs.set_field(service, acme, "errors", "csvpath", "stop")
    assert other.project(acme.project).settings.csvpath_policy == ("stop",)
    service.switches.set_local_files(allowed=True)
    configs.switch_local_files(service, acme, allowed=True)
    assert roots() == service.settings.local_roots
    configs.switch_all_local_files(service, allowed=False)
    assert roots() == ()
    projects.remove_project(service, acme)
    with pytest.raises(NotFound):
        other.project(acme.project)
    other.close()


def test_the_row_tells_what_was_made(service, acme):
    assert service.hosting.by_id(acme.project) == acme
    assert acme == Hosted(project=acme.project, owner="ann", name="acme", created=acme.created)
