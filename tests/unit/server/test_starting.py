"""What is made before the processes of a server are started."""

from __future__ import annotations

import json
import socket

import pytest

from preboard.errors import StoreError
from preboard.jobs.settings import JobSettings
from preboard.server.settings import handed_settings, read_settings
from preboard.server.starting import job_settings, listen, parts_of, url_of


def test_settings_are_handed_on_as_they_are(tmp_path, monkeypatch):
    settings = read_settings(
        tmp_path, port=0, local_roots=(tmp_path,), database_url="postgresql+psycopg://u:p@h/d"
    )
    monkeypatch.setenv("PREBOARD_PORT", "99")  # whoever gets them asks nobody else
    (tmp_path / "server.toml").write_text("no toml")
    handed = handed_settings(settings.model_dump_json().encode())

    assert handed.model_dump() == settings.model_dump()


def test_workers_are_told_what_the_settings_say(tmp_path):
    settings = read_settings(tmp_path, run_timeout_s=7, run_memory_mb=64, shutdown_s=3, workers=2)
    told = job_settings(settings)

    assert JobSettings.from_json(told.to_json()) == told
    assert (told.timeout_s, told.memory_mb, told.drain_s, told.workers) == (7, 64, 3, 2)
    assert told.host == "local"


@pytest.mark.parametrize(
    ("roles", "names"),
    [
        ("api,worker", ["the API", "worker 0", "worker 1"]),
        ("api", ["the API"]),
        ("worker", ["worker 0", "worker 1"]),
    ],
)
def test_the_roles_say_which_processes_there_are(tmp_path, roles, names):
    settings = read_settings(tmp_path, roles=roles, workers=2, port=0)
    listening = listen("127.0.0.1", 0) if "api" in settings.roles else None
    parts = parts_of(settings, listening)
    if listening is not None:
        assert parts[0].descriptors == (listening.fileno(),)
        listening.close()

    assert [part.name for part in parts] == names
    assert all(json.loads(part.settings) for part in parts)


def test_a_database_of_its_own_needs_no_name_of_a_host(tmp_path):
    url = "postgresql+psycopg://u@h/d"

    assert read_settings(tmp_path).worker_host == "local"
    assert read_settings(tmp_path, database_url=url).worker_host != "local"
    assert read_settings(tmp_path, database_url=url, host_name="a").worker_host == "a"


class TestListen:
    def test_a_free_port_is_told(self, tmp_path):
        with listen("127.0.0.1", 0) as bound:
            port = bound.getsockname()[1]

            assert url_of(read_settings(tmp_path), bound) == f"http://127.0.0.1:{port}"
            assert bound.get_inheritable()

    def test_all_addresses_are_shown_as_one_to_open(self, tmp_path):
        settings = read_settings(tmp_path, host="0.0.0.0")  # noqa: S104 - is what is asked
        with listen("127.0.0.1", 0) as bound:
            assert url_of(settings, bound).startswith("http://127.0.0.1:")

    def test_a_port_that_is_taken(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            with pytest.raises(StoreError, match=f"127.0.0.1:{port} is taken"):
                listen("127.0.0.1", port)

    @pytest.mark.parametrize("host", ["no.such.host.invalid", "192.0.2.1", "a" * 300])
    def test_an_address_that_is_not_ours(self, host):
        with pytest.raises(StoreError):
            listen(host, 0)
