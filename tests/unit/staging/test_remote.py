"""Files over HTTP, from a server of the test's own."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from preboard.errors import InputError, NotFound, Refused
from preboard.staging import remote
from preboard.staging.remote import RemoteRules, fetched, is_public
from preboard.staging.sources import SourceRules, arrival

CONTENT = b"a,b\n1,2\n"


class Pages(BaseHTTPRequestHandler):
    """Answers by the first part of the path."""

    def do_GET(self):
        word, _, rest = self.path[1:].partition("/")
        self.server.seen.append((self.path, self.headers["host"]))  # type: ignore[attr-defined]
        match word:
            case "moved":
                self._answer(302, location="/orders.csv?x=1")
            case "to":
                self._answer(301, location=rest)
            case "for-ever":
                self._answer(302, location="/for-ever")
            case "status":
                self._answer(int(rest))
            case "short":
                self._answer(200, CONTENT, length=len(CONTENT) + 10)
            case "endless":
                self._endless()
            case "slow":
                threading.Event().wait(0.5)
                self._answer(200, CONTENT)
            case _:
                self._answer(200, CONTENT)

    def _answer(self, status, body=b"", *, location=None, length=None):
        self.send_response(status)
        if location:
            self.send_header("location", location)
        self.send_header("content-length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def _endless(self):
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"x" * 65536)
        except OSError:
            pass

    def log_message(self, *_args):
        """Say nothing."""


@pytest.fixture(scope="module")
def server():
    made = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    made.seen = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def site(server):
    server.seen.clear()
    return f"http://127.0.0.1:{server.server_address[1]}"


OPEN = RemoteRules(hosts=("127.0.0.1",))


def get(address, rules=OPEN):
    with fetched(address, rules) as stream:
        return stream.read()


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
        rules = RemoteRules(hosts=("127.0.0.1",), most_bytes=100_000)

        with pytest.raises(Refused, match="more than 100,000 bytes"):
            get(f"{site}/endless", rules)

    def test_what_takes_too_long_is_left(self, site):
        with pytest.raises(InputError, match="can't be fetched"):
            get(f"{site}/slow", RemoteRules(hosts=("127.0.0.1",), timeout_s=0.05))
        with pytest.raises(InputError, match="took longer than 0 s"):
            get(f"{site}/endless", RemoteRules(hosts=("127.0.0.1",), total_s=0))

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
            get(address, RemoteRules(hosts=("127.0.0.1", "*.example")))


class TestHosts:
    def test_only_listed_hosts_are_asked(self, site, server):
        with pytest.raises(Refused, match=r"host '127.0.0.1' is not allowed"):
            get(f"{site}/orders.csv", RemoteRules(hosts=("*.example.com",)))
        assert server.seen == []

    @pytest.mark.parametrize("pattern", ["127.0.0.*", "127.0.0.1", "*"])
    def test_a_pattern_lists_many(self, site, pattern):
        assert get(f"{site}/orders.csv", RemoteRules(hosts=(pattern,))) == CONTENT

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1"])
    def test_without_a_list_this_computer_is_not_asked(self, site, server, host):
        port = site.rpartition(":")[2]

        with pytest.raises((Refused, InputError)):
            get(f"http://{host}:{port}/orders.csv", RemoteRules())
        assert server.seen == []

    @pytest.mark.parametrize("target", ["http://localhost/a.csv", "file:///etc/passwd", "//[::1]/"])
    def test_a_redirect_leads_nowhere_that_is_not_allowed(self, site, target):
        with pytest.raises(Refused):
            get(f"{site}/to/{target}")

    def test_a_public_host_is_asked_at_the_address_that_was_looked_at(
        self, site, server, monkeypatch
    ):
        """Its name may lead elsewhere at the next look-up: it is not looked up again."""
        monkeypatch.setattr(remote, "is_public", lambda _address: True)
        port = int(site.rpartition(":")[2])
        looked_up = []

        def look_up(host, *_args, **_options):
            looked_up.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

        with monkeypatch.context() as patched:
            patched.setattr(socket, "getaddrinfo", look_up)
            assert get(f"http://files.example:{port}/orders.csv", RemoteRules()) == CONTENT

        assert [host for host in looked_up if "example" in host] == ["files.example"]
        assert server.seen == [("/orders.csv", f"files.example:{port}")]


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
