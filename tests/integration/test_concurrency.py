"""Several processes register under one name at once: nothing is lost, nothing is seen half."""

from __future__ import annotations

import json
import os
import shutil
import threading

import pytest
from tests.integration import postgres
from tests.integration.registering import all_of, check, forked, read_all

from preboard.errors import StoreError
from preboard.manifests.arrays import read_array
from preboard.project.project import Project

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")

PROCESSES = 8


class Poller(threading.Thread):
    """Reads the documents of a project again and again while others write them."""

    def __init__(self, paths):
        super().__init__()
        self.paths = paths
        self.looks = 0
        self.torn: list[str] = []
        self.shrunk: list[str] = []
        self.is_over = threading.Event()

    def run(self):
        longest = dict.fromkeys(self.paths, 0)
        while not self.is_over.wait(0.001):
            for path in self.paths:
                try:
                    entries = read_array(path) or []
                except StoreError as error:
                    self.torn.append(str(error))
                    continue
                self.looks += 1
                if len(entries) < longest[path]:
                    self.shrunk.append(str(path))
                longest[path] = len(entries)


def registered(root, count):
    """Register from several processes while a reader polls; return the ids, and the reader."""
    files = root / "inputs/named_files"
    # Forked first: a process with threads is none to fork.
    children = [forked(all_of(root, "orders", worker, count)) for worker in range(PROCESSES)]
    poller = Poller([files / "manifest.json", files / "orders/manifest.json"])
    poller.start()
    accepted = [line for _, out in children for line in read_all(out)]
    ended = [os.waitpid(child, 0)[1] for child, _ in children]
    poller.is_over.set()
    poller.join()
    assert ended == [0] * PROCESSES
    return accepted, poller


def holds_all(root, count):
    accepted, poller = registered(root, count)
    files = root / "inputs/named_files"
    entries = json.loads((files / "orders/manifest.json").read_bytes())
    ledger = json.loads((files / "manifest.json").read_bytes())
    stored = [path for path in (files / "orders/file.csv").iterdir() if path.suffix == ".csv"]

    assert len(accepted) == PROCESSES * count
    assert {entry["uuid"] for entry in entries} == set(accepted)
    assert {entry["uuid"] for entry in ledger} == set(accepted)
    assert len(entries) == len(ledger) == len(stored) == PROCESSES * count
    assert [entry["time"] for entry in entries] == sorted(entry["time"] for entry in entries)
    check(root, set(accepted))
    assert poller.torn == []
    assert poller.shrunk == []
    assert poller.looks > 0


def test_eight_processes_lose_no_entry_and_no_reader_sees_half_a_document(tmp_path):
    Project.create(tmp_path / "acme").close()

    holds_all(tmp_path / "acme", count=12)


def test_several_processes_open_a_new_project_at_once(tmp_path):
    """One makes the tables and the id of the project, the others wait and take them."""
    root = tmp_path / "acme"
    Project.create(root).close()
    shutil.rmtree(root / ".preboard")

    def work(out):
        with Project.open(root) as project:
            os.write(out, f"{project.catalog.project}\n".encode())

    children = [forked(work) for _ in range(PROCESSES)]
    ids = [line for _, out in children for line in read_all(out)]
    assert [os.waitpid(child, 0)[1] for child, _ in children] == [0] * PROCESSES
    assert len(ids) == PROCESSES
    assert len(set(ids)) == 1


@pytest.mark.slow
def test_eight_processes_with_200_registrations_each(tmp_path):
    Project.create(tmp_path / "acme").close()

    holds_all(tmp_path / "acme", count=200)


@pytest.mark.skipif(not postgres.is_installed(), reason="there is no PostgreSQL")
def test_the_same_holds_with_postgresql(tmp_path):
    with postgres.server() as url:
        project_with(tmp_path / "acme", url)

        holds_all(tmp_path / "acme", count=6)


@pytest.mark.slow
@pytest.mark.skipif(not postgres.is_installed(), reason="there is no PostgreSQL")
def test_the_same_holds_with_postgresql_for_200_each(tmp_path):
    with postgres.server() as url:
        project_with(tmp_path / "acme", url)

        holds_all(tmp_path / "acme", count=200)


def project_with(root, url):
    """Make a project whose catalog is in a database server."""
    Project.create(root).close()
    config = root / "config/config.ini"
    config.write_text(config.read_text().replace("url =", f"url = {url}"))
    Project.open(root).close()
