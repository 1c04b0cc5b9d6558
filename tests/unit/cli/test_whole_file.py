"""Rules of preboard.cli.whole_file: whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from preboard.cli.whole_file import OutputError, whole_file


def names(directory):
    return sorted(path.name for path in directory.iterdir())


def test_the_name_appears_when_all_is_written(tmp_path):
    with whole_file(tmp_path / "a") as out:
        out.write("half")
        out.flush()
        assert not (tmp_path / "a").exists()
        out.write(" and half\r\n")

    assert (tmp_path / "a").read_bytes() == b"half and half\r\n"
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_what_ends_the_writing_leaves_the_file_of_before(tmp_path, error):
    (tmp_path / "a").write_text("before")

    def write_half():
        with whole_file(tmp_path / "a") as out:
            out.write("half")
            raise error

    with pytest.raises(error):
        write_half()

    assert (tmp_path / "a").read_text() == "before"
    assert names(tmp_path) == ["a"]


def test_a_new_file_may_be_read_by_whom_the_mask_allows(tmp_path):
    mask = os.umask(0o027)
    try:
        with whole_file(tmp_path / "a"):
            pass
    finally:
        os.umask(mask)

    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


def test_a_file_that_is_replaced_keeps_its_mode(tmp_path):
    (tmp_path / "a").touch()
    (tmp_path / "a").chmod(0o604)

    with whole_file(tmp_path / "a") as out:
        out.write("x")

    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o604


def test_a_link_stays_and_leads_to_the_new_file(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a").write_text("before")
    (tmp_path / "link").symlink_to("deep/a")

    with whole_file(tmp_path / "link") as out:
        out.write("after")

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "deep" / "a").read_text() == "after"


def test_a_device_is_written_to_and_never_replaced():
    with whole_file(Path("/dev/null")) as out:
        out.write("x")

    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize("name", ["no/such/directory", "."])
def test_what_cannot_be_written_is_told(tmp_path, name):
    with pytest.raises(OutputError, match="cannot be written"), whole_file(tmp_path / name):
        pass


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_told():
    with (
        pytest.raises(OutputError, match="No space left"),
        whole_file(Path("/dev/full")) as out,
    ):
        out.write("x")


def test_any_text_can_be_written(tmp_path):
    with whole_file(tmp_path / "a") as out:
        out.write("ü\ud800")

    assert (tmp_path / "a").read_bytes() == "ü\\ud800".encode()


def test_a_pipe_by_its_number_is_written_to():
    """So a shell hands on `--errors >(gzip)`."""
    ours, theirs = os.pipe()

    with whole_file(Path(f"/dev/fd/{theirs}")) as out:
        out.write("all")
    os.close(theirs)

    with os.fdopen(ours) as pipe:
        assert pipe.read() == "all"


def test_an_open_file_by_its_number_is_written_to_and_not_replaced(tmp_path):
    with (tmp_path / "a").open("w") as file:
        before = os.fstat(file.fileno()).st_ino
        with whole_file(Path(f"/dev/fd/{file.fileno()}")) as out:
            out.write("all")

    assert (tmp_path / "a").read_text() == "all"
    assert (tmp_path / "a").stat().st_ino == before
    assert names(tmp_path) == ["a"]
