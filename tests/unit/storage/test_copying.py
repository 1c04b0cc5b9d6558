"""Handing a file on: whole or not at all."""

from __future__ import annotations

import os
import threading
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from preboard.storage import copying
from preboard.storage.copying import append_file, copy_file

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.csv"
    path.write_text("1,x\n")
    path.chmod(0o444)
    return path


def full(_: int) -> None:
    raise OSError(28, os.strerror(28))


def test_a_copy_takes_the_place_of_what_was_there_and_can_be_written(
    source: Path, tmp_path: Path
) -> None:
    target = tmp_path / "deep" / "er" / "target.csv"
    copy_file(source, target)
    source.chmod(0o644)
    source.write_text("2,y\n")
    copy_file(source, target)
    assert target.read_text() == "2,y\n"
    assert target.stat().st_mode & 0o777 == 0o644
    assert [path.name for path in target.parent.iterdir()] == ["target.csv"]


def test_a_copy_that_fails_leaves_what_was_there(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out" / "target.csv"
    target.parent.mkdir()
    target.write_text("before\n")
    monkeypatch.setattr(copying, "sync_file", full)
    with pytest.raises(OSError, match="No space"):
        copy_file(source, target)
    assert [(path.name, path.read_text()) for path in target.parent.iterdir()] == [
        ("target.csv", "before\n")
    ]


def test_what_cannot_be_appended_whole_is_taken_off_again(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "log.csv"
    append_file(source, target)
    with monkeypatch.context() as patched:
        patched.setattr(copying, "sync_file", full)
        with pytest.raises(OSError, match="No space"):
            append_file(source, target)
    assert target.read_text() == "1,x\n"
    append_file(source, target)
    assert target.read_text() == "1,x\n1,x\n"


def test_nothing_is_appended_through_a_link(source: Path, tmp_path: Path) -> None:
    (tmp_path / "else.csv").write_text("")
    (tmp_path / "link.csv").symlink_to(tmp_path / "else.csv")
    with pytest.raises(OSError, match="symbolic links"):
        append_file(source, tmp_path / "link.csv")
    assert (tmp_path / "else.csv").read_text() == ""


def test_several_who_append_do_not_mix(tmp_path: Path) -> None:
    target = tmp_path / "log.csv"
    sources = []
    for word in "abcd":
        sources.append(tmp_path / f"{word}.csv")
        sources[-1].write_text(f"{word * 99}\n" * 30_000)
    threads = [threading.Thread(target=append_file, args=(each, target)) for each in sources]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = target.read_text().splitlines()
    assert len(lines) == 120_000
    assert sum(one != other for one, other in pairwise(lines)) == 3
