"""Groups that several processes load, and loaders that are killed: nothing accepted is lost."""

from __future__ import annotations

import json
import os
import random
import signal
import time

import pytest
from tests.integration import postgres
from tests.integration.registering import forked, read_all
from tests.integration.test_concurrency import project_with

from preboard.groups.members import statements_in
from preboard.project.project import Project

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")
NAMES = ("one", "two", "three")


@pytest.fixture
def root(tmp_path):
    Project.create(tmp_path / "acme").close()
    return tmp_path / "acme"


def statement(worker, number):
    return f"~ id: s{worker}-{number} ~ $[*][ yes() ]"


def for_ever(root, worker):
    """Return the work of loading, appending, configuring and removing until it is killed."""

    def work(out):
        with Project.open(root) as project:
            os.write(out, b"\n")
            number = 0
            while True:
                number += 1
                name = NAMES[number % len(NAMES)]
                texts = [statement(worker, number), statement(worker, -number)]
                load = project.load_group(name, texts, append=number % 4 == 0)
                os.write(out, f"{load.id}\n".encode())
                if number % 3 == 0:
                    project.configure_group(name, {"template": f":{number % 7}/:run_dir"})
                project.load_group("short-lived", texts)
                if number % 2 == 0:
                    project.remove_group("short-lived")

    return work


def kill_in_rounds(root, rounds, seed):
    chance = random.Random(seed)  # noqa: S311 - instants, no secrets
    accepted: set[str] = set()
    for number in range(rounds):
        child, out = forked(for_ever(root, number))
        os.read(out, 1)
        time.sleep(chance.uniform(0, 0.05 * chance.choice((1, 4))))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        accepted.update(line for line in read_all(out) if line)
        check(root, accepted)
    return accepted


def check(root, accepted):
    """Open the project, which tidies up, and see that disk and catalog are one."""
    with Project.open(root) as project:
        catalog, space = project.catalog, root / "inputs/named_paths"
        assert all(catalog.loads.by_id(load) is not None for load in accepted)
        names = project.group_names()
        directories = {path.name for path in space.iterdir() if path.is_dir()} - {".incoming"}
        assert directories == set(names)
        for name in names:
            loads = list(catalog.loads.each(name))
            text = (space / name / "group.csvpaths").read_text(encoding="utf-8")
            assert text == loads[-1].text
            manifest = json.loads((space / name / "manifest.json").read_bytes())
            assert [entry["uuid"] for entry in manifest] == [load.id for load in loads]
            definition = json.loads((space / name / "definition.json").read_bytes())
            assert definition == json.loads(catalog.groups.definition(name) or "")
            assert len(project.group_history(name)) == len(loads), "no edit was seen in it"
        assert project.catalog.documents.is_same(project.groups.ledger)
        incoming = space / ".incoming"
        assert not incoming.exists() or list(incoming.iterdir()) == []
        assert not list(root.rglob("*.part")), "half-written files are left"


def test_loaders_that_are_killed_at_random_instants_lose_nothing(root):
    assert kill_in_rounds(root, rounds=15, seed=1)


@pytest.mark.slow
def test_the_same_a_few_hundred_times(root):
    assert len(kill_in_rounds(root, rounds=250, seed=2)) > 100


@pytest.mark.skipif(not postgres.is_installed(), reason="there is no PostgreSQL")
def test_a_few_times_with_postgresql(tmp_path):
    with postgres.server() as url:
        project_with(tmp_path / "acme", url)
        kill_in_rounds(tmp_path / "acme", rounds=5, seed=3)


def appended(root, workers, count):
    """Let processes append to one group at once; returns the identities that it has then."""

    def work_of(worker):
        def work(out):
            with Project.open(root) as project:
                for number in range(count):
                    load = project.load_group("g", statement(worker, number), append=True)
                    os.write(out, f"{load.id}\n".encode())

        return work

    children = [forked(work_of(worker)) for worker in range(workers)]
    loads = {load for _, out in children for load in read_all(out)}
    assert all(os.waitpid(child, 0)[1] == 0 for child, _ in children)
    assert len(loads) == workers * count
    check(root, loads)
    with Project.open(root) as project:
        assert len(project.group_history("g")) == workers * count
        return project.group_history("g")[-1].entry.named_paths_identities


def wanted(workers, count):
    return sorted(f"s{worker}-{number}" for worker in range(workers) for number in range(count))


def test_processes_that_append_at_once_lose_nothing(root):
    assert sorted(appended(root, 4, 10)) == wanted(4, 10)


@pytest.mark.skipif(not postgres.is_installed(), reason="there is no PostgreSQL")
def test_the_same_with_postgresql(tmp_path):
    with postgres.server() as url:
        project_with(tmp_path / "acme", url)
        assert sorted(appended(tmp_path / "acme", 3, 5)) == wanted(3, 5)


def test_readers_meanwhile_see_whole_texts(root):
    """Whoever reads group.csvpaths while it is loaded sees one text or the other."""
    with Project.open(root) as project:
        project.load_group("g", statement(99, 0))

    def work(out):
        with Project.open(root) as project:
            for number in range(40):
                texts = [statement(number, each) for each in range(1 + number % 5)]
                project.load_group("g", texts)
                time.sleep(0.005)
            os.write(out, b"done\n")

    child, out = forked(work)
    path = root / "inputs/named_paths/g/group.csvpaths"
    seen = set()
    with Project.open(root) as project:
        while os.waitpid(child, os.WNOHANG)[0] == 0:
            texts = statements_in(path.read_text(encoding="utf-8"))
            assert all(text.endswith("[ yes() ]") for text in texts)
            seen.add(tuple(texts))
            assert project.find("$g.csvpaths.:0")
    assert read_all(out) == ["done"]
    assert len(seen) > 1
    check(root, set())
    with Project.open(root) as project:
        assert len(project.group_history("g")) == 41, "a text was taken for an edit"
