"""Files on a local disk: inside their directory, whole or absent."""

import errno
import os
import time

import pytest

from preboard.errors import NameRefused
from preboard.storage import local
from preboard.storage.local import (
    confined,
    fingerprint_of,
    make_directory,
    make_new_directory,
    put_new,
    replace_file,
    sync_all,
    unwritable,
)

INSIDE = [
    ("a",),
    ("a", "b.csv"),
    ("a/b/c.csv",),
    ("./a",),
    ("a", "été"),
    ("a", "..b"),
    ("a", "b.."),
    ("a:b",),
    (" ",),
    ("\u202etxt.exe",),
]

REFUSED = [
    ("..",),
    ("a", ".."),
    ("a/../b",),
    ("../a",),
    ("a", "../../b"),
    ("/etc/passwd",),
    ("a", "/etc/passwd"),
    ("//host/share",),
    ("a\0b",),
    ("a\\..\\b",),
    ("C:\\windows",),
]


class TestConfined:
    @pytest.mark.parametrize("parts", INSIDE)
    def test_a_path_inside_is_given(self, tmp_path, parts):
        assert confined(tmp_path, *parts) == tmp_path.joinpath(*parts)

    @pytest.mark.parametrize("parts", REFUSED)
    def test_a_path_that_leads_out_is_refused(self, tmp_path, parts):
        with pytest.raises(NameRefused, match="is no path inside"):
            confined(tmp_path, *parts)

    @pytest.mark.parametrize("target", ["..", "/", "/etc", "../neighbour"])
    def test_a_link_that_leads_out_is_refused(self, tmp_path, target):
        root = tmp_path / "root"
        root.mkdir()
        (root / "link").symlink_to(target)

        with pytest.raises(NameRefused, match="leads out"):
            confined(root, "link", "a.csv")
        with pytest.raises(NameRefused, match="leads out"):
            confined(root, "link/a.csv")

    def test_a_dangling_link_that_leads_out_is_refused(self, tmp_path):
        root = tmp_path / "root"
        root.mkdir()
        (root / "link").symlink_to(tmp_path / "not-yet")

        with pytest.raises(NameRefused, match="leads out"):
            confined(root, "link")

    def test_a_link_inside_is_followed(self, tmp_path):
        (tmp_path / "a").mkdir()
        (tmp_path / "link").symlink_to("a")

        assert confined(tmp_path, "link", "b") == tmp_path / "link/b"

    def test_the_root_may_be_a_link(self, tmp_path):
        """Spaces are put on another disk so."""
        (tmp_path / "disk").mkdir()
        (tmp_path / "inputs").symlink_to("disk")

        assert confined(tmp_path / "inputs", "a") == tmp_path / "inputs/a"


class TestPutNew:
    def test_the_first_one_has_the_name(self, tmp_path):
        one, two = tmp_path / "1", tmp_path / "2"
        one.write_bytes(b"one")
        two.write_bytes(b"two")

        assert put_new(one, tmp_path / "deep/er/name")
        assert not put_new(two, tmp_path / "deep/er/name")
        assert (tmp_path / "deep/er/name").read_bytes() == b"one"

    def test_the_name_and_the_bytes_are_on_disk_before_it_returns(self, tmp_path, monkeypatch):
        """Also when another process was first: it may have died before they were."""
        synced = []
        monkeypatch.setattr(local, "sync_all", lambda paths: synced.append(set(paths)))
        (tmp_path / "part").write_bytes(b"x")
        target = tmp_path / "home/name"

        put_new(tmp_path / "part", target)
        put_new(tmp_path / "part", target)

        assert synced == [{target, target.parent}] * 2


