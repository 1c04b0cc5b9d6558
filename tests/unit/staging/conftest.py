"""A project in a directory of the test's own, and files to register in it."""

import json
import shutil

import pytest

from preboard.project.project import Project


@pytest.fixture(scope="session")
def empty_project(tmp_path_factory):
    """Make a project once: the tables of its catalog are what takes time."""
    root = tmp_path_factory.mktemp("projects") / "acme"
    Project.create(root).close()
    return root


@pytest.fixture
def project(tmp_path, empty_project, monkeypatch):
    """Open a project of its own; the working directory is beside it."""
    shutil.copytree(empty_project, tmp_path / "acme")
    monkeypatch.chdir(tmp_path)
    with Project.open(tmp_path / "acme") as opened:
        yield opened


@pytest.fixture
def space(project):
    """Return the directory of all named-files."""
    return project.root / "inputs/named_files"


@pytest.fixture
def ledger(space):
    """Return what reads the ledger of all named-files."""
    return lambda: json.loads((space / "manifest.json").read_bytes())


@pytest.fixture
def manifest(space):
    """Return what reads the manifest of a name."""
    return lambda name: json.loads((space / name / "manifest.json").read_bytes())


@pytest.fixture
def arrive(tmp_path):
    """Return what puts a file into the directory of arrivals and gives its path, as it is typed."""

    def put(path="in/orders.csv", content=b"a,b\n1,2\n"):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        return path

    return put


@pytest.fixture
def setting(project):
    """Return what changes a setting, and gives the project opened with it."""
    opened = []

    def change(old, new):
        config = project.root / "config/config.ini"
        text = config.read_text()
        assert old in text
        config.write_text(text.replace(old, new))
        opened.append(Project.open(project.root))
        return opened[-1]

    yield change
    for one in opened:
        one.close()
