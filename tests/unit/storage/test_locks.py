"""Who is alive: the system lets go of a lock when its process ends, however it ends."""

import subprocess
import sys

from preboard.storage.locks import Owner, dead_owners, is_alive


def test_an_owner_is_alive_until_it_closes(tmp_path):
    with Owner(tmp_path / "owners") as owner:
        assert is_alive(owner.directory, owner.id)
        assert dead_owners(owner.directory) == []

    assert not is_alive(owner.directory, owner.id)
    assert list(owner.directory.iterdir()) == []


def test_closing_twice_is_no_error(tmp_path):
    owner = Owner(tmp_path)
    owner.close()
    owner.close()


def test_two_owners_of_one_process_are_two(tmp_path):
    with Owner(tmp_path) as one, Owner(tmp_path) as other:
        assert one.id != other.id
        one.close()
        assert not is_alive(tmp_path, one.id)
        assert is_alive(tmp_path, other.id)


def test_nobody_is_dead(tmp_path):
    assert not is_alive(tmp_path, "0" * 32)
    assert dead_owners(tmp_path / "none") == []


def test_an_owner_whose_process_was_killed_is_dead(tmp_path):
    script = (
        "import os, sys\nfrom pathlib import Path\nfrom preboard.storage.locks import Owner\n"
        "owner = Owner(Path(sys.argv[1]))\nprint(owner.id, flush=True)\nsys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        owner = child.stdout.readline().strip()
        assert is_alive(tmp_path, owner)
        child.kill()

    assert dead_owners(tmp_path) == [owner]
    assert list(tmp_path.iterdir()) == []
