"""Files over HTTP, from a server of the test's own."""

import socket
import threading
from dataclasses import replace
from time import monotonic

import pytest
from tests.integration.web_server import CONTENT, serving

from preboard.config.credentials import Credentials
from preboard.config.locations import location
from preboard.errors import InputError, NotFound, Refused
from preboard.storage.remote import hosts
from preboard.storage.remote.fetching import fetched
from preboard.storage.remote.hosts import is_public
from preboard.storage.remote.rules import RemoteRules
from preboard.storage.remote.told import Told


@pytest.fixture(scope="module")
def server():
    with serving() as made:
        yield made


@pytest.fixture
def site(server):
    server.seen.clear()
    return server.site


HERE = ("127.0.0.1",)
OPEN = RemoteRules(web=True, hosts=HERE, private_hosts=HERE)


def get(address, rules=OPEN):
    with fetched(address, rules, Credentials()) as found:
        return found.stream.read()


class TestFetched:
    @pytest.mark.parametrize("path", ["/orders.csv", "/moved", "/to//orders.csv"])
    def test_a_file_is_fetched_whole_from_where_it_is(self, site, path):
        assert get(site + path) == CONTENT

    @pytest.mark.parametrize("status", [404, 410])
    def test_what_is_not_there_is_not_found(self, site, status):
        with pytest.raises(NotFound, match=f"the server says {status}"):
            get(f"{site}/status/{status}")

    @pytest.mark.parametrize("status", [304, 401, 403, 500, 503])
    def test_another_answer_is_an_error_of_the_input(self, site, status):
        with pytest.raises(InputError, match=f"the server says {status}"):
            get(f"{site}/status/{status}")

    def test_what_is_cut_off_is_no_file(self, site):
        with pytest.raises(InputError, match="can't be fetched"):
            get(f"{site}/short")

    def test_redirects_end(self, site, server):
        with pytest.raises(InputError, match="redirects more than 5 times"):
            get(f"{site}/for-ever")
        assert len(server.seen) == 6

    def test_what_is_too_large_is_left(self, site):
        rules = replace(OPEN, most_bytes=100_000)

        with pytest.raises(Refused, match="more than 100,000 bytes"):
            get(f"{site}/endless", rules)

    def test_what_takes_too_long_is_left(self, site):
        with pytest.raises(InputError, match="can't be fetched"):
            get(f"{site}/slow", replace(OPEN, timeout_s=0.05))
        with pytest.raises(InputError, match="took longer than 0 s"):
            get(f"{site}/endless", replace(OPEN, total_s=0))

    @pytest.mark.parametrize("path", ["/drip", "/drip-head"])
    def test_who_sends_a_byte_now_and_then_does_not_hold_on_to_us(self, site, path):
        began = monotonic()

        with pytest.raises(InputError, match=r"took longer than 0\.2 s"):
            get(site + path, replace(OPEN, total_s=0.2))

        assert monotonic() - began < 2

    def test_a_size_that_is_told_is_believed_before_a_byte_is_read(self, site):
        with pytest.raises(Refused, match=r"more than 3 bytes.*max_file_bytes"):
            get(f"{site}/orders.csv", replace(OPEN, most_bytes=3))

    def test_what_the_server_says_of_the_file_is_told(self, site):
        with fetched(f"{site}/told", OPEN, Credentials()) as found:
            assert found.told == Told("abc", "", "2026-11-21T07:12:00.000000+00:00")

    def test_what_a_server_packs_though_nobody_asked_is_unpacked(self, site):
        assert get(f"{site}/packed") == CONTENT

    def test_a_proxy_of_the_environment_is_not_asked(self, site, monkeypatch):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:1")

        assert get(f"{site}/orders.csv") == CONTENT

    def test_a_secret_in_an_address_is_in_no_message(self, site):
        for address in (
            f"{site}/status/500?api_key=hush",
            f"{site}/to//status/404?token=hush",
            "http://user:hush@127.0.0.1/a.csv",
        ):
            with pytest.raises((InputError, NotFound, Refused)) as caught:
                get(address)
            assert "hush" not in str(caught.value)

    def test_a_server_that_is_not_there_is_told(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            with pytest.raises(InputError, match="can't be fetched"):
                get(f"http://127.0.0.1:{free.getsockname()[1]}/a.csv")

    @pytest.mark.parametrize(
        "address",
        [
            "file:///etc/passwd",
            "ftp://127.0.0.1/a.csv",
            "http://",
            "http:///a.csv",
            "http://user:secret@127.0.0.1/a.csv",
            "http://[::1/a.csv",
            "http://127.0.0.1:99999/a.csv",
            "http://127.0.0.1:x/a.csv",
            "http://127.0.0.1/\0",
            "http://" + "a" * 300 + ".example/a.csv",
        ],
    )
    def test_what_is_no_address_is_refused_with_a_reason(self, address):
        with pytest.raises((Refused, InputError)):
            get(address, replace(OPEN, hosts=("127.0.0.1", "*.example")))


class TestHosts:
    def test_only_listed_hosts_are_asked(self, site, server):
        with pytest.raises(Refused, match=r"host '127.0.0.1' is not allowed"):
            get(f"{site}/orders.csv", replace(OPEN, hosts=("*.example.com",)))
        assert server.seen == []

    @pytest.mark.parametrize("pattern", ["127.0.0.*", "127.0.0.1", "*"])
    def test_a_pattern_lists_many(self, site, pattern):
        assert (
            get(
                f"{site}/orders.csv",
                RemoteRules(web=True, hosts=(pattern,), private_hosts=(pattern,)),
            )
            == CONTENT
        )

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1"])
    def test_without_a_list_this_computer_is_not_asked(self, site, server, host):
        port = site.rpartition(":")[2]

        with pytest.raises((Refused, InputError)):
            get(f"http://{host}:{port}/orders.csv", RemoteRules(web=True))
        assert server.seen == []

    @pytest.mark.parametrize("target", ["http://localhost/a.csv", "file:///etc/passwd", "//[::1]/"])
    def test_a_redirect_leads_nowhere_that_is_not_allowed(self, site, target):
        with pytest.raises(Refused):
            get(f"{site}/to/{target}")

    def test_a_public_host_is_asked_at_the_address_that_was_looked_at(
        self, site, server, monkeypatch
    ):
        """Its name may lead elsewhere at the next look-up: it is not looked up again."""
        monkeypatch.setattr(hosts, "is_public", lambda _address: True)
        port = int(site.rpartition(":")[2])
        looked_up = []

        def look_up(host, *_args, **_options):
            looked_up.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

        with monkeypatch.context() as patched:
            patched.setattr(socket, "getaddrinfo", look_up)
            assert get(f"http://files.example:{port}/orders.csv", RemoteRules(web=True)) == CONTENT

        assert [host for host in looked_up if "example" in host] == ["files.example"]
        assert server.seen == [("/orders.csv", f"files.example:{port}")]


class TestLocations:
    """What is listed in `remote_locations` may be fetched without allow_http_files."""

    def listed(self, *entries, private=HERE):
        return RemoteRules(locations=tuple(location(one) for one in entries), private_hosts=private)

    def test_what_is_listed_is_fetched(self, site):
        assert get(f"{site}/in/a.csv", self.listed(f"{site}/in/*")) == CONTENT

    @pytest.mark.parametrize(
        "path", ["/secret/a.csv", "/in/../secret/a.csv", "/in/%2e%2e/secret/a.csv", "/in%5c..%5ca"]
    )
    def test_what_is_beside_it_is_not(self, site, server, path):
        with pytest.raises(Refused, match="remote_locations"):
            get(site + path, self.listed(f"{site}/in/*"))
        assert server.seen == []

    def test_what_is_checked_is_what_is_sent(self, site, server):
        """The sign for a dot of other scripts is a dot in a name that is looked up."""
        with pytest.raises(Refused):
            get(
                site.replace(".0.0.1", "\uff0e0\uff0e0\uff0e1") + "/secret",
                self.listed(f"{site}/in"),
            )
        assert server.seen == []
        assert get(site.replace(".0.0.1", "\uff0e0.0.1") + "/in/a", self.listed(site)) == CONTENT

    def test_another_port_is_another_server(self, site, server):
        with pytest.raises(Refused):
            get(f"{site}/a.csv", self.listed("http://127.0.0.1/*"))
        assert server.seen == []

    def test_a_redirect_leads_only_to_what_is_listed(self, site):
        rules = self.listed(f"{site}/to/*")

        with pytest.raises(Refused):
            get(f"{site}/to//orders.csv", rules)

    def test_a_listed_host_that_turns_out_to_be_private_is_not_asked(self, server, monkeypatch):
        """Its name is public, its address is not."""
        server.seen.clear()
        real = socket.getaddrinfo
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda _host, *rest, **more: real("127.0.0.1", *rest, **more)
        )
        address = f"http://files.example:{server.port}/a.csv"
        rules = self.listed(f"http://files.example:{server.port}/*", private=())

        with pytest.raises(Refused, match=r"host 'files\.example' is not allowed"):
            get(address, rules)
        assert server.seen == []

        for allowed in ("127.0.0.0/8", "*.example"):
            assert get(address, replace(rules, private_hosts=(allowed,))) == CONTENT

    def test_without_anything_listed_nothing_is_fetched(self, site):
        with pytest.raises(Refused, match="loading files over HTTP is not allowed"):
            get(f"{site}/a.csv", RemoteRules())


def test_a_name_that_nobody_answers_for_in_time_is_not_waited_for(monkeypatch):
    """The system's look-up has no time limit of its own."""
    waits = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: waits.wait(5) and [])

    with pytest.raises(InputError, match=r"host 'files\.example' is not known"):
        get("http://files.example/a.csv", RemoteRules(web=True, connect_s=0.05))
    waits.set()


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),  # where clouds keep credentials
        ("100.64.0.1", False),
        ("0.0.0.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.216.34", True),
        ("2002:0a00:0001::", False),
        ("64:ff9b::a00:1", False),
    ],
)
def test_an_address_of_a_private_network_is_not_public(address, public):
    assert is_public(address) is public
