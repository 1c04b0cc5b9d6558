"""Registering what lies elsewhere."""

import pytest
from tests.integration.web_server import serving

from preboard.errors import Refused
from preboard.staging.sources import SourceRules, arrival
from preboard.storage.remote.rules import RemoteRules

OPEN = RemoteRules(web=True, hosts=("127.0.0.1",), private_hosts=("127.0.0.1",))


@pytest.fixture(scope="module")
def site():
    with serving() as made:
        yield made.site


class TestRegistering:
    def test_a_url_is_registered_under_its_last_part(self, setting, site):
        project = setting("allow_http_files = false", "allow_http_files = true\n")
        # Not public: the hosts of the test are listed.
        project.staging.rules = SourceRules(local=True, remote=OPEN)

        address = f"{site}/eu/orders.csv?key=1&x=2"
        version = project.register("orders", address, template=":1/:filename")

        assert version.home == "eu/orders.csv"
        assert version.entry.type == "csv"
        assert version.file.endswith(".csv")
        assert version.entry.origin == address

    def test_a_failure_is_noted_without_the_password_in_its_address(self, project, ledger):
        with pytest.raises(Refused):
            project.register("orders", "https://user:hush@files.example/a.csv")

        assert ledger()[-1]["origin_path"] == "https://user:********@files.example/a.csv"
        assert "hush" not in str(ledger())

    def test_the_settings_say_which_hosts(self, setting, site):
        closed = setting("http_hosts =", "http_hosts = *.example.com")
        with pytest.raises(Refused, match="over HTTP is not allowed"):
            closed.register("orders", f"{site}/orders.csv")

        opened = setting("allow_http_files = false", "allow_http_files = true")
        with pytest.raises(Refused, match=r"host '127.0.0.1' is not allowed"):
            opened.register("orders", f"{site}/orders.csv")

    @pytest.mark.parametrize(
        ("path", "name"),
        [
            ("/a%20b.csv", "a b.csv"),
            ("/", "index"),
            ("", "index"),
            ("/x/", "x"),
            ("/caf%C3%A9", "café"),
        ],
    )
    def test_the_name_of_the_file_is_the_last_part_of_the_path(self, site, tmp_path, path, name):
        with arrival(site + path, None, SourceRules(remote=OPEN), tmp_path) as found:
            assert found.file_name == name
            assert found.parts[0] == "127.0.0.1"

    def test_a_name_in_the_address_can_t_lead_out(self, site, tmp_path):
        with arrival(
            f"{site}/a/..%2f..%2fb.csv", None, SourceRules(remote=OPEN), tmp_path
        ) as found:
            assert found.file_name == "b.csv"
            assert ".." not in found.parts
