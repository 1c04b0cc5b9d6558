"""What git tells of loaded files, and that a work tree can run nothing."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from preboard.groups import source_control
from preboard.groups.source_control import source_control_of

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
NAME = "sub dir/ü.csvpath"


def git(tree, *words):
    settings = ("-c", "user.name=n", "-c", "user.email=e@e", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", *settings, "-C", str(tree), *words], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def tree(tmp_path):
    tree = tmp_path / "work tree"
    (tree / "sub dir").mkdir(parents=True)
    git(tree, "init", "-q")
    (tree / NAME).write_text("$[*][ yes() ]\n", encoding="utf-8")
    (tree / "b.csvpath").write_text("$[*][ no() ]\n", encoding="utf-8")
    git(tree, "add", ".")
    git(tree, "commit", "-qm", "first")
    return tree


def asked(tree, *names):
    files = [tree / name for name in names]
    return source_control_of(files[0] if len(files) == 1 else tree, files)


def test_commit_and_path_are_recorded(tree):
    found = asked(tree, NAME)
    assert (found.commit, found.path, found.modified) == (
        git(tree, "rev-parse", "HEAD"), NAME, False,
    )  # fmt: skip
    assert found.remote is None


def test_a_file_that_was_changed_or_is_not_committed_is_modified(tree):
    (tree / NAME).write_text("$[*][ no() ]\n", encoding="utf-8")
    (tree / "new.csvpath").write_text("$[*][]", encoding="utf-8")
    assert asked(tree, NAME).modified
    assert asked(tree, "new.csvpath").modified
    git(tree, "add", ".")
    assert asked(tree, "new.csvpath").modified, "what is staged is not committed"
    assert not asked(tree, "b.csvpath").modified
    assert asked(tree, "b.csvpath", "new.csvpath").modified


def test_other_line_ends_in_the_work_tree_are_no_change(tree):
    (tree / NAME).write_bytes(b"$[*][ yes() ]\r\n")
    assert not asked(tree, NAME).modified


def test_a_directory_counts_with_the_files_that_were_read(tree):
    found = asked(tree, NAME, "b.csvpath")
    assert (found.path, found.modified) == (".", False)
    (tree / "other.txt").write_text("not loaded", encoding="utf-8")
    assert not asked(tree, NAME, "b.csvpath").modified


def test_the_remote_is_recorded_without_its_login(tree):
    git(tree, "remote", "add", "origin", "https://user:p@ss@host.example/repo.git")
    assert asked(tree, NAME).remote == "https://host.example/repo.git"


def test_outside_a_work_tree_and_before_the_first_commit_nothing_is_known(tmp_path):
    (tmp_path / "a.csvpath").write_text("$[*][]", encoding="utf-8")
    assert asked(tmp_path, "a.csvpath") is None
    git(tmp_path, "init", "-q")
    assert asked(tmp_path, "a.csvpath") is None


def test_a_link_that_leads_out_of_the_work_tree_is_not_of_it(tree, tmp_path):
    (tmp_path / "out.csvpath").write_text("$[*][]", encoding="utf-8")
    (tree / "in.csvpath").symlink_to(tmp_path / "out.csvpath")
    assert asked(tree, "in.csvpath") is None


def test_without_git_nothing_is_known(tree, monkeypatch):
    monkeypatch.setattr(source_control, "_GIT", ("no-such-git",))
    assert asked(tree, NAME) is None


def test_the_environment_does_not_point_to_another_repository(tree, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    assert asked(tree, NAME) is not None


HOSTILE = """
[core]
    fsmonitor = {run}
    sshCommand = {run}
    editor = {run}
    pager = {run}
    askPass = {run}
[filter "evil"]
    clean = {run}
    smudge = {run}
    process = {run}
    required = true
[diff "evil"]
    textconv = {run}
    command = {run}
[alias]
    ls-tree = "!{run}"
    rev-parse = "!{run}"
    config = "!{run}"
[gpg]
    program = {run}
[log]
    showSignature = true
"""


def test_the_settings_of_a_repository_run_nothing(tree, tmp_path):
    """A work tree may be anybody's: filters, monitors, hooks and aliases of it are not run."""
    ran = tmp_path / "ran"
    script = tmp_path / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch '{ran}'\ncat\n", encoding="utf-8")
    script.chmod(0o755)
    (tree / ".gitattributes").write_text("* filter=evil diff=evil\n", encoding="utf-8")
    with (tree / ".git" / "config").open("a", encoding="utf-8") as config:
        config.write(HOSTILE.format(run=script))
    for hook in ("post-index-change", "reference-transaction", "fsmonitor-watchman"):
        shutil.copy(script, tree / ".git" / "hooks" / hook)
    (tree / NAME).write_text("$[*][ no() ]\n", encoding="utf-8")  # git would look at it again
    assert asked(tree, NAME).modified
    assert not ran.exists()
    subprocess.run(["git", "-C", str(tree), "status"], check=False, capture_output=True)
    assert ran.exists(), "the settings are such that git status would run them"
