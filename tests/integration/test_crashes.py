"""A process that is killed leaves nothing that opening the project does not repair."""

from __future__ import annotations

import json
import os
import signal
import time
from contextlib import contextmanager
from typing import BinaryIO, cast

import pytest
from tests.integration import postgres
from tests.integration.registering import check, forked, kill_in_rounds, read_all, register
from tests.integration.test_concurrency import project_with

from preboard.catalog import directories
from preboard.catalog.documents import Documents
from preboard.project.project import Project
from preboard.staging import registrations
from preboard.staging.names import NameDirectories
from preboard.storage.incoming import Incoming

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")


@pytest.fixture
def root(tmp_path):
    Project.create(tmp_path / "acme").close()
    return tmp_path / "acme"


def test_what_is_killed_at_random_instants_loses_nothing_that_was_accepted(root):
    kill_in_rounds(root, rounds=25, seed=1)


@pytest.mark.slow
def test_the_same_a_few_hundred_times(root):
    accepted = kill_in_rounds(root, rounds=300, seed=2)

    assert len(accepted) > 100


@pytest.mark.slow
@pytest.mark.skipif(not postgres.is_installed(), reason="there is no PostgreSQL")
def test_the_same_with_postgresql(tmp_path):
    with postgres.server() as url:
        project_with(tmp_path / "acme", url)

        kill_in_rounds(tmp_path / "acme", rounds=200, seed=3)


@pytest.mark.skipif(not postgres.is_installed(), reason="there is no PostgreSQL")
def test_a_few_times_with_postgresql(tmp_path):
    with postgres.server() as url:
        project_with(tmp_path / "acme", url)

        kill_in_rounds(tmp_path / "acme", rounds=10, seed=4)


def die():
    os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def dying(owner, name, *, before):
    """Let the process die right before or behind a call of a function."""
    plain = getattr(owner, name)

    def last(*args, **options):
        if before:
            die()
        plain(*args, **options)
        die()

    setattr(owner, name, last)
    yield
    setattr(owner, name, plain)


# Where a registration dies, and whether it was accepted by then.
INSTANTS = [
    (Incoming, "take", True, False),
    (Incoming, "take", False, False),
    (registrations, "put_new", True, False),
    (os, "link", True, False),
    (registrations, "put_new", False, False),
    (Documents, "add", False, False),
    (Documents, "write", True, True),
    (Documents, "_known_bytes", False, True),
    (Documents, "_note", True, True),
    (Documents, "_note", False, True),
    (Documents, "write", False, True),
    (NameDirectories, "write", True, True),
    (directories, "replace_file", True, True),
    (directories, "replace_file", False, True),
    (NameDirectories, "write", False, True),
    (Incoming, "close", True, True),
]


# The directory of a name is written with its first version, everything else with the second, too.
DEATHS = [(*instant, False) for instant in INSTANTS] + [
    (*instant, True) for instant in INSTANTS if instant[0] not in (directories, NameDirectories)
]


@pytest.mark.parametrize(("owner", "name", "before", "accepted", "known"), DEATHS)
def test_a_registration_that_dies_was_made_or_was_not(root, owner, name, before, accepted, known):
    """At each instant: all of it is there when the project is opened, or nothing."""
    if known:
        with Project.open(root) as project:
            register(project, "orders", "a,b\n0,0\n")
    ledger = root / "inputs/named_files/manifest.json"

    def work(_out):
        with Project.open(root) as project, dying(owner, name, before=before):
            register(project, "orders", "a,b\n1,1\n")

    child, out = forked(work)
    read_all(out)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL

    check(root, set())
    with Project.open(root) as project:
        found = project.versions("orders") if "orders" in project.named_files() else []
    assert len(found) == known + accepted
    entries = json.loads(ledger.read_bytes()) if ledger.exists() else []
    assert [entry["uuid"] for entry in entries] == [version.id for version in found]
    names = {path.name for path in (root / "inputs/named_files/orders").glob("*")}
    documents = {"manifest.json", "definition.json", "README.md", "file.csv"}
    assert names == (documents if found else set())


@pytest.mark.parametrize("again", [False, True], ids=["opened", "registered again"])
@pytest.mark.parametrize(
    ("owner", "name", "before"),
    [
        (NameDirectories, "write", True),
        (directories, "put_aside", True),
        (directories, "put_aside", False),
        (directories, "discard", True),
    ],
)
def test_a_removal_that_dies_is_finished(root, owner, name, before, again):
    """What was removed is gone, also when another process makes the name anew meanwhile."""
    with Project.open(root) as other:
        register(other, "orders", "a,b\n0,0\n")

        def work(_out):
            with Project.open(root) as project, dying(owner, name, before=before):
                project.remove_named_file("orders")

        child, out = forked(work)
        read_all(out)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        made = {register(other, "orders", "a,b\n1,1\n")} if again else set()

    check(root, made)
    home = root / "inputs/named_files/orders"
    assert len(list(home.glob("file.csv/*"))) == again
    assert home.exists() == again


def test_a_torn_manifest_is_written_anew_by_the_next_registration(root):
    manifest = root / "inputs/named_files/orders/manifest.json"
    with Project.open(root) as project:
        register(project, "orders", "a,b\n0,0\n")
        whole = manifest.read_bytes()
        manifest.write_bytes(whole[:-20])
        register(project, "orders", "a,b\n1,1\n")

        assert manifest.read_bytes().startswith(whole[:-3])
        assert len(json.loads(manifest.read_bytes())) == 2
        assert project.verify() == []


def test_two_processes_tidy_up_at_once(root):
    """Both open the project while the same parts are left over; neither fails."""
    incoming = root / "inputs/named_files/.incoming"
    incoming.mkdir(exist_ok=True)
    for number in range(200):
        (incoming / f"{number:032x}.{number:032x}.orders").write_bytes(b"a,b\n")

    def work(_out):
        Project.open(root).close()

    children = [forked(work) for _ in range(4)]
    for child, out in children:
        read_all(out)
        assert os.waitpid(child, 0)[1] == 0
    assert list(incoming.iterdir()) == []


def test_what_a_living_process_has_begun_is_left_alone(root):
    """A registration that is under way is nobody's to tidy up."""

    class Slow:
        name = "slow.csv"

        def __init__(self):
            self.blocks = [b"a,b\n", b"1,2\n", b""]

        def read(self, _size):
            Project.open(root).close()
            time.sleep(0.01)
            return self.blocks.pop(0)

    with Project.open(root) as project:
        version = project.register("orders", cast("BinaryIO", Slow()))

    assert version.size == 8
    check(root, {version.id})
