"""Which files of a project its callers reach, in how many ways a path can be written."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preboard.errors import NameRefused
from preboard.server.services.paths import (
    is_reachable,
    readable_path,
    tells_definition,
    writable_path,
)

SPACES = ("inputs/named_files", "inputs/named_paths", "archive", "logs")


@pytest.fixture
def root(tmp_path):
    """Make a project with what is protected in it, and a neighbour."""
    for directory in ("acme/config", "acme/.preboard", "acme/docs", "other"):
        (tmp_path / directory).mkdir(parents=True)
    (tmp_path / "acme/config/config.ini").write_text("x")
    (tmp_path / "other/secret").write_text("x")
    return tmp_path / "acme"


@pytest.mark.parametrize(
    ("told", "below"),
    [
        ("a.txt", "a.txt"),
        ("docs//a.txt", "docs/a.txt"),
        ("./docs/./a.txt", "docs/a.txt"),
        ("docs/config/config.ini", "docs/config/config.ini"),
        ("configs/a", "configs/a"),
        ("ü/é ß.txt", "ü/é ß.txt"),
        ("inputs/orders.csv", "inputs/orders.csv"),
        ("archives/a", "archives/a"),
    ],
)
def test_what_lies_in_the_project_is_reached(root, told, below):
    assert readable_path(root, told) == root / below
    assert writable_path(root, told, SPACES) == root / below


@pytest.mark.parametrize(
    "told",
    [
        "config/config.ini", "config//config.ini", "./config/config.ini", "config/./env.json",
        "CONFIG/config.ini", "Config/ENV.json", "config/new.ini", "config", "config/",
        "\uff43onfig/config.ini", "con\u200bfig/config.ini", "con\ufb01g/config.ini",
        ".preboard/project.json", ".PREBOARD/x", ".preboard",
    ],
)  # fmt: skip
def test_the_settings_are_reached_under_no_way_to_write_them(root, told):
    with pytest.raises(NameRefused, match=r"^Cannot access protected file: "):
        readable_path(root, told)
    with pytest.raises(NameRefused, match=r"^Cannot modify protected file: "):
        writable_path(root, told, ())


@pytest.mark.parametrize(
    "told",
    ["archive/check/x", "Archive/x", "inputs/named_files/orders/manifest.json",
     "inputs//named_paths/x", "logs/csvpath.log"],
)  # fmt: skip
def test_what_runs_and_registrations_write_is_read_and_not_written(root, told):
    readable_path(root, told)
    with pytest.raises(NameRefused, match=r"^Cannot modify protected file: "):
        writable_path(root, told, SPACES)


@pytest.mark.parametrize(
    ("told", "is_one"),
    [
        ("inputs/named_files/orders/definition.json", True),
        ("inputs/./named_paths//checks/definition.json", True),
        ("Inputs/NAMED_files/orders/Definition.JSON", True),
        ("inputs/named_files/orders/.definition.json.part", True),
        ("inputs/named_files/.incoming/1.2.orders/definition.json", True),
        ("docs/in/orders/definition.json", True),
        ("inputs/named_files/orders/manifest.json", False),
        ("inputs/named_files/orders/orders.csv/cbfeea.csv", False),
        ("inputs/named_files/definition.json", False),
        ("docs/orders/definition.json", False),
        ("docs/.hidden", False),
    ],
)
def test_definitions_are_known_under_every_way_to_write_them(root, told, is_one):
    (root / "inputs/named_files/orders").mkdir(parents=True)
    (root / "docs/in").symlink_to(root / "inputs/named_files")
    assert tells_definition(root, told, SPACES[:2]) is is_one


@pytest.mark.parametrize(
    "told",
    [
        "", ".", "..", "../other/secret", "docs/../config/config.ini", "docs/../../other/secret",
        "/etc/passwd", "//etc/passwd", "docs\\..\\..\\other\\secret", "C:\\x", "a\0b", "a\nb",
        "docs/a.", "docs/a ", "config./config.ini", "config /config.ini", "x" * 300,
        "/".join("a" * 40), "\udc80",
    ],
)  # fmt: skip
def test_what_is_no_path_inside_is_refused(root, told):
    for reach in (readable_path, lambda root, told: writable_path(root, told, ())):
        with pytest.raises(NameRefused, match=r"^Invalid file path: "):
            reach(root, told)


def test_links_lead_neither_out_nor_to_what_is_protected(root):
    (root / "docs/out").symlink_to(root.parent / "other")
    (root / "docs/in").symlink_to(root / "config")
    (root / "docs/file").symlink_to(root / "config/config.ini")
    (root / "docs/fine").symlink_to(root / "docs")
    with pytest.raises(NameRefused, match=r"^Invalid file path: "):
        readable_path(root, "docs/out/secret")
    for told in ("docs/in/config.ini", "docs/file", "docs/in"):
        with pytest.raises(NameRefused, match=r"^Cannot access protected file: "):
            readable_path(root, told)
    readable_path(root, "docs/fine/a.txt")


@given(st.lists(st.sampled_from(["config", "..", ".", "", "docs", "Config", "config.ini", "\\"])))
def test_no_path_comes_to_the_settings(tmp_path_factory, parts):
    root = tmp_path_factory.getbasetemp() / "acme"
    try:
        path = readable_path(root, "/".join(parts))
    except NameRefused:
        return
    below = path.resolve().relative_to(root.resolve())
    assert below.parts[0].lower() != "config"
    assert is_reachable(PurePosixPath(below))
