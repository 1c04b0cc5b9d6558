"""Files of a real SFTP server: fetched, listed, and refused."""

import asyncio
import os
import socket
from dataclasses import replace
from time import monotonic

import asyncssh
import pytest
from tests.integration.program import preboard
from tests.integration.settings import say
from tests.integration.sftp_server import PASSWORD, USER, sftp_server

from preboard.config.credentials import Credentials
from preboard.config.locations import location
from preboard.errors import ConfigError, InputError, NotFound, Refused
from preboard.manifests.staging import Provenance
from preboard.project.project import Project
from preboard.storage.remote.fetching import fetched
from preboard.storage.remote.listing import listed
from preboard.storage.remote.rules import RemoteRules

CONTENT = b"id,sku\n1,a\n2,b\n"
WRONG = {"password": "hush-hush"}
HERE = ("127.0.0.1",)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    root = tmp_path_factory.mktemp("sftp")
    for path in ("orders/a b+%41.csv", "orders/b.csv", "orders/eu/c.csv", "secret/s.csv"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(CONTENT)
    os.utime(root / "orders/b.csv", (1_795_000_000, 1_795_000_000))
    (root / "orders/to-secret.csv").symlink_to("../secret/s.csv")
    (root / "orders/to-b.csv").symlink_to("b.csv")
    (root / "orders/to-folder").symlink_to("../secret")
    os.mkfifo(root / "orders/pipe.csv")
    with sftp_server(root) as made:
        yield made


def credentials(server, **more):
    told = {f"sftp.{key}": value for key, value in server.settings["sftp"].items()}
    changed = {f"sftp.{key}": value for key, value in more.items()}
    return Credentials(values={k: v for k, v in (told | changed).items() if v})


def rules(server, where="orders/*", **more):
    entry = location(f"{server.url}/{where}")
    return RemoteRules(locations=(entry,), private_hosts=HERE, **more)


def get(server, path="/orders/b.csv", *, by=None, **more):
    address = path if "://" in path else server.url + path
    with fetched(address, by or rules(server), credentials(server, **more)) as found:
        return found.stream.read()


class TestFetched:
    def test_a_file_is_fetched_with_the_time_of_its_last_change(self, server):
        with fetched(f"{server.url}/orders/b.csv", rules(server), credentials(server)) as found:
            assert found.stream.read() == CONTENT
            assert found.told.modified == "2026-11-18T11:06:40.000000+00:00"

    def test_a_path_is_percent_decoded_once(self, server):
        assert get(server, "/orders/a%20b+%2541.csv") == CONTENT

    def test_without_a_host_the_server_of_the_settings_is_meant(self, server):
        assert get(server, "sftp:///orders/b.csv") == CONTENT

    def test_it_works_where_a_loop_runs_already(self, server):
        async def inside():
            return get(server)

        assert asyncio.run(inside()) == CONTENT

    def test_what_is_large_comes_whole(self, server):
        large = os.urandom(5_000_001)
        (server.root / "orders/large.bin").write_bytes(large)

        assert get(server, "/orders/large.bin") == large

    @pytest.mark.parametrize(
        ("path", "error", "message"),
        [
            ("/orders/none.csv", NotFound, "is not there"),
            ("/orders/eu", Refused, "is no file"),
            ("/orders/pipe.csv", Refused, "is no file"),
            ("/orders/to-secret.csv", Refused, "secret/s.csv.*does not list it"),
            ("/orders/to-folder/s.csv", Refused, "secret/s.csv.*does not list it"),
            ("/secret/s.csv", Refused, "does not list it"),
            ("/orders/../secret/s.csv", Refused, "no address"),
            ("/orders/%2e%2e/secret/s.csv", Refused, "no address"),
        ],
    )
    def test_what_may_not_be_fetched_or_is_no_file_is_told(self, server, path, error, message):
        with pytest.raises(error, match=message):
            get(server, path)

    def test_a_link_is_followed_to_what_may_be_fetched(self, server):
        assert get(server, "/orders/to-b.csv") == CONTENT

    def test_what_is_too_large_is_refused_before_a_byte_is_read(self, server):
        with pytest.raises(Refused, match=r"more than 3 bytes"):
            get(server, by=rules(server, most_bytes=3))


class TestHostKeys:
    def test_another_key_than_the_known_one_ends_it(self, server):
        other = asyncssh.generate_private_key("ssh-ed25519")
        before = len(server.logins)

        with pytest.raises(InputError, match=r"another host key.*known_hosts"):
            get(server, host_keys=other.get_fingerprint())

        assert len(server.logins) == before  # the password went nowhere

    def test_a_file_of_known_hosts_says_which_keys_there_are(self, server, tmp_path):
        (tmp_path / "known").write_text(server.known_hosts)
        found = replace(credentials(server, host_keys="", known_hosts="known"), root=tmp_path)
        with fetched(f"{server.url}/orders/b.csv", rules(server), found) as file:
            assert file.stream.read() == CONTENT

        other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
        (tmp_path / "known").write_text(f"[127.0.0.1]:{server.port} {other}")
        with (
            pytest.raises(InputError, match="another host key"),
            fetched(f"{server.url}/orders/b.csv", rules(server), found),
        ):
            pass

    def test_nobody_is_believed_unless_that_is_said(self, server):
        with pytest.raises(ConfigError, match="does not say which host key"):
            get(server, host_keys="")
        assert get(server, host_keys="any") == CONTENT


class TestCredentials:
    def test_a_password_that_is_not_taken_is_told_and_not_shown(self, server):
        with pytest.raises(InputError, match="does not take the user") as caught:
            get(server, **WRONG)
        assert "hush" not in str(caught.value)

    def test_a_key_logs_in_and_that_of_a_home_directory_does_not(
        self, server, tmp_path, monkeypatch
    ):
        key = asyncssh.generate_private_key("ssh-ed25519")
        home = tmp_path / "home"
        (home / ".ssh").mkdir(parents=True)
        key.write_private_key(str(home / ".ssh/id_ed25519"))
        monkeypatch.setenv("HOME", str(home))

        with sftp_server(server.root, user_key=key.get_fingerprint()) as other:
            with pytest.raises(InputError, match="does not take the user"):
                get(other, **WRONG)
            text = key.export_private_key().decode()
            assert get(other, password="", private_key=text) == CONTENT

    def test_they_are_for_the_server_of_the_settings_only(self, server, tmp_path):
        with sftp_server(tmp_path) as other:
            address = f"{other.url}/orders/b.csv"
            both = RemoteRules(locations=(location(f"{other.url}/*"),), private_hosts=HERE)
            with (
                pytest.raises(Refused, match="no credentials for"),
                fetched(address, both, credentials(server)),
            ):
                pass
            assert other.logins == []

    def test_a_private_server_is_asked_only_where_that_is_allowed(self, server):
        """[sftp] server is the project's to set, where it may lead is not."""
        before = len(server.logins)

        with pytest.raises(Refused, match=r"host '127\.0\.0\.1' is not allowed"):
            get(server, by=replace(rules(server), private_hosts=()))

        assert len(server.logins) == before


class TestTime:
    def test_a_server_that_says_nothing_is_left(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            told = {"sftp.server": "127.0.0.1", "sftp.port": str(port), "sftp.username": USER,
                    "sftp.password": PASSWORD, "sftp.host_keys": "any"}  # fmt: skip
            address = f"sftp://127.0.0.1:{port}/a.csv"
            where = RemoteRules((location(address),), private_hosts=HERE, connect_s=0.3)
            began = monotonic()
            with (
                pytest.raises(InputError, match="Login timeout"),
                fetched(address, where, Credentials(values=told)),
            ):
                pass
            assert monotonic() - began < 8

    def test_a_server_that_is_not_there_is_told(self, server):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
            address = f"sftp://127.0.0.1:{port}/a.csv"
            where = RemoteRules((location(address),), private_hosts=HERE)
            with (
                pytest.raises(InputError, match="can't be fetched"),
                fetched(address, where, credentials(server, port=port)),
            ):
                pass

    @pytest.mark.parametrize(
        ("limits", "message"),
        [
            ({"timeout_s": 0.2}, r"no answer for 0\.2 s"),
            ({"total_s": 0.5}, r"took longer than 0\.5 s"),
        ],
    )
    def test_a_server_that_takes_too_long_is_left(self, tmp_path, limits, message):
        (tmp_path / "orders").mkdir()
        (tmp_path / "orders/b.csv").write_bytes(b"x" * 3_000_000)
        with sftp_server(tmp_path, slow_s=0.4) as slow:
            began = monotonic()
            with pytest.raises(InputError, match=message):
                get(slow, by=rules(slow, **limits))
            assert monotonic() - began < 8


class TestListed:
    def test_regular_files_are_listed_in_the_order_of_their_paths(self, tmp_path):
        for name in ("c.csv", "a b.csv", "b.csv"):
            (tmp_path / name).write_bytes(CONTENT)
        (tmp_path / "link.csv").symlink_to("b.csv")
        (tmp_path / "deeper").mkdir()
        (tmp_path / "deeper/d.csv").write_bytes(CONTENT)
        with sftp_server(tmp_path) as other:
            all_of_it = RemoteRules(locations=(location(f"{other.url}/*"),), private_hosts=HERE)

            def names(**more):
                found = listed(
                    f"{other.url}/", more.pop("by", all_of_it), credentials(other), **more
                )
                return [one.path for one in found.files], found.is_cut

            within = replace(all_of_it, locations=(location(f"{other.url}/deeper/*"),))
            for folder in ("/deeper", "/deeper/"):
                found = listed(other.url + folder, within, credentials(other))
                assert [one.path for one in found.files] == ["/deeper/d.csv"]
            assert names() == (["/a b.csv", "/b.csv", "/c.csv"], False)
            assert names(recurse=True) == (["/a b.csv", "/b.csv", "/c.csv", "/deeper/d.csv"], False)
            assert names(after="/a b.csv") == (["/b.csv", "/c.csv"], False)
            assert names(by=replace(all_of_it, most_listed=2)) == (["/a b.csv", "/b.csv"], True)
            first = listed(f"{other.url}/", all_of_it, credentials(other)).files[0]
            assert (first.address, first.size) == (f"{other.url}/a%20b.csv", len(CONTENT))
            with fetched(first.address, all_of_it, credentials(other)) as file:
                assert file.stream.read() == CONTENT

    @pytest.mark.parametrize("where", ["/orders/to-folder", "/secret"])
    def test_a_folder_that_may_not_be_fetched_from_is_not_listed(self, server, where):
        with pytest.raises(Refused, match="does not list it"):
            listed(server.url + where, rules(server), credentials(server))

    def test_a_directory_without_end_is_looked_at_up_to_a_number(self, tmp_path):
        for number in range(50):
            (tmp_path / f"link{number}").symlink_to("nowhere")
        (tmp_path / "z.csv").write_bytes(CONTENT)
        with sftp_server(tmp_path) as other:
            few = RemoteRules((location(f"{other.url}/*"),), private_hosts=HERE, most_listed=2)
            assert listed(f"{other.url}/", few, credentials(other)).is_cut


def test_a_project_registers_from_its_server(server, tmp_path):
    Project.create(tmp_path / "acme").close()
    say(tmp_path / "acme", server.settings)
    with Project.open(tmp_path / "acme") as project:
        version = project.register("orders", f"{server.url}/orders/b.csv", template=":1/:filename")

    assert (version.home, version.size) == ("orders/b.csv", len(CONTENT))
    assert isinstance(version.entry.provenance, Provenance)
    assert version.entry.provenance.modified == "2026-11-18T11:06:40.000000+00:00"


def test_the_command_line_does_too(server, tmp_path):
    Project.create(tmp_path / "acme").close()
    say(tmp_path / "acme", server.settings)

    done = preboard("register", "orders", f"{server.url}/orders/b.csv", "--project",
                    str(tmp_path / "acme"))  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert b"inputs/named_files/orders/b.csv/" in done.stdout
