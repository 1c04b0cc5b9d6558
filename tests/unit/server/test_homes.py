"""The home of a server: where it may lie, and that one server has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from preboard.errors import ConfigError, Conflict, StoreError
from preboard.server import homes
from preboard.server.homes import (
    file_system_of,
    need_database,
    no_server,
    note_database,
    only_server,
    prepare_home,
)
from preboard.server.settings import read_settings

MOUNTS = """22 1 259:1 / / rw,relatime shared:1 - ext4 /dev/root rw
30 22 0:30 / /srv rw - nfs4 files:/export rw
31 30 0:31 / /srv/local\\040disk rw - xfs /dev/sdb1 rw
32 22 0:32 / /mnt rw - ext4 /dev/sdc1 rw
33 22 0:33 / /mnt rw - cifs //files/share rw
a line that is none
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/preboard", "ext4"),
        ("/srv/preboard", "nfs4"),
        ("/srv", "nfs4"),
        ("/srvx/preboard", "ext4"),
        ("/srv/local disk/preboard", "xfs"),
        ("/mnt/preboard", "cifs"),  # the one mounted over the other is seen
    ],
)
def test_the_file_system_is_that_of_the_nearest_mount(path, kind):
    assert file_system_of(Path(path), MOUNTS) == kind


def test_no_mount_is_known_where_the_system_tells_none():
    assert file_system_of(Path("/srv"), "") is None


def test_sqlite_is_refused_on_a_network_file_system(tmp_path, monkeypatch):
    monkeypatch.setattr(homes, "_mounts", lambda: f"1 0 0:1 / {tmp_path} rw - nfs4 x:/ rw")

    with pytest.raises(StoreError, match="network file system"):
        prepare_home(read_settings(tmp_path / "home"))
    prepare_home(read_settings(tmp_path / "home", database_url="postgresql+psycopg://u@h/d"))


def test_a_second_server_is_told_who_has_the_home(tmp_path):
    settings = read_settings(tmp_path)
    with only_server(settings):
        with pytest.raises(Conflict, match=r"the process [0-9]+"), only_server(settings):
            pass
        with pytest.raises(Conflict), no_server(tmp_path):
            pass
    with only_server(settings):  # the file is left, the lock is not
        pass
    with no_server(tmp_path):
        pass


def test_hosts_share_a_home_under_names_of_their_own(tmp_path):
    url = "postgresql+psycopg://u@h/d"
    one = read_settings(tmp_path, database_url=url, host_name="one")
    two = read_settings(tmp_path, database_url=url, host_name="two")
    with only_server(one), only_server(two), pytest.raises(Conflict), no_server(tmp_path):
        pass


ELSEWHERE = "postgresql+psycopg://u:s3cret@h/d"


def test_a_home_remembers_that_its_catalog_is_elsewhere(tmp_path):
    note_database(tmp_path, ELSEWHERE)
    with pytest.raises(ConfigError, match="in another database, and none is named"):
        need_database(read_settings(tmp_path))
    need_database(read_settings(tmp_path, database_url=ELSEWHERE))
    assert "s3cret" not in "".join(each.read_text() for each in tmp_path.iterdir())

    note_database(tmp_path, read_settings(tmp_path).catalog_url)  # it was moved back
    need_database(read_settings(tmp_path))


def test_a_home_with_a_database_keeps_it_whatever_else_was_tried(tmp_path):
    (tmp_path / "preboard.db").write_bytes(b"SQLite")
    note_database(tmp_path, ELSEWHERE)

    need_database(read_settings(tmp_path))