class TestSyncAll:
    def test_everything_is_put_on_disk_however_much_it_is(self, tmp_path, monkeypatch):
        """Some are open at once, not all: a process may have few files open."""
        synced = of_all(monkeypatch)
        paths = [tmp_path / str(number) for number in range(150)]
        for path in paths:
            path.write_bytes(b"x")

        sync_all([tmp_path, *paths])

        assert synced == {path.stat().st_ino for path in [tmp_path, *paths]}

    def test_where_it_takes_long_many_wait_at_once(self, tmp_path, monkeypatch):
        synced = of_all(monkeypatch, takes_s=0.005)
        paths = [tmp_path / str(number) for number in range(20)]
        for path in paths:
            path.write_bytes(b"x")
        began = time.monotonic()

        sync_all(paths)

        assert synced == {path.stat().st_ino for path in paths}
        assert time.monotonic() - began < 20 * 0.005

    def test_what_is_gone_is_told(self, tmp_path):
        with pytest.raises(FileNotFoundError):
            sync_all([tmp_path, tmp_path / "gone"])


def of_all(monkeypatch, takes_s=0.0):
    """Note the files that are put on disk, by their inodes."""
    synced = set()

    def noted(handle):
        time.sleep(takes_s)
        synced.add(os.fstat(handle).st_ino)

    monkeypatch.setattr(local, "sync_file", noted)
    return synced


class TestReplaceFile:
    @pytest.mark.parametrize("alone", [True, False])
    def test_a_reader_sees_the_old_one_or_the_new_one(self, tmp_path, alone):
        target = tmp_path / "a.json"
        replace_file(target, b"old", alone=alone)
        with target.open("rb") as reader:
            replace_file(target, b"newer", alone=alone)

            assert reader.read() == b"old"
        assert target.read_bytes() == b"newer"
        assert [path.name for path in tmp_path.iterdir()] == ["a.json"]

    def test_what_cannot_be_written_leaves_the_old_one_and_no_part(self, tmp_path, monkeypatch):
        target = tmp_path / "a.json"
        target.write_bytes(b"old")
        full = OSError(errno.ENOSPC, "No space left on device")

        def fail(_descriptor):
            raise full

        monkeypatch.setattr(local, "sync_file", fail)
        with pytest.raises(OSError, match="No space"):
            replace_file(target, b"new")

        assert target.read_bytes() == b"old"
        assert [path.name for path in tmp_path.iterdir()] == ["a.json"]

    def test_a_part_that_a_crash_left_is_used_by_the_next_writer(self, tmp_path):
        (tmp_path / ".a.json.part").write_bytes(b"half of something longer")

        replace_file(tmp_path / "a.json", b"new", alone=True)

        assert (tmp_path / "a.json").read_bytes() == b"new"
        assert [path.name for path in tmp_path.iterdir()] == ["a.json"]

    @pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="links can't be refused")
    def test_a_link_in_the_place_of_the_part_is_not_written_to(self, tmp_path):
        outside = tmp_path / "outside"
        outside.write_bytes(b"safe")
        (tmp_path / ".a.json.part").symlink_to(outside)

        with pytest.raises(OSError, match="symbolic links"):
            replace_file(tmp_path / "a.json", b"new", alone=True)

        assert outside.read_bytes() == b"safe"

    def test_a_link_in_the_place_of_the_target_is_replaced_not_followed(self, tmp_path):
        outside = tmp_path / "outside"
        outside.write_bytes(b"safe")
        (tmp_path / "a.json").symlink_to(outside)

        replace_file(tmp_path / "a.json", b"new")

        assert outside.read_bytes() == b"safe"
        assert not (tmp_path / "a.json").is_symlink()


def test_a_new_directory_is_made_by_one_only(tmp_path):
    assert make_new_directory(tmp_path / "a/b")
    assert not make_new_directory(tmp_path / "a/b")


def test_directories_that_are_there_are_no_error(tmp_path):
    make_directory(tmp_path / "a/b")
    make_directory(tmp_path / "a/b")

    assert (tmp_path / "a/b").is_dir()


def test_a_fingerprint_is_the_sha_256_of_the_bytes(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")

    assert fingerprint_of(tmp_path / "a") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
    assert fingerprint_of(tmp_path / "b") is None
    assert fingerprint_of(tmp_path) is None


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the disk is full"),
        (errno.EROFS, "Read-only"),
    ],
)
def test_the_refusal_of_the_system_is_told_in_words(number, told):
    assert told in str(unwritable(OSError(number, os.strerror(number)), "the file can't be stored"))
